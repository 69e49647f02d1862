"""The Chinese loss rate: CJJ 92-2016, gross rate, corrections R1 to R4, rate and grade.

    gross rate R_WL = (Qs - Qa) / Qs          rate R_BL = R_WL - (R1 + R2 + R3 + R4)

The numbers of the standard are in `cjj92.toml`, by edition, so that a past year keeps its rule.

References
----------
.. [1] CJJ 92-2016 城镇供水管网漏损控制及评定标准, local revision 2018, in force 2019-02-01,
   clauses 5.1 to 5.3.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DAYS_A_YEAR = 365.0
PCT = 100.0
MAINS_DN_MIN_MM = 75
"""Pipes from this diameter on count as length in R2."""
CORRECTIONS = ("r1", "r2", "r3", "r4")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the standard; shares are per cent, as it writes them."""

    code: str
    in_force_from: date
    grades_pct: tuple[float, ...]
    r1_per_share: float
    r2_slope: float
    r2_offset: float
    r2_limit_pct: float
    r3_above_mpa: tuple[float, ...]
    r3_pct: tuple[float, ...]
    r4_above_m: float
    r4_pct: float


@functools.cache
def editions() -> tuple[Edition, ...]:
    """Return all editions that are known, the earliest first."""
    text = resources.files(__package__).joinpath("cjj92.toml").read_text(encoding="utf-8")
    found = []
    for row in tomllib.loads(text)["edition"]:
        fields: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one for key, one in row.items()
        }
        found.append(Edition(**fields))
    return tuple(sorted(found, key=lambda one: one.in_force_from))


def edition_of(day: date) -> tuple[Edition, bool]:
    """Return the edition for a period that ends on a day, and whether it was in force then."""
    known = editions()
    past = [one for one in known if one.in_force_from <= day]
    return (past[-1], True) if past else (known[0], False)


@dataclass(frozen=True)
class LossRate:
    """Loss rates of systems, shape (n_zones,), in per cent as the standard writes them.

    Attributes
    ----------
    gross_pct, half_width_pct : ndarray
        R_WL and half of its 95 % band; R_BL has the same, its corrections being counted. [%]
    r1_pct, r2_pct, r3_pct, r4_pct : ndarray
        Corrections; NaN where what they need is not known. [%]
    rate_pct : ndarray
        R_BL; NaN where a correction is. [%]
    grade : ndarray of int
        1 or 2; 0 where the rate is worse than both; -1 where it is not known.
    grade_sure : ndarray of bool
        Whether the whole band lies within that grade.
    """

    gross_pct: Floats
    half_width_pct: Floats
    r1_pct: Floats
    r2_pct: Floats
    r3_pct: Floats
    r4_pct: Floats
    rate_pct: Floats
    grade: NDArray[np.int64]
    grade_sure: NDArray[np.bool_]


