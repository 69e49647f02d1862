"""What maintenance reads of the historian: running hours, how busy a machine is, how hot it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import rules
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.lab.upkeep import hours as lab

WEEK = timedelta(days=7)
# A week says how busy a machine is when its readings cover so much of it.
WEEK_COVERED = timedelta(days=6)
# A temperature that is older says nothing of now.
FRESH = timedelta(hours=3)
# How far from a moment its nearest reading may lie to say what was counted then.
NEAR = timedelta(days=1)
# Readings are looked at again after so long.
AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Read:
    """Running hours up to a moment; ``began_h`` is what they were when the plan was done last."""

    now_h: float
    began_h: float
    at: datetime
    busy: lab.Busy | None


def is_point(code: str) -> bool:
    """Say whether there is such a point."""
    return bool(telemetry.points([code]))


def newest(code: str, now: datetime, *, within: timedelta) -> float | None:
    """Return the newest reading of a point, or None where nothing fresh and sound is known."""
    return telemetry.newest_sound(code, now, within=within)


def temperature(code: str, now: datetime) -> float | None:
    """Return how hot it is at a point, or None where nothing fresh and sound is known."""
    return newest(code, now, within=FRESH)


def running_hours(plan: models.MaintenancePlan, now: datetime) -> Read | None:
    """Return the running hours of a plan's machine now, or None where nothing new is known.

    They are added to what was known before, so that an exchanged counter or a long past costs
    nothing; what was read last counts again as the beginning of the next stretch.
    """
    if not plan.hours_point or not is_point(plan.hours_point):
        return None
    known = plan.hours_now is not None and plan.hours_read_at is not None
    is_lost = known and plan.done_hours is None  # when it was done last was corrected
    if plan.hours_read_at and now - plan.hours_read_at < AGAIN_AFTER and not is_lost:
        return None
    since = plan.hours_read_at or _midnight(plan.done_date + rules.DAY)
    if since >= now:
        return None
    at_s, value = _usable(plan.hours_point, since, now)
    if not at_s.size:
        return None
    latest_at = datetime.fromtimestamp(float(at_s[-1]), tz=now.tzinfo)
    busy = _busy(plan, now)
    then = hours_near(plan, end_of(plan.done_date)) if is_lost else plan.done_hours
    if plan.runs_above is None:
        before = plan.hours_now if known else float(value[0])
        grew = lab.counted(at_s=at_s, counter_h=value)
        began = then if then is not None else before
        if not known and plan.done_hours is not None:
            # The first look: the counter itself says what has gone by since, unless it stands
            # below where it stood then: it was exchanged, or its latest reading is wrong.
            before = plan.done_hours
            if value[-1] >= plan.done_hours:
                before, grew = float(value[-1]), 0.0
        return Read((before or 0.0) + (0.0 if np.isnan(grew) else grew), began or 0.0, latest_at,
                    busy)  # fmt: skip
    began = then or 0.0
    before = plan.hours_now if known else began
    ran = lab.ran(at_s=at_s, value=value, above=plan.runs_above, until_s=float(at_s[-1]))
    return Read((before or 0.0) + ran, began, latest_at, busy)


def end_of(day: date) -> datetime:
    """Return the moment at which a day of the city ends."""
    return _midnight(day + rules.DAY)


def hours_at(plan: models.MaintenancePlan, at: datetime) -> float | None:
    """Return a plan's running hours at a moment, or None where the readings do not say.

    They are on the scale of ``hours_now``: what was counted since is taken off it. A moment after
    the last reading has the hours of that reading.
    """
    if plan.hours_now is None or plan.hours_read_at is None:
        return None
    if at >= plan.hours_read_at:
        return plan.hours_now
    if not is_point(plan.hours_point):
        return None
    begin_s, end_s, near_s = at.timestamp(), plan.hours_read_at.timestamp(), NEAR.total_seconds()
    until = plan.hours_read_at + timedelta(seconds=1)
    at_s, value = _usable(plan.hours_point, at - NEAR, until)
    # A counter goes on from the reading before the moment; of a state the time after it counts.
    is_counter = plan.runs_above is None
    first = int(np.searchsorted(at_s, begin_s, side="right" if is_counter else "left"))
    first = max(first - 1, 0) if is_counter else first
    at_s, value = at_s[first:], value[first:]
    if not at_s.size or at_s[0] > begin_s + near_s or at_s[-1] < end_s - near_s:
        return None
    if plan.runs_above is None:
        grew = lab.counted(at_s=at_s, counter_h=value)
        return plan.hours_now - (0.0 if np.isnan(grew) else grew)
    return plan.hours_now - lab.ran(at_s=at_s, value=value, above=plan.runs_above, until_s=end_s)


def hours_near(plan: models.MaintenancePlan, at: datetime) -> float | None:
    """Return a plan's running hours at a moment as `hours_at`, or what is likeliest.

    Where the readings do not say, the mean hours a day are taken off for the time since; where
    not even these are known, the hours are those of the last reading.
    """
    found = hours_at(plan, at)
    if found is not None or plan.hours_now is None or plan.hours_read_at is None:
        return found
    return plan.hours_now - (plan.hours_read_at - at) / rules.DAY * (plan.hours_a_day or 0.0)


def _usable(
    code: str, since: datetime, until: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return moments in seconds and values of the readings that may be counted."""
    found = telemetry.readings([code], since, until)[code]
    good = (found.quality < telemetry_contracts.Quality.BAD) & ~np.isnan(found.value)
    return found.at_us[good] / 1e6, found.value[good]


def _busy(plan: models.MaintenancePlan, now: datetime) -> lab.Busy | None:
    """Return how busy the machine was in the last whole weeks."""
    end = _midnight(clock.local(now).date())
    at_s, value = _usable(plan.hours_point, end - rules.BUSY_WEEKS * WEEK, end)
    weeks = []
    for back in range(rules.BUSY_WEEKS):
        until_s = (end - back * WEEK).timestamp()
        inside = (at_s >= until_s - WEEK.total_seconds()) & (at_s < until_s)
        at, read = at_s[inside], value[inside]
        if at.size < 2 or at[-1] - at[0] < WEEK_COVERED.total_seconds():
            continue
        weeks.append(
            lab.counted(at_s=at, counter_h=read)
            if plan.runs_above is None
            else lab.ran(at_s=at, value=read, above=plan.runs_above, until_s=until_s)
        )
    return lab.busy(weeks)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.local_zone())
