"""Time the demo's two starts and its stop, and measure the memory of all its parts.

    .venv/bin/python -m benchmarks.demo [--minutes 5]

A demo is made in a home of its own, watched for some minutes while one reader has the map's live
values open, stopped, and started again. Memory is the sum of each part's proportional share (PSS):
pages that parts share count once. Setting up Python and the front end is not part of it.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil

from benchmarks import machine

MEGABYTE = 1e6
START_PATIENCE_S = 900.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """One run of ``huoshui demo`` as a child process."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        words = ["demo", "--port", str(self.port), "--mqtt-port", str(free_port())]
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huoshui.cli", *words],
            env={**os.environ, "HUOSHUI_HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> float:
        """Return how long it took until it said that it runs. [s]"""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "is running" in line:
                return time.monotonic() - self._begun
            if time.monotonic() - self._begun > START_PATIENCE_S:
                break
        raise SystemExit("The demo did not start.")

    def memory_mb(self) -> dict[str, float]:
        """Return the proportional share of every part. [MB]"""
        found: dict[str, float] = {}
        supervisor = psutil.Process(self._process.pid)
        for process in (supervisor, *supervisor.children(recursive=True)):
            try:
                words = process.cmdline()
                name = "demo" if process.pid == supervisor.pid else words[3]
                found[name] = found.get(name, 0.0) + process.memory_full_info().pss / MEGABYTE
            except (psutil.NoSuchProcess, psutil.ZombieProcess, IndexError):
                continue
        return found

    def stop(self) -> float:
        """Stop it as Ctrl-C does and return how long that took. [s]"""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=60)
        return time.monotonic() - begun


def read_live(port: int, stop: threading.Event) -> None:
    """Sign in as the viewer and read the stream of values, as an open map does."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies := CookieJar()))
    address = f"http://127.0.0.1:{port}"
    opener.open(f"{address}/sign-in/").read()
    token = next(cookie.value for cookie in cookies if "csrf" in cookie.name)
    fields = f"csrfmiddlewaretoken={token}&username=sunli&next=".encode()
    headers = {"Referer": f"{address}/sign-in/"}
    opener.open(urllib.request.Request(f"{address}/sign-in/demo/", fields, headers)).read()
    with opener.open(f"{address}/live/values") as stream:
        while not stop.is_set():
            stream.readline()


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    options = parser.parse_args()
    facts = machine.facts("src", "huoshui")
    with tempfile.TemporaryDirectory(prefix="huoshui-bench-") as folder:
        demo = Demo(Path(folder))
        first_start_s = demo.wait()
        stop = threading.Event()
        reader = threading.Thread(target=read_live, args=(demo.port, stop), daemon=True)
        reader.start()
        samples: list[dict[str, float]] = []
        until = time.monotonic() + options.minutes * 60
        while time.monotonic() < until:
            time.sleep(5)
            samples.append(demo.memory_mb())
        if not reader.is_alive():
            raise SystemExit("The reader of live values was refused.")
        stop.set()
        stop_s = demo.stop()
        again = Demo(Path(folder))
        second_start_s = again.wait()
        again.stop()
    totals = [sum(sample.values()) for sample in samples]
    found: dict[str, Any] = {
        **facts,
        "first_start_s": round(first_start_s, 1),
        "second_start_s": round(second_start_s, 1),
        "stop_s": round(stop_s, 1),
        "minutes_watched": options.minutes,
        "memory_mb_median": round(statistics.median(totals)),
        "memory_mb_max": round(max(totals)),
        "memory_mb_by_part": {name: round(value) for name, value in samples[-1].items()},
        "bars": {"second_start_s": 10, "memory_mb": 1500},
    }
    machine.keep("demo", found)


if __name__ == "__main__":
    main()
