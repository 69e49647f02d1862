"""Readings on their way to the one writing process: one synced file for each hand-over.

Whoever is not the writer (a page, a command, a connector in another process) puts a file here.
Once its name is on disk, the readings survive a power failure. The writer takes the files in the
order of their names, commits their readings to the journal together with the name, and only then
deletes the file: killed in between, it knows the name again and does not take the file twice.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from huoshui.areas.telemetry.contracts import Batch
from huoshui.areas.telemetry.store import delta

FOLDER = "inbox"
SUFFIX = ".arrow"
PART = ".part"
# What a killed process was writing; nobody writes one file for so long.
PART_LEFT_S = 3600.0
ROWS_PER_BATCH = 50_000
ROWS_PER_FILE = 500_000
UNREADABLE = "unreadable"

_SCHEMA = pa.schema(
    [("point_id", pa.int32()), ("at_us", pa.int64()), ("value", pa.float64()), ("q", pa.uint8())]
)
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_lock = threading.Lock()
_newest = 0


class InboxUnavailable(RuntimeError):
    """The hand-over could not be written (disk full, disk broken). Nothing of it is promised."""


class Unreadable(Exception):
    """A file that was handed in is not what was written: the disk spoilt it."""


@dataclass(frozen=True)
class Waiting:
    """How much waits in the inbox, since when, and how much of it nobody can read."""

    files: int
    size: int
    oldest_s: float
    unreadable: int


def put(folder: Path, batches: Sequence[Batch]) -> list[str]:
    """Write batches durably and return the names of their files, in order.

    A huge hand-over becomes several files. Raises :class:`InboxUnavailable` when not all could be
    written; what was written by then is taken back, as far as the writer has not taken it in.
    """
    inbox = folder / FOLDER
    names: list[str] = []
    try:
        inbox.mkdir(parents=True, exist_ok=True)
        for parts in _files(batches):
            name = _name(inbox)
            names.append(name)
            _write(inbox / name, parts)
        delta.sync_folder(inbox)
    except BaseException as fault:
        for name in names:
            (inbox / name).unlink(missing_ok=True)
            (inbox / name).with_suffix(PART).unlink(missing_ok=True)
        if isinstance(fault, OSError):
            raise InboxUnavailable(str(fault)) from fault
        raise
    return names


def _files(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Cut batches into pieces that fit the journal, and gather them by file."""
    parts: list[Batch] = []
    rows = 0
    for batch in batches:
        for start in range(0, len(batch), ROWS_PER_BATCH):
            cut = slice(start, start + ROWS_PER_BATCH)
            part = Batch(
                batch.source,
                batch.point_id[cut],
                batch.at_us[cut],
                batch.value[cut],
                batch.quality[cut],
            )
            if parts and rows + len(part) > ROWS_PER_FILE:
                yield parts
                parts, rows = [], 0
            parts.append(part)
            rows += len(part)
    if parts:
        yield parts


def _name(inbox: Path) -> str:
    """Return a name behind all others, whatever the machine's clock was set to."""
    global _newest
    with _lock:
        waiting = [name for name in os.listdir(inbox) if name[:20].isdigit()]
        newest = max((int(name[:20]) for name in waiting), default=0)
        _newest = max(_newest + 1, newest + 1, time.time_ns())
        return f"{_newest:020d}-{uuid.uuid4().hex[:12]}{SUFFIX}"


def _write(path: Path, batches: Sequence[Batch]) -> None:
    part = path.with_suffix(PART)
    with part.open("xb") as file:
        with pa.ipc.new_stream(file, _SCHEMA, options=_OPTIONS) as stream:
            for batch in batches:
                stream.write_batch(
                    pa.RecordBatch.from_arrays(
                        [
                            pa.array(np.ascontiguousarray(batch.point_id), pa.int32()),
                            pa.array(np.ascontiguousarray(batch.at_us), pa.int64()),
                            pa.array(np.ascontiguousarray(batch.value), pa.float64()),
                            pa.array(np.ascontiguousarray(batch.quality), pa.uint8()),
                        ],
                        schema=_SCHEMA,
                    ),
                    custom_metadata={"source": batch.source},
                )
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def names(folder: Path) -> list[str]:
    """Return the files that wait, in the order in which they were handed over."""
    try:
        found = os.listdir(folder / FOLDER)
    except FileNotFoundError:
        return []
    return sorted(name for name in found if name.endswith(SUFFIX))


def read(folder: Path, name: str) -> list[Batch]:
    """Return the batches of a file. Raises :class:`Unreadable` when the disk spoilt it."""
    # Opened by Python: what Arrow calls a fault of the disk is a fault of the content then.
    content = (folder / FOLDER / name).read_bytes()
    if not content.endswith(_END):
        # Arrow takes a stream cut between two batches for a whole one.
        raise Unreadable(f"{name} has no end")
    try:
        with pa.ipc.open_stream(content) as stream:
            return list(_batches(stream))
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError) as fault:
        raise Unreadable(str(fault)) from fault


def _batches(stream: pa.ipc.RecordBatchStreamReader) -> Iterator[Batch]:
    while True:
        try:
            part, about = stream.read_next_batch_with_custom_metadata()
        except StopIteration:
            return
        columns = [column.to_numpy(zero_copy_only=False) for column in part.columns]
        yield Batch(about[b"source"].decode(), *columns)


def forget(folder: Path, done: Sequence[str]) -> None:
    """Delete files whose readings are in the journal; return once that is on disk."""
    for name in done:
        (folder / FOLDER / name).unlink(missing_ok=True)
    if done:
        delta.sync_folder(folder / FOLDER)


def sweep(folder: Path) -> None:
    """Delete what killed processes left half written; nobody was told that it is kept."""
    for path in (folder / FOLDER).glob(f"*{PART}"):
        if time.time() - path.stat().st_mtime > PART_LEFT_S:
            path.unlink(missing_ok=True)


def set_aside(folder: Path, name: str) -> None:
    """Put a file that nobody can read where it no longer holds up the others."""
    aside = folder / FOLDER / UNREADABLE
    aside.mkdir(exist_ok=True)
    (folder / FOLDER / name).rename(aside / name)


def is_waiting(folder: Path, name: str) -> bool:
    """Tell whether the writer has not taken this file yet."""
    return (folder / FOLDER / name).exists()


def waiting(folder: Path) -> Waiting:
    """Return how much waits."""
    size, oldest = 0, time.time()
    files = names(folder)
    for name in files:
        try:
            found = (folder / FOLDER / name).stat()
        except FileNotFoundError:
            continue
        size += found.st_size
        oldest = min(oldest, found.st_mtime)
    aside = folder / FOLDER / UNREADABLE
    unreadable = len(os.listdir(aside)) if aside.exists() else 0
    return Waiting(len(files), size, max(time.time() - oldest, 0.0), unreadable)
