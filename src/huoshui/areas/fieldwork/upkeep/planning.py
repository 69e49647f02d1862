"""Computing when a plan is due, from its last time, its hours and its season."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from django.db.models import Max

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import readings, rules
from huoshui.kernel import clock

FIELDS = ("hours_now", "done_hours", "hours_read_at", "hours_a_day", "hours_a_day_min",
          "hours_a_day_max")  # fmt: skip


def take_hours(plan: models.MaintenancePlan, read: readings.Read | None) -> None:
    """Take over running hours that were read; the caller saves the plan."""
    if read is None:
        return
    plan.hours_now, plan.hours_read_at = read.now_h, read.at
    if plan.done_hours is None:
        plan.done_hours = read.began_h
    if read.busy is not None:
        plan.hours_a_day = read.busy.hours_a_day
        plan.hours_a_day_min = read.busy.hours_a_day_min
        plan.hours_a_day_max = read.busy.hours_a_day_max


def season_of(plan: models.MaintenancePlan) -> rules.Season:
    """Return the months in which a plan's work is done."""
    return rules.Season(plan.from_month, plan.until_month)


def hours_of(plan: models.MaintenancePlan, *, begun: float | None = None) -> rules.Hours | None:
    """Return the running hours of a plan that goes by them, where they are known."""
    if not plan.every_hours or plan.hours_now is None or plan.done_hours is None:
        return None
    done = plan.done_hours if begun is None else max(begun, plan.done_hours)
    read = clock.local(plan.hours_read_at).date() if plan.hours_read_at else None
    return rules.Hours(plan.every_hours, plan.hours_now, done, plan.hours_a_day, read)


def compute_due(plan: models.MaintenancePlan, today: date) -> None:
    """Set when a plan is due next; the caller saves it. An open job leaves it as it is.

    A time that was given up counts as if it had been: the next one follows from it.
    """
    if plan.job_id is not None:
        return
    if plan.is_routine:
        _next_routine(plan)
        return
    given_up = plan.history.filter(outcome=rules.Outcome.SKIPPED, due_date__gt=plan.done_date)
    latest = given_up.aggregate(day=Max("due_date"), hours=Max("done_hours"))
    due = rules.next_due(
        done_date=max(plan.done_date, latest["day"] or plan.done_date),
        today=today,
        season=season_of(plan),
        every_days=plan.every_days,
        hours=hours_of(plan, begun=latest["hours"]),
    )
    plan.due_date, plan.due_by = (due.date, due.by) if due else (None, "")
    _leave_turns_that_were(plan)


def _leave_turns_that_were(plan: models.MaintenancePlan) -> None:
    """Go on from dates that had their turn, as those of work done before its season have."""
    season = season_of(plan)
    had = set(plan.history.values_list("due_date", flat=True))
    while plan.due_date is not None and plan.due_date in had:
        # The next free day, no whole interval: work that was not done after all must not wait so.
        plan.due_date = season.at_or_after(plan.due_date + rules.DAY)


def _next_routine(plan: models.MaintenancePlan) -> None:
    season, every = season_of(plan), plan.every_days or 1
    latest = plan.history.aggregate(day=Max("due_date"))["day"]
    begin = max(plan.done_date, latest or plan.done_date)
    plan.due_date = rules.routine_after(begin, every_days=every, season=season)
    plan.due_by = "days"


def ends_at(plan: models.MaintenancePlan, due_date: date, zone: tzinfo) -> datetime:
    """Return the moment until which the job of a due date should be done."""
    return datetime.combine(due_date, plan.window_until or rules.DAY_ENDS, zone)
