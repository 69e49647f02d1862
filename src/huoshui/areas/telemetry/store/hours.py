"""Hourly roll-ups: a derived table, rebuilt for touched days only.

One row is one UTC hour of one point. Rows are written per month and carry the number of the
build they came with (``flush``); of two rows for one hour the higher wins, so a rebuilt day is
simply appended. An hour whose readings all became unusable gets a row with the count 0, which
says that there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
from deltalake.transaction import AddAction
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns, corrections, delta, lake

HOURS = delta.Layout(
    pa.schema(
        [
            pa.field("point_id", pa.int32(), nullable=False),
            pa.field("hour", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("count", pa.int32(), nullable=False),
            pa.field("value_min", pa.float64(), nullable=False),
            pa.field("value_mean", pa.float64(), nullable=False),
            pa.field("value_max", pa.float64(), nullable=False),
            pa.field("value_first", pa.float64(), nullable=False),
            pa.field("value_last", pa.float64(), nullable=False),
            pa.field("flush", pa.int64(), nullable=False),
        ]
    ),
    moment="hour",
    partition="month",
    dictionary=("count", "value_min", "value_mean", "value_max", "value_first", "value_last"),
    row_group_rows=8_192,
)
VALUES = ("value_min", "value_mean", "value_max", "value_first", "value_last")
MERGE_FROM_FILES = 6


@dataclass(frozen=True)
class Hours:
    """Hours side by side, sorted by (point, hour) when they come from :func:`roll_up`."""

    point_id: NDArray[np.int32]
    hour_us: NDArray[np.int64]
    count: NDArray[np.int32]
    values: NDArray[np.float64]
    flush: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.point_id)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Hours:
        """Return the given rows."""
        return Hours(
            self.point_id[rows],
            self.hour_us[rows],
            self.count[rows],
            self.values[:, rows],
            self.flush[rows],
        )


def concat(parts: Sequence[Hours]) -> Hours:
    """Return all parts one after the other."""
    return Hours(
        np.concatenate([part.point_id for part in parts]),
        np.concatenate([part.hour_us for part in parts]),
        np.concatenate([part.count for part in parts]),
        np.concatenate([part.values for part in parts], axis=1),
        np.concatenate([part.flush for part in parts]),
    )


def empty() -> Hours:
    """Return no hours."""
    return roll_up(columns.empty(), 0)


def roll_up(readings: columns.Columns, flush: int, *, gaps: bool = False) -> Hours:
    """Return the hours of readings that are sorted by (point, time) and deduplicated.

    Bad and missing readings do not count; an hour of nothing else is left out, or with ``gaps``
    given with the count 0.
    """
    usable = (readings.quality < Quality.BAD) & ~np.isnan(readings.value)
    if not usable.all():
        found = roll_up(readings.take(usable), flush)
        return latest_build(concat([found, _gaps(readings, usable, flush)])) if gaps else found
    hour = readings.at_us // columns.HOUR_US
    if len(readings) == 0:
        starts = np.empty(0, np.intp)
        values = np.empty((5, 0))
        count = np.empty(0, np.int32)
    else:
        differs = (hour[1:] != hour[:-1]) | (readings.point_id[1:] != readings.point_id[:-1])
        starts = np.flatnonzero(np.append(True, differs))
        ends = np.append(starts[1:], len(readings))
        count = (ends - starts).astype(np.int32)
        values = np.stack(
            [
                np.minimum.reduceat(readings.value, starts),
                np.add.reduceat(readings.value, starts) / count,
                np.maximum.reduceat(readings.value, starts),
                readings.value[starts],
                readings.value[ends - 1],
            ]
        )
    return Hours(
        readings.point_id[starts],
        hour[starts] * columns.HOUR_US,
        count,
        values,
        np.full(len(starts), flush, np.int64),
    )


def _gaps(readings: columns.Columns, usable: NDArray[np.bool_], flush: int) -> Hours:
    """Return a row with the count 0 for each hour that has readings but no usable one."""
    hour = readings.at_us // columns.HOUR_US
    differs = (hour[1:] != hour[:-1]) | (readings.point_id[1:] != readings.point_id[:-1])
    starts = np.flatnonzero(np.append(True, differs))
    starts = starts[np.add.reduceat(usable.astype(np.int32), starts) == 0]
    return Hours(
        readings.point_id[starts],
        hour[starts] * columns.HOUR_US,
        np.zeros(len(starts), np.int32),
        np.full((len(VALUES), len(starts)), np.nan),
        np.full(len(starts), flush, np.int64),
    )


def fuller(old: Hours, new: Hours, seen: columns.Columns) -> Hours:
    """Return the rows of ``new`` whose hours have as many readings as those of ``old``, or more.

    For days whose readings were deleted after they were rolled up: what is left of them, or comes
    late, must not pass for the whole hour. ``seen`` is all that is there, good or bad, because an
    hour of which readings turned out bad is still whole.
    """
    old = latest_build(old)
    had, have = pairs(old.point_id, old.hour_us), pairs(seen.point_id, seen.at_us)
    wanted = pairs(new.point_id, new.hour_us)
    have.sort()
    count = np.searchsorted(have, wanted, "right") - np.searchsorted(have, wanted, "left")
    place = np.minimum(np.searchsorted(had, wanted), max(len(had) - 1, 0))
    before = np.zeros(len(wanted), np.int64)
    if len(had):
        before = np.where(had[place] == wanted, old.count[place], 0)
    return new.take(count >= before)


def pairs(point_id: NDArray[np.int32], at_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return point and hour as one number, for comparing."""
    return point_id.astype(np.int64) * (1 << 32) + at_us // columns.HOUR_US


