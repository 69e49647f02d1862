"""Keeping signs of wear, and deciding what was suggested because of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import contracts, models, queries
from huoshui.areas.fieldwork.actions import giving
from huoshui.areas.fieldwork.actions import jobs as job_actions
from huoshui.areas.fieldwork.upkeep import rules as upkeep_rules
from huoshui.areas.fieldwork.upkeep.condition import refusals, rules, saying
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import audit, clock, errors, notices
from huoshui.kernel.accounts import permissions

MANAGE = "fieldwork.manage_upkeep"
ORIGIN = "fieldwork.condition:"
FIELDS = (
    "name", "asset_code", "point", "how", "other_point", "while_point", "while_min", "while_max",
    "limit", "is_upper", "window_days", "warn_days", "lead_days", "job_type", "crew",
    "instructions", "since_date", "is_retired",
)  # fmt: skip
# A change of these makes what was found worthless.
OF_TREND = frozenset(
    {"point", "how", "other_point", "while_point", "while_min", "while_max", "limit", "is_upper",
     "window_days", "since_date"}
)  # fmt: skip
FOUND = ("looked_at", "level_now", "slope_a_day", "slope_a_day_min", "slope_a_day_max",
         "limit_date", "limit_date_min", "limit_date_max")  # fmt: skip
ENDED = (contracts.JobState.CLOSED, contracts.JobState.CANCELLED)


def subject(indicator: models.ConditionIndicator) -> str:
    """Return how the trail of deeds names an indicator."""
    return f"fieldwork.indicator:{indicator.code}"


def next_code() -> str:
    """Return the next free number of an indicator, such as ZT-0007."""
    latest = models.ConditionIndicator.objects.filter(code__regex=r"^ZT-[0-9]{4,8}$")
    number = max((int(code[3:]) for code in latest.values_list("code", flat=True)), default=0)
    return f"ZT-{number + 1:04d}"


@transaction.atomic
def keep_indicator(
    code: str, values: Mapping[str, Any], *, by_id: int | None
) -> models.ConditionIndicator:
    """Make a sign of wear or change it; refuses with everything that is wrong at once.

    A change of what is measured lets what was found before fall away; the next look finds anew.
    """
    rows = models.ConditionIndicator.objects.select_for_update(of=("self",))
    row = rows.filter(code=code).first()
    is_new = row is None
    row = row or models.ConditionIndicator(code=code)
    before = {} if is_new else {name: getattr(row, name) for name in FIELDS}
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    places = {row.asset_code, before.get("asset_code", row.asset_code)}
    units = [network.unit_in_charge(asset_code=one) for one in places]
    permissions.require_in(by_id, MANAGE, units)
    problems = dict(_problems(row))
    if problems:
        raise refusals.IndicatorNotUsable(problems)
    changed = [one for one in FIELDS if is_new or before[one] != getattr(row, one)]
    if not changed:
        return row
    if OF_TREND & set(changed) or row.is_retired:
        for name in FOUND:
            setattr(row, name, None)
        row.days = 0
    row.save()
    if not is_new and (OF_TREND & set(changed) or row.is_retired):
        for one in row.suggestions.filter(state=rules.State.OPEN):
            lapse(one)
    detail = {"asset": row.asset_code, "indicator_fields": changed}
    audit.record(by_id, "fieldwork.indicator_kept", subject(row), detail)
    return row


def _problems(row: models.ConditionIndicator) -> Iterator[tuple[str, str]]:
    if not row.name:
        yield "name", _("The sign of wear needs a name.")
    if network.asset(row.asset_code) is None:
        yield "asset_code", _("The network has no asset %(code)s.") % {"code": row.asset_code}
    named = [one for one in ("point", "other_point", "while_point") if getattr(row, one)]
    known = {one.code for one in telemetry.points([getattr(row, one) for one in named])}
    for name in named:
        if getattr(row, name) not in known:
            yield name, _("There is no point %(code)s.") % {"code": getattr(row, name)}
    if not row.point:
        yield "point", _("Say which point is watched.")
    if (row.how == rules.How.ALONE) != (not row.other_point):
        yield "other_point", _("Name the other point, or watch the point alone.")
    bounds = [one for one in (row.while_min, row.while_max) if one is not None]
    if bool(row.while_point) != bool(bounds):
        yield "while_point", _("A state needs its point and at least one of its bounds.")
    elif len(bounds) == 2 and bounds[1] <= bounds[0]:
        yield "while_max", _("The upper bound must be above the lower one.")
    if row.window_days < 14:
        yield "window_days", _("A trend needs at least fourteen days.")


def locked_suggestion(number: int, *, by_id: int) -> models.ConditionSuggestion:
    """Return a suggestion to decide; refuses a post that is limited to other units."""
    rows = models.ConditionSuggestion.objects.select_for_update(of=("self",))
    row = rows.select_related("indicator__job_type", "indicator__crew", "job").get(pk=number)
    units = [network.unit_in_charge(asset_code=row.indicator.asset_code)]
    permissions.require_in(by_id, MANAGE, units)
    return row


@transaction.atomic
def accept(number: int, *, by_id: int) -> models.Job:
    """Ask for the job of a suggestion; the crew in charge gets it at once."""
    row = locked_suggestion(number, by_id=by_id)
    if row.state != rules.State.OPEN:
        raise refusals.SuggestionDecided(number, row.state)
    indicator, now = row.indicator, clock.now()
    until = datetime.combine(row.due_date, upkeep_rules.DAY_ENDS, clock.local_zone())
    job = job_actions.request_job(
        place=contracts.Place(asset_code=indicator.asset_code),
        by_id=by_id,
        title=indicator.name,
        description="\n".join(filter(None, (saying.evidence(row), indicator.instructions))),
        priority=contracts.Priority(indicator.job_type.priority),
        due_at=until if until > now else None,
        origin=f"{ORIGIN}{row.pk}",
        work=contracts.Work(indicator.job_type.code),
    )
    row.job, row.state = job, rules.State.ACCEPTED
    _decided(row, by_id)
    row.save()
    if indicator.crew is not None:
        try:
            with transaction.atomic():
                giving.give_to_crew(job.number, crew_code=indicator.crew.code, by_id=by_id)
        except errors.Refused:
            pass  # a crew without people: the job waits on the board like any other
    detail = {"job": job.number, "due_date": row.due_date.isoformat()}
    audit.record(by_id, "fieldwork.suggestion_accepted", subject(indicator), detail)
    return job


@transaction.atomic
def decline(number: int, *, reason: rules.Reason, note: str, by_id: int) -> None:
    """Decline a suggestion and say why.

    Where it was wrong, or the machine was replaced, the trend begins anew tomorrow; else it may be
    suggested again after a while.
    """
    row = locked_suggestion(number, by_id=by_id)
    if row.state != rules.State.OPEN:
        raise refusals.SuggestionDecided(number, row.state)
    row.state, row.reason, row.note = rules.State.DECLINED, reason, note.strip()
    if reason in rules.WRONG:
        row.verdict = rules.Verdict.WRONG
    _decided(row, by_id)
    row.save()
    if reason != rules.Reason.LATER:
        _begin_anew(row.indicator, clock.local(clock.now()).date())
    detail = {"suggestion_reason": str(reason)}
    audit.record(by_id, "fieldwork.suggestion_declined", subject(row.indicator), detail)


@transaction.atomic
def judge(number: int, *, verdict: rules.Verdict, note: str, by_id: int) -> None:
    """Say after the work whether there was wear; once."""
    row = locked_suggestion(number, by_id=by_id)
    if row.job is None or row.job.state not in ENDED or row.verdict:
        raise refusals.VerdictNotYet(number)
    row.verdict, row.note = verdict, note.strip()
    row.save(update_fields=["verdict", "note"])
    detail = {"verdict": str(verdict)}
    audit.record(by_id, "fieldwork.suggestion_judged", subject(row.indicator), detail)


@transaction.atomic
def settle_job(number: str) -> bool:
    """Let a sign of wear begin anew when the work because of it is done; once, however often told.

    A report that something was repaired says that the suggestion was right. Where the job was
    given up, the trend goes on and may be suggested again.
    """
    rows = models.ConditionSuggestion.objects.select_for_update(of=("self",))
    row = rows.select_related("indicator", "job").filter(job__number=number).first()
    if row is None or row.job is None or row.job.state != contracts.JobState.CLOSED:
        return False
    report = queries.latest_report(row.job.pk)
    done = clock.local(report.reported_at).date()
    if row.indicator.since_date is not None and row.indicator.since_date > done:
        return False
    if report.found == contracts.Found.REPAIRED and not row.verdict:
        row.verdict = rules.Verdict.RIGHT
        row.save(update_fields=["verdict"])
    _begin_anew(row.indicator, done)
    detail = {"job": number, "done_date": done.isoformat()}
    audit.record(None, "fieldwork.suggestion_done", subject(row.indicator), detail)
    return True


def lapse(row: models.ConditionSuggestion) -> None:
    """Let an open suggestion go because its trend does not lead there any more."""
    row.state, row.decided_at = rules.State.LAPSED, clock.now()
    row.save(update_fields=["state", "decided_at"])
    notices.withdraw(saying.notice_key(row.indicator))
    audit.record(None, "fieldwork.suggestion_lapsed", subject(row.indicator), {})


def _decided(row: models.ConditionSuggestion, by_id: int) -> None:
    row.decided_at, row.decided_by_id = clock.now(), by_id
    notices.withdraw(saying.notice_key(row.indicator))


def _begin_anew(indicator: models.ConditionIndicator, done: Any) -> None:
    indicator.since_date = done + rules.DAY
    for name in FOUND:
        setattr(indicator, name, None)
    indicator.days = 0
    indicator.save(update_fields=["since_date", "days", *FOUND])
