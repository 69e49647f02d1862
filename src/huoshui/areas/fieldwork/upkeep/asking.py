"""Asking for the jobs of maintenance when they fall due, and what becomes of each time.

Every step is one transaction for one plan. One row for a plan and a due date keeps a job from being
asked for twice, whatever is repeated, late or interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import contracts, models, queries
from huoshui.areas.fieldwork.actions import giving
from huoshui.areas.fieldwork.actions import jobs as job_actions
from huoshui.areas.fieldwork.upkeep import actions, planning, readings, refusals, rules
from huoshui.kernel import audit, clock, errors
from huoshui.kernel.pages import formats

ORIGIN = "fieldwork.upkeep:"
REQUEST = "fieldwork.request_job"
JobState = contracts.JobState
WAITING = (JobState.REQUESTED, JobState.ASSIGNED)
ENDED = (JobState.CLOSED, JobState.CANCELLED)
Outcome = rules.Outcome


def look(at: datetime) -> int:
    """Bring every plan up to now: hours, ended jobs, missed days, new jobs; return jobs asked for.

    ``at`` is when the look was due; a late one looks at the present all the same. What one plan
    is refused is kept with it and holds up no other. Nor does an error, such as of a historian
    that does not answer: the first one is raised when every plan had its turn.
    """
    today = clock.local(clock.now()).date()
    asked, broken = 0, list[Exception]()
    for code in _worth_a_look(today):
        try:
            asked += bring_up(code, _read(code, broken))
        except Exception as problem:
            broken.append(problem)
    rest_from_heat()
    if broken:
        raise broken[0]
    return asked


def _read(code: str, broken: list[Exception]) -> readings.Read | None:
    """Return the running hours of a plan; where they cannot be read the days go on without."""
    plan = models.MaintenancePlan.objects.get(code=code)
    try:
        return readings.running_hours(plan, clock.now())
    except Exception as problem:
        broken.append(problem)
        return None


def _worth_a_look(today: date) -> list[str]:
    """Return the plans for which something may have changed; the others cost one row each."""
    plans = models.MaintenancePlan.objects.filter(is_retired=False).order_by("pk")
    ended = set(
        models.MaintenanceDone.objects.filter(outcome=Outcome.ASKED, job__state__in=ENDED)
        .values_list("plan_id", flat=True)
    )  # fmt: skip
    rows = plans.values_list("pk", "code", "due_date", "ahead_days", "job_id", "hours_point",
                             "is_routine")  # fmt: skip
    found = []
    for pk, code, due_date, ahead_days, job_id, hours_point, is_routine in rows:
        ready = due_date is None or due_date - ahead_days * rules.DAY <= today
        waits = job_id is None or (is_routine and due_date is not None and due_date < today)
        if hours_point or pk in ended or (ready and waits):
            found.append(code)
    return found


def bring_up(code: str, read: readings.Read | None) -> bool:
    """Bring one plan up to now with the hours that were read; say whether a job was asked for."""
    plan = models.MaintenancePlan.objects.get(code=code)
    planning.take_hours(plan, read)
    then = _hours_when_done(plan)
    with transaction.atomic():
        plan = actions.locked(code)
        if plan.is_retired:
            return False
        today = clock.local(clock.now()).date()
        planning.take_hours(plan, read)
        _settle_all(plan, today, then)
        if plan.is_routine:
            _note_missed(plan, today)
        planning.compute_due(plan, today)
        plan.save()
        if plan.job_id is not None or plan.due_date is None:
            return False
        if plan.is_routine and plan.due_date < today:
            return False
        if plan.due_date - plan.ahead_days * rules.DAY > today:
            return False
        try:
            with transaction.atomic():
                ask(plan, by_id=None)
        except errors.Refused as refused:
            plan.refresh_from_db()
            if plan.trouble != refused.code:
                plan.trouble = refused.code
                plan.save(update_fields=["trouble"])
                detail = {"code": refused.code}
                audit.record(None, "fieldwork.upkeep_not_asked", actions.subject(plan), detail)
            return False
    return True


def ask_now(code: str, *, by_id: int) -> models.Job:
    """Ask for the job of a plan before its time; the job is of the same due date."""
    plan = models.MaintenancePlan.objects.filter(code=code).first()
    then = {} if plan is None else _hours_when_done(plan)
    with transaction.atomic():
        plan = actions.locked(code, by_id=by_id, permission=REQUEST)
        if plan.is_retired:
            raise refusals.UpkeepRetired(code)
        _settle_all(plan, clock.local(clock.now()).date(), then)
        if plan.job is not None:
            raise refusals.UpkeepAsked(plan.job.number)
        return ask(plan, by_id=by_id)


def ask(plan: models.MaintenancePlan, *, by_id: int | None) -> models.Job:
    """Ask for the job of a plan's due date and keep that it was; refuses a date that had its turn.

    A crew that looks after the plan gets the job at once.
    """
    now, zone = clock.now(), clock.local_zone()
    if plan.due_date is None:
        raise refusals.UpkeepDueUnknown(plan.code)
    row, is_new = models.MaintenanceDone.objects.get_or_create(
        plan=plan, due_date=plan.due_date, defaults={"outcome": Outcome.ASKED, "asked_at": now}
    )
    if not is_new:
        raise refusals.UpkeepAskedBefore(plan.code, plan.due_date)
    begin, end = _window(plan, plan.due_date)
    until = planning.ends_at(plan, plan.due_date, zone)
    if end is not None and end <= now:
        begin = end = None  # too late for today's window: it is done as soon as can be
    job = job_actions.request_job(
        place=contracts.Place(asset_code=plan.asset_code),
        by_id=by_id,
        title=plan.name,
        description=description(plan),
        priority=contracts.Priority(plan.job_type.priority),
        due_at=until if until > now else None,
        origin=f"{ORIGIN}{plan.pk}:{plan.due_date.isoformat()}",
        work=contracts.Work(plan.job_type.code, window_from_at=begin, window_until=end),
    )
    row.job = plan.job = job
    row.save(update_fields=["job"])
    plan.trouble = ""
    plan.save(update_fields=["job", "trouble"])
    if plan.crew is not None:
        try:
            with transaction.atomic():
                giving.give_to_crew(job.number, crew_code=plan.crew.code, by_id=by_id)
        except errors.Refused:
            pass  # a crew without people: the job waits on the board like any other
    return job


def _window(
    plan: models.MaintenancePlan, day: date
) -> tuple[datetime | None, datetime | None]:  # fmt: skip
    """Return the window of a routine's day, without the hours of rest where no point says more."""
    if not plan.is_routine:
        return None, None
    zone = clock.local_zone()
    begin, end = rules.window(day, plan.window_from, plan.window_until, zone)
    if plan.heat_from is None or plan.heat_until is None or plan.heat_point:
        return begin, end
    rest = (
        datetime.combine(day, plan.heat_from, zone),
        datetime.combine(day, plan.heat_until, zone),
    )
    return rules.cooler(begin, end, rest=rest)


