"""The folder of one source: what lies in it, what is taken in, where it goes afterwards.

    <folder>/report.csv            dropped by somebody
    <folder>/working/report.csv    ours from now on; after a crash, taken up again
    <folder>/done/2026.../         readings are in the store; problems of single rows beside it
    <folder>/refused/2026.../      nothing could be used; why is beside it

A content is taken in once by one mapping: the SHA-256 of both stands in ``taken.txt`` from the
moment its readings are safe. Dropped again after the mapping was corrected, it is read anew. Killed
just before that line, the file is read again and its readings replace themselves.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
WORKING, DONE, REFUSED, TAKEN = "working", "done", "refused", "taken.txt"
NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked; unchanged at the next look, it is complete."""

    size: int
    changed_ns: int
    inode: int


class Folder:
    """Drop box of one source. Only plain files directly in it are ever touched."""

    def __init__(self, path: Path, *, now: Callable[[], datetime], read_as: str = "") -> None:
        self.path = path
        self._read_as = read_as
        self._now = now
        self._before: dict[str, Seen] = {}

    def prepare(self) -> None:
        """Make the folders; refuses one that is a link leading elsewhere."""
        for one in (self.path, *(self.path / name for name in (WORKING, DONE, REFUSED))):
            one.mkdir(parents=True, exist_ok=True)
            if one != self.path and one.is_symlink():
                msg = f"{one.name} is a link"
                raise OSError(msg)
        self._taken = self._read_taken()

    def unfinished(self) -> list[Path]:
        """Return files that were being taken in when the process ended."""
        return sorted(one for one in (self.path / WORKING).iterdir() if is_plain(one))

    def complete(self) -> Iterator[Path]:
        """Look once; move each file that has come to rest into ``working`` and return it."""
        present: dict[str, Seen] = {}
        with os.scandir(self.path) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            path = self.path / name
            if name == TAKEN or name.startswith(".") or name.lower().endswith(UNFINISHED):
                continue
            facts = path.lstat()
            if not stat.S_ISREG(facts.st_mode):
                continue
            seen = Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino)
            present[name] = seen
            if self._before.get(name) == seen:
                target = _free(self.path / WORKING, name)
                os.rename(path, target)
                del present[name]
                yield target
        self._before = present

    def odd(self) -> list[str]:
        """Return names of links and other things that are never followed."""
        with os.scandir(self.path) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_symlink()
                or not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False))
            )

    def digest(self, path: Path) -> str:
        """Return the hash of a content and of how it is understood; follows no link."""
        found = hashlib.sha256(self._read_as.encode())
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                msg = f"{path.name} is not a plain file"
                raise OSError(msg)
            while part := file.read(1 << 20):
                found.update(part)
        return found.hexdigest()

    def is_taken(self, digest: str) -> bool:
        """Tell whether this content was taken in before."""
        return digest in self._taken

    def remember(self, digest: str, name: str) -> None:
        """Note, safely on disk, that a content is in the store."""
        with (self.path / TAKEN).open("a", encoding="utf-8") as file:
            file.write(f"{digest} {name.encode('unicode_escape').decode()[:200]}\n")
            file.flush()
            os.fsync(file.fileno())
        self._taken.add(digest)

    def put_away(self, path: Path, where: str, report: str) -> Path:
        """Move a file out of ``working`` into a day's folder, its report beside it."""
        day = self.path / where / self._now().strftime("%Y%m%d")
        day.mkdir(parents=True, exist_ok=True)
        target = _free(day, path.name)
        if report:
            beside = _free(day, f"{target.name}.problems.txt")
            beside.write_text(report, "utf-8")
        os.rename(path, target)
        return target

    def _read_taken(self) -> set[str]:
        path = self.path / TAKEN
        if not path.exists():
            return set()
        lines = path.read_text("utf-8", errors="replace").splitlines()
        return {line.split(" ")[0] for line in lines if len(line.split(" ")[0]) == 64}


def is_plain(path: Path) -> bool:
    """Tell whether this is a file and not a link to one."""
    return stat.S_ISREG(path.lstat().st_mode)


def _free(folder: Path, name: str) -> Path:
    """Return a name in a folder that nothing has yet; a long one is cut before its ending."""
    plain = Path(name).name
    stem, ending = Path(plain).stem[:NAME_MAX], Path(plain).suffix[:20]
    number = 1
    target = folder / f"{stem}{ending}"
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{stem}-{number}{ending}"
    return target
