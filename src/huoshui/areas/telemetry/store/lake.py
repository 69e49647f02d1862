"""From the journal into the lake, and from many small files into few.

A flush takes the oldest batches, keeps the highest ranked reading of each moment, sorts by
(point, time), writes one Parquet file per UTC day and commits them together with the journal
sequence reached. A crash before the commit leaves stray files that are swept later; a crash after
it leaves batches that the next start lets go of. Nothing is lost or doubled either way.

The column ``flush`` is the sequence of the flush a row came with. Rows of one moment may lie in
several files; the highest ``flush`` wins, for readers as for compaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns, delta

READINGS = delta.Layout(
    pa.schema(
        [
            pa.field("point_id", pa.int32(), nullable=False),
            pa.field("taken_at", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("value", pa.float64()),
            pa.field("quality", pa.int8(), nullable=False),
            pa.field("flush", pa.int64(), nullable=False),
        ]
    ),
    moment="taken_at",
    partition="day",
    dictionary=("value", "quality"),
    row_group_rows=32_768,
)

# The most readings sorted in memory at once: about 100 MB.
ROWS_AT_ONCE = 1_500_000
PIECE_ROWS = 262_144
GROUPS_AT_ONCE = 2


def day_text(day: int) -> str:
    """Return a day counted from 1970 as "2026-03-01"."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def day_number(text: str) -> int:
    """Return "2026-03-01" as days since 1970."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def to_table(part: columns.Columns) -> pa.Table:
    """Return readings as the lake keeps them; a missing value becomes null."""
    value = pa.array(part.value)
    missing = np.isnan(part.value)
    if missing.any():
        value = pa.array(part.value, mask=missing)
    at = pa.array(part.at_us).view(pa.timestamp("us", "UTC"))
    quality = pa.array(part.quality.view(np.int8))
    return pa.Table.from_arrays(
        [pa.array(part.point_id), at, value, quality, pa.array(part.rank)], schema=READINGS.schema
    )


def from_table(table: pa.Table) -> columns.Columns:
    """Return what :func:`to_table` made."""
    at_us = table.column("taken_at").cast(pa.int64())
    return columns.Columns(
        table.column("point_id").to_numpy(),
        at_us.to_numpy(),
        # Nulls become NaN on the way to numpy.
        table.column("value").to_numpy(),
        table.column("quality").to_numpy().view(np.uint8),
        table.column("flush").to_numpy(),
    )


class Lake:
    """The readings' table open for writing."""

    def __init__(self, folder: Path) -> None:
        self.readings = delta.DeltaFolder(folder / "readings", READINGS)
        self.readings.create()

    def flushed(self) -> int:
        """Return the journal sequence up to which everything is here."""
        snapshot = self.readings.snapshot()
        return snapshot.flush if snapshot else 0

    def days(self) -> dict[int, int]:
        """Return every day with the highest flush among its rows."""
        found: dict[int, int] = {}
        snapshot = self.readings.snapshot()
        for file in snapshot.files if snapshot else ():
            day = day_number(file.partition)
            found[day] = max(found.get(day, 0), file.flush_max)
        return found

    def write(self, arrived: columns.Columns, upto: int) -> list[int]:
        """Write the batches up to a sequence and return the days that were touched."""
        kept = columns.latest_of_each(arrived)
        kept = columns.Columns(
            kept.point_id, kept.at_us, kept.value, kept.quality, np.full(len(kept), upto, np.int64)
        )
        day = kept.at_us // columns.DAY_US
        days = np.unique(day)
        adds = []
        for number in days.tolist():
            part = kept if len(days) == 1 else kept.take(day == number)
            adds.append(self.readings.write(day_text(number), [to_table(part)]))
        self.readings.commit(adds, flush=upto)
        return [int(number) for number in days]

    def files_of(self, day: int) -> list[delta.LakeFile]:
        """Return the files of one day."""
        snapshot = self.readings.snapshot()
        text = day_text(day)
        return [file for file in snapshot.files if file.partition == text] if snapshot else []

    def compact(self, day: int, files: Sequence[delta.LakeFile] | None = None) -> int:
        """Make one sorted file of a day's files; return how many there were."""
        files = list(self.files_of(day) if files is None else files)
        if len(files) < 2:
            return len(files)
        tables = (to_table(part) for part in self.read_in_order(files))
        self.readings.commit([self.readings.write(day_text(day), tables)], files)
        return len(files)

    def cut(self, day: int, points: NDArray[np.int32]) -> tuple[int, int]:
        """Delete the readings of some points of a day; return how many, and the bytes freed."""
        files = self.files_of(day)
        rows = 0

        def kept() -> Iterator[pa.Table]:
            nonlocal rows
            for part in self.read_in_order(files):
                gone = np.isin(part.point_id, points)
                rows += int(gone.sum())
                if not gone.all():
                    yield to_table(part.take(~gone))

        tables = kept()
        first = next(tables, None)
        adds = []
        if first is not None:
            adds.append(self.readings.write(day_text(day), chain([first], tables)))
        if not rows:
            # Nothing of theirs was there; the file written for nothing is swept.
            return 0, 0
        self.readings.commit(adds, files)
        return rows, sum(file.size for file in files) - sum(add.size for add in adds)

    def read_in_order(
        self, files: Sequence[delta.LakeFile], points: Collection[int] | None = None
    ) -> Iterator[columns.Columns]:
        """Yield the files' readings sorted and deduplicated, in pieces by ascending point."""
        return read_in_order(self.readings.folder, files, points=points)


