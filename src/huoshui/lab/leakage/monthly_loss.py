"""What a zone lost in each month, from its inflow alone: use changes with the hour, a leak not.

    inflow of a day  =  use of that weekday x stretch of the season  +  loss, all day long

What customers take keeps the shape that it had on the first days and is stretched by the season;
what leaks runs all day. So every day says both, and the nights say most. Nothing but the first
days, which must be free of new leaks, tells use from loss: what was lost then counts as use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.holes import mean_known
from huoshui.lab.series.robust import MAD_TO_SIGMA

Array = NDArray[np.float64]

HOURS_A_DAY = 24
DAYS_A_WEEK = 7
HOURS_KNOWN_MIN = 18
DAYS_KNOWN_FRAC_MIN = 0.75
NORMAL_95 = 1.96
SWING_FRAC = 0.06
"""A leak loses more by night, when the pressure is high, and flows do not say how much more."""

WEEKDAY_DAYS = 28
"""Of so many days up to a day the weekday's use is chosen that fits them best."""
NIGHT_FLOOR = 0.3
"""An hour is not trusted more than one with this share of the mean use."""


@dataclass(frozen=True)
class MonthLoss:
    """What a zone lost in one calendar month, beyond what it lost on the first days.

    Attributes
    ----------
    from_s, until_s : float
        The month as far as it was measured, its end excluded; known at its end. [local s]
    loss_m3s : float
        Mean loss; NaN where under 75 % of the month's days are known. Below zero is kept: then
        the first days leaked more. [m³ s⁻¹]
    half_width_m3s : float
        Half of its band, meant to hold 95 %: scatter of its days and of the first days, and the
        swing of the pressure. [m³ s⁻¹]
    use_m3s : float
        Mean of what customers took. [m³ s⁻¹]
    days : int
        Days judged.
    """

    from_s: float
    until_s: float
    loss_m3s: float
    half_width_m3s: float
    use_m3s: float
    days: int


def monthly_losses(
    *, hour_s: ArrayLike, flow_m3s: ArrayLike, learning_days: int = DAYS_A_WEEK
) -> list[MonthLoss]:
    """Split a zone's inflow into use and loss and give the loss by calendar month.

    Parameters
    ----------
    hour_s : array_like, shape (n,)
        Beginnings of whole hours in local time since 1970, without gaps. [s]
    flow_m3s : array_like, shape (n,)
        Mean net inflow of each hour; NaN is not known. [m³ s⁻¹]
    learning_days : int
        First whole days, free of new leaks; at least a week. [d]

    Returns
    -------
    list of MonthLoss
        One for each month that was measured; empty where the first days have gaps.

    Notes
    -----
    Each day is fitted with two figures, by least squares with an hour's error in proportion to
    its use: how often the use of the first days' same weekday, and how much all day long. The
    weekday is that which fits the month best, because years of records exist that begin their
    week anew on 1 January. A month uses nothing measured after its end.
    """
    day_s, table = _days(hour_s, flow_m3s)
    if learning_days < DAYS_A_WEEK or len(table) <= learning_days:
        return []
    usual = np.stack([mean_known(table[k:learning_days:DAYS_A_WEEK]) for k in range(DAYS_A_WEEK)])
    if not np.isfinite(usual).all() or usual.mean() <= 0:
        return []
    stretch, constant, wrong = _split(table, usual)
    month = _months(day_s)
    loss, use = np.full(len(table), np.nan), np.full(len(table), np.nan)
    for one in np.unique(month):
        rows = np.flatnonzero((month == one) & np.isfinite(constant[:, 0]))
        shifts = [wrong[rows, (rows + s) % DAYS_A_WEEK].sum() for s in range(DAYS_A_WEEK)]
        weekday = (rows + int(np.argmin(shifts))) % DAYS_A_WEEK
        loss[rows] = constant[rows, weekday]
        use[rows] = stretch[rows, weekday] * usual.mean(axis=1)[weekday]
    return _by_month(day_s, loss, use, learning_days)


def daily_losses(
    *, hour_s: ArrayLike, flow_m3s: ArrayLike, learning_days: int = DAYS_A_WEEK
) -> Array:
    """Give the loss of each whole day from what was measured until its end; see `monthly_losses`.

    Parameters
    ----------
    hour_s, flow_m3s, learning_days
        As there.

    Returns
    -------
    ndarray, shape (n_days,)
        Beyond what was lost on the first days; NaN where too little is known, and where use
        does not change with the hour. [m³ s⁻¹]
    """
    _day_s, table = _days(hour_s, flow_m3s)
    nothing: Array = np.full(len(table), np.nan)
    if learning_days < DAYS_A_WEEK or len(table) <= learning_days:
        return nothing
    usual = np.stack([mean_known(table[k:learning_days:DAYS_A_WEEK]) for k in range(DAYS_A_WEEK)])
    if not np.isfinite(usual).all() or usual.mean() <= 0:
        return nothing
    _stretch, constant, wrong = _split(table, usual)
    wrong = np.nan_to_num(wrong)
    found = nothing.copy()
    for day in range(len(table)):
        rows = np.arange(max(0, day + 1 - WEEKDAY_DAYS), day + 1)
        shifts = [wrong[rows, (rows + s) % DAYS_A_WEEK].sum() for s in range(DAYS_A_WEEK)]
        found[day] = constant[day, (day + int(np.argmin(shifts))) % DAYS_A_WEEK]
    first = found[:learning_days]
    if not np.isfinite(first).any():
        return nothing
    beyond: Array = found - float(np.nanmean(first))
    return beyond