def loss_rate(
    *,
    supplied_m3: ArrayLike,
    authorised_m3: ArrayLike,
    half_width_frac: ArrayLike = 0.0,
    days: ArrayLike = DAYS_A_YEAR,
    household_read_m3: ArrayLike = np.nan,
    mains_m: ArrayLike = np.nan,
    outlet_pressure_mpa: ArrayLike = np.nan,
    frost_depth_m: ArrayLike = np.nan,
    edition: Edition | None = None,
) -> LossRate:
    """Return the loss rate by CJJ 92.

    Parameters
    ----------
    supplied_m3 : array_like, shape (n_zones,)
        供水总量 Qs, greater than zero. [m³]
    authorised_m3 : array_like, shape (n_zones,)
        注册用户用水量 Qa: billed and free, metered and not. [m³]
    half_width_frac : array_like, shape (n_zones,)
        Half of the 95 % band of (Qs - Qa) / Qs. [-]
    days : array_like, shape (n_zones,)
        Length of the period; R2 wants a year's water, so a shorter one is scaled up. [d]
    household_read_m3 : array_like, shape (n_zones,)
        居民抄表到户水量: water of homes with a meter each. [m³]
    mains_m : array_like, shape (n_zones,)
        Length of the pipes of DN 75 and more. [m]
    outlet_pressure_mpa : array_like, shape (n_zones,)
        Mean pressure of the year at the outlets of the works, in the standard's unit, so that a
        value on a limit stays on it. [MPa]
    frost_depth_m : array_like, shape (n_zones,)
        Greatest depth of frost. [m]
    edition : Edition, optional
        The latest by default.

    Returns
    -------
    LossRate

    Raises
    ------
    ValueError
        If the water supplied is not greater than zero.
    """
    rule = edition or editions()[-1]
    supplied, authorised, width, period, read, mains, pressure, frost = np.broadcast_arrays(
        *(
            np.atleast_1d(np.asarray(one, dtype=float))
            for one in (supplied_m3, authorised_m3, half_width_frac, days, household_read_m3,
                        mains_m, outlet_pressure_mpa, frost_depth_m)
        )
    )  # fmt: skip
    if np.any(supplied <= 0):
        msg = f"supplied_m3 must be greater than zero; the smallest is {np.nanmin(supplied)}"
        raise ValueError(msg)
    gross = (supplied - authorised) / supplied * PCT
    r1 = rule.r1_per_share * read / supplied
    a_year = supplied * DAYS_A_YEAR / period / 1e4
    r2 = np.clip(
        rule.r2_slope * (mains / 1000 / a_year - rule.r2_offset),
        -rule.r2_limit_pct,
        rule.r2_limit_pct,
    )
    steps = np.array((0.0, *rule.r3_pct))
    r3 = np.where(np.isnan(pressure), np.nan, steps[np.searchsorted(rule.r3_above_mpa, pressure)])
    r4 = np.where(np.isnan(frost), np.nan, np.where(frost > rule.r4_above_m, rule.r4_pct, 0.0))
    rate = gross - (r1 + r2 + r3 + r4)
    grade = _grade(rate, rule)
    low, high = _grade(rate - width * PCT, rule), _grade(rate + width * PCT, rule)
    return LossRate(
        gross_pct=gross,
        half_width_pct=width * PCT,
        r1_pct=r1,
        r2_pct=r2,
        r3_pct=r3,
        r4_pct=r4,
        rate_pct=rate,
        grade=grade,
        grade_sure=(grade >= 0) & (low == grade) & (high == grade),
    )


def _grade(rate: Floats, rule: Edition) -> NDArray[np.int64]:
    # Rates are differences; what is 10 on paper may be 10.000000000000002 here.
    place = np.searchsorted(rule.grades_pct, rate - 1e-9)
    grade = np.where(place < len(rule.grades_pct), place + 1, 0)
    return np.where(np.isnan(rate), -1, grade).astype(np.int64)


def regional_rate(*, rate_pct: ArrayLike, supplied_m3: ArrayLike) -> float:
    """Return the loss rate of a region: its systems' rates weighted by their water. [%]

    Parameters
    ----------
    rate_pct, supplied_m3 : array_like, shape (n_systems,)
        R_BL and Qs of each; NaN makes the answer NaN. [%], [m³]
    """
    rate, supplied = np.asarray(rate_pct, dtype=float), np.asarray(supplied_m3, dtype=float)
    return float(np.sum(rate * supplied) / np.sum(supplied))


def sales_gap_pct(*, supplied_m3: ArrayLike, sold_m3: ArrayLike) -> Floats:
    """Return 产销差率: what was supplied and not sold, of what was supplied. [%]

    An index of companies, not of the standard; free water counts as not sold.
    """
    supplied = np.asarray(supplied_m3, dtype=float)
    found: Floats = (supplied - np.asarray(sold_m3, dtype=float)) / supplied * PCT
    return found


def meter_loss_m3(*, metered_m3: ArrayLike, loss_frac: ArrayLike) -> Floats:
    """Return the water that meters let through unseen: Qm / (1 - C) - Qm. [m³]

    Parameters
    ----------
    metered_m3 : array_like
        What they counted. [m³]
    loss_frac : array_like
        C, the share of the true volume that they miss, at least 0 and below 1. [-]
    """
    share = np.asarray(loss_frac, dtype=float)
    if np.any((share < 0) | (share >= 1)):
        msg = f"loss_frac must be at least 0 and below 1; given up to {np.nanmax(share)}"
        raise ValueError(msg)
    metered = np.asarray(metered_m3, dtype=float)
    found: Floats = metered / (1 - share) - metered
    return found
