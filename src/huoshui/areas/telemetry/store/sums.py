"""Sums over many points by hour, straight from readings: the use of a zone's customers, say.

Days at rest are one file each, sorted by (point, time) and free of repeats: two processors take
half of its row groups each, and add up pieces that stay in their caches. What the footer of the
file answers (whether anything is bad or missing, which points are where) is not read. Only the
points on the edges of pieces are put together afterwards. Days with several files or with readings
still in the journal are put in order first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def add(self, found: Mapping[int, hours.Hours], group_of: NDArray[np.int32]) -> None:
        """Add hours of points that were rolled up."""
        for number, part in found.items():
            place = (part.hour_us - self.from_us) // columns.HOUR_US
            self.total[group_of[number], place] += part.values[hours.VALUES.index("value_mean")]
            self.points[group_of[number], place] += 1


class Summing:
    """Adding up the hourly means of groups of points in the hours of [from_us, until_us).

    ``group_of`` has the group of each point number, -1 for none.
    """

    def __init__(
        self,
        folder: Path,
        seen_with: corrections.Corrections,
        group_of: NDArray[np.int32],
        groups: int,
        span_us: tuple[int, int],
    ) -> None:
        self.folder = folder
        self.seen_with = seen_with
        self.groups = groups
        self.from_us, self.until_us = span_us
        self.first = self.from_us // columns.HOUR_US
        self.hours = -(-self.until_us // columns.HOUR_US) - self.first
        # Where the hours of each point's group begin among all sums; the last row of sums is for
        # points of no group, and so is the last place here for points beyond the known ones.
        group = np.append(group_of, -1).astype(np.int64)
        self.begins = np.where(group < 0, groups, group) * self.hours
        self.grouped = np.flatnonzero(group >= 0)

    def days(self, days: Sequence[tuple[Sequence[delta.LakeFile], columns.Columns]]) -> GroupSums:
        """Return the sums over days, each given by its files and what waits in the journal."""
        running = _Running((self.groups + 1) * self.hours)
        with ThreadPoolExecutor(2) as pool:
            for files, waiting in days:
                if len(files) != 1 or len(waiting):
                    for piece in lake.read_in_order(self.folder, files, waiting):
                        self._add(running, piece)
                    continue
                edges: list[columns.Columns] = []
                for part in pool.map(self._stretch, *self._stretches(files[0])):
                    running.total += part.total
                    running.points += part.points
                    edges += part.edges
                self._add(running, columns.concat(edges))
        shape = (self.groups + 1, self.hours)
        return GroupSums(
            self.first * columns.HOUR_US,
            running.total.reshape(shape)[:-1],
            running.points.reshape(shape)[:-1],
        )

    def _stretches(self, file: delta.LakeFile) -> tuple[list[Path], list[list[lake.Group]]]:
        """Return a file twice, each time with half of the row groups that have grouped points."""
        path = self.folder / file.path
        wanted = [
            group
            for group in lake.row_groups(path)
            if np.searchsorted(self.grouped, group.point_min)
            < np.searchsorted(self.grouped, group.point_max, "right")
        ]
        half = (len(wanted) + 1) // 2
        return [path, path], [wanted[:half], wanted[half:]]

    def _stretch(self, path: Path, groups: Sequence[lake.Group]) -> _Running:
        """Add up some row groups, all but the first and the last point of each piece."""
        running = _Running((self.groups + 1) * self.hours)
        for piece, usable in lake.read_groups(path, groups):
            first = int(np.searchsorted(piece.point_id, piece.point_id[0], "right"))
            last = int(np.searchsorted(piece.point_id, piece.point_id[-1]))
            if first >= last:
                running.edges.append(piece)
                continue
            running.edges += [piece.take(slice(0, first)), piece.take(slice(last, None))]
            self._add(running, piece.take(slice(first, last)), usable=usable)
        return running

    def _add(self, running: _Running, raw: columns.Columns, *, usable: bool = False) -> None:
        """Add whole points, sorted; ``usable`` says that nothing among them is bad or missing."""
        piece = self.seen_with.apply(raw)
        if not usable or piece is not raw:
            good = (piece.quality < Quality.BAD) & ~np.isnan(piece.value)
            piece = piece if good.all() else piece.take(good)
        if not len(piece):
            return
        if int(piece.at_us.min()) < self.from_us or int(piece.at_us.max()) >= self.until_us:
            piece = piece.take((piece.at_us >= self.from_us) & (piece.at_us < self.until_us))
            if not len(piece):
                return
        place = piece.at_us - self.first * columns.HOUR_US
        place //= columns.HOUR_US
        place += self.begins.take(piece.point_id, mode="clip")
        mean = piece.value
        if (place[1:] == place[:-1]).any():
            # Neighbours in one place: of one point and hour, or of two points of one group.
            differs = (place[1:] != place[:-1]) | (piece.point_id[1:] != piece.point_id[:-1])
            starts = np.flatnonzero(np.append(True, differs))
            counts = np.diff(np.append(starts, len(piece)))
            mean, place = np.add.reduceat(mean, starts) / counts, place[starts]
        running.total += np.bincount(place, mean, len(running.total))
        running.points += np.bincount(place, minlength=len(running.points))


class _Running:
    """Sums so far, by group and hour, and the readings on the edges of pieces."""

    def __init__(self, places: int) -> None:
        self.total = np.zeros(places)
        self.points = np.zeros(places, np.int64)
        self.edges: list[columns.Columns] = []


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
