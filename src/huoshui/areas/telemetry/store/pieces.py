"""Spans of time and of points: which files they touch, and how what was found is told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.store import columns, delta


def within(column: str, from_us: int, until_us: int) -> str:
    """Return the condition as constants, which DuckDB compares with each row group's span."""
    return f"{column} >= make_timestamptz({from_us}) AND {column} < make_timestamptz({until_us})"


def plain(column: Any) -> NDArray[Any]:
    """Return a column that has no nulls as an ordinary array."""
    plain: NDArray[Any] = np.ma.getdata(column)
    return plain


def in_span(
    files: Sequence[delta.LakeFile], point_ids: Sequence[int], from_us: int, until_us: int
) -> list[delta.LakeFile]:
    """Return the files that may hold readings of some points in a span."""
    low, high = (min(point_ids), max(point_ids)) if len(point_ids) else (0, -1)
    return [
        file
        for file in files
        if file.from_us < until_us
        and file.until_us >= from_us
        and file.point_min <= high
        and file.point_max >= low
    ]


def by_point(found: columns.Columns, point_ids: Sequence[int]) -> dict[int, columns.Columns]:
    """Return what was found, sorted by point, apart for each point."""
    starts = np.searchsorted(found.point_id, np.asarray(point_ids), "left")
    ends = np.searchsorted(found.point_id, np.asarray(point_ids), "right")
    return {
        point: found.take(slice(start, stop))
        for point, start, stop in zip(point_ids, starts, ends, strict=True)
    }


def runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """Return consecutive days as (first, last) runs."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
