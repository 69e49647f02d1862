"""One writer at a time: a lock on a file that the system releases when the process dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO


class AlreadyWriting(RuntimeError):
    """Another process holds the historian of this folder open for writing."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(f"the historian in {folder} is already open in process {holder}")
        self.folder = folder
        self.holder = holder


def hold(folder: Path) -> IO[str]:
    """Take the writer's lock of ``folder``; keep the returned file open as long as you write."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "writer.lock").open("a+", encoding="ascii")
    try:
        _lock(held)
    except OSError as busy:
        held.seek(0)
        holder = held.read().strip() or "?"
        held.close()
        raise AlreadyWriting(folder, holder) from busy
    held.seek(0)
    held.truncate()
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held


if sys.platform == "win32":
    import msvcrt

    def _lock(held: IO[str]) -> None:
        # Far behind the text, because Windows forbids others to read locked bytes.
        held.seek(1_000_000)
        msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(held: IO[str]) -> None:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
