"""What a repair gave back: the step down of the night flow, the water and the money."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from huoshui.lab.leakage import pressure
from huoshui.lab.leakage.pressure import HOURS_A_DAY


@dataclass(frozen=True)
class StepDown:
    """How far the night flow fell after a repair.

    Attributes
    ----------
    saved_m3s, low_m3s, high_m3s : float
        Fall of the mean excess and its interval. Positive is less water. [m³ s⁻¹]
    p_value : float
        Chance of a fall this large or larger if the repair had changed nothing. [-]
    verified : bool
        Whether the interval lies above zero.
    before_count, after_count : int
        Nights that were known on either side.
    """

    saved_m3s: float
    low_m3s: float
    high_m3s: float
    p_value: float
    verified: bool
    before_count: int
    after_count: int


class TooFewNights(ValueError):
    """A repair cannot be verified before some nights lie on both sides of it."""

    def __init__(self, *, before: int, after: int) -> None:
        super().__init__(
            "a step needs at least one night before and one after;"
            f" {before} before and {after} after are known"
        )
        self.before = before
        self.after = after


def step_down(
    *,
    before_m3s: ArrayLike,
    after_m3s: ArrayLike,
    night_scale_m3s: float,
    scale_count: int,
    coverage_frac: float = 0.95,
) -> StepDown:
    """Verify a repair by the fall of the night flow.

    Parameters
    ----------
    before_m3s, after_m3s : array_like, shape (n,)
        Excess of the nights with the leak at its latest size and of the nights since the
        repair, both against the same kind of expectation, so that weekdays do not matter.
        NaN is left out. [m³ s⁻¹]
    night_scale_m3s : float
        Usual error of a single night, from the zone's history (`ExpectedNight.scale_m3s`);
        a leak is often repaired after two nights, too few to tell their own scatter.
        Not less than zero. [m³ s⁻¹]
    scale_count : int
        Number of errors behind that scale (`ExpectedNight.errors_used`), at least 2.
    coverage_frac : float
        Coverage of the interval. [-]

    Returns
    -------
    StepDown

    Raises
    ------
    TooFewNights
        If either side has no known night.

    Notes
    -----
    A two-sample t interval with known-from-history scatter: the standard error is
    scale x sqrt(1/n_before + 1/n_after), with ``scale_count - 1`` degrees of freedom.
    Drift of the zone's level between the two sides is not in it: compare near nights.

    References
    ----------
    .. [1] D. C. Montgomery, G. C. Runger, "Applied Statistics and Probability for Engineers",
       6th ed. 2014, sec. 10-2 (difference of two means).
    """
    before = np.asarray(before_m3s, dtype=float)
    after = np.asarray(after_m3s, dtype=float)
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if before.size == 0 or after.size == 0:
        raise TooFewNights(before=int(before.size), after=int(after.size))
    if scale_count < 2 or not night_scale_m3s >= 0:
        msg = (
            "scale_count must be at least 2 and night_scale_m3s not below zero;"
            f" given are {scale_count} and {night_scale_m3s}"
        )
        raise ValueError(msg)
    saved = float(before.mean() - after.mean())
    error = night_scale_m3s * math.sqrt(1 / before.size + 1 / after.size)
    freedom = scale_count - 1
    # Loaded here, because most processes that know this module never prove a repair.
    from scipy import special

    half_width = error * float(special.stdtrit(freedom, (1 + coverage_frac) / 2))
    distance = saved / error if error > 0 else math.copysign(math.inf, saved)
    p_value = float(special.stdtr(freedom, -distance))
    return StepDown(
        saved_m3s=saved,
        low_m3s=saved - half_width,
        high_m3s=saved + half_width,
        p_value=p_value,
        verified=saved - half_width > 0,
        before_count=int(before.size),
        after_count=int(after.size),
    )


@dataclass(frozen=True)
class WaterSaved:
    """Water and money that a repair has kept, with their intervals."""

    volume_m3: float
    volume_m3_low: float
    volume_m3_high: float
    price_cents: float
    price_cents_low: float
    price_cents_high: float


def water_saved(
    *,
    saved: StepDown,
    duration_s: float,
    water_price_cents: float,
    night_day_factor_h: float = HOURS_A_DAY,
) -> WaterSaved:
    """Turn a verified step into water and money over some time since the repair.

    Parameters
    ----------
    saved : StepDown
        The step, of the night.
    duration_s : float
        Time since the repair, not less than zero. [s]
    water_price_cents : float
        What a cubic metre costs to make and deliver. [cents m⁻³]
    night_day_factor_h : float
        Hours of night leakage that make one day of leakage. Pressure is higher at night, so
        a day loses less than 24 times a night hour; 24 where the pressures are not known. [h]

    Returns
    -------
    WaterSaved
        The interval of the step carried through; the time and the price are taken as exact.

    References
    ----------
    .. [1] A. Lambert, "What do we know about pressure:leakage relationships in distribution
       systems?", IWA Brno 2001, night-day factor.
    """
    if not duration_s >= 0:
        msg = f"duration_s must not be below zero; given is {duration_s}"
        raise ValueError(msg)
    effective_s = duration_s * night_day_factor_h / HOURS_A_DAY
    volumes = [flow * effective_s for flow in (saved.saved_m3s, saved.low_m3s, saved.high_m3s)]
    prices = [volume * water_price_cents for volume in volumes]
    return WaterSaved(*volumes, *prices)


def night_day_factor(*, pressures_m: ArrayLike, night_pressure_m: float, exponent: float) -> float:
    """Return how many night hours of leakage make one day of it.

    Parameters
    ----------
    pressures_m : array_like, shape (n,)
        Mean zone pressure at equal steps over whole days; NaN is left out. [m]
    night_pressure_m : float
        Mean zone pressure during the night window, greater than zero. [m]
    exponent : float
        N1 of the pressure law: 0.5 for a fixed opening, about 1 for a whole zone, up to 1.5
        for plastic pipes. Between 0.5 and 2.5. [-]

    Returns
    -------
    float
        Sum over the day of (pressure / night pressure)^N1. [h]

    References
    ----------
    .. [1] A. Lambert, "What do we know about pressure:leakage relationships in distribution
       systems?", IWA Brno 2001.
    """
    found = float(
        pressure.hour_day_factor(
            pressures_m=pressures_m, night_pressure_m=night_pressure_m, exponent=exponent
        )
    )
    if math.isnan(found):
        msg = "pressures_m has no known pressure"
        raise ValueError(msg)
    return found
