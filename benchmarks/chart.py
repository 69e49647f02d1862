"""One year of one hourly point as chart data, through the same question the chart page asks.

    .venv/bin/python -m benchmarks.chart [--rounds 7]

A demo-sized historian is filled first: a year of 119 points, 82 of them hourly, the rest every
5 minutes, brought in day by day, flushed, compacted and rolled up as the ingest process does,
with today's readings still in the journal. *Cold* is the first question of a new process, after
its imports; *warm* the ones that follow. What is timed ends with the bytes of the JSON answer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from huoshui.areas.telemetry import contracts, ingest, validation

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
DAY_US = 86_400_000_000
POINTS = 119
HOURLY_FROM = 38
NAN = float("nan")
WARM = 20


def fill(folder: Path) -> int:
    """Write the year and today; return how many readings there are."""
    points = [
        validation.WatchedPoint(number, NAN, NAN, NAN, (NAN,) * 4, 0.0, 0, 0)
        for number in range(1, POINTS + 1)
    ]
    now_us = contracts.to_us(NOW)
    historian = ingest.Historian(folder, points, lambda: ingest.Moment(now_us))
    rng = np.random.default_rng(1)
    total = 0
    for day in range(now_us // DAY_US - 365, now_us // DAY_US + 1):
        parts = []
        for number in range(1, POINTS + 1):
            step_us = 3_600_000_000 if number >= HOURLY_FROM else 300_000_000
            at_us = np.arange(day * DAY_US, min((day + 1) * DAY_US, now_us), step_us)
            parts.append((np.full(len(at_us), number, np.int32), at_us))
        point_id = np.concatenate([part[0] for part in parts])
        at_us = np.concatenate([part[1] for part in parts])
        value = np.round(40 + 5 * np.sin(at_us / DAY_US * 6.28) + rng.normal(0, 1, len(at_us)), 2)
        quality = np.zeros(len(at_us), np.uint8)
        historian.accept(contracts.Batch("benchmark", point_id, at_us, value, quality))
        total += len(at_us)
        if (day + 1) * DAY_US < now_us and historian.flush_due():
            historian.flush()
        if (day + 1) * DAY_US > now_us - DAY_US and (day + 1) * DAY_US <= now_us:
            while historian.flush():
                pass
    while historian.upkeep(quiet_s=0):
        pass
    historian.close()
    return total


def ask(home: Path) -> None:
    """In a process of its own: declare the point, then ask for its year again and again."""
    os.environ["HUOSHUI_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django
    import orjson

    django.setup()
    from django.core.management import call_command

    from huoshui.areas.telemetry import facade

    if not (home / "huoshui.sqlite").exists():
        call_command("migrate", verbosity=0)
        facade.declare_points(
            [
                contracts.PointDeclaration(f"n{number}.use", f"{number}", f"{number}", "use")
                for number in range(1, POINTS + 1)
            ],
            None,
        )
    begun = time.perf_counter()
    # The web process imports these when its first chart is asked for; told apart from the answer.
    import deltalake  # noqa: F401
    import duckdb  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    from huoshui.areas.telemetry.store import readers, thinning  # noqa: F401

    imports_ms = (time.perf_counter() - begun) * 1e3
    took, size, rows = [], 0, 0
    for turn in range(1 + WARM):
        code = f"n{HOURLY_FROM + 1 + turn % 3}.use"
        begun = time.perf_counter()
        series = facade.chart(code, NOW - timedelta(days=365), NOW, max_points=9_000)
        body = orjson.dumps(
            {"at_ms": series.at_us // 1000, "value": np.round(series.value, 2),
             "low": series.value_min, "high": series.value_max},
            option=orjson.OPT_SERIALIZE_NUMPY,
        )  # fmt: skip
        took.append((time.perf_counter() - begun) * 1e3)
        size, rows = len(body), len(series)
    print(json.dumps({"imports_ms": imports_ms, "ms": took, "bytes": size, "rows": rows}))


def main() -> None:
    """Fill, ask from fresh processes, and keep the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--ask", type=Path)
    chosen = options.parse_args()
    if chosen.ask:
        ask(chosen.ask)
        return
    found: dict[str, Any] = machine.facts("src/huoshui/areas/telemetry", "benchmarks/chart.py")
    with tempfile.TemporaryDirectory(prefix="huoshui-chart-") as made:
        home = Path(made)
        found["readings_stored"] = fill(home / "historian")
        again = [sys.executable, "-m", "benchmarks.chart", "--ask", str(home)]
        subprocess.run(again, check=True, capture_output=True, cwd=machine.ROOT)
        runs = [
            json.loads(
                subprocess.run(
                    again, check=True, capture_output=True, cwd=machine.ROOT
                ).stdout.splitlines()[-1]
            )
            for _ in range(chosen.rounds)
        ]
    found |= {
        "rows": runs[0]["rows"],
        "bytes": runs[0]["bytes"],
        "cold_ms": round(statistics.median(run["ms"][0] for run in runs), 1),
        "warm_ms": round(statistics.median(ms for run in runs for ms in run["ms"][1:]), 1),
        "imports_once_ms": round(statistics.median(run["imports_ms"] for run in runs), 1),
        "rounds": chosen.rounds,
    }
    machine.keep("chart", found)


if __name__ == "__main__":
    main()
