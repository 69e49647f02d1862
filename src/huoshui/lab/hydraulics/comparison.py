"""Modelled against measured: how far apart, when, and which sensor does not go with the others."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Values = NDArray[np.float64]

OUTLYING = 4.0
"""Robust standard deviations from the other sensors at which one is suspected."""
SMALLEST_STEP = 1e-6
ENOUGH = 24
"""Moments a sensor needs before anything is said about it."""
HOUR_S = 3600.0
DAY_S = 86_400.0


class Suspicion(enum.StrEnum):
    """Why a sensor is suspected."""

    STUCK = "stuck"
    OFFSET = "offset"
    DRIFT = "drift"
    NOISE = "noise"
    MISSING = "missing"


@dataclass(frozen=True)
class SensorFit:
    """How one sensor goes with the model.

    Attributes
    ----------
    name : str
        The sensor.
    count : int
        Moments with both a measurement and a modelled value.
    bias : float
        Mean of measured less modelled; NaN without a moment. [unit of the sensor]
    rmse : float
        Root of the mean square of measured less modelled. [unit of the sensor]
    spread : float
        Standard deviation of measured less modelled: what is left when the bias is taken out.
        [unit of the sensor]
    trend_per_day : float
        Slope of measured less modelled. [unit of the sensor per day]
    correlation : float
        Between measured and modelled; NaN where one of them stands still. [-]
    worst_hour_s : float
        Beginning of the hour with the greatest mean deviation from the bias. [s]
    worst : float
        That deviation, with its sign. [unit of the sensor]
    suspicion : Suspicion or None
        Why the sensor is suspected, the gravest reason first.
    """

    name: str
    count: int
    bias: float
    rmse: float
    spread: float
    trend_per_day: float
    correlation: float
    worst_hour_s: float
    worst: float
    suspicion: Suspicion | None


@dataclass(frozen=True)
class Comparison:
    """How a model goes with its sensors.

    Attributes
    ----------
    sensors : tuple of SensorFit
        In the order given.
    hours_s : ndarray, shape (n_hours,)
        Beginnings of the hours that were measured. [s]
    hourly : ndarray, shape (n_hours,)
        Median over the sensors of the hour's deviation from each one's bias, in units of its
        spread: an hour above 3 was unusual for most sensors at once. [-]
    """

    sensors: tuple[SensorFit, ...]
    hours_s: Values
    hourly: Values

    def worst_hours(self, number: int) -> list[tuple[float, float]]:
        """Return the hours furthest from the usual, the worst first, with how far."""
        known = np.flatnonzero(np.isfinite(self.hourly))
        order = known[np.argsort(-self.hourly[known], kind="stable")][:number]
        return [(float(self.hours_s[place]), float(self.hourly[place])) for place in order]


def compare(
    *, at_s: ArrayLike, names: Sequence[str], measured: ArrayLike, modelled: ArrayLike
) -> Comparison:
    """Compare sensors of one kind with what a model says.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments. [s]
    names : sequence of str, length n_sensors
        The sensors.
    measured, modelled : array_like, shape (n_times, n_sensors)
        In one unit; NaN is not known. [any unit]

    Returns
    -------
    Comparison

    Notes
    -----
    A sensor is suspected if it hardly moves while the model does (stuck), if its bias (offset),
    trend (drift) or spread (noise) lies more than four robust standard deviations from those of
    the other sensors, or if it gave hardly anything (missing). A leak pulls its neighbors along;
    a sensor at fault stands alone. With fewer than four sensors only stuck and missing are told.
    """
    at = np.asarray(at_s, dtype=float)
    seen, said = np.asarray(measured, dtype=float), np.asarray(modelled, dtype=float)
    if seen.shape != said.shape or seen.shape != (len(at), len(names)):
        msg = f"measured and modelled must have the shape ({len(at)}, {len(names)})"
        raise ValueError(msg)
    residual = seen - said
    hour = np.floor(at / HOUR_S).astype(np.int64)
    numbers, of_hour = np.unique(hour, return_inverse=True)
    hours: Values = numbers.astype(float) * HOUR_S
    found = [_fit(name, at, seen[:, i], said[:, i], of_hour, hours) for i, name in enumerate(names)]
    bias, spread, trend = (
        np.asarray([getattr(one, what) for one in found], dtype=float)
        for what in ("bias", "spread", "trend_per_day")
    )
    # A sensor that jumps about has a mean and a trend too, but they are not what is wrong with it.
    days = float(at.max() - at.min()) / DAY_S if len(at) else 0.0
    middle = np.nanmedian(bias) if np.isfinite(bias).any() else 0.0
    far = {
        Suspicion.OFFSET: _outlying(bias) & (np.abs(bias - middle) > spread),
        Suspicion.DRIFT: _outlying(trend) & (np.abs(trend) * days > spread),
        Suspicion.NOISE: _outlying(np.log(np.maximum(spread, SMALLEST_STEP))) & _high(spread),
    }
    fits = []
    for i, one in enumerate(found):
        reason = _alone(one, seen[:, i], said[:, i])
        if reason is None:
            reason = next((why for why, which in far.items() if which[i]), None)
        fits.append(SensorFit(**{**one.__dict__, "suspicion": reason}))
    usual = np.maximum(spread, SMALLEST_STEP)
    deviation = np.stack(
        [_hourly((residual[:, i] - bias[i]) / usual[i], of_hour, len(hours))
         for i in range(len(names))],
        axis=1,
    ) if names else np.zeros((len(hours), 0))  # fmt: skip
    some = np.isfinite(deviation).any(axis=1)
    hourly = np.full(len(hours), np.nan)
    if some.any():
        hourly[some] = np.nanmedian(np.abs(deviation[some]), axis=1)
    return Comparison(sensors=tuple(fits), hours_s=hours, hourly=hourly)


def _hourly(values: Values, of_hour: NDArray[np.intp], count: int) -> Values:
    """Return the mean of each hour, NaN for hours without values."""
    known = np.isfinite(values)
    total = np.bincount(of_hour[known], values[known], minlength=count)
    number = np.bincount(of_hour[known], minlength=count)
    mean = np.full(count, np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return mean


def _fit(
    name: str,
    at: Values,
    measured: Values,
    modelled: Values,
    of_hour: NDArray[np.intp],
    hours_s: Values,
) -> SensorFit:
    both = np.isfinite(measured) & np.isfinite(modelled)
    count = int(both.sum())
    residual = np.where(both, measured - modelled, np.nan)
    bias = rmse = spread = trend = correlation = worst_at = worst = float("nan")
    if count:
        inside = residual[both]
        bias, rmse = float(inside.mean()), float(np.sqrt(np.mean(inside**2)))
        spread = float(inside.std())
        hourly = _hourly(residual - bias, of_hour, len(hours_s))
        place = int(np.nanargmax(np.abs(hourly)))
        worst_at, worst = float(hours_s[place]), float(hourly[place])
    if count >= ENOUGH:
        days = (at[both] - at[both].mean()) / DAY_S
        trend = float(days @ (inside - bias) / max(float(days @ days), SMALLEST_STEP))
        if measured[both].std() > SMALLEST_STEP and modelled[both].std() > SMALLEST_STEP:
            correlation = float(np.corrcoef(measured[both], modelled[both])[0, 1])
    return SensorFit(
        name, count, bias, rmse, spread, trend, correlation, worst_at, worst, suspicion=None
    )


def _alone(fit: SensorFit, measured: Values, modelled: Values) -> Suspicion | None:
    """Return what is wrong with a sensor whatever the others say."""
    if fit.count < max(ENOUGH, 0.25 * int(np.isfinite(modelled).sum())):
        return Suspicion.MISSING
    both = np.isfinite(measured) & np.isfinite(modelled)
    moves, should = measured[both].std(), modelled[both].std()
    if should > 100 * SMALLEST_STEP and moves < 0.02 * should:
        return Suspicion.STUCK
    return None


def _outlying(values: Values) -> NDArray[np.bool_]:
    """Return which values lie far from the others'."""
    known = np.isfinite(values)
    none = np.zeros(len(values), dtype=bool)
    if known.sum() < 4:
        return none
    center = np.median(values[known])
    scale = MAD_TO_SIGMA * np.median(np.abs(values[known] - center))
    far: NDArray[np.bool_] = known & (
        np.abs(values - center) > OUTLYING * max(float(scale), SMALLEST_STEP)
    )
    return far


def _high(values: Values) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    above: NDArray[np.bool_] = known & (values > np.median(values[known])) if known.any() else known
    return above
