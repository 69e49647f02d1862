"""By how much pressure sensors fell in some hours, beyond what the flow of those hours explains.

    pressure   --__--__ --__--__ __..__..      more flow, less pressure: learnt within days
    left       -------- -------- ________      the fall, beside how far quiet days stray

No model is needed. A zone that takes more has less pressure, leak or not; what is left says
something of where the leak lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.hydraulics.friction import FLOW_EXPONENT
from huoshui.lab.series.holes import mean_known
from huoshui.lab.series.robust import MAD_TO_SIGMA

Floats = NDArray[np.float64]

HOURS_A_DAY = 24
LEAST_SENSORS = 2


@dataclass(frozen=True)
class FallRule:
    """How falls are measured; the defaults were chosen on made worlds, see the notes on detection.

    Attributes
    ----------
    slope_days, level_days, history_days : int
        Over how many days a sensor's fall with the flow is learnt, how many days before are the
        comparison, and over how many it is learnt how far that usually strays. [d]
    least_m : float
        A sensor's reading is not trusted further than this. [m]
    """

    slope_days: int = 14
    level_days: int = 3
    history_days: int = 40
    least_m: float = 0.005


@dataclass(frozen=True)
class Falls:
    """By how much sensors fell, and how those falls usually stray together.

    Attributes
    ----------
    falls_m : ndarray, shape (n_sensors,)
        Beyond what the flow explains; NaN where too little was measured. [m]
    covariance_m2 : ndarray, shape (n_sensors, n_sensors)
        [m²]
    with_flow : ndarray, shape (n_sensors,)
        By how much each falls when the zone takes more, to a common scale. The leak flows in too,
        so the falls are corrected too much by some unknown share of it. [-]
    whole_m : ndarray, shape (n_sensors,)
        The falls without any correction. [m]
    """

    falls_m: Floats
    covariance_m2: Floats
    with_flow: Floats
    whole_m: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which sensors were measured before and after."""
        return np.isfinite(self.falls_m)

    def tell_a_place(self) -> bool:
        """Say whether enough sensors are known, and one of them fell at all."""
        return int(self.known.sum()) >= LEAST_SENSORS and bool((self.whole_m[self.known] > 0).any())


def falls(
    *,
    at_s: ArrayLike,
    pressures_m: ArrayLike,
    flow_at_s: ArrayLike,
    flow_m3s: ArrayLike,
    since_s: float,
    until_s: float,
    rule: FallRule | None = None,
) -> Falls:
    """Tell by how much each sensor fell in some hours against the same hours of days before.

    What the flow of those hours explains is taken off: a zone that takes more has less pressure,
    leak or not. How much each sensor falls with the flow is learnt within days, so that what
    changed between them does not matter.

    Parameters
    ----------
    at_s : array_like, shape (n,)
        Moments of the pressures, rising. [local s]
    pressures_m : array_like, shape (n, n_sensors)
        NaN is not known. [m]
    flow_at_s, flow_m3s : array_like, shape (m,)
        What all inlets together took in. [local s], [m³ s⁻¹]
    since_s, until_s : float
        The hours: whole ones between, at most a day of them counts; nothing at or after ``until_s``
        is looked at. [local s]
    rule : FallRule, optional
    """
    rule = rule or FallRule()
    last = int(until_s // 3600)
    first = max(int(np.ceil(since_s / 3600)), last - HOURS_A_DAY)
    first = min(first, last - 1)
    hours = last - first
    start = first - HOURS_A_DAY * rule.history_days
    grid = np.arange(start, last)
    pressure = _hourly(np.asarray(at_s), np.asarray(pressures_m, dtype=float), grid)
    flow = _hourly(np.asarray(flow_at_s), np.asarray(flow_m3s, dtype=float)[:, None], grid)[:, 0]
    effort = np.sign(flow) * np.abs(flow) ** FLOW_EXPONENT
    slope = _slope(effort, pressure, first - start, rule.slope_days)
    changes = _changes(pressure - effort[:, None] * slope, hours, rule)
    whole = _changes(pressure, hours, rule)
    return Falls(
        falls_m=-changes[-1],
        covariance_m2=_covariance(changes[:-1], rule),
        with_flow=-slope,
        whole_m=-whole[-1],
    )


def _changes(series: Floats, hours: int, rule: FallRule) -> Floats:
    """Return by how much some hours of each day rose against the days before; last the leak's."""
    # The same hours, one row for each day, the day of the leak last; NaN where under half is known.
    days = rule.history_days + 1
    windows = np.stack(
        [series[HOURS_A_DAY * day : HOURS_A_DAY * day + hours] for day in range(days)]
    )
    known = np.isfinite(windows)
    level = np.where(
        known.mean(axis=1) >= 0.5,
        np.where(known, windows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1),
        np.nan,
    )
    changes: Floats = np.array(
        [level[day] - mean_known(level[day - rule.level_days : day])
         for day in range(rule.level_days, days)]
    )  # fmt: skip
    return changes


def _hourly(at_s: Floats, values: Floats, grid: NDArray[np.int64]) -> Floats:
    """Return the means of hours, NaN where nothing is known."""
    place = (at_s // 3600).astype(np.int64) - grid[0]
    inside = (place >= 0) & (place < grid.size)
    place, values = place[inside], values[inside]
    known = np.isfinite(values)
    sums, counts = np.zeros((grid.size, values.shape[1])), np.zeros((grid.size, values.shape[1]))
    np.add.at(sums, place, np.where(known, values, 0.0))
    np.add.at(counts, place, known)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _slope(effort: Floats, pressure: Floats, first: int, days: int) -> Floats:
    """Return how each sensor falls with the flow, from changes within the days before."""
    upper, lower = np.zeros(pressure.shape[1]), np.zeros(pressure.shape[1])
    for day in range(1, days + 1):
        part = slice(first - HOURS_A_DAY * day, first - HOURS_A_DAY * (day - 1))
        x, y = effort[part, None], pressure[part]
        both = np.isfinite(x) & np.isfinite(y)
        x = np.where(both, x, np.nan)
        apart = x - mean_known(x)
        upper += np.where(both, apart * (y - mean_known(np.where(both, y, np.nan))), 0.0).sum(
            axis=0
        )
        lower += np.where(both, apart**2, 0.0).sum(axis=0)
    return np.where(lower > 0, upper / np.where(lower > 0, lower, 1.0), 0.0)


def _covariance(changes: Floats, rule: FallRule) -> Floats:
    """Return how the changes of quiet days stray: two common patterns, and each sensor's own."""
    zero = np.where(np.isfinite(changes), changes, 0.0)
    usual = MAD_TO_SIGMA * np.median(np.abs(zero), axis=0)
    # A leak of the past or its repair is no usual day.
    held = np.clip(zero, -3 * usual, 3 * usual)
    whole = held.T @ held / max(len(held), 1)
    value, vector = np.linalg.eigh(whole)
    common = (vector[:, -2:] * value[-2:]) @ vector[:, -2:].T
    own = np.maximum(np.diag(whole - common), 0.0) + rule.least_m**2
    covariance: Floats = common + np.diag(own)
    return covariance
