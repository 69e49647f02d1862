"""The band in which an hourly value is expected, from the same hour of earlier weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

HOURS_OF_WEEK = 168
WEEKS = 8
WEEKS_MIN = 4
WIDTH = 3.0
# Makes the median absolute deviation of normally distributed values equal to their standard
# deviation: 1 / Phi^-1(3/4). Rousseeuw & Croux 1993, section 1.


class SeriesTooShort(ValueError):
    """There is no hour whose earlier weeks lie inside the series."""


@dataclass(frozen=True)
class ExpectedBand:
    """Lower edge, middle and upper edge of the expectation, one of each for every hour."""

    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]
    weeks: NDArray[np.int64]


def expected_band(
    *,
    value: ArrayLike,
    weeks: int = WEEKS,
    weeks_min: int = WEEKS_MIN,
    width: float = WIDTH,
) -> ExpectedBand:
    """Return the band of each hour that has ``weeks`` weeks of hours before it.

    The middle is the median of the same hour in the weeks before. Half the width is ``width``
    times the scaled median absolute deviation around those medians, taken over the hour and its
    two neighbours, because eight values alone say little about their own spread.

    Parameters
    ----------
    value : array_like, shape (n_hours,)
        Hourly values on a regular grid without skipped hours. NaN where not known. Any unit.
    weeks : int
        How many earlier weeks are looked at. [-]
    weeks_min : int
        Fewer known values than this give no band: NaN. [-]
    width : float
        Half width in scaled deviations; see the notes for what that leaves outside. [-]

    Returns
    -------
    ExpectedBand
        Arrays of shape (n_hours - weeks * 168,), for the hours from ``weeks * 168`` on; in the
        unit of ``value``. ``weeks`` counts the known values behind each middle.

    Raises
    ------
    SeriesTooShort
        If there are not more than ``weeks * 168`` hours.

    Notes
    -----
    Eight values lie closer to their own median than to the true one, so with 8 weeks the width is
    about a sixth smaller than ``width`` says: 3 gives 2.5 standard deviations of normal noise, and
    about 1 % of the hours lie outside. This is not corrected, because real noise has longer tails.

    A holiday in the weeks before moves the middle little and the width hardly, which is what the
    median is for. A change that lasts (a new customer, a leak) enters the middle after half the
    weeks: the band tells what is usual, not what is right. Hours follow the clock of the grid; a
    change of summer time shifts the pattern by an hour for the weeks that it spans.

    What was never below zero is not expected there: the band of a flow that goes one way, or of a
    level, ends at zero, however much it scatters.

    References
    ----------
    .. [1] P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", Journal of
       the American Statistical Association 88 (424), 1993, pp. 1273-1283.
    """
    known = np.asarray(value, dtype=np.float64)
    first = weeks * HOURS_OF_WEEK
    hours = len(known) - first
    if hours <= 0:
        msg = f"{len(known)} hours are given; the band needs more than {first}"
        raise SeriesTooShort(msg)
    earlier = np.stack(
        [known[first - HOURS_OF_WEEK * back :][:hours] for back in range(1, weeks + 1)]
    )
    middle, count = _median(earlier)
    distance = np.abs(earlier - middle)
    beside = np.full_like(distance, np.nan)
    beside[:, 1:] = distance[:, :-1]
    after = np.full_like(distance, np.nan)
    after[:, :-1] = distance[:, 1:]
    spread, _ = _median(np.concatenate([distance, beside, after]))
    half = width * MAD_TO_SIGMA * spread
    middle = np.where(count >= weeks_min, middle, np.nan)
    low = middle - half
    if np.nanmin(known, initial=np.inf) >= 0:
        low = np.maximum(low, 0.0)
    return ExpectedBand(low=low, middle=middle, high=middle + half, weeks=count)


def _median(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the median of each column and its count of known values.

    By sorting, which puts NaN last: numpy's nanmedian takes thirty times as long on this shape.
    """
    ordered = np.sort(rows, axis=0)
    count = np.count_nonzero(~np.isnan(rows), axis=0)
    column = np.arange(rows.shape[1])
    below = ordered[np.maximum((count - 1) // 2, 0), column]
    above = ordered[np.minimum(count // 2, len(rows) - 1), column]
    return np.where(count > 0, (below + above) / 2, np.nan), count
