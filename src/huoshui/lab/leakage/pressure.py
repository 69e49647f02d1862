"""How leakage follows pressure: FAVAD, its exponent, and night hours made into days."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

HOURS_A_DAY = 24.0
EXPONENT_MIN, EXPONENT_MAX = 0.5, 2.5


class OutsideValidRange(ValueError):
    """A pressure or an exponent with which the law of leakage does not hold."""


def leakage_at(
    *, leakage: ArrayLike, at_m: ArrayLike, pressure_m: ArrayLike, exponent: ArrayLike
) -> Floats:
    """Return the leakage at another pressure: L1 = L0 (P1 / P0)^N1.

    Parameters
    ----------
    leakage : array_like, shape (...)
        Leakage at ``at_m``, in any unit; the answer has the same. NaN stays NaN.
    at_m : array_like, shape (...)
        Pressure at which it was found, greater than zero. [m]
    pressure_m : array_like, shape (...)
        Pressure asked about; below zero counts as zero. [m]
    exponent : array_like, shape (...)
        N1: 0.5 for a fixed opening, 1.5 for background leakage and plastic pipes, about 1 for a
        whole zone. Between 0.5 and 2.5. [-]

    Raises
    ------
    OutsideValidRange
        If ``at_m`` is not greater than zero or the exponent outside its bounds.

    References
    ----------
    .. [1] J. May, "Pressure dependent leakage", World Water and Environmental Engineering, 1994.
    .. [2] A. Lambert, "What do we know about pressure:leakage relationships in distribution
       systems?", IWA Brno 2001.
    """
    pressure = np.maximum(np.asarray(pressure_m, dtype=float), 0.0)
    found: Floats = np.asarray(leakage, dtype=float) * _power(pressure, at_m, exponent)
    return found


def exponent_between(
    *, leakage: ArrayLike, at_m: ArrayLike, leakage_other: ArrayLike, at_other_m: ArrayLike
) -> Floats:
    """Return the N1 that a step test shows: ln(L1/L0) / ln(P1/P0).

    Parameters
    ----------
    leakage, leakage_other : array_like, shape (...)
        Leakage (night flow less legitimate use) at two pressures, greater than zero.
    at_m, at_other_m : array_like, shape (...)
        The two pressures, greater than zero. [m]

    Returns
    -------
    ndarray
        NaN where pressures are equal or a value is not greater than zero. [-]

    References
    ----------
    .. [1] A. Lambert, IWA Brno 2001, N1 step test.
    """
    with np.errstate(all="ignore"):
        flows = np.asarray(leakage_other, dtype=float) / np.asarray(leakage, dtype=float)
        heads = np.asarray(at_other_m, dtype=float) / np.asarray(at_m, dtype=float)
        found = np.log(flows) / np.log(heads)
    answer: Floats = np.where(np.isfinite(found) & (flows > 0) & (heads > 0), found, np.nan)
    return answer


def exponent_of_area(*, pressure_m: ArrayLike, area_m2: ArrayLike, slope_m: ArrayLike) -> Floats:
    """Return the N1 of an opening that grows with pressure: (0.5 + 1.5 LN) / (1 + LN).

    Parameters
    ----------
    pressure_m : array_like
        Pressure, not less than zero. [m]
    area_m2 : array_like
        Area of the opening without pressure, greater than zero. [m²]
    slope_m : array_like
        Growth of the area with pressure, not less than zero. [m² m⁻¹]

    Notes
    -----
    Q = Cd sqrt(2 g) (A0 h^0.5 + m h^1.5), and LN = m h / A0 is the leakage number.

    References
    ----------
    .. [1] J. E. van Zyl, A. M. Cassa, "Modeling elastically deforming leaks in water distribution
       pipes", Journal of Hydraulic Engineering 140 (2), 2014, 182-189.
    """
    number = np.asarray(slope_m, dtype=float) * np.asarray(pressure_m, dtype=float)
    number = number / np.asarray(area_m2, dtype=float)
    found: Floats = (0.5 + 1.5 * number) / (1.0 + number)
    return found


def hour_day_factor(
    *, pressures_m: ArrayLike, night_pressure_m: ArrayLike, exponent: ArrayLike
) -> Floats:
    """Return how many night hours of leakage make one day of it.

    Parameters
    ----------
    pressures_m : array_like, shape (..., n_steps)
        Mean zone pressure at equal steps over whole days; NaN is left out. [m]
    night_pressure_m : array_like, shape (...)
        Mean zone pressure during the night window, greater than zero. [m]
    exponent : array_like, shape (...)
        N1, between 0.5 and 2.5. [-]

    Returns
    -------
    ndarray, shape (...)
        24 times the mean of (pressure / night pressure)^N1; NaN without a known pressure.
        Multiplied with the leakage of the night in m³/h it is the leakage of the day in m³. [h]

    References
    ----------
    .. [1] A. Lambert, IWA Brno 2001, night-day factor.
    """
    pressure = np.maximum(np.asarray(pressures_m, dtype=float), 0.0)
    night = np.asarray(night_pressure_m, dtype=float)[..., None]
    ratio = _power(pressure, night, np.asarray(exponent, dtype=float)[..., None])
    known = np.isfinite(ratio)
    count = known.sum(axis=-1)
    total = np.where(known, ratio, 0.0).sum(axis=-1)
    found: Floats = np.where(count > 0, HOURS_A_DAY * total / np.maximum(count, 1), np.nan)
    return found


def _power(pressure: Floats, at_m: ArrayLike, exponent: ArrayLike) -> Floats:
    """Return (pressure / at)^N1, refusing what the law does not cover. NaN is let through."""
    at, power = np.asarray(at_m, dtype=float), np.asarray(exponent, dtype=float)
    if np.any(at <= 0):
        msg = f"the reference pressure must be greater than zero; the smallest is {np.nanmin(at)}"
        raise OutsideValidRange(msg)
    if np.any((power < EXPONENT_MIN) | (power > EXPONENT_MAX)):
        msg = (
            f"the exponent must lie between {EXPONENT_MIN} and {EXPONENT_MAX};"
            f" given are {np.nanmin(power)} to {np.nanmax(power)}"
        )
        raise OutsideValidRange(msg)
    found: Floats = (pressure / at) ** power
    return found
