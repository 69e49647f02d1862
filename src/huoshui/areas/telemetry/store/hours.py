"""Hourly roll-ups: a derived table, rebuilt for touched days only.

One row is one UTC hour of one point. Rows are written per month and carry the flush up to which
they were built; of two rows for one hour the higher flush wins, so a rebuilt day is simply
appended. Readings are never taken away, hence an hour once there never disappears.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns, delta, lake

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


def roll_up(readings: columns.Columns, flush: int) -> Hours:
    """Return the hours of readings that are sorted by (point, time) and deduplicated.

    Bad and missing readings do not count; an hour of nothing else is left out.
    """
    usable = (readings.quality < Quality.BAD) & ~np.isnan(readings.value)
    if not usable.all():
        readings = readings.take(usable)
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

    def rebuild(self, readings: lake.Lake, days: Iterable[int]) -> None:
        """Roll up whole days from the lake again, in one commit for all of them."""
        months: dict[str, list[Hours]] = {}
        for day in days:
            files = readings.files_of(day)
            if not files:
                continue
            flush = max(file.flush_max for file in files)
            parts = [roll_up(part, flush) for part in readings.read_in_order(files)]
            months.setdefault(lake.day_text(day)[:7], []).extend(parts)
        adds = []
        for month, parts in months.items():
            rows = latest_build(concat(parts))
            if len(rows):
                adds.append(self.table.write(month, [to_table(rows)]))
        if adds:
            self.table.commit(adds)

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
            parts = [
                from_table(pq.read_table(self.table.folder / file.path, partitioning=None))
                for file in files
            ]
            table = to_table(latest_build(concat(parts)))
            self.table.commit([self.table.write(month, [table])], files)
            merged += 1
        return merged
