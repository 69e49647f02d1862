"""Volumes of months from readings with holes, and volumes whose unit was mistaken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab import units

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COMPLETENESS_FRAC_MIN = 0.75
"""A month with less than three quarters of its readings is not balanced unless somebody asks."""
NORMAL_95 = 1.96

# What a water works can sell to a person or over a connection: a city with much industry takes
# 500 L a person and day, a poor one 50; a factory's connection a thousand m³ a day, an old
# person's a few litres. Outside of these it is the unit, the period or the count that is wrong.
LITRES_A_PERSON = (15.0, 2_000.0)
LITRES_A_CONNECTION = (20.0, 100_000.0)
LITRES_A_KM = (300.0, 30_000_000.0)
LITRES_USUAL = (60.0, 600.0)
CONNECTION_LITRES_USUAL = (100.0, 5_000.0)
KM_LITRES_USUAL = (10_000.0, 1_000_000.0)
# By what the volume would have to be multiplied, if the number was in another unit than was said.
MISTAKES = (
    ("litres_as_m3", 1e-3),
    ("ten_thousand_m3_as_m3", 1e4),
    ("m3_as_ten_thousand_m3", 1e-4),
    ("thousand_m3_as_m3", 1e3),
)


@dataclass(frozen=True)
class Volumes:
    """Volumes of zones in periods, shape (n_zones, n_periods).

    Attributes
    ----------
    volume_m3 : ndarray
        Measured and estimated together; NaN where nothing is known. [m³]
    estimated_m3 : ndarray
        The part of it that stands for missing readings. [m³]
    half_width_m3 : ndarray
        95 % half-width from the estimate alone; the meter's error comes on top. [m³]
    completeness_frac : ndarray
        Share of the readings that are known. [-]
    """

    volume_m3: Floats
    estimated_m3: Floats
    half_width_m3: Floats
    completeness_frac: Floats

    def sufficient(self, least_frac: float = COMPLETENESS_FRAC_MIN) -> Flags:
        """Return which volumes rest on enough readings to be balanced."""
        found: Flags = self.completeness_frac >= least_frac
        return found


def period_volumes(*, flows_m3s: ArrayLike, step_s: float, days: Sequence[int]) -> Volumes:
    """Return what went into each zone in each period, holes filled and said to be.

    Parameters
    ----------
    flows_m3s : array_like, shape (n_zones, n_days * steps_a_day)
        Flows at equal steps from a midnight on, whole days; NaN is not known. [m³ s⁻¹]
    step_s : float
        The step; a day must hold a whole number of them. [s]
    days : sequence of int
        Days of each period, one after the other: (31, 28, 31) for three months. [d]

    Returns
    -------
    Volumes

    Notes
    -----
    A missing reading is taken as the mean of the known readings of the same time of day in the
    same period, or of the period where that time of day is never known. The half-width takes days
    as the unit that varies: 1.96 s T / sqrt(max(1, T / day)), s the standard deviation of the means
    of days known by three quarters or more, T the time without readings; NaN with fewer than two
    such days.
    """
    rows = np.atleast_2d(np.asarray(flows_m3s, dtype=float))
    steps = round(units.S_PER_DAY / step_s)
    if abs(steps * step_s - units.S_PER_DAY) > 1e-6 or rows.shape[1] != steps * sum(days):
        msg = f"{rows.shape[1]} readings at {step_s} s are not {sum(days)} days"
        raise ValueError(msg)
    by_day = rows.reshape(len(rows), -1, steps)
    found, start = [], 0
    for count in days:
        found.append(_period(by_day[:, start : start + count], step_s))
        start += count
    stacked = [np.stack(part, axis=1) for part in zip(*found, strict=True)]
    return Volumes(*stacked)


def _period(days: Floats, step_s: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return volume, estimated part, half-width and completeness of one period's zones."""
    known = np.isfinite(days)
    flow = np.where(known, days, 0.0)
    readings = days.shape[1] * days.shape[2]
    measured = flow.sum(axis=(1, 2))
    slots = known.sum(axis=1)
    total = slots.sum(axis=1)
    overall = np.where(total > 0, measured / np.maximum(total, 1), np.nan)
    usual = np.where(slots > 0, flow.sum(axis=1) / np.maximum(slots, 1), overall[:, None])
    missing = days.shape[1] - slots
    estimated = np.where(missing > 0, usual * missing, 0.0).sum(axis=1)
    of_day = known.sum(axis=2)
    whole = of_day >= COMPLETENESS_FRAC_MIN * days.shape[2]
    means = np.where(whole, flow.sum(axis=2) / np.maximum(of_day, 1), 0.0)
    count = whole.sum(axis=1)
    centre = means.sum(axis=1) / np.maximum(count, 1)
    squares = (np.where(whole, means - centre[:, None], 0.0) ** 2).sum(axis=1)
    spread = np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)
    missing_s = missing.sum(axis=1) * step_s
    width = NORMAL_95 * spread * missing_s / np.sqrt(np.maximum(missing_s / units.S_PER_DAY, 1.0))
    return (
        (measured + estimated) * step_s,
        estimated * step_s,
        np.where(missing_s > 0, width, 0.0),
        total / readings,
    )


@dataclass(frozen=True, slots=True)
class UnitSuspicion:
    """A volume that nobody can use: what it implies, and which unit would make sense of it.

    ``litres`` is the use a day of each person, connection or km of mains (``per``); ``likely`` the
    probable mistake, a code of `MISTAKES`, empty where none fits.
    """

    litres: float
    per: str
    likely: str


def suspect_unit(
    *,
    volume_m3: float,
    days: float,
    people: float | None,
    connections: float | None,
    mains_km: float | None = None,
) -> UnitSuspicion | None:
    """Say whether a volume is impossible for the people, connections or pipes it is for.

    Parameters
    ----------
    volume_m3 : float
        The volume as it was said to be. [m³]
    days : float
        Length of its period, greater than zero. [d]
    people, connections : float or None
        How many it is for; None or zero where nobody knows. [-]
    mains_km : float or None
        Length of the mains it goes through. [km]

    Returns
    -------
    UnitSuspicion or None
        None where it is possible, or where nothing is known to judge it by.

    Notes
    -----
    The bounds are ours, wide enough for any city: `LITRES_A_PERSON`, `LITRES_A_CONNECTION`,
    `LITRES_A_KM`.
    """
    checks = (
        ("person", people, LITRES_A_PERSON, LITRES_USUAL),
        ("connection", connections, LITRES_A_CONNECTION, CONNECTION_LITRES_USUAL),
        ("km", mains_km, LITRES_A_KM, KM_LITRES_USUAL),
    )
    for per, count, (low, high), usual in checks:
        if not count:
            continue
        litres = volume_m3 * 1000 / days / count
        if volume_m3 == 0 or low <= litres <= high:
            continue
        fitting = [name for name, factor in MISTAKES if usual[0] <= litres * factor <= usual[1]]
        return UnitSuspicion(litres, per, fitting[0] if fitting else "")
    return None
