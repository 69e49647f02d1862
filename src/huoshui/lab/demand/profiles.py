"""What an hour usually brings: profiles of day kinds that forget, and the median of six weeks."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

KINDS = 3
WEEKS = 6
# A value this far from the profile, as a share of the usual value, moves it no further: a burst or
# a stuck meter must not draw the profile after it.
CLIP_FRAC = 0.35


def remembered(
    share: NDArray[np.float64],
    kind: NDArray[np.int64],
    *,
    half_lives: tuple[float, float, float],
    clip: float = CLIP_FRAC,
) -> NDArray[np.float64]:
    """Return the profile of each day kind as it was known before each day.

    An exponentially forgetting mean for each kind and hour of the day. The first values are plain
    means, so that a short history counts in full.

    Parameters
    ----------
    share : ndarray, shape (n_days, 24, n_series)
        Values as shares of the usual one; NaN where not known. [-]
    kind : ndarray, shape (n_days, 24)
        `DayKind` of each hour.
    half_lives : tuple of float
        For each kind, after how many days of it a value counts half. [d]
    clip : float
        The largest step of a value away from the profile that is believed. [-]

    Returns
    -------
    ndarray, shape (n_days + 1, 3, 24, n_series)
        Row ``d`` uses days before ``d`` only. NaN for a kind not seen yet.
    """
    days, hours, series = share.shape
    gain = (1 - 0.5 ** (1 / np.asarray(half_lives)))[:, None]
    found = np.full((days + 1, KINDS, hours, series), np.nan)
    now = np.full((KINDS, hours, series), np.nan)
    seen = np.zeros_like(now)
    hour = np.arange(hours)
    for day in range(days):
        found[day] = now
        which = kind[day]
        known = ~np.isnan(share[day])
        seen[which, hour] += known
        weight = np.maximum(gain[which], 1 / np.maximum(seen[which, hour], 1))
        before = now[which, hour]
        step = np.clip(np.nan_to_num(share[day] - before), -clip, clip)
        after = np.where(np.isnan(before), share[day], before + weight * step)
        now[which, hour] = np.where(known, after, before)
    found[days] = now
    return found


def same_hour_median(
    value: NDArray[np.float64], *, days_ahead: int, weeks: int = WEEKS
) -> NDArray[np.float64]:
    """Return the median of the same hour of the week over the latest weeks: the plain peer.

    Parameters
    ----------
    value : ndarray, shape (n_days, 24, n_series)
        The history; the day after its last is the first one wanted.
    days_ahead : int
        At most 7. [d]
    weeks : int
        How many. [-]

    Returns
    -------
    ndarray, shape (days_ahead, 24, n_series)
        NaN where none of the weeks knows the hour.
    """
    days = len(value)
    rows = np.arange(days, days + days_ahead)[None, :] - 7 * np.arange(1, weeks + 1)[:, None]
    picked = np.where((rows >= 0)[..., None, None], value[np.maximum(rows, 0)], np.nan)
    return median(picked)


def median(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median over the first axis of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        middle: NDArray[np.float64] = np.nanmedian(value, axis=0)
    return middle
