"""Proposals of a plan: asked for, computed, changed by a person, accepted or put aside."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models, refusals, rules
from huoshui.areas.fieldwork.actions import giving
from huoshui.areas.fieldwork.actions import jobs as job_actions
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import planning as queries
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.lab.planning import nearest, routing, scheduling

PlanState = contracts.PlanState
NO_PLACE = "no_place"
ASSIGN = "fieldwork.assign_job"


def propose(*, from_at: datetime, until: datetime, by_id: int | None) -> models.Plan:
    """Ask for a proposal for the crews at work between two moments; `compute` fills it.

    Refuses where there are no jobs to plan, or no crews. Of a post that is limited to a unit only
    its jobs are planned.
    """
    from_at = max(from_at, clock.now())
    jobs = len(_of(by_id, with_given=False))
    crews = len(crew_queries.at_work(from_at, until)) if until > from_at else 0
    if not jobs or not crews:
        raise refusals.NothingToPlan(jobs, crews)
    with transaction.atomic():
        row = models.Plan.objects.create(
            from_at=from_at, until=until, asked_at=clock.now(), asked_by_id=by_id
        )
        audit.record(
            by_id, "fieldwork.plan_asked", f"fieldwork.plan:{row.pk}",
            {"from": from_at.isoformat(), "until": until.isoformat()},
        )  # fmt: skip
    return row


def compute(
    number: int,
    *,
    limit_s: float = rules.PLAN_LIMIT_S,
    tell: Callable[[float], bool] = lambda share: True,
) -> models.Plan:
    """Compute a proposal; one that is not waiting for it stays as it is.

    No lock is held meanwhile. What changed since is seen when the proposal is accepted.
    """
    row = _plan(number)
    if row.state != PlanState.COMPUTING:
        return row
    jobs = sorted(
        _of(row.asked_by_id, with_given=True),
        key=lambda one: (-_weight(one), one.due_at, one.pk),
    )[: rules.PLAN_JOBS_MAX]
    spots = queries.spots_of(jobs)
    placed = [one for one in jobs if one.pk in spots]
    at_work = crew_queries.at_work(row.from_at, row.until)
    timed = queries.problem_of(
        placed, at_work, from_at=row.from_at, until=row.until, pin_given=True
    )
    problem = timed.problem
    begun_s = time.monotonic()
    simple = nearest.plan(problem)
    found = routing.plan(problem, time_limit_s=limit_s, tell=tell, seconds=time.monotonic)
    took_s = time.monotonic() - begun_s
    of_number = {one.number: one for one in placed}
    crews = {one.crew.code: one.crew for one in at_work}
    stops = [
        models.PlanStop(
            plan=row, job=of_number[visit.task], crew=crews[route.team], order=order,
            begin_at=row.from_at + timedelta(seconds=visit.begin_s),
            drive_s=visit.drive_s, drive_m=visit.drive_m,
        )
        for route in found.routes
        for order, visit in enumerate(route.visits)
    ]  # fmt: skip
    stops += [
        models.PlanStop(
            plan=row, job=of_number[one.task], reason=str(one.reason), broken=list(one.lacking)
        )
        for one in found.left
    ]
    stops += [
        models.PlanStop(plan=row, job=one, reason=NO_PLACE) for one in jobs if one.pk not in spots
    ]
    with transaction.atomic():
        row = _plan(number, lock=True)
        if row.state != PlanState.COMPUTING:
            return row
        models.PlanStop.objects.bulk_create(stops)
        row.state = PlanState.PROPOSED
        row.drive_s, row.drive_m = found.drive_s, found.drive_m
        row.nearest_drive_s, row.nearest_placed = simple.drive_s, simple.placed
        row.took_s, row.travel = took_s, timed.over
        row.legs_by_line = timed.legs_by_line(found)
        row.save()
        audit.record(
            row.asked_by_id, "fieldwork.plan_computed", f"fieldwork.plan:{row.pk}",
            {"jobs": found.placed, "left": len(stops) - found.placed},
        )  # fmt: skip
    return row


def give_up(number: int) -> None:
    """Mark a proposal whose computation was ended or went wrong."""
    changed = models.Plan.objects.filter(pk=number, state=PlanState.COMPUTING)
    if changed.update(state=PlanState.FAILED):
        audit.record(None, "fieldwork.plan_failed", f"fieldwork.plan:{number}", {})


def _of(by_id: int | None, *, with_given: bool) -> list[models.Job]:
    """Return the jobs that somebody may plan; ``with_given`` adds what crews have, which stays."""
    jobs = list(queries.plannable())
    user = None if by_id is None else User.objects.filter(pk=by_id).first()
    if user is None or permissions.units_of(user, ASSIGN) is None:
        return jobs
    return [
        one for one in jobs
        if (with_given and one.crew_id is not None)
        or permissions.may_in(user, ASSIGN, job_actions.unit_of(one))
    ]  # fmt: skip


def _weight(job: models.Job) -> int:
    return rules.WEIGHTS[contracts.Priority(job.priority)]


def _plan(number: int, *, lock: bool = False) -> models.Plan:
    rows = models.Plan.objects.all()
    row = (rows.select_for_update() if lock else rows).filter(pk=number).first()
    if row is None:
        raise refusals.NoSuch("plan", number)
    return row


def _open(number: int) -> models.Plan:
    row = _plan(number, lock=True)
    if row.state != PlanState.PROPOSED:
        raise refusals.PlanNotOpen(row)
    return row


@transaction.atomic
def move(
    number: int,
    *,
    job_number: str,
    crew_code: str,
    at_place: int | None,
    by_id: int | None,
    seen: str | None = None,
) -> list[str]:
    """Move a job of a proposal to a crew, to a place in its order, or out (no crew).

    Recomputes the times of both crews; returns the rules that the moved job breaks now. Refuses
    where ``seen`` names another crew than has it in the proposal by now.
    """
    row = _open(number)
    stop = row.stops.select_related("job", "crew").filter(job__number=job_number).first()
    if stop is None:
        raise refusals.NoSuchJob(job_number)
    permissions.require_in(by_id, ASSIGN, [job_actions.unit_of(stop.job)])
    before = stop.crew
    if seen is not None and seen != (before.code if before else ""):
        raise refusals.ProposalChanged(row, job_number, before)
    crew = None
    if crew_code:
        crew = crew_queries.crew(crew_code)
        if crew is None or crew.is_retired:
            raise refusals.NoSuch("crew", crew_code)
    others = []
    if crew is not None:
        others = [
            one for one in row.stops.select_related("job").filter(crew=crew).order_by("order")
            if one.pk != stop.pk
        ]  # fmt: skip
    stop.crew = crew
    if crew is None:
        stop.order, stop.begin_at, stop.drive_s, stop.drive_m = 0, None, None, None
        stop.reason, stop.broken = "taken_out", []
        stop.save()
    else:
        stop.reason = ""
        stop.save(update_fields=["crew", "reason"])
        place = len(others) if at_place is None else max(0, min(at_place, len(others)))
        _time(row, crew, [*others[:place], stop, *others[place:]])
    if before is not None and (crew is None or before.pk != crew.pk):
        rest = row.stops.select_related("job").filter(crew=before).order_by("order")
        _time(row, before, list(rest))
    audit.record(
        by_id, "fieldwork.plan_changed", f"fieldwork.plan:{row.pk}",
        {"job": job_number, "crew": crew_code},
    )  # fmt: skip
    stop.refresh_from_db()
    return list(stop.broken)


def _time(row: models.Plan, crew: models.Crew, stops: list[models.PlanStop]) -> None:
    """Keep an order of a crew in a proposal, with the times that follow."""
    at_work = [one for one in crew_queries.at_work(row.from_at, row.until)
               if one.crew.pk == crew.pk]  # fmt: skip
    jobs = [one.job for one in stops]
    spots = queries.spots_of(jobs)
    known = [one for one in stops if one.job_id in spots]
    faults: dict[str, list[str]] = {}
    if at_work:
        problem = queries.problem_of(
            [one.job for one in known], at_work,
            from_at=row.from_at, until=row.until, pin_given=False,
        ).problem  # fmt: skip
        route, broken = scheduling.route_with_faults(problem, problem.teams[0], problem.tasks)
        faults = queries.faults_of(broken)
        for stop, visit in zip(known, route.visits, strict=True):
            stop.begin_at = row.from_at + timedelta(seconds=visit.begin_s)
            stop.drive_s, stop.drive_m = visit.drive_s, visit.drive_m
    for order, stop in enumerate(stops):
        stop.order = order
        stop.begin_at = stop.begin_at or row.from_at
        stop.broken = faults.get(stop.job.number, []) if at_work else [queries.OFF]
    models.PlanStop.objects.bulk_update(
        stops, ["order", "begin_at", "drive_s", "drive_m", "broken"]
    )


@transaction.atomic
def accept(number: int, *, by_id: int) -> tuple[int, list[str]]:
    """Give every job of a proposal to its crew in its order.

    Jobs that moved on since are left as they are and named, and so are those that the crew cannot
    be given any more: it has no people, is gone, or one of both is of another unit. Returns how
    many were given.
    """
    row = _open(number)
    given, passed_over = 0, []
    ready = {one.pk for one in queries.plannable().filter(pk__in=row.stops.values("job_id"))}
    stops = row.stops.filter(crew__isnull=False).select_related("job", "crew")
    of_crew: dict[int, list[models.PlanStop]] = {}
    for stop in stops.order_by("crew_id", "order"):
        if stop.job_id not in ready:
            passed_over.append(stop.job.number)
        elif stop.crew_id is not None:
            of_crew.setdefault(stop.crew_id, []).append(stop)
    emptied: set[int] = set()
    for crew_id, mine in of_crew.items():
        for stop in mine:
            before = stop.job.crew_id
            try:
                with transaction.atomic():
                    given += _give(stop, by_id)
            except (refusals.NoSuch, refusals.CrewEmpty, refusals.NotACrewMember,
                    permissions.NotAllowedHere):  # fmt: skip
                passed_over.append(stop.job.number)
                continue
            if before is not None and before != crew_id:
                emptied.add(before)
    for crew_id in emptied - set(of_crew):
        crew = models.Crew.objects.select_related("depot", "vehicle", "pattern").get(pk=crew_id)
        giving.order_day(crew, list(crew_queries.to_do(crew_id)))
    row.state, row.decided_at, row.decided_by_id = PlanState.ACCEPTED, clock.now(), by_id
    row.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record(
        by_id, "fieldwork.plan_accepted", f"fieldwork.plan:{row.pk}",
        {"jobs": given, "passed_over": passed_over},
    )  # fmt: skip
    return given, passed_over


def _give(stop: models.PlanStop, by_id: int) -> bool:
    """Give a job as the proposal says; say whether it changes hands."""
    crew, job = stop.crew, stop.job
    assert crew is not None
    if crew.is_retired:
        raise refusals.NoSuch("crew", crew.code)
    leader = giving.leader_of(crew)
    is_new = job.crew_id != crew.pk or job.assigned_to_id != leader.pk
    if is_new:
        job = job_actions.assign_job(number=job.number, to=leader, by_id=by_id)
    job.crew, job.planned_order = crew, stop.order
    job.planned_at, job.planned_drive_s = stop.begin_at, round(stop.drive_s or 0)
    job.save(update_fields=["crew", "planned_order", "planned_at", "planned_drive_s"])
    return is_new


@transaction.atomic
def put_aside(number: int, *, by_id: int | None) -> models.Plan:
    """Decide against a proposal; nothing changes for any job."""
    row = _open(number)
    row.state, row.decided_at, row.decided_by_id = PlanState.PUT_ASIDE, clock.now(), by_id
    row.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record(by_id, "fieldwork.plan_put_aside", f"fieldwork.plan:{row.pk}", {})
    return row
