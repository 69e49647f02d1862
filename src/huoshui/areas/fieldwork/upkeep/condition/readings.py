"""What a sign of wear read on each day, out of the hours in which its machine ran evenly."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.fieldwork.upkeep.condition import rules
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.areas.fieldwork import models

HOUR_US = 3_600_000_000


def days_of(
    indicator: models.ConditionIndicator, until: date, days: int
) -> tuple[date, NDArray[np.float64]]:
    """Return the first day and the value of each whole day before ``until``; NaN is not known.

    The value of a day is the median of its hours. An hour counts when the machine was in its state
    for all of it and of the hour before, so that nothing is taken while it warms up.
    """
    first = until - days * rules.DAY
    if indicator.since_date is not None:
        first = max(first, indicator.since_date)
    wanted = max(0, (until - first).days)
    found = np.full(wanted, np.nan)
    if not wanted:
        return first, found
    begin, end = _midnight(first), _midnight(until)
    codes = [one for one in (indicator.point, indicator.other_point, indicator.while_point) if one]
    if len(telemetry.points(sorted(set(codes)))) < len(set(codes)):
        return first, found  # a point is not declared any more
    series = telemetry.hourly(sorted(set(codes)), begin - rules.SETTLING_HOURS * _HOUR, end)
    shown = series[indicator.point]
    hour, value = shown.hour_us, shown.value_mean
    if indicator.other_point:
        other = series[indicator.other_point]
        hour, mine, its = np.intersect1d(hour, other.hour_us, return_indices=True)
        value = _against(rules.How(indicator.how), value[mine], other.value_mean[its])
    if indicator.while_point:
        state = series[indicator.while_point]
        least = -np.inf if indicator.while_min is None else indicator.while_min
        most = np.inf if indicator.while_max is None else indicator.while_max
        even = state.hour_us[(state.value_min >= least) & (state.value_max <= most)]
        for back in range(1, rules.SETTLING_HOURS + 1):
            even = np.intersect1d(even, even + back * HOUR_US)
        kept = np.isin(hour, even)
        hour, value = hour[kept], value[kept]
    begins = np.array([_us(first + n * rules.DAY) for n in range(wanted + 1)])
    at = np.searchsorted(begins, hour, side="right") - 1
    for day in range(wanted):
        own = value[(at == day) & np.isfinite(value)]
        if own.size >= rules.HOURS_A_DAY_MIN:
            found[day] = float(np.median(own))
    return first, found


_HOUR = timedelta(hours=1)


def _against(
    how: rules.How, value: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    if how == rules.How.ABOVE:
        return value - other
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(other > 0, value / other, np.nan)


def unit_of(indicator: models.ConditionIndicator) -> tuple[str, int]:
    """Return the unit of an indicator and the decimals that it is shown with."""
    known = {one.code: one for one in telemetry.points([indicator.point, indicator.other_point])}
    mine, other = known.get(indicator.point), known.get(indicator.other_point)
    if mine is None:
        return "", 2
    if indicator.how != rules.How.PER or other is None:
        return mine.unit, mine.decimals
    if (mine.unit, other.unit) == ("kW", "m³/h"):
        return "kWh/m³", 4
    return f"{mine.unit} / ({other.unit})", 4


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.local_zone())


def _us(day: date) -> int:
    return round(_midnight(day).timestamp() * 1e6)
