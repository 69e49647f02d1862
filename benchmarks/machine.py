"""What every benchmark result says about where and when it was measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def facts(*measured: str) -> dict[str, Any]:
    """Return date, commit and machine, and whether the measured paths differ from the commit."""
    return {
        "measured_at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--", *measured)),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load_before": [round(load, 2) for load in os.getloadavg()],
            # Below 0: the run was given priority over other work on a shared machine.
            "niceness": os.nice(0) if hasattr(os, "nice") else 0,
            "system": platform.platform(terse=True),
            "python": platform.python_version(),
        },
    }


def keep(name: str, found: dict[str, Any]) -> Path:
    """Write a result as JSON and return its file; the newest run replaces the one before."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))
    return path


def _git(*words: str) -> str:
    run = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return run.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
