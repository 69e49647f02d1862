"""Sums over many points by hour, straight from readings: the use of a zone's customers, say.

The files are sorted by (point, time), so one pass with constant memory does: readings become the
means of their point and hour, these are added up by group. Days at rest are one file each and
need no deduplication; others are put in order first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns, corrections, delta, hours, lake


@dataclass(frozen=True)
class GroupSums:
    """One row for each group, one column for each UTC hour from ``from_us`` on.

    ``total`` is the sum of the points' hourly means, ``points`` how many points it is made of.
    """

    from_us: int
    total: NDArray[np.float64]
    points: NDArray[np.int64]


class Summing:
    """Adding up groups of points over days; a day at rest on two processors."""

    def __init__(
        self,
        folder: Path,
        seen_with: corrections.Corrections,
        group_of: NDArray[np.int32],
        groups: int,
    ) -> None:
        self.folder = folder
        self.seen_with = seen_with
        self.group_of = group_of
        self.groups = groups

    def days(
        self,
        days: Sequence[tuple[Sequence[delta.LakeFile], columns.Columns]],
        from_us: int,
        until_us: int,
    ) -> GroupSums:
        """Return the sums over days, each given by its files and what waits in the journal."""

        def add_up(pieces: Iterable[columns.Columns]) -> GroupSums:
            seen = (self.seen_with.apply(piece) for piece in pieces)
            return hourly_sums(seen, self.group_of, self.groups, from_us, until_us)

        total = add_up(())
        with ThreadPoolExecutor(2) as pool:
            for files, waiting in days:
                if len(files) == 1 and not len(waiting):
                    path = self.folder / files[0].path
                    parts = [lake.read_half(path, span) for span in lake.halves(path)]
                else:
                    parts = [lake.read_in_order(self.folder, files, waiting)]
                for found in pool.map(add_up, parts):
                    total.total[:] += found.total
                    total.points[:] += found.points
        return total


def hourly_sums(
    pieces: Iterable[columns.Columns],
    group_of: NDArray[np.int32],
    groups: int,
    from_us: int,
    until_us: int,
) -> GroupSums:
    """Add up the hourly means of each group's points in the hours of [from_us, until_us).

    ``group_of`` has the group of each point number, -1 for none. ``pieces`` are sorted by point
    and time, with no point in two pieces.
    """
    first = from_us // columns.HOUR_US
    hours = -(-until_us // columns.HOUR_US) - first
    total = np.zeros(groups * hours)
    points = np.zeros(groups * hours, np.int64)
    for piece in pieces:
        part = _wanted(piece, group_of, from_us, until_us)
        if not len(part):
            continue
        hour = part.at_us // columns.HOUR_US - first
        differs = (hour[1:] != hour[:-1]) | (part.point_id[1:] != part.point_id[:-1])
        if differs.all():
            starts, mean = None, part.value
            place = group_of[part.point_id] * hours + hour
        else:
            starts = np.flatnonzero(np.append(True, differs))
            counts = np.diff(np.append(starts, len(part)))
            mean = np.add.reduceat(part.value, starts) / counts
            place = group_of[part.point_id[starts]] * hours + hour[starts]
        total += np.bincount(place, mean, groups * hours)
        points += np.bincount(place, minlength=groups * hours)
    shape = (groups, hours)
    return GroupSums(first * columns.HOUR_US, total.reshape(shape), points.reshape(shape))


def _wanted(
    piece: columns.Columns, group_of: NDArray[np.int32], from_us: int, until_us: int
) -> columns.Columns:
    """Keep the usable readings of grouped points inside the span."""
    wanted = piece.quality < Quality.BAD
    wanted &= ~np.isnan(piece.value)
    if int(piece.at_us.min(initial=until_us)) < from_us:
        wanted &= piece.at_us >= from_us
    if int(piece.at_us.max(initial=from_us)) >= until_us:
        wanted &= piece.at_us < until_us
    inside = np.minimum(piece.point_id, len(group_of) - 1)
    wanted &= (group_of[inside] >= 0) & (piece.point_id < len(group_of))
    return piece if wanted.all() else piece.take(wanted)


def window_means(
    found: Sequence[hours.Hours], starts: NDArray[np.int64], span_us: int
) -> NDArray[np.float64]:
    """Return the mean of whole hours in each window (column) for each point's hours (row)."""
    table = np.full((len(found), len(starts)), np.nan)
    for row, part in enumerate(found):
        window = np.searchsorted(starts, part.hour_us, "right") - 1
        inside = (window >= 0) & (part.hour_us + columns.HOUR_US <= starts[window] + span_us)
        window = window[inside]
        total = np.bincount(window, part.values[1][inside], len(starts))
        counts = np.bincount(window, minlength=len(starts))
        np.divide(total, counts, out=table[row], where=counts > 0)
    return table
