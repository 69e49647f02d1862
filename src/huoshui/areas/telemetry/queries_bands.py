"""The expected band behind a point's chart, and the numbers it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import queries
from huoshui.areas.telemetry.contracts import HourlySeries, to_us
from huoshui.lab.series import expected_band as lab

HOUR_US = 3_600_000_000
# Zones differ from UTC by quarters of an hour, but hours of the store are UTC hours; a week later
# the same UTC hour is the same local hour, except across a change of summer time.
EARLIER = timedelta(weeks=lab.WEEKS)


@dataclass(frozen=True)
class PointBand:
    """The expected hourly mean of one point: one entry for each UTC hour, NaN where unknown."""

    hour_us: NDArray[np.int64]
    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]
    weeks: NDArray[np.int64]


@dataclass(frozen=True)
class BandInput:
    """One of the earlier hours behind one hour of the band."""

    hour_us: int
    value: float


def _grid(series: HourlySeries, begin_us: int, hours: int) -> NDArray[np.float64]:
    """Return hourly means without skipped hours; NaN where there is none."""
    grid = np.full(hours, np.nan)
    place = (series.hour_us - begin_us) // HOUR_US
    inside = (place >= 0) & (place < hours)
    grid[place[inside]] = series.value_mean[inside]
    return grid


def expected_band(code: str, from_at: datetime, until: datetime) -> PointBand:
    """Return the band of every UTC hour that touches [from_at, until)."""
    begin_us = to_us(from_at) // HOUR_US * HOUR_US
    end_us = -(-to_us(until) // HOUR_US) * HOUR_US
    earlier = lab.WEEKS * lab.HOURS_OF_WEEK
    grid_begin_us = begin_us - earlier * HOUR_US
    hours = (end_us - begin_us) // HOUR_US
    if hours <= 0:
        empty = np.empty(0)
        return PointBand(np.empty(0, np.int64), empty, empty, empty, np.empty(0, np.int64))
    known = queries.hourly([code], from_at - EARLIER - timedelta(hours=1), until)[code]
    found = lab.expected_band(value=_grid(known, grid_begin_us, earlier + hours))
    return PointBand(
        hour_us=begin_us + np.arange(hours, dtype=np.int64) * HOUR_US,
        low=found.low,
        middle=found.middle,
        high=found.high,
        weeks=found.weeks,
    )


def band_inputs(code: str, at: datetime) -> list[BandInput]:
    """Return the hourly means of the same hour in the weeks before, for opening the number."""
    hour_us = to_us(at) // HOUR_US * HOUR_US
    first_us = hour_us - lab.WEEKS * lab.HOURS_OF_WEEK * HOUR_US
    known = queries.hourly([code], at - EARLIER - timedelta(hours=1), at)[code]
    grid = _grid(known, first_us, lab.WEEKS * lab.HOURS_OF_WEEK)
    same = grid[:: lab.HOURS_OF_WEEK]
    return [
        BandInput(hour_us=first_us + week * lab.HOURS_OF_WEEK * HOUR_US, value=float(value))
        for week, value in enumerate(same)
    ]
