"""Hours as the clock on the wall counts them: twenty-four of every day, whatever the season.

    read at    00:00  01:00  03:00        a spring night: the grid's 02:00 stays unknown
    read at    01:00  02:00  02:00  03:00 an autumn night: the grid's 02:00 is the mean of both

People get up by the wall clock, so a forecast compares days hour by hour on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class WallHours:
    """Hourly values on the wall clock.

    Attributes
    ----------
    begins_at : datetime
        The first hour, naive, on the full hour.
    value : ndarray, shape (n_hours, n_series)
        NaN where not known.
    """

    begins_at: datetime
    value: NDArray[np.float64]

    @property
    def ends_at(self) -> datetime:
        """The hour after the last one."""
        return self.begins_at + len(self.value) * HOUR

    def between(self, from_at: datetime, until_at: datetime) -> NDArray[np.float64]:
        """Return the hours from one moment until another; NaN outside what is held."""
        hours = max(0, (until_at - from_at) // HOUR)
        cut = np.full((hours, self.value.shape[1]), np.nan)
        offset = (from_at - self.begins_at) // HOUR
        low, high = max(0, -offset), min(hours, len(self.value) - offset)
        if high > low:
            cut[low:high] = self.value[offset + low : offset + high]
        return cut


def on_wall_hours(wall: Sequence[datetime], value: ArrayLike) -> WallHours:
    """Put readings on the grid of wall-clock hours, each hour the mean of what was read in it.

    Parameters
    ----------
    wall : sequence of datetime, length n
        Naive moments as the clock showed them, in any order.
    value : array_like, shape (n, n_series)
        NaN where not known. Any unit.

    Returns
    -------
    WallHours
        From the earliest to the latest hour read.

    Raises
    ------
    ValueError
        If there is no moment, or one carries a zone.
    """
    read = np.asarray(value, dtype=np.float64)
    if not wall:
        msg = "there are no readings"
        raise ValueError(msg)
    if any(moment.tzinfo is not None for moment in wall):
        msg = "moments of a wall clock carry no zone"
        raise ValueError(msg)
    begins_at = min(wall).replace(minute=0, second=0, microsecond=0)
    place = np.array([(moment - begins_at) // HOUR for moment in wall], dtype=np.int64)
    shape = (int(place.max()) + 1, read.shape[1])
    total, count = np.zeros(shape), np.zeros(shape)
    known = np.isfinite(read)
    np.add.at(total, place, np.where(known, read, 0.0))
    np.add.at(count, place, known)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return WallHours(begins_at, mean)


def labels_from(start_at: datetime, *, hours: int, zone: ZoneInfo | None) -> list[datetime]:
    """Return what the wall clock shows at the start and after each real hour that follows.

    Parameters
    ----------
    start_at : datetime
        Naive, on the full hour; of an hour that comes twice, its ``fold`` says which.
    hours : int
        How many. [h]
    zone : ZoneInfo or None
        The zone of the clock; None for a clock that is never changed.

    Returns
    -------
    list of datetime
        Naive. An hour skipped in spring is not among them; one repeated in autumn is twice.
    """
    if zone is None:
        return [start_at + number * HOUR for number in range(hours)]
    moment = start_at.replace(tzinfo=zone).astimezone(UTC)
    shown = [(moment + number * HOUR).astimezone(zone) for number in range(hours)]
    return [one.replace(tzinfo=None, fold=0) for one in shown]


def comes_twice(moment: datetime, zone: ZoneInfo | None) -> bool:
    """Tell whether a naive moment lies in the hour that the clock of a zone shows twice."""
    if zone is None:
        return False
    offsets = [moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
    return offsets[0] is not None and offsets[1] is not None and offsets[0] > offsets[1]
