"""Measuring forecasts: the three figures by which methods are compared, and the plain peer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand import profiles
from huoshui.lab.demand.forecast import DAY
from huoshui.lab.demand.wall_hours import HOUR, WallHours
from huoshui.lab.series.holes import mean_known


@dataclass(frozen=True)
class Errors:
    """Errors of one forecast of a week, for each series, in the unit of the history.

    Attributes
    ----------
    day_1_mean, day_1_max : ndarray, shape (n_series,)
        Mean and largest absolute error of the first day; NaN where nothing was measured.
    days_2_to_7_mean : ndarray, shape (n_series,)
        Mean absolute error of the six days that follow.
    """

    day_1_mean: NDArray[np.float64]
    day_1_max: NDArray[np.float64]
    days_2_to_7_mean: NDArray[np.float64]

    def stacked(self) -> NDArray[np.float64]:
        """Return the three, shape (3, n_series)."""
        return np.stack([self.day_1_mean, self.day_1_max, self.days_2_to_7_mean])


def errors_of(forecast: NDArray[np.float64], measured: NDArray[np.float64]) -> Errors:
    """Compare a week's forecast with what was measured.

    Parameters
    ----------
    forecast, measured : ndarray, shape (168, n_series)
        Of the same wall-clock hours; NaN where not known.
    """
    distance = np.abs(forecast - measured)
    first = distance[:24]
    known = ~np.isnan(first)
    largest = np.where(known, first, -np.inf).max(axis=0)
    return Errors(
        day_1_mean=mean_known(first, 0),
        day_1_max=np.where(known.any(axis=0), largest, np.nan),
        days_2_to_7_mean=mean_known(distance[24:], 0),
    )


def peer(history: WallHours, at: list[datetime]) -> NDArray[np.float64]:
    """Return each moment's median of the same hour of the latest six weeks.

    Parameters
    ----------
    history : WallHours
        Nothing at or after the first moment is read.
    at : list of datetime
        The hours of at most a week, on the wall clock.

    Returns
    -------
    ndarray, shape (n_hours, n_series)
    """
    start_at, weeks = at[0], profiles.WEEKS
    value = history.between(start_at - 7 * weeks * DAY, start_at).reshape(7 * weeks, 24, -1)
    week = profiles.same_hour_median(value, days_ahead=7).reshape(168, -1)
    place = np.array([(moment - start_at) // HOUR for moment in at])
    return week[np.where(place < 168, place, place - 168)]


def measured_at(history: WallHours, at: list[datetime]) -> NDArray[np.float64]:
    """Return what was measured at moments of the wall clock, shape (n_hours, n_series)."""
    begin = min(at)
    held = history.between(begin, max(at) + HOUR)
    return held[[(moment - begin) // HOUR for moment in at]]
