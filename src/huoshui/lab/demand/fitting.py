"""Linear fits that borrow from one another: all series together first, then each a little apart.

For blocks of three hours of the day and three spans of days ahead. A series with little history
stays close to what all have in common; a sign that was seen little stays close to no effect.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand.signs import DAYS_AHEAD, Signs

HOURS_OF_BLOCK = 3
SPANS = ((0,), (1, 2), (3, 4, 5, 6))
TARGET_CLIP_FRAC = 0.5
FIRST_ORIGIN = 28
PAIRS_MIN = 20
ROWS_AT_ONCE = 200_000  # below the 4 x 65,536 products from which OpenBLAS starts threads
# Penalties, chosen on the school's first year; see docs/concepts/forecast.md. The first two are
# shares of a sign's own sum of squares, the third is the same for all of the weather: until some
# hundred days of heat or rain were seen, their effect is held small.
SHRINK_COMMON = 30.0
SHRINK_OWN = 3.0
WEATHER_SHRINK = 0.05
WEATHER_HOLD = 100.0


def forecast_shares(
    signs: Signs, *, cuts: Sequence[int], origins: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    """Fit at each cut on the days before it, and forecast from the origins that go with it.

    Parameters
    ----------
    signs : Signs
        What is known of every origin.
    cuts : sequence of int
        Ascending day numbers; a fit knows no value of that day or later. [d]
    origins : sequence of sequences of int
        For each cut, the origins at or after it to forecast from. [d]

    Returns
    -------
    ndarray, shape (n_origins, 7, 24, n_series)
        Shares of the usual value, origins in the order given. NaN where there is no profile yet.
    """
    series = signs.share.shape[2]
    wanted = np.array([origin for some in origins for origin in some], dtype=np.int64)
    found = np.full((len(wanted), DAYS_AHEAD, 24, series), np.nan)
    for begin in range(0, 24, HOURS_OF_BLOCK):
        hours = np.arange(begin, begin + HOURS_OF_BLOCK)
        for span in SPANS:
            fits = _fits(signs, hours, span, cuts)
            place = 0
            for some, fit in zip(origins, fits, strict=True):
                _apply(signs, hours, span, np.array(some, dtype=np.int64), fit, found[place:])
                place += len(some)
    return found


def _pairs(origin: NDArray[np.int64], span: Sequence[int]) -> tuple[NDArray[np.int64], ...]:
    lead = np.array(span, dtype=np.int64)
    return np.repeat(origin, len(lead)), np.tile(lead, len(origin))


def _with_constant(signs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([signs, np.ones((*signs.shape[:-1], 1))], axis=-1)


def _apply(
    signs: Signs,
    hours: NDArray[np.int64],
    span: Sequence[int],
    origin: NDArray[np.int64],
    fit: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Write the forecasts of some origins into the rows they have in ``found``."""
    if not len(origin):
        return
    at, lead = _pairs(origin, span)
    read, base = signs.at(at, lead, hours)
    share = base + np.einsum("nhai,ai->nha", _with_constant(read), fit)
    row = np.repeat(np.arange(len(origin)), len(span))
    found[row[:, None], lead[:, None], hours[None, :]] = share


def _fits(
    signs: Signs, hours: NDArray[np.int64], span: Sequence[int], cuts: Sequence[int]
) -> list[NDArray[np.float64]]:
    """Return one set of coefficients, shape (n_series, n_signs + 1), for each cut."""
    origin, lead = _pairs(np.arange(FIRST_ORIGIN, max(signs.days, FIRST_ORIGIN)), span)
    target = origin + lead
    origin, lead, target = (one[target < signs.days] for one in (origin, lead, target))
    series, count = signs.share.shape[2], len(signs.names) + 1
    if not len(origin):
        return [np.zeros((series, count)) for _cut in cuts]
    read, base = signs.at(origin, lead, hours)
    read = _with_constant(read)
    wanted = signs.share[target][:, hours] - base
    known = ~np.isnan(wanted)
    wanted = np.nan_to_num(np.clip(wanted, -TARGET_CLIP_FRAC, TARGET_CLIP_FRAC))
    squares = np.zeros((series, count, count))
    products = np.zeros((series, count))
    fits, done, pairs = [], 0, 0
    for cut in cuts:
        rows = (target >= done) & (target < cut)
        pairs += int(rows.sum())
        for one in range(series):
            use = known[rows, :, one]
            left = read[rows, :, one][use]
            squares[one] += _products(left, left)
            products[one] += _products(left, wanted[rows, :, one][use][:, None])[:, 0]
        done = max(done, cut)
        enough = pairs >= PAIRS_MIN
        fits.append(_solve(signs, squares, products) if enough else np.zeros((series, count)))
    return fits


def _products(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``left.T @ right``, some rows at a time.

    Small enough that the library beneath does not start threads for it: on a busy machine they
    waited for one another sixteen times as long as one of them takes alone.
    """
    rows = max(1, ROWS_AT_ONCE // (left.shape[1] * right.shape[1]))
    whole = len(left) // rows * rows
    shape = (-1, rows, left.shape[1])
    parts = np.matmul(
        left[:whole].reshape(shape).swapaxes(1, 2), right[:whole].reshape(-1, rows, right.shape[1])
    )
    summed: NDArray[np.float64] = parts.sum(axis=0) + left[whole:].T @ right[whole:]
    return summed


def _solve(
    signs: Signs, squares: NDArray[np.float64], products: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients: those of all series together, and what each departs from them."""
    series = len(squares)
    is_weather = np.array([name in signs.weather for name in signs.names] + [False])
    relative = np.where(is_weather, WEATHER_SHRINK, 1.0)
    held = np.where(is_weather, WEATHER_HOLD, 0.0) + 1e-6
    together = squares.sum(axis=0)
    usual = np.diag(together) / series
    common = np.linalg.solve(
        together + np.diag(SHRINK_COMMON * relative * usual + held), products.sum(axis=0)
    )
    found = np.empty_like(products)
    for one in range(series):
        own = (np.diag(squares[one]) + usual) / 2
        penalty = np.diag(SHRINK_OWN * relative * own + held)
        rest = products[one] - squares[one] @ common
        found[one] = common + np.linalg.solve(squares[one] + penalty, rest)
    return found