def description(plan: models.MaintenancePlan) -> str:
    """Return what the crew reads beyond the steps: the plan's words, hours and photos."""
    lines = [plan.instructions] if plan.instructions else []
    if plan.window_from or plan.window_until:
        lines.append(
            _("Each day between %(from)s and %(until)s.")
            % {"from": clock_text(plan.window_from), "until": clock_text(plan.window_until)}
        )
    if plan.heat_from and plan.heat_until and plan.heat_limit_c is not None:
        lines.append(
            _("Above %(limit)s °C no work outside from %(from)s to %(until)s.")
            % {"limit": formats.text(plan.heat_limit_c, ".0f"), "from": clock_text(plan.heat_from),
               "until": clock_text(plan.heat_until)}
        )  # fmt: skip
    if plan.wants_photos:
        lines.append(_("Photos before and after are needed."))
    return "\n".join(lines)


def clock_text(moment: object) -> str:
    """Return an hour of the day as people write it, or a dash."""
    return "–" if moment is None else f"{moment:%H:%M}"


def settle_job(number: str) -> bool:
    """Write down what became of the time that a job was asked for; once, however often told."""
    row = models.MaintenanceDone.objects.select_related("plan").filter(job__number=number).first()
    if row is None:
        return False
    then = _hours_when_done(row.plan)
    with transaction.atomic():
        plan = actions.locked(row.plan.code)
        _settle_all(plan, clock.local(clock.now()).date(), then)
    return True


