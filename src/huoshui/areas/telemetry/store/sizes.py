"""How much the store takes of the disk, how fast it grows, and by which points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.store import lake, readers


@dataclass(frozen=True)
class Stored:
    """The size of the store: now, its growth in a day, and of which points lately."""

    bytes_now: int
    bytes_per_day: float
    readings_per_day: float
    point_id: NDArray[np.int32]
    rows: NDArray[np.int64]

    def share_of(self, points: Sequence[int]) -> float:
        """Return which part of the latest readings is that of some points."""
        total = int(self.rows.sum())
        return float(self.rows[np.isin(self.point_id, points)].sum()) / total if total else 0.0


def stored(reader: readers.Reader, days: int, today: int) -> Stored:
    """Return the size of the store, its growth over the latest closed days, and of which points.

    ``today`` is the present day, which is still growing.
    """
    files, hourly = reader.files()
    size, hours_size = (sum(file.size for file in some) for some in (files, hourly))
    # The latest days that have any: a city that was off for a month grows as it did before.
    latest = sorted({file.partition for file in files if lake.day_number(file.partition) < today})
    closed = [file for file in files if file.partition in latest[-days:]]
    partitions = max(len(latest[-days:]), 1)
    # Hours grow with the days, roughly in step with the readings.
    factor = 1 + hours_size / size if size else 1.0
    point_id, rows = reader.rows_by_point(closed)
    return Stored(
        bytes_now=size + hours_size,
        bytes_per_day=sum(file.size for file in closed) * factor / partitions,
        readings_per_day=sum(file.rows for file in closed) / partitions,
        point_id=point_id,
        rows=rows,
    )
