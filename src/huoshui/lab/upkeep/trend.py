"""Where a slow change of a machine leads: its slope, and the day on which it reaches a limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

DAYS_MIN = 14
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Trend:
    """The slope of some days, and when the limit is reached.

    The bounds hold 95 % of the slope. ``days_left`` is counted from the last day: 0 where the line
    is there already, infinite where it leads away; ``days_left_max`` is infinite where the slope
    may as well be nothing. Each slope has its own line through the medians, which meet at
    ``middle_day``; the further from there, the wider they are apart. ``likeness`` is how much a
    day is like the one before it, 0 to 1.
    """

    days: int
    slope_a_day: float
    slope_a_day_min: float
    slope_a_day_max: float
    level_now: float
    days_left: float
    days_left_min: float
    days_left_max: float
    likeness: float
    middle_day: float

    @property
    def is_clear(self) -> bool:
        """Whether the limit is reached whatever the slope is within its bounds."""
        return math.isfinite(self.days_left_max)


def towards(
    *, day: ArrayLike, value: ArrayLike, limit: float, is_upper: bool = True
) -> Trend | None:
    """Return the robust trend of daily values and when it reaches a limit.

    Parameters
    ----------
    day : array_like, shape (n_days,)
        Days, counted from any day, rising. [d]
    value : array_like, shape (n_days,)
        One value for each day; NaN is not known and passed over.
    limit : float
        What the value should not pass. [unit of ``value``]
    is_upper : bool
        Whether the limit is passed upwards; else downwards.

    Returns
    -------
    Trend or None
        None with fewer than 14 known days, or where they do not spread over time.

    Notes
    -----
    The median of the slopes of all pairs of days [1]_, which up to 29 % of wild days do not
    disturb; its bounds are of Kendall's rank statistic. The lines are drawn through the medians of
    days and values, whose own error is not in the bounds.

    Days that are like the days before them, as under the weather, say less than so many days that
    know nothing of each other. The variance of the rank statistic is taken as many times greater
    as [2]_ does it, 1 + 2 sum (1 - k/n) r^k, with the correlation r of neighbours about the line.
    Of n days the estimate of r is too small by about (2 + 4 r) / n, which is put back; gaps between
    the days are passed over. Seasons are not told apart: what follows them needs a whole year.

    References
    ----------
    .. [1] P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau",
       J. Am. Stat. Assoc. 63 (1968), pp. 1379-1389.
    .. [2] S. Yue, C. Y. Wang, "The Mann-Kendall test modified by effective sample size to detect
       trend in serially correlated hydrological series", Water Resour. Manag. 18 (2004),
       pp. 201-218.
    """
    days = np.asarray(day, dtype=float)
    values = np.asarray(value, dtype=float)
    known = ~np.isnan(values)
    days, values = days[known], values[known]
    if days.size < DAYS_MIN or np.ptp(days) == 0:
        return None
    slope, intercept, *_bounds = (float(one) for one in stats.theilslopes(values, days))
    likeness = _likeness(values - intercept - slope * days)
    # Scipy takes the variance of days that know nothing of each other. Asking it for a wider
    # interval by the root of the factor is the same as giving it the greater variance.
    wider = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * math.sqrt(_grown(likeness, days.size))
    confidence = 1 - 2 * float(stats.norm.sf(wider))
    least, most = (float(one) for one in stats.theilslopes(values, days, confidence)[2:])
    middle, last = float(np.median(days)), float(days[-1])
    level_now = intercept + slope * last
    is_passed = level_now >= limit if is_upper else level_now <= limit
    ways = [0.0] * 3 if is_passed else [
        _days(limit - level_now - (one - slope) * (last - middle), one, is_upper=is_upper)
        for one in (slope, least, most)
    ]  # fmt: skip
    return Trend(
        days=int(days.size),
        slope_a_day=slope,
        slope_a_day_min=least,
        slope_a_day_max=most,
        level_now=level_now,
        days_left=ways[0],
        days_left_min=min(ways),
        days_left_max=max(ways),
        likeness=likeness,
        middle_day=middle,
    )


def _days(way: float, slope_a_day: float, *, is_upper: bool) -> float:
    """Return the days over a way at a slope; 0 where it is behind already."""
    if (slope_a_day <= 0) if is_upper else (slope_a_day >= 0):
        return math.inf
    return max(0.0, way / slope_a_day)


def _likeness(left: NDArray[np.float64]) -> float:
    """Return the correlation of neighbouring days about the line, from 0 to 0.95."""
    about = left - left.mean()
    spread = float((about**2).sum())
    # An exact line leaves what the arithmetic leaves; that has nothing to say.
    if spread <= 1e-18 * left.size:
        return 0.0
    found = float((about[1:] * about[:-1]).sum()) / spread
    return float(np.clip(found + (2 + 4 * found) / left.size, 0.0, 0.95))


def _grown(likeness: float, days: int) -> float:
    """Return how many times greater the variance is for days that are like each other."""
    back = np.arange(1, days)
    return 1.0 + 2.0 * float(((1 - back / days) * likeness**back).sum())
