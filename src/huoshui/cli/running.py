"""What every long-running command needs: stop on signals, and be the only one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from huoshui.kernel import errors


class AlreadyRunning(errors.Refused):
    """There may be only one of this part for one home folder."""

    def __init__(self, name: str, lock: Path) -> None:
        super().__init__(
            "cli.already_running",
            f"Another {name} already works on this home folder.",
            data={"lock": str(lock)},
            next_step="Stop it first, or set HUOSHUI_HOME to another folder.",
        )


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set; a second signal ends the process at once.

    Call it when there is something to stop in order: before that, a signal may simply end us.
    """
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()

    for name in ("SIGTERM", "SIGINT"):
        # A supervisor has its parts ignore Ctrl-C, and stops them itself in order.
        if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            signal.signal(getattr(signal, name), ask)
    return stop


@contextmanager
def only_one(lock: Path, name: str) -> Iterator[None]:
    """Hold a lock file for the length of a block, or refuse with `cli.already_running`.

    The operating system lets go of it when the process dies, however it dies.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+b") as held:
        if not _take(held):
            raise AlreadyRunning(name, lock)
        yield


def _take(held: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
