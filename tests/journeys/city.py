"""A demo city of one's own: a temporary home, free ports, every part as a child process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 600.0
STOP_PATIENCE_S = 20.0


@dataclass(frozen=True)
class City:
    """A running demo: where its pages are, where it keeps things, what it says."""

    address: str
    home: Path
    log: Path

    def said(self) -> str:
        """Return what the parts have logged, for the message of a failing test."""
        parts = [self.log, *sorted((self.home / "logs").glob("*.log"))]
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text("utf-8", "replace").splitlines()[-25:])
            for path in parts
            if path.exists()
        )


def free_port() -> int:
    """Return a port of the loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(home: Path, *, history_days: int) -> Iterator[City]:
    """Set up a demo in ``home``, wait until its pages answer, and stop every part afterwards."""
    port, mqtt_port = free_port(), free_port()
    home.mkdir(parents=True, exist_ok=True)
    city = City(f"http://127.0.0.1:{port}", home, home / "demo.log")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "PYTEST"))}
    with city.log.open("w") as log:
        demo = subprocess.Popen(
            [
                *(sys.executable, "-m", "huoshui.cli", "demo"),
                *("--port", str(port), "--mqtt-port", str(mqtt_port)),
                *("--history-days", str(history_days)),
            ],
            cwd=ROOT,
            env={**inherited, "HUOSHUI_HOME": str(home), "PYTHONPATH": str(ROOT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for_pages(city, demo)
            yield city
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                demo.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                demo.kill()
                raise


def _wait_for_pages(city: City, demo: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if demo.poll() is not None:
            raise RuntimeError(f"the demo ended with {demo.returncode}\n{city.said()}")
        if "Huoshui is running" in city.log.read_text("utf-8", "replace"):
            with urllib.request.urlopen(f"{city.address}/sign-in/", timeout=10) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.25)
    raise RuntimeError(f"the demo was not there after {PATIENCE_S:.0f} s\n{city.said()}")


def set_speed(city: City, times: float) -> None:
    """Let the demo's clock run faster than the page offers, so that a night takes seconds."""
    code = f"from huoshui.kernel import clock; clock.set_speed({times})"
    subprocess.run(
        [sys.executable, "-m", "huoshui.cli", "manage", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
            "HUOSHUI_HOME": str(city.home),
            "HUOSHUI_DEMO": "true",
            "PYTHONPATH": str(ROOT / "src"),
        },
        check=True,
        capture_output=True,
    )
