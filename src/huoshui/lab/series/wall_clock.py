"""Moments as a clock on the wall shows them, made into moments of one time line.

    wall   00:00  01:00 | 03:00  04:00        a spring night: 02:00 to 03:00 does not exist
    wall   01:00  02:00 | 02:00  03:00        an autumn night: 02:00 to 03:00 comes twice

What a wall clock shows does not say which of the two autumn hours is meant. The order of the
readings does: the second begins where the clock goes back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

QUARTER_US = 900_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SPAN_US = 100 * 365 * 86_400_000_000  # years either side of 1970 that a zone is asked about
NEVER = np.iinfo(np.int64).min


class Hour(IntEnum):
    """What kind of hour a wall clock's moment lies in."""

    PLAIN = 0
    MISSING = 1
    FIRST_OF_TWO = 2
    SECOND_OF_TWO = 3


class WallClock:
    """Makes wall-clock moments of one zone into UTC, remembering the order of each series.

    Parameters
    ----------
    zone : ZoneInfo
        The zone whose clocks were read.
    newest_first : bool
        Whether the readings run backward in time.
    """

    def __init__(self, zone: ZoneInfo, *, newest_first: bool = False) -> None:
        self._zone = zone
        self._newest_first = newest_first
        self._quarters: dict[int, tuple[int, int]] = {}
        # Per series: the wall moment before, and whether the second of two hours has begun.
        self._before: dict[int, tuple[int, bool]] = {}

    def utc(
        self, wall_us: NDArray[np.int64], series: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Return moments and what kind of hour each lay in, in the order given.

        Parameters
        ----------
        wall_us : ndarray, shape (n,)
            What the clock showed, counted as if it were UTC. [µs since 1970]
        series : ndarray, shape (n,), optional
            Which series each belongs to; without it all are one.

        Returns
        -------
        at_us : ndarray, shape (n,)
            Moments; of a missing hour the one the clock would have shown without the change.
        hour : ndarray, shape (n,)
            Values of `Hour`.
        """
        at_us = wall_us.copy()
        hour = np.zeros(len(wall_us), np.uint8)
        quarter, back = np.unique(wall_us // QUARTER_US, return_inverse=True)
        offsets = np.array([self._offsets(int(one)) for one in quarter], np.int64).reshape(-1, 2)
        earlier, later = offsets[back, 0], offsets[back, 1]
        at_us -= earlier
        hour[earlier < later] = Hour.MISSING
        for place in np.flatnonzero(earlier > later):
            key = 0 if series is None else int(series[place])
            is_second = self._is_second(key, int(wall_us[place]))
            hour[place] = Hour.SECOND_OF_TWO if is_second else Hour.FIRST_OF_TWO
            if is_second:
                at_us[place] = wall_us[place] - later[place]
        return at_us, hour

    def _is_second(self, series: int, wall_us: int) -> bool:
        """Tell which of two equal hours a reading belongs to, from the one before it."""
        before, turned = self._before.get(series, (NEVER, False))
        if before == NEVER or abs(wall_us - before) > 12 * 3600 * 1_000_000:
            turned = False
        elif (wall_us >= before) if self._newest_first else (wall_us <= before):
            turned = True
        self._before[series] = (wall_us, turned)
        return turned != self._newest_first

    def _offsets(self, quarter: int) -> tuple[int, int]:
        """Return the zone's offset before and after a change in this quarter of an hour, in µs."""
        found = self._quarters.get(quarter)
        if found is None:
            us = min(max(quarter * QUARTER_US, -SPAN_US), SPAN_US)
            wall = (EPOCH + timedelta(microseconds=us)).replace(tzinfo=self._zone)
            pair = [wall.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
            found = (pair[0] // timedelta(microseconds=1), pair[1] // timedelta(microseconds=1))
            if len(self._quarters) > 500_000:
                self._quarters.clear()
            self._quarters[quarter] = found
        return found