def metered_losses(
    *, hour_s: ArrayLike, unmetered_m3s: ArrayLike, learning_days: int = DAYS_A_WEEK
) -> list[MonthLoss]:
    """Give the loss by month of a zone whose customers are all metered; see `monthly_losses`.

    Parameters
    ----------
    hour_s : array_like, shape (n,)
        As there. [s]
    unmetered_m3s : array_like, shape (n,)
        Net inflow less what the meters count; NaN is not known. [m³ s⁻¹]
    learning_days : int
        First days, whose mean is taken for the meters' error. [d]
    """
    day_s, table = _days(hour_s, unmetered_m3s)
    known = np.isfinite(table).sum(axis=1) >= HOURS_KNOWN_MIN
    daily = np.where(known, mean_known(table.T), np.nan)
    first = daily[:learning_days]
    if len(table) <= learning_days or not np.isfinite(first).any():
        return []
    beyond = daily - float(np.nanmean(first))
    return _by_month(day_s, beyond, np.full(len(table), np.nan), learning_days)


def _days(hour_s: ArrayLike, flow_m3s: ArrayLike) -> tuple[Array, Array]:
    """Return the whole days that were measured: their beginnings, and (n_days, 24)."""
    hours, flow = np.asarray(hour_s, dtype=float), np.asarray(flow_m3s, dtype=float)
    skip = int((-hours[0] // 3600) % HOURS_A_DAY) if hours.size else 0
    days = max(hours.size - skip, 0) // HOURS_A_DAY
    whole = slice(skip, skip + days * HOURS_A_DAY)
    return hours[whole][::HOURS_A_DAY], flow[whole].reshape(days, HOURS_A_DAY)


def _months(day_s: Array) -> NDArray[np.int64]:
    months: NDArray[np.int64] = (
        day_s.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    )
    return months


def _split(table: Array, usual: Array) -> tuple[Array, Array, Array]:
    """Fit each day with each weekday's use, stretched, and a constant; (n_days, 7) each.

    Returns the stretch, the constant, and the sum of squared errors; NaN for a day of which too
    little is known.
    """
    error = np.maximum(usual.mean(axis=0), NIGHT_FLOOR * usual.mean())
    known = np.isfinite(table)
    weight = known / error**2
    flow = np.where(known, table, 0.0)
    ones = weight.sum(axis=1)[:, None]
    shape, power = weight @ usual.T, weight @ (usual**2).T
    level, match = (weight * flow).sum(axis=1)[:, None], (weight * flow) @ usual.T
    apart = ones * power - shape**2
    enough = (known.sum(axis=1) >= HOURS_KNOWN_MIN)[:, None] & (apart > 1e-9 * ones * power)
    apart = np.where(enough, apart, np.nan)
    stretch = (ones * match - shape * level) / apart
    constant = (power * level - shape * match) / apart
    total = (weight * flow**2).sum(axis=1)[:, None]
    wrong: Array = total - stretch * match - constant * level
    return stretch, constant, wrong


def _by_month(day_s: Array, loss: Array, use: Array, learning_days: int) -> list[MonthLoss]:
    """Give the mean of each month, and how far it may be wrong by the days until its end."""
    month = _months(day_s)
    found = []
    for one in np.unique(month):
        rows = np.flatnonzero(month == one)
        known = rows[np.isfinite(loss[rows])]
        if not known.size:
            continue
        enough = known.size >= DAYS_KNOWN_FRAC_MIN * rows.size
        # Leaks begin and end on few days, so the median of the changes does not see them.
        changes = np.abs(np.diff(loss[: rows[-1] + 1]))
        changes = changes[np.isfinite(changes)]
        scatter = MAD_TO_SIGMA / np.sqrt(2) * float(np.median(changes)) if changes.size else np.nan
        mean = float(loss[known].mean())
        chance = NORMAL_95 * scatter * float(np.sqrt(1 / known.size + 1 / learning_days))
        width = float(np.hypot(chance, SWING_FRAC * mean))
        found.append(
            MonthLoss(
                from_s=float(day_s[rows[0]]),
                until_s=float(day_s[rows[-1]]) + HOURS_A_DAY * 3600.0,
                loss_m3s=mean if enough else np.nan,
                half_width_m3s=width if enough else np.nan,
                use_m3s=float(use[known].mean()) if enough else np.nan,
                days=int(known.size),
            )
        )
    return found
