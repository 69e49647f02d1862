"""One Delta Lake table: Parquet files that we write and sync ourselves, listed by its log.

``deltalake`` keeps the log; the files are ours, so that each is on disk before the commit that
names it, and the commit is on disk before the journal lets go of anything.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, PostCommitHookProperties, RemoveAction

APP_ID = "journal"
CHECKPOINT_EVERY = 100
# A reader that took its file list before a compaction may read the old files this long.
SWEEP_AFTER_S = 900.0

_TYPES = {
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.int8(): "byte",
    pa.float64(): "double",
    pa.timestamp("us", "UTC"): "timestamp",
}


@dataclass(frozen=True)
class Layout:
    """The columns of a table, the moment's column, and the partition that cuts it into folders."""

    schema: pa.Schema
    moment: str
    partition: str
    dictionary: tuple[str, ...]
    # Readers skip row groups by their span of points: small ones suit questions about one point.
    row_group_rows: int

    def delta_schema(self) -> Schema:
        """Return the schema as the log keeps it; the partition is not in the files."""
        fields = [
            Field(field.name, PrimitiveType(_TYPES[field.type]), nullable=field.nullable)
            for field in self.schema
        ]
        return Schema([*fields, Field(self.partition, PrimitiveType("string"), nullable=False)])


@dataclass(frozen=True)
class LakeFile:
    """One file of one snapshot, with the spans of its columns. ``until_us`` is included."""

    path: str
    partition: str
    size: int
    rows: int
    point_min: int
    point_max: int
    from_us: int
    until_us: int
    flush_max: int


@dataclass(frozen=True)
class Snapshot:
    """The files of the table at one version; ``flush`` is the journal sequence it holds."""

    version: int
    flush: int
    files: tuple[LakeFile, ...]


