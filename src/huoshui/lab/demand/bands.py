"""How far a forecast may be out: from how far the latest ones were, hour by hour."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand.fitting import SPANS

HOURS_BESIDE = 1
ERRORS_MIN = 40


def edges(
    error: NDArray[np.float64], *, share_inside: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far below and above a forecast the band reaches.

    The empirical quantiles of past errors of the same hour of the day and its two neighbors, and
    of the same span of days ahead. The level of the quantiles is raised by the count of errors, as
    for conformal prediction [1]_, because the error to come is one more than those seen.

    Parameters
    ----------
    error : ndarray, shape (n_origins, 7, 24, n_series)
        What was measured less what had been forecast; NaN where not known. Any unit.
    share_inside : float
        The share of hours that should lie inside. [-]

    Returns
    -------
    low, high : ndarray, shape (7, 24, n_series)
        To be added to the forecast; NaN where too few errors are known.

    Notes
    -----
    Errors of neighboring hours and origins go together, so the band holds on average over weeks,
    not for every week.

    References
    ----------
    .. [1] V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer,
       2005, ch. 2 (the rank of the next error among those seen).
    """
    _origins, days, hours, series = error.shape
    low = np.full((days, hours, series), np.nan)
    high = np.full_like(low, np.nan)
    for span in SPANS:
        of_span = error[:, list(span)]
        for hour in range(hours):
            beside = np.arange(hour - HOURS_BESIDE, hour + HOURS_BESIDE + 1) % hours
            pool = of_span[:, :, beside].reshape(-1, series)
            count = (~np.isnan(pool)).sum(axis=0)
            outside = (1 - share_inside) / 2
            upper = np.minimum((1 - outside) * (1 + 1 / np.maximum(count, 1)), 1.0)
            for one in np.flatnonzero(count >= ERRORS_MIN):
                known = pool[~np.isnan(pool[:, one]), one]
                below, above = np.quantile(known, [1 - upper[one], upper[one]])
                low[list(span), hour, one] = below
                high[list(span), hour, one] = above
    return low, high


def widest(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest error of each series, for where a quantile cannot be had; NaN if none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        largest: NDArray[np.float64] = np.nanmax(np.abs(error), axis=(0, 1, 2))
    return largest
