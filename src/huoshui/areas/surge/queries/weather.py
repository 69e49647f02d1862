"""Temperatures: what was forecast, and what a point of ours measures outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from huoshui.areas.surge import models
from huoshui.areas.surge.queries import waves
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock

MEASURED_FOR = timedelta(hours=3)


def temperature_at(surge: models.Surge, at: datetime) -> float | None:
    """Return how cold or warm it is: measured where the plan names a point, else forecast.

    Of a forecast the low of the day counts in a cold wave, the high in any other; None if nobody
    told us anything.
    """
    point = surge.plan.point_code if surge.plan else ""
    measured = telemetry.newest_sound(point, at, within=MEASURED_FOR)
    if measured is not None:
        return measured
    day = clock.local(at).date()
    told = waves.forecasts(day, day).get(day)
    if told is None:
        return None
    return told.low_c if surge.kind == "cold" else told.high_c


def days_ahead(plan: models.EmergencyPlan, today: date) -> dict[date, tuple[float, float]]:
    """Return the low and the high of the days that a plan looks at: measured ones and forecast.

    Yesterday and today as measured where the plan names a point, and what was told of today and
    the days to come.
    """
    last = today + timedelta(days=plan.ahead_days)
    found = _measured(plan.point_code, today) if plan.point_code else {}
    for day, row in waves.forecasts(today - timedelta(days=1), last).items():
        low, high = found.get(day, (row.low_c, row.high_c))
        found[day] = (min(low, row.low_c), max(high, row.high_c)) if day >= today else (low, high)
    return found


def _measured(point: str, today: date) -> dict[date, tuple[float, float]]:
    begin = datetime.combine(today - timedelta(days=1), time(), tzinfo=clock.local_zone())
    hours = telemetry.hourly([point], begin, clock.now()).get(point)
    days: dict[date, tuple[float, float]] = {}
    if hours is None:
        return days
    for at_us, low, high in zip(hours.hour_us, hours.value_min, hours.value_max, strict=True):
        day = clock.local(datetime.fromtimestamp(at_us / 1e6, UTC)).date()
        before = days.get(day, (low, high))
        days[day] = (float(min(before[0], low)), float(max(before[1], high)))
    return days