class DeltaFolder:
    """A table on disk. Any process reads snapshots; only the historian's writer commits."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder = folder
        self.layout = layout
        self._lock = threading.Lock()
        self._table: DeltaTable | None = None
        self._snapshot: Snapshot | None = None
        self._stray_since: dict[str, float] = {}

    def create(self) -> None:
        """Make the table if it is not there, and mend a log cut off by a power failure."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _mend(self.folder / "_delta_log")
        if not DeltaTable.is_deltatable(str(self.folder)):
            DeltaTable.create(
                str(self.folder),
                self.layout.delta_schema(),
                partition_by=[self.layout.partition],
                configuration={
                    "delta.checkpointInterval": str(CHECKPOINT_EVERY),
                    "delta.logRetentionDuration": "interval 1 days",
                },
            )
        # Also what a process killed between a commit and its sync left: from now on it counts, and
        # the journal lets go of what it names.
        log = self.folder / "_delta_log"
        for commit in sorted(log.glob("*.json"))[-1:]:
            sync_file(commit)
        for folder in (log, self.folder, self.folder.parent):
            sync_folder(folder)

    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot, or None before the first commit made a table."""
        with self._lock:
            if self._table is None:
                if not any((self.folder / "_delta_log").glob("*.json")):
                    return None
                self._table = DeltaTable(str(self.folder))
            else:
                self._table.update_incremental()
            version = self._table.version()
            if self._snapshot is None or self._snapshot.version != version:
                flush = self._table.transaction_version(APP_ID)
                self._snapshot = Snapshot(version, int(flush or 0), self._files(self._table))
            return self._snapshot

    def _files(self, table: DeltaTable) -> tuple[LakeFile, ...]:
        listed = pa.table(table.get_add_actions(flatten=True))
        if listed.num_rows == 0:
            return ()
        moment = self.layout.moment

        def numbers(name: str) -> list[Any]:
            column = listed.column(name)
            if pa.types.is_timestamp(column.type):
                column = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
            return list(column.to_pylist())

        return tuple(
            LakeFile(*row)
            for row in zip(
                listed.column("path").to_pylist(),
                [str(value) for value in numbers(f"partition.{self.layout.partition}")],
                numbers("size_bytes"),
                numbers("num_records"),
                numbers("min.point_id"),
                numbers("max.point_id"),
                numbers(f"min.{moment}"),
                numbers(f"max.{moment}"),
                numbers("max.flush"),
                strict=True,
            )
        )

    def write(self, partition: str, tables: Iterable[pa.Table]) -> AddAction:
        """Write tables that follow each other in order as one synced file of a partition.

        They are taken one at a time, so that a big day needs the memory of one piece only.
        """
        name = f"{self.layout.partition}={partition}/{uuid.uuid4().hex}.parquet"
        path = self.folder / name
        fresh = not path.parent.exists()
        path.parent.mkdir(exist_ok=True)
        spans = _Spans(self.layout.moment)
        try:
            with pq.ParquetWriter(
                path,
                self.layout.schema,
                compression="zstd",
                use_dictionary=list(self.layout.dictionary),
                column_encoding={
                    field.name: "DELTA_BINARY_PACKED"
                    for field in self.layout.schema
                    if field.name not in self.layout.dictionary
                },
                store_schema=False,
            ) as writer:
                for table in tables:
                    writer.write_table(table, row_group_size=self.layout.row_group_rows)
                    spans.add(table)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        sync_file(path)
        sync_folder(path.parent)
        if fresh:
            sync_folder(self.folder)
        return AddAction(
            name,
            path.stat().st_size,
            {self.layout.partition: partition},
            time.time_ns() // 1_000_000,
            True,
            json.dumps(spans.stats()),
        )

    def commit(
        self,
        adds: Sequence[AddAction],
        removes: Sequence[LakeFile] = (),
        *,
        flush: int | None = None,
    ) -> None:
        """Put new files in and old files out in one commit, and sync the log.

        ``flush`` is the journal sequence that the lake reaches with this commit. A commit that
        takes files out is a rearrangement, so that followers of the log see nothing new.
        """
        for add in adds:
            add.data_change = not removes
        with self._lock:
            if self._table is None:
                self._table = DeltaTable(str(self.folder))
            self._table.update_incremental()
            marks = [Transaction(APP_ID, flush)] if flush is not None else None
            self._table.create_write_transaction(
                [*adds, *(self._removal(file) for file in removes)],
                "append",
                self.layout.delta_schema(),
                [self.layout.partition],
                commit_properties=CommitProperties(app_transactions=marks),
                post_commithook_properties=PostCommitHookProperties(create_checkpoint=True),
            )
            log = self.folder / "_delta_log"
            self._table.update_incremental()
            version = self._table.version()
            sync_file(log / f"{version:020d}.json")
            if version % CHECKPOINT_EVERY == 0:
                for path in log.glob(f"{version:020d}.checkpoint*.parquet"):
                    sync_file(path)
            sync_folder(log)

    def _removal(self, file: LakeFile) -> RemoveAction:
        return RemoveAction(
            path=file.path,
            deletion_timestamp=time.time_ns() // 1_000_000,
            data_change=False,
            partition_values={self.layout.partition: file.partition},
            size=file.size,
        )

    def sweep(self, older_than_s: float = SWEEP_AFTER_S) -> int:
        """Delete files that no snapshot has named for so long that nobody can be reading them.

        Counted from when this process first saw them unnamed: a file may be years old and have
        been replaced a second ago.
        """
        snapshot = self.snapshot()
        if snapshot is None:
            return 0
        named = {file.path for file in snapshot.files}
        now = time.monotonic()
        stray = {
            path.relative_to(self.folder).as_posix() for path in self.folder.glob("*=*/*.parquet")
        } - named
        self._stray_since = {name: self._stray_since.get(name, now) for name in stray}
        gone = [name for name, since in self._stray_since.items() if now - since >= older_than_s]
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
            del self._stray_since[name]
        return len(gone)


def sync_file(path: Path) -> None:
    """Return once the content of a file is on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return once the names in a folder are on disk (Windows does this by itself)."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Spans:
    """Smallest and largest of the columns by which readers leave files out."""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.rows = 0
        self.low: dict[str, Any] = {}
        self.high: dict[str, Any] = {}

    def add(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        for name in ("point_id", self.moment, "flush"):
            span = pa.compute.min_max(table.column(name)).as_py()
            self.low[name] = min(self.low.get(name, span["min"]), span["min"])
            self.high[name] = max(self.high.get(name, span["max"]), span["max"])

    def stats(self) -> dict[str, Any]:
        return {
            "numRecords": self.rows,
            "minValues": {**self.low, self.moment: _text(self.low[self.moment])},
            "maxValues": {**self.high, self.moment: _text(self.high[self.moment])},
            "nullCount": {"point_id": 0, self.moment: 0, "flush": 0},
        }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _mend(log: Path) -> None:
    """Take away a last commit that a power failure left empty or half written.

    Its content is still in the journal, which lets go only after the log is synced.
    """
    commits = sorted(log.glob("*.json")) if log.exists() else []
    if commits and not _whole(commits[-1]):
        commits[-1].unlink()
    pointer = log / "_last_checkpoint"
    for checkpoint in sorted(log.glob("*.checkpoint*.parquet"))[-1:]:
        try:
            pq.read_metadata(checkpoint)
        except (OSError, pa.ArrowInvalid):
            checkpoint.unlink()
            pointer.unlink(missing_ok=True)


def _whole(commit: Path) -> bool:
    try:
        lines = [json.loads(line) for line in commit.read_text("utf-8").splitlines() if line]
    except (ValueError, UnicodeDecodeError):
        return False
    return bool(lines)