def read_in_order(
    folder: Path,
    files: Sequence[delta.LakeFile],
    tail: columns.Columns | None = None,
    *,
    points: Collection[int] | None = None,
) -> Iterator[columns.Columns]:
    """Yield readings of files and journal's tail, sorted and deduplicated, by ascending point.

    No point is in two pieces, and no piece is much larger than ``ROWS_AT_ONCE``. ``points``
    leaves all others out.
    """
    if len(files) == 1 and points is None and not (tail and len(tail)):
        yield from _one_in_order(folder / files[0].path)
        return
    waiting = columns.empty() if tail is None else tail
    for tables in tables_by_point(folder, files, waiting.point_id, points):
        parts = [from_table(table) for table in tables]
        if len(waiting):
            first, last = tables.span
            parts.append(waiting.take((waiting.point_id >= first) & (waiting.point_id <= last)))
        yield columns.latest_of_each(columns.concat(parts))


@dataclass(frozen=True)
class Group:
    """A row group of a file: its points, and whether nothing in it is bad or missing."""

    number: int
    point_min: int
    point_max: int
    usable: bool


class Tables(list[pa.Table]):
    """What several files have of the points from ``span[0]`` to ``span[1]``."""

    def __init__(self, tables: Iterable[pa.Table], span: tuple[int, int]) -> None:
        super().__init__(tables)
        self.span = span


def tables_by_point(
    folder: Path,
    files: Sequence[delta.LakeFile],
    waiting: NDArray[np.int32] | None = None,
    points: Collection[int] | None = None,
) -> Iterator[Tables]:
    """Yield the rows of the files by ascending spans of points, about ``ROWS_AT_ONCE`` each.

    ``waiting`` are the points of rows elsewhere, for which room is left.
    """
    paths = [folder / file.path for file in files]
    field = pyarrow.compute.field("point_id")
    chosen = None if points is None else field.isin(sorted(points))
    if points is not None:
        spans = [(min(points), max(points))]
    else:
        spans = _point_spans(files, paths, np.empty(0, np.int32) if waiting is None else waiting)
    for first, last in spans:
        inside = (field >= first) & (field <= last)
        yield Tables(
            (
                pq.read_table(
                    path,
                    filters=inside if chosen is None else inside & chosen,
                    partitioning=None,
                    use_threads=False,
                )
                for path, file in zip(paths, files, strict=True)
                if file.point_min <= last and file.point_max >= first
            ),
            (first, last),
        )


