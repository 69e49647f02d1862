"""A second place for the end of the chain: a file beside the database, one line for each commit.

The table alone cannot show that its own end was put back to an earlier, once valid state: the seal
of that state is genuine. This file remembers a later one. A line is written after the commit, so
the file may lag behind by a crash, but it is never ahead of an honest database.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings as django_settings

from huoshui.kernel import settings

logger = logging.getLogger("huoshui.audit")

BYTES_MAX = 256_000


@dataclass(frozen=True)
class Note:
    """The end of the chain as it was after one commit."""

    sequence: int
    record_hash: str

    @classmethod
    def parse(cls, words: str) -> Note:
        """Read ``SEQUENCE:HASH``, as a person keeps it on paper; raises ValueError."""
        sequence, _colon, record_hash = words.strip().partition(":")
        return cls(int(sequence), record_hash.strip().lower())


def path() -> Path:
    """Return the file that belongs to the database in use."""
    name = str(django_settings.DATABASES["default"]["NAME"])
    mark = hashlib.sha256(name.encode()).hexdigest()[:12]
    return settings.get().home / "audit" / f"ends-{mark}.log"


def _seal(words: str) -> str:
    key = f"huoshui.audit.witness:{django_settings.SECRET_KEY}".encode()
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def note(sequence: int, record_hash: str) -> None:
    """Write the end of the chain down; called after the commit, and never fails a deed for it."""
    words = f"{sequence} {record_hash}"
    file = path()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One short write at the end of the file: processes that write at once do not mix.
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"{words} {_seal(words)}\n".encode())
            size = os.fstat(handle).st_size
        finally:
            os.close(handle)
        if size > BYTES_MAX:
            _shorten(file)
    except OSError:
        logger.exception("the end of the audit trail was not written to %s", file)


def _shorten(file: Path) -> None:
    """Keep only the latest line; one that another process adds meanwhile may be lost."""
    latest = max(_lines(file), key=lambda one: one[0].sequence, default=None)
    if latest is None:
        return
    spare = file.with_suffix(f".{os.getpid()}")
    spare.write_text(f"{latest[0].sequence} {latest[0].record_hash} {latest[1]}\n")
    spare.chmod(0o600)
    spare.replace(file)


def _lines(file: Path) -> list[tuple[Note, str]]:
    """Return the lines that this installation sealed; anything else is not a line of ours."""
    found = []
    try:
        text = file.read_text("ascii", "replace")
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        words, _space, seal = line.rpartition(" ")
        sequence, _space, record_hash = words.partition(" ")
        if sequence.isdecimal() and hmac.compare_digest(seal.encode(), _seal(words).encode()):
            found.append((Note(int(sequence), record_hash), seal))
    return found


def latest() -> Note | None:
    """Return the furthest end that was ever written down; None where there is no file."""
    return max((one for one, _s in _lines(path())), key=lambda one: one.sequence, default=None)


def forget() -> None:
    """Remove the file: for tests, and after a backup was restored on purpose."""
    with contextlib.suppress(FileNotFoundError):
        path().unlink()