def _hours_when_done(plan: models.MaintenancePlan) -> dict[int, float | None]:
    """Return the running hours when each ended job was reported, by the key of its time.

    Read before the transaction that writes them: the closing may come days after the work, and
    nobody waits for the historian to write.
    """
    rows = plan.history.filter(outcome=Outcome.ASKED, job__state__in=ENDED)
    found: dict[int, float | None] = {}
    for row in rows.select_related("job"):
        assert row.job is not None
        found[row.pk] = plan.hours_now
        if row.job.state == JobState.CLOSED:
            found[row.pk] = readings.hours_near(plan, queries.latest_report(row.job.pk).reported_at)
    return found


def _settle_all(
    plan: models.MaintenancePlan, today: date, then: Mapping[int, float | None]
) -> None:
    """Fill in the times whose jobs have ended; what ended since ``then`` was read waits."""
    rows = plan.history.filter(outcome=Outcome.ASKED, job__state__in=ENDED, pk__in=then)
    for row in rows.select_related("job").order_by("due_date"):
        assert row.job is not None
        if row.job.state == JobState.CLOSED:
            report = queries.latest_report(row.job.pk)
            row.outcome = Outcome.DONE
            row.done_date = clock.local(report.reported_at).date()
        else:
            row.outcome = Outcome.SKIPPED
        row.done_hours = then[row.pk]
        row.save(update_fields=["outcome", "done_date", "done_hours"])
        actions.finish(plan, row, today)
        audit.record(
            None, f"fieldwork.upkeep_{row.outcome}", actions.subject(plan),
            {"job": row.job.number, "due_date": row.due_date.isoformat()},
        )  # fmt: skip


def _note_missed(plan: models.MaintenancePlan, today: date) -> None:
    """Write down the days of a routine that went by without it, and end their jobs.

    What the crew has reported and nobody has checked yet is not missed.
    """
    for row in plan.history.filter(outcome=Outcome.ASKED, due_date__lt=today):
        job = row.job
        if job is not None and job.state in WAITING:
            row.outcome = Outcome.MISSED
            row.save(update_fields=["outcome"])
            job_actions.cancel_job(
                number=job.number, by_id=None, reason=_("The day of this routine is over.")
            )
        if plan.job_id == row.job_id:
            plan.job = None
    missed = 0
    planning.compute_due(plan, today)
    while plan.due_date is not None and plan.due_date < today:
        if missed == rules.MISSED_AT_ONCE_MAX:
            break  # the next look goes on
        models.MaintenanceDone.objects.create(
            plan=plan, due_date=plan.due_date, outcome=Outcome.MISSED
        )
        missed += 1
        planning.compute_due(plan, today)
    if missed:
        detail = {"missed": missed}
        audit.record(None, "fieldwork.upkeep_missed", actions.subject(plan), detail)


def rest_from_heat() -> int:
    """Put off the jobs that wait while it is too hot for them; return how many.

    The job may begin when the hours of rest are over; its history says why.
    """
    now, zone = clock.now(), clock.local_zone()
    plans = models.MaintenancePlan.objects.filter(
        is_retired=False, heat_limit_c__isnull=False, job__state__in=WAITING
    )
    put_off = 0
    for plan in plans.select_related("job"):
        rest = heat_of(plan)
        if rest is None or plan.job is None:
            continue
        hot_c = readings.temperature(plan.heat_point, now)
        if not rest.rest(now, zone, hot_c):
            continue
        until = datetime.combine(clock.local(now).date(), rest.end, zone)
        with transaction.atomic():
            job = job_actions.locked(plan.job.number)
            if job.arrived_at or (job.window_from_at and job.window_from_at >= until):
                continue
            job.window_from_at = until
            if job.window_until is not None and job.window_until <= until:
                job.window_until = None
            job.save(update_fields=["window_from_at", "window_until"])
            said = _("Not before %(until)s: hours of rest from the heat, nothing is measured.")
            if hot_c is not None:
                said = _("Not before %(until)s: too hot.") + f" {formats.text(hot_c, '.1f')} °C"
            said %= {"until": f"{rest.end:%H:%M}"}
            job_actions.note_step(job, "put_off", at=now, by_id=None, note=said)
        put_off += 1
    return put_off


def heat_of(plan: models.MaintenancePlan) -> rules.Heat | None:
    """Return the heat rule of a plan, or None."""
    if plan.heat_from is None or plan.heat_until is None or plan.heat_limit_c is None:
        return None
    return rules.Heat(plan.heat_from, plan.heat_until, plan.heat_limit_c)
