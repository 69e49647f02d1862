"""A forecast from how alike hours are: Kriging, which others call Gaussian process regression.

What an hour brings is taken for a sum of parts, each alike over a while of its own: a level that
wanders, a level of some days, what passes within hours, the shape of the day, that of its kind of
day, that of its day of the week, and what the weather does. How much of each there usually is was
chosen on the school's first year, in spreads of each series; how much of it there is now, the
history says, hour by hour.

No series needs to be fitted, and one factor of one matrix serves all series and all origins: the
forecast from an origin uses the rows of the factor up to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from huoshui.lab.demand import profiles
from huoshui.lab.demand.signs import DAYS_AHEAD, Signs
from huoshui.lab.series.robust import MAD_TO_SIGMA

HOURS = 24
WINDOW_DAYS = 365
PRIOR_DAYS = 28
DAYS_MIN = 7
PRIOR_CLIP = 8.0
# What is beyond so many deviations of what was expected of an hour is believed no further, once
# so many hours have taught the level.
INNOVATION_CLIP = 2.0
LEARNING_HOURS = 480
# Size [spreads] and how long it stays alike [d] of each part; see docs/concepts/forecast.md.
LEVEL = ((0.27, 6.0), (2.0, 700.0))
SHAPE = (0.85, 140.0)
SHAPE_OF_KIND = (0.4, 100.0)
SHAPE_OF_WEEKDAY = (0.27, 1300.0)
ALWAYS = 5.2
ALWAYS_OF_KIND = 8.0
# Size [spreads] and how long it stays alike [h] of what passes by the hour, not by the day.
PASSING = (0.26, 48.0)
NOISE = 0.7
# Shapes of hours of the day so far apart are alike by 1/e.
ALIKE_H = 3.2
# Spreads that one unit of a sign of the weather brings, to all hours and, times the factor, to
# hours alike; and what a temperature brings beyond that, alike within so many degrees.
WEATHER = {
    "wet_day": 0.23,
    "hot_dry": 0.23,
    "warm_week": 0.23,
    "hot_week": 0.14,
    "rain_now": 0.25,
    "rain_lately": 0.35,
}
WEATHER_OF_HOUR = 1.05
TEMPERATURE = (0.45, 6.0)


def forecast_shares(
    signs: Signs, *, origins: Sequence[int], factor: NDArray[np.float32] | None = None
) -> NDArray[np.float64]:
    """Forecast the week from each origin, each from the days before it.

    Parameters
    ----------
    signs : Signs
        What is known of every day. Days more than a year before the last are not used.
    origins : sequence of int
        Ascending day numbers, at most the number of days. [d]
    factor : ndarray, shape (n_hours, n_hours), optional
        What `covariance_factor` returned, where it is known already.

    Returns
    -------
    ndarray, shape (n_origins, 7, 24, n_series)
        Shares of the usual value. NaN where less than a week of a series lies before.

    Notes
    -----
    With ``K = L L'`` the covariance of all hours in their order and ``v = L^-1 y`` the innovations,
    the conditional mean of hour ``j`` given the hours before ``m`` is the sum of
    ``L[j, i] v[i]`` over ``i < m`` [1]_ (sec. 2.2 and A.4). An innovation is one deviation wide, so
    an outlier is one that is large, and is cut [2]_ (Huber's function); an hour not known has none,
    which leaves the mean as it is.

    References
    ----------
    .. [1] C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", MIT
       Press, 2006.
    .. [2] P. J. Huber, E. M. Ronchetti, "Robust Statistics", 2nd ed., Wiley, 2009, ch. 1.
    """
    days, series = signs.days, signs.share.shape[2]
    first = _first(signs)
    spread = spreads(signs.deviation)
    usual, taught = _prior(signs, first, origins[0])
    event = signs.weekly_event[first:]
    wanted = (_believed(signs, spread)[first:] - usual[: days - first]) / spread
    factor = covariance_factor(signs) if factor is None else factor
    innovation = _innovations(factor, wanted.reshape(-1, series))
    found = np.empty((len(origins), DAYS_AHEAD, HOURS, series))
    for place, origin in enumerate(origins):
        row = origin - first
        known, ahead = row * HOURS, (row + DAYS_AHEAD) * HOURS
        above = factor[known:ahead, :known] @ innovation[:known]
        share = spread * above.reshape(DAYS_AHEAD, HOURS, series)
        share += (usual + event)[row : row + DAYS_AHEAD]
        found[place] = np.where(row >= taught, share, np.nan)
    return found


def _first(signs: Signs) -> int:
    return max(0, signs.days - WINDOW_DAYS)


def spreads(deviation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each hour of the day of each series strays, shape (24, n_series).

    The square root of its own spread times that of the whole day: half way between a noise that is
    the same at all hours and one of which nights have little.
    """
    size = MAD_TO_SIGMA * profiles.median(np.abs(deviation))
    whole = MAD_TO_SIGMA * profiles.median(np.abs(deviation).reshape(-1, deviation.shape[2]))
    found = np.nan_to_num(np.sqrt(size * whole * whole / np.maximum(size.mean(axis=0), 1e-12)))
    return np.where(found > 0, found, 1.0)


def _believed(signs: Signs, spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the history without events of the week, and what is far off the profile of its day."""
    row, column = np.arange(signs.days)[:, None], np.arange(HOURS)[None, :]
    base = signs.profile["base"][row, signs.kind[: signs.days], column]
    share, bound = signs.share - signs.weekly_event[: signs.days], PRIOR_CLIP * spread
    return np.where(np.isnan(base), share, base + np.clip(share - base, -bound, bound))


def _prior(signs: Signs, first: int, origin: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the shape each series is measured from, and since which row it is known.

    The median of each kind of day over the first four weeks that a series has, or over what it has
    before the first origin, if that is a week. All that is known of it later is told by its
    distance from there, so it need not be good.
    """
    share, kind = signs.share[first:], signs.kind[first:]
    usual = np.zeros((len(kind), HOURS, share.shape[2]))
    taught = np.full(share.shape[2], len(share) + 1)
    for one in range(share.shape[2]):
        known = np.flatnonzero(np.isfinite(share[:, :, one]).any(axis=1))
        if len(known) < DAYS_MIN:
            continue
        count = np.clip(np.sum(known < origin - first), DAYS_MIN, PRIOR_DAYS)
        begin, end = known[0], known[count - 1] + 1
        value = share[begin:end, :, one]
        shape = np.nan_to_num(profiles.median(value), nan=float(np.nanmedian(value)))
        usual[:, :, one] = shape
        for which in range(profiles.KINDS):
            of_kind = profiles.median(np.where(kind[begin:end] == which, value, np.nan))
            shown = np.where(np.isnan(of_kind), shape, of_kind)
            usual[:, :, one] = np.where(kind == which, shown, usual[:, :, one])
        taught[one] = end
    return usual, taught


def _innovations(factor: NDArray[np.float32], wanted: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return what each hour brought beyond what the hours before it told, in deviations."""
    hours, series = wanted.shape
    innovation = np.zeros((hours, series), dtype=np.float32)
    seen = np.zeros(series)
    for begin in range(0, hours, HOURS):
        end = begin + HOURS
        rest = wanted[begin:end] - factor[begin:end, :begin] @ innovation[:begin]
        for hour in range(HOURS):
            at = begin + hour
            told = factor[at, begin:at] @ innovation[begin:at]
            beyond = (rest[hour] - told) / factor[at, at]
            bound = np.where(seen >= LEARNING_HOURS, INNOVATION_CLIP, np.inf)
            seen += np.isfinite(beyond)
            innovation[at] = np.nan_to_num(np.clip(beyond, -bound, bound))
    return innovation


def covariance_factor(signs: Signs) -> NDArray[np.float32]:
    """Return the lower Cholesky factor of the covariance of all hours, those of the week ahead too.

    It follows from calendar and weather alone, so signs that differ in shares only have the same.
    In single precision: the noise keeps the matrix far from singular.
    """
    first = _first(signs)
    kind, weather = signs.kind[first:], _weather(signs, first)
    level, shape, of_kind = _alike_days(len(kind), _temperature_c(signs, first))
    apart_h = np.abs(np.arange(HOURS)[:, None] - np.arange(HOURS)[None, :])
    apart_h = np.minimum(apart_h, HOURS - apart_h)
    near = np.exp(-apart_h / ALIKE_H).astype(np.float32)[:, None, :]
    days = len(kind)
    covariance = np.empty((days, HOURS, days, HOURS), dtype=np.float32)
    for day in range(days):
        # Of a symmetric matrix one half is enough: the days up to this one.
        upto = slice(0, day + 1)
        brought = np.tensordot(weather[day], weather[upto], axes=(1, 2))
        brought *= 1 + np.float32(WEATHER_OF_HOUR**2) * near
        same = kind[day][:, None, None] == kind[None, upto]
        both = shape[day, upto, None] + same * of_kind[day, upto, None]
        brought += near * both + level[day, upto, None]
        brought += _passing(day)
        covariance[day, :, upto] = brought
    flat = covariance.reshape(days * HOURS, days * HOURS)
    flat[np.diag_indices(days * HOURS)] += np.float32(NOISE**2)
    # Turned round it is as LAPACK wants it, and nothing is copied.
    upper = scipy.linalg.cholesky(flat.T, lower=False, overwrite_a=True, check_finite=False)
    factor: NDArray[np.float32] = upper.T
    return factor


def _passing(day: int) -> NDArray[np.float32]:
    """Return the covariance of what passes by the hour, of a day's hours with those up to it.

    Shape (24, day + 1, 24).
    """
    size, while_h = PASSING
    hour = np.arange((day + 1) * HOURS)
    apart_h = np.abs(hour[-HOURS:, None] - hour[None, :])
    covariance: NDArray[np.float32] = (size**2 * np.exp(-apart_h / while_h)).astype(np.float32)
    return covariance.reshape(HOURS, day + 1, HOURS)


def _alike_days(days: int, warm_c: NDArray[np.float64]) -> Iterator[NDArray[np.float32]]:
    """Yield the covariances of days: of the level, of the shape, of that of their kind.

    Each of shape (n_days, n_days).

    Parameters
    ----------
    days : int
        How many. [d]
    warm_c : ndarray, shape (n_days,)
        Temperature of the days; NaN where there is no weather. [°C]
    """
    number = np.arange(days)
    apart_d = np.abs(number[:, None] - number[None, :])

    def part(size: float, while_d: float) -> NDArray[np.float64]:
        covariance: NDArray[np.float64] = size**2 * np.exp(-apart_d / while_d)
        return covariance

    size, within_c = TEMPERATURE
    apart = (warm_c[:, None] - warm_c[None, :]) / within_c
    of_warmth = np.nan_to_num(size**2 * np.exp(-0.5 * apart**2))
    of_weekday = np.where(apart_d % 7 == 0, part(*SHAPE_OF_WEEKDAY), 0.0)
    level = ALWAYS**2 + part(*LEVEL[0]) + part(*LEVEL[1]) + of_warmth
    shape = ALWAYS**2 + part(*SHAPE)
    of_kind = ALWAYS_OF_KIND**2 + part(*SHAPE_OF_KIND) + of_weekday
    for one in (level, shape, of_kind):
        yield one.astype(np.float32)


def _weather(signs: Signs, first: int) -> NDArray[np.float32]:
    """Return what each sign of the weather is expected to bring to each hour, in spreads."""
    shape = (*signs.kind[first:].shape, 0)
    if not signs.weather:
        return np.zeros(shape, dtype=np.float32)
    brought = [size * _filled(signs, name)[first:] for name, size in WEATHER.items()]
    return np.stack(brought, axis=-1).astype(np.float32)


def _temperature_c(signs: Signs, first: int) -> NDArray[np.float64]:
    """Return the mean temperature of each day; NaN without weather."""
    if not signs.weather:
        return np.full(len(signs.kind) - first, np.nan)
    return 10.0 * _filled(signs, "warmth")[first:, -1]


def _filled(signs: Signs, name: str) -> NDArray[np.float64]:
    """Return a sign of the weather; where it is not known, what was usual before."""
    now, usual = signs.weather[name]
    before = np.minimum(np.arange(len(now)), signs.days)
    return np.nan_to_num(np.where(np.isnan(now), usual[before], now))
