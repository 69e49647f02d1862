"""Start several parts as child processes, watch them, and stop every one of them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTARTS_MAX = 3
"""A part that stops by itself this often within ``RESTART_WINDOW_S`` is not started again."""
RESTART_WINDOW_S = 300.0
STOP_PATIENCE_S = 8.0
LOG_BYTES_MAX = 5_000_000
PR_SET_PDEATHSIG = 1


class PartFailed(RuntimeError):
    """A part keeps stopping by itself."""

    def __init__(self, name: str, exit_code: int, log: Path) -> None:
        self.name, self.exit_code, self.log = name, exit_code, log
        super().__init__(f"The part '{name}' stopped by itself (exit {exit_code}). Its log: {log}")


@dataclass
class Part:
    """One child process: a name for people and the arguments after ``huoshui``."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: list[float] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def _die_with_parent() -> None:
    """Ask Linux to end this child when its parent dies, even by ``kill -9``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # A Ctrl-C in the terminal reaches the whole foreground group. Parts ignore it, so that
    # they are stopped in order by their supervisor and not all at once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Supervisor:
    """Runs parts until told to stop; a part that falls is started again, within reason."""

    def __init__(
        self,
        logs: Path,
        environment: Mapping[str, str],
        command: Sequence[str] = (sys.executable, "-m", "huoshui.cli"),
    ) -> None:
        self._logs = logs
        self._command = command
        self._environment = {**os.environ, **environment}
        self._parts: list[Part] = []
        self._stopping = threading.Event()
        logs.mkdir(parents=True, exist_ok=True)

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def start(self, name: str, *arguments: str) -> Part:
        """Start one part; its output goes to a log file of its own."""
        part = Part(name, arguments)
        self._parts.append(part)
        self._spawn(part)
        return part

    def _spawn(self, part: Part) -> None:
        log = self.log_of(part.name)
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            part.process = subprocess.Popen(
                [*self._command, *part.arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self._environment,
                preexec_fn=_die_with_parent if os.name == "posix" else None,
            )
        part.started_at.append(time.monotonic())

    def watch(self, on_restart: Callable[[str, int], None]) -> None:
        """Return when ``stop`` was asked for.

        Raises
        ------
        PartFailed
            If a part stopped by itself more than ``RESTARTS_MAX`` times in a short while.
        """
        while not self._stopping.wait(0.5):
            for part in self._parts:
                if part.running or self._stopping.is_set():
                    continue
                exit_code = part.process.returncode if part.process else -1
                recent = [t for t in part.started_at if time.monotonic() - t < RESTART_WINDOW_S]
                if len(recent) > RESTARTS_MAX:
                    raise PartFailed(part.name, exit_code, self.log_of(part.name))
                on_restart(part.name, exit_code)
                self._spawn(part)

    def require_running(self, part: Part) -> None:
        """Refuse to go on when a part that others wait for has already stopped."""
        if not part.running:
            exit_code = part.process.returncode if part.process else -1
            raise PartFailed(part.name, exit_code, self.log_of(part.name))

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def stop(self) -> None:
        """Stop every part, latest started first; whoever does not go in time is killed."""
        self._stopping.set()
        for part in reversed(self._parts):
            if part.running and part.process is not None:
                part.process.terminate()
        deadline = time.monotonic() + STOP_PATIENCE_S
        for part in reversed(self._parts):
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()
