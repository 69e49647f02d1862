"""Everything that may be done with maintenance plans; asking for their jobs is in `asking`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import planning, readings, refusals, rules
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions

LOG = logging.getLogger(__name__)
MANAGE = "fieldwork.manage_upkeep"
# What a plan says; the rest of its row is computed.
FIELDS = (
    "name", "asset_code", "job_type", "crew", "instructions", "every_days", "every_hours",
    "hours_point", "runs_above", "from_month", "until_month", "window_from", "window_until",
    "heat_from", "heat_until", "heat_limit_c", "heat_point", "is_routine", "wants_photos",
    "ahead_days", "done_date", "done_hours", "is_retired",
)  # fmt: skip
# A change of these makes what was read of the hours worthless.
OF_HOURS = frozenset({"hours_point", "runs_above"})


def subject(plan: models.MaintenancePlan) -> str:
    """Return how the trail of deeds names a plan."""
    return f"fieldwork.upkeep:{plan.code}"


def keep_plan(
    code: str, values: Mapping[str, Any], *, by_id: int | None, reads_hours: bool = True
) -> tuple[models.MaintenancePlan, dict[str, tuple[Any, Any]]]:
    """Make a maintenance plan or change it; return it and what changed, by field.

    Refuses with everything that is wrong at once. Saying the same again changes nothing.
    Running hours are read when the plan is kept, so that nobody waits for the historian to write;
    without ``reads_hours``, or where they cannot be read now, the next look reads them.
    """
    plan, changed = _keep(code, values, by_id=by_id)
    if changed and reads_hours:
        try:
            plan = _read_hours(plan)
        except Exception:
            LOG.exception("the running hours of plan %s cannot be read now", code)
    return plan, changed


def _read_hours(plan: models.MaintenancePlan) -> models.MaintenancePlan:
    read = readings.running_hours(plan, clock.now())
    if read is None:
        return plan
    with transaction.atomic():
        kept: models.MaintenancePlan = locked(plan.code)
        planning.take_hours(kept, read)
        planning.compute_due(kept, clock.local(clock.now()).date())
        kept.save()
    return kept


@transaction.atomic
def _keep(
    code: str, values: Mapping[str, Any], *, by_id: int | None
) -> tuple[models.MaintenancePlan, dict[str, tuple[Any, Any]]]:
    plan = models.MaintenancePlan.objects.select_for_update(of=("self",)).filter(code=code).first()
    is_new = plan is None
    plan = plan or models.MaintenancePlan(code=code)
    before = {} if is_new else {name: getattr(plan, name) for name in FIELDS}
    for name in FIELDS:
        if name in values:
            setattr(plan, name, values[name])
    units = [network.unit_in_charge(asset_code=one)
             for one in {plan.asset_code, before.get("asset_code", plan.asset_code)}]  # fmt: skip
    permissions.require_in(by_id, MANAGE, units)
    _refuse_unusable(plan)
    changed = {
        name: (before.get(name), getattr(plan, name))
        for name in FIELDS
        if name in values and (is_new or before[name] != getattr(plan, name))
    }
    if not changed:
        return plan, {}
    if OF_HOURS & changed.keys() and not is_new:
        plan.hours_now = plan.hours_read_at = plan.hours_a_day = None
        plan.hours_a_day_min = plan.hours_a_day_max = None
        if "done_hours" not in changed:
            plan.done_hours = None
    if "done_date" in changed and "done_hours" not in changed and plan.hours_now is not None:
        plan.done_hours = None  # those of another day: they are read anew
    asset = network.asset(plan.asset_code)
    plan.asset_kind = asset.kind if asset else ""
    plan.trouble = ""
    if is_new:
        plan.save()
    planning.compute_due(plan, clock.local(clock.now()).date())
    plan.save()
    detail = {"asset": plan.asset_code, "fields": sorted(changed)}
    audit.record(by_id, "fieldwork.upkeep_kept", subject(plan), detail)
    return plan, changed


def _refuse_unusable(plan: models.MaintenancePlan) -> None:
    found = dict(_problems(plan))
    if found:
        raise refusals.UpkeepNotUsable(found)


def _problems(plan: models.MaintenancePlan) -> Any:
    """Yield what is wrong with a plan, by field."""
    if not plan.name:
        yield "name", _("The plan needs a name.")
    if network.asset(plan.asset_code) is None:
        yield "asset_code", _("The network has no asset %(code)s.") % {"code": plan.asset_code}
    if not plan.every_days and not plan.every_hours:
        yield "every_days", _("Say every how many days or running hours.")
    elif plan.every_days and plan.ahead_days >= plan.every_days:
        yield (
            "ahead_days",
            _("Asked for %(ahead)s days before, work of every %(every)s days is due again as soon "
              "as it is done: say fewer days.")
            % {"ahead": plan.ahead_days, "every": plan.every_days},
        )  # fmt: skip
    if plan.every_hours and not plan.hours_point:
        yield "hours_point", _("Running hours need the point that counts them.")
    for name in ("hours_point", "heat_point"):
        code = getattr(plan, name)
        if code and not readings.is_point(code):
            yield name, _("There is no point %(code)s.") % {"code": code}
    if plan.is_routine and (not plan.every_days or plan.every_hours):
        yield "is_routine", _("A routine goes by days alone.")
    if plan.window_from and plan.window_until and plan.window_until <= plan.window_from:
        yield "window_until", _("The time window ends before it begins.")
    hot = (plan.heat_from, plan.heat_until, plan.heat_limit_c)
    if any(one is not None for one in hot) and None in hot:
        yield "heat_from", _("The heat rule needs both hours and a temperature.")
    elif plan.heat_from and plan.heat_until and plan.heat_until <= plan.heat_from:
        yield "heat_until", _("The hours of the heat rule end before they begin.")
    if plan.done_date > clock.local(clock.now()).date():
        yield "done_date", _("The day on which it was done last has not come yet.")


def locked(code: str, *, by_id: int | None = None, permission: str = MANAGE) -> Any:
    """Return a plan to change; refuses a post that is limited to other units."""
    rows = models.MaintenancePlan.objects.select_for_update(of=("self",))
    plan = rows.select_related("job", "job_type", "crew").filter(code=code).first()
    if plan is None:
        raise refusals.NoSuchUpkeep(code)
    permissions.require_in(by_id, permission, [network.unit_in_charge(asset_code=plan.asset_code)])
    return plan


@transaction.atomic
def retire(code: str, *, reason: str, by_id: int | None) -> models.MaintenancePlan:
    """Stop following a plan; a job that is open for it stays open. It can be taken up again."""
    plan: models.MaintenancePlan = locked(code, by_id=by_id)
    if plan.is_retired:
        return plan
    plan.is_retired = True
    plan.save(update_fields=["is_retired"])
    audit.record(by_id, "fieldwork.upkeep_retired", subject(plan), {"reason": reason})
    return plan


def record_done(
    code: str, day: date, *, by_id: int | None, hours: float | None = None
) -> models.MaintenanceDone:
    """Enter work as done without a job, such as from a paper book; the plan goes on from there.

    Without ``hours`` the running hours at the end of that day are read. Refuses a day to come,
    while a job is open for the plan, and where the plan needs hours that cannot be read.
    """
    if hours is None:
        plan = models.MaintenancePlan.objects.filter(code=code).first()
        hours = None if plan is None else readings.hours_at(plan, readings.end_of(day))
    return _record_done(code, day, by_id=by_id, hours=hours)


@transaction.atomic
def _record_done(
    code: str, day: date, *, by_id: int | None, hours: float | None
) -> models.MaintenanceDone:
    plan = locked(code, by_id=by_id)
    if plan.job is not None:
        raise refusals.UpkeepAsked(plan.job.number)
    today = clock.local(clock.now()).date()
    if day > today:
        raise refusals.DayNotYet(day)
    goes_by_hours = plan.every_hours and plan.hours_now is not None
    if hours is None and goes_by_hours and day >= plan.done_date:
        raise refusals.UpkeepHoursNeeded(code, day)
    # What was done before the last time we know of says nothing of the next one.
    due = day if plan.due_date is None or day < plan.done_date else plan.due_date
    row, is_new = models.MaintenanceDone.objects.get_or_create(
        plan=plan, due_date=due,
        defaults={"outcome": rules.Outcome.DONE, "done_date": day, "done_hours": hours},
    )  # fmt: skip
    if not is_new:
        raise refusals.UpkeepAskedBefore(code, due)
    finish(plan, row, today)
    detail = {"done_date": day.isoformat(), "due_date": due.isoformat()}
    audit.record(by_id, "fieldwork.upkeep_entered", subject(plan), detail)
    return row


def finish(plan: models.MaintenancePlan, row: models.MaintenanceDone, today: date) -> None:
    """Let a plan go on from a time that is over."""
    if plan.job_id == row.job_id:
        plan.job = None
    if row.outcome == rules.Outcome.DONE and row.done_date is not None:
        # A routine goes on from its own day, also where the report came after midnight.
        day = row.due_date if plan.is_routine else row.done_date
        if day >= plan.done_date:
            plan.done_date = day
            plan.done_hours = row.done_hours
    planning.compute_due(plan, today)
    plan.trouble = ""
    plan.save()