def there(hours: Hours) -> Hours:
    """Return the hours without the rows that say that there is none."""
    empty_ = hours.count == 0
    return hours.take(~empty_) if empty_.any() else hours


def latest_build(hours: Hours) -> Hours:
    """Return the hours sorted by (point, hour), of each only the row built last."""
    if len(hours) < 2:
        return hours
    order = np.lexsort((hours.flush, hours.hour_us, hours.point_id))
    hour, point = hours.hour_us[order], hours.point_id[order]
    differs = (hour[1:] != hour[:-1]) | (point[1:] != point[:-1])
    return hours.take(order[np.append(differs, True)])


def to_table(hours: Hours) -> pa.Table:
    """Return hours as the lake keeps them."""
    return pa.Table.from_arrays(
        [
            pa.array(hours.point_id),
            pa.array(hours.hour_us).view(pa.timestamp("us", "UTC")),
            pa.array(hours.count),
            *(pa.array(row) for row in hours.values),
            pa.array(hours.flush),
        ],
        schema=HOURS.schema,
    )


def from_table(table: pa.Table) -> Hours:
    """Return what :func:`to_table` made."""
    return Hours(
        table.column("point_id").to_numpy(),
        table.column("hour").cast(pa.int64()).to_numpy(),
        table.column("count").to_numpy(),
        np.stack([table.column(name).to_numpy() for name in VALUES]),
        table.column("flush").to_numpy(),
    )


class HoursTable:
    """The roll-ups open for writing."""

    def __init__(self, folder: Path) -> None:
        self.table = delta.DeltaFolder(folder / "hours", HOURS)
        self.table.create()

    def rebuild(
        self,
        readings: lake.Lake,
        days: Mapping[int, Collection[int] | None],
        seen_with: corrections.Corrections = corrections.NONE,
        cut: Collection[int] = (),
    ) -> None:
        """Roll up days from the lake again, in one commit: some points of each, or all for None.

        Each day becomes a file of its own, in pieces, so that it needs little memory. ``cut`` are
        days of which readings were deleted.
        """
        snapshot = self.table.snapshot()
        build = max((file.flush_max for file in snapshot.files), default=0) if snapshot else 0
        adds = []
        for day, points in sorted(days.items()):
            files = readings.files_of(day)
            if not files:
                continue
            number = max(build + 1, *(file.flush_max for file in files))
            pieces = readings.read_in_order(files, points)
            made = ((roll_up(seen_with.apply(one), number, gaps=True), one) for one in pieces)
            if day in cut:
                made = ((fuller(self._of_day(day, part), part, one), one) for part, one in made)
            tables = (to_table(part) for part, _piece in made)
            written = self._write(lake.day_text(day)[:7], tables)
            adds += [written] if written else []
        if adds:
            self.table.commit(adds)

    def _of_day(self, day: int, like: Hours) -> Hours:
        """Return the rows of a day that are there already, of the same points."""
        snapshot = self.table.snapshot()
        month = lake.day_text(day)[:7]
        files = [file for file in snapshot.files if file.partition == month] if snapshot else []
        found = [empty()]
        for tables in lake.tables_by_point(
            self.table.folder, files if len(like) else [], points=np.unique(like.point_id).tolist()
        ):
            found += [from_table(table) for table in tables]
        rows = concat(found)
        return rows.take(rows.hour_us // columns.DAY_US == day)

    def _write(self, month: str, tables: Iterator[pa.Table]) -> AddAction | None:
        """Write what is not empty as one file, or nothing where all of it is."""
        filled = (table for table in tables if table.num_rows)
        first = next(filled, None)
        return None if first is None else self.table.write(month, chain([first], filled))

    def merge(self) -> int:
        """Make one file of each month that has many; return how many months were merged."""
        snapshot = self.table.snapshot()
        months: dict[str, list[delta.LakeFile]] = {}
        for file in snapshot.files if snapshot else ():
            months.setdefault(file.partition, []).append(file)
        merged = 0
        for month, files in months.items():
            if len(files) < MERGE_FROM_FILES:
                continue
            written = self._write(month, self._in_order(files))
            self.table.commit([written] if written else [], files)
            merged += 1
        return merged

    def _in_order(self, files: Sequence[delta.LakeFile]) -> Iterator[pa.Table]:
        """Yield the hours of some files, the last build of each, in pieces by point."""
        for parts in lake.tables_by_point(self.table.folder, files):
            yield to_table(there(latest_build(concat([from_table(part) for part in parts]))))