def row_groups(path: Path) -> list[Group]:
    """Return what the footer of a file says of each of its row groups."""
    with pq.ParquetFile(path) as file:
        found = []
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            point, value, quality = (group.column(place).statistics for place in (0, 2, 3))
            usable = quality.max < Quality.BAD and value.null_count == 0
            found.append(Group(number, point.min, point.max, usable))
    return found


def read_groups(path: Path, groups: Sequence[Group]) -> Iterator[tuple[columns.Columns, bool]]:
    """Yield pieces of a sorted file for adding up, each with whether all of it is usable.

    Pieces stay in the processor's cache; a point may be cut in two. Ranks are not read, and not
    the quality of what is usable: it is given as good.
    """
    with pq.ParquetFile(path) as file:
        for start in range(0, len(groups), GROUPS_AT_ONCE):
            some = groups[start : start + GROUPS_AT_ONCE]
            usable = all(group.usable for group in some)
            names = READINGS.schema.names[: 3 if usable else 4]
            chosen = [group.number for group in some]
            yield _from_table(file.read_row_groups(chosen, names, use_threads=False)), usable


def _from_table(table: pa.Table) -> columns.Columns:
    """Return the first columns of a table; what is left out is good and of rank 0."""
    good: NDArray[np.uint8] = np.broadcast_to(np.uint8(Quality.GOOD), table.num_rows)
    return columns.Columns(
        table.column(0).to_numpy(),
        table.column(1).cast(pa.timestamp("us", "UTC")).to_numpy().view(np.int64),
        table.column(2).to_numpy(),
        table.column(3).to_numpy().view(np.uint8) if table.num_columns > 3 else good,
        np.broadcast_to(np.int64(0), table.num_rows),
    )


def _one_in_order(path: Path) -> Iterator[columns.Columns]:
    """Yield one file, which is sorted and deduplicated, without cutting a point in two.

    The next piece is unpacked while the caller works on the one before; pieces of this size stay
    in the processor's cache.
    """
    left = columns.empty()
    with pq.ParquetFile(path) as file, ThreadPoolExecutor(1) as beside:
        batches = file.iter_batches(PIECE_ROWS, columns=READINGS.schema.names)
        coming = beside.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = beside.submit(next, batches, None)
            part = columns.concat([left, from_table(pa.Table.from_batches([batch]))])
            cut = int(np.searchsorted(part.point_id, part.point_id[-1]))
            left = part.take(slice(cut, None))
            if cut:
                yield part.take(slice(0, cut))
    if len(left):
        yield left


def _point_spans(
    files: Sequence[delta.LakeFile], paths: Sequence[Path], waiting: NDArray[np.int32]
) -> list[tuple[int, int]]:
    """Cut the points into spans of at most about ``ROWS_AT_ONCE`` rows."""
    lows = [file.point_min for file in files] + ([int(waiting.min())] if len(waiting) else [])
    if not lows:
        return []
    low = min(lows)
    high = max([file.point_max for file in files] + ([int(waiting.max())] if len(waiting) else []))
    if sum(file.rows for file in files) + len(waiting) <= ROWS_AT_ONCE:
        return [(low, high)]
    counts = np.bincount(waiting, minlength=high + 1).astype(np.int64)
    for path in paths:
        points = pq.read_table(path, columns=["point_id"], partitioning=None).column("point_id")
        counts += np.bincount(points.to_numpy(), minlength=high + 1)
    spans, start, rows = [], low, 0
    for point in range(low, high + 1):
        if rows and rows + counts[point] > ROWS_AT_ONCE:
            spans.append((start, point - 1))
            start, rows = point, 0
        rows += int(counts[point])
    return [*spans, (start, high)]
