"""A step of the level that has lasted since some days: a leak that runs, or one that was mended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand import profiles
from huoshui.lab.series.robust import MAD_TO_SIGMA

DAYS_BACK = 14
# In the ten areas' first year most levels that were away for two to four days came back.
DAYS_LASTED_MIN = 5
CALM_DAYS = 56
CALM_DAYS_MIN = 14
SIGMAS = 4.0
SIZE_MIN_FRAC = 0.08
# Makes the median absolute deviation of normally distributed values equal to their standard
# deviation: 1 / Phi^-1(3/4).


def latest_steps(
    share: NDArray[np.float64],
    deviation: NDArray[np.float64],
    *,
    size_min: float | NDArray[np.float64] = SIZE_MIN_FRAC,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return since when each series runs on another level, and by how much.

    Parameters
    ----------
    share : ndarray, shape (n_days, 24, n_series)
        Values as shares of the usual one; NaN where not known. [-]
    deviation : ndarray, shape (n_days, 24, n_series)
        Their distance from the profile known before each day. [-]
    size_min : float or ndarray, shape (n_series,)
        No smaller step is told. [-]

    Returns
    -------
    since : ndarray, shape (n_series,)
        Number of the day on which the step came; ``n_days`` where there is none. [d]
    size : ndarray, shape (n_series,)
        How much higher the level is since then; zero where there is none. [-]

    Notes
    -----
    A step is a run of at least five days up to the latest, not longer than two weeks, in which the
    median deviation of every day had the same sign and was beyond four times the spread of the
    daily medians of the eight weeks before. A longer one has moved the profile itself.
    """
    days, _hours, series = share.shape
    since = np.full(series, days)
    size = np.zeros(series)
    if days < CALM_DAYS_MIN + DAYS_BACK:
        return since, size
    daily = profiles.median(np.moveaxis(deviation, 1, 0))
    calm = daily[max(0, days - DAYS_BACK - CALM_DAYS) : days - DAYS_BACK]
    enough = (~np.isnan(calm)).sum(axis=0) >= CALM_DAYS_MIN
    spread = MAD_TO_SIGMA * profiles.median(np.abs(calm - profiles.median(calm)))
    bound = np.maximum(SIGMAS * spread, size_min)
    for one in np.flatnonzero(enough):
        latest = daily[days - DAYS_BACK :, one]
        beyond = np.abs(latest) > bound[one]
        same = beyond & (np.sign(latest) == np.sign(latest[-1]))
        lasted = DAYS_BACK if same.all() else int(np.argmin(same[::-1]))
        if DAYS_LASTED_MIN <= lasted < DAYS_BACK:
            since[one] = days - lasted
            size[one] = profiles.median(deviation[days - lasted :, :, one].reshape(-1, 1))[0]
    return since, size


def leveled(
    share: NDArray[np.float64], since: NDArray[np.int64], size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a history as if the latest level had always been there."""
    before = np.arange(len(share))[:, None, None] < since[None, None, :]
    moved: NDArray[np.float64] = share + np.where(before, size, 0.0)
    return moved
