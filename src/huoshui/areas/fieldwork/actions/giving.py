"""Giving jobs to crews, and the order and times of a crew's day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models, refusals
from huoshui.areas.fieldwork.actions import jobs as job_actions
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import planning
from huoshui.kernel import audit, clock, events
from huoshui.kernel.accounts.models import User


@transaction.atomic
def give_to_crew(
    number: str,
    *,
    crew_code: str,
    by_id: int | None,
    at_place: int | None = None,
    note: str = "",
    seen: str | None = None,
    seen_day: Sequence[str] | None = None,
) -> tuple[models.Job, list[str]]:
    """Give a job to a crew, at a place among what it has to do (the end where none is said).

    The crew's leader answers for it; everybody of the crew may report it. Returns the job and the
    rules that the crew's day breaks now: a person may decide so, and is told. Refuses where
    ``seen`` names another crew than has the job by now, or ``seen_day`` other jobs or another order
    of the crew's day: somebody else was quicker. What the crew has finished meanwhile is no change.
    """
    refuse_unseen(number, seen)
    crew = crew_queries.crew(crew_code)
    if crew is None or crew.is_retired:
        raise refusals.NoSuch("crew", crew_code)
    leader = leader_of(crew)
    before = models.Job.objects.filter(number=number).values_list("crew_id", flat=True).first()
    job = job_actions.assign_job(number=number, to=leader, by_id=by_id, note=note)
    others = [one for one in crew_queries.to_do(crew.pk) if one.pk != job.pk]
    if seen_day is not None:
        seen_others = [one for one in seen_day if one != job.number]
        still = _without_what_is_over(seen_others, others)
        if still != [one.number for one in others]:
            raise refusals.DayChanged(crew)
        if at_place is not None:
            at_place = sum(one in still for one in seen_others[: max(0, at_place)])
    place = len(others) if at_place is None else max(0, min(at_place, len(others)))
    job.crew = crew
    job.save(update_fields=["crew"])
    broken = order_day(crew, [*others[:place], job, *others[place:]])
    if before is not None and before != crew.pk:
        former = models.Crew.objects.select_related("depot", "vehicle", "pattern").get(pk=before)
        order_day(former, list(crew_queries.to_do(before)))
    return job, broken.get(job.pk, [])


def _without_what_is_over(seen: Sequence[str], there: Sequence[models.Job]) -> list[str]:
    """Return the jobs that somebody saw in a crew's day, less those it has reported since."""
    known = {one.number for one in there}
    gone = [number for number in seen if number not in known]
    over = set()
    if gone:
        ended = (contracts.JobState.DONE, contracts.JobState.CLOSED, contracts.JobState.CANCELLED)
        rows = models.Job.objects.filter(number__in=gone, state__in=ended)
        over = set(rows.values_list("number", flat=True))
    return [number for number in seen if number not in over]


def refuse_unseen(number: str, seen: str | None) -> None:
    """Refuse a deed on a job that another crew has, or none, than the person saw."""
    if seen is None:
        return
    job = models.Job.objects.select_for_update(of=("self",)).filter(number=number).first()
    if job is None or (job.crew.code if job.crew else "") == seen:
        return
    step = models.JobEvent.objects.filter(job=job).select_related("by").order_by("-id").first()
    raise refusals.GivenMeanwhile(job, step)


def leader_of(crew: models.Crew) -> User:
    """Return who answers for a crew's jobs; refuses a crew without people."""
    people = crew_queries.members(crew.pk)
    if not people:
        raise refusals.CrewEmpty(crew)
    return people[0].user


def order_day(crew: models.Crew, order: Sequence[models.Job]) -> dict[int, list[str]]:
    """Keep the order of a crew's jobs with the times that follow; return the rules it breaks."""
    timed = planning.times_of(crew, order, clock.now())
    changed = []
    for place, (job, stop) in enumerate(zip(order, timed, strict=True)):
        job.planned_order = place
        job.planned_at = stop.begin_at
        job.planned_drive_s = stop.drive_s
        changed.append(job)
    models.Job.objects.bulk_update(changed, ["planned_order", "planned_at", "planned_drive_s"])
    return {
        job.pk: list(stop.broken) for job, stop in zip(order, timed, strict=True) if stop.broken
    }


@transaction.atomic
def take_back(number: str, *, by_id: int, note: str = "", seen: str | None = None) -> models.Job:
    """Take a job from its crew again; it waits for another. ``seen`` as for `give_to_crew`."""
    refuse_unseen(number, seen)
    job = job_actions.locked(number, by_id, "fieldwork.assign_job")
    if job.state != contracts.JobState.ASSIGNED:
        raise refusals.NotInThisState(job, contracts.JobState.REQUESTED)
    crew = job.crew
    job.state = contracts.JobState.REQUESTED
    job.assigned_to = None
    job_actions.forget_plan(job)
    job.set_off_at = job.arrived_at = None
    job.save()
    job_actions.note_step(
        job, "taken_back", at=clock.now(), by_id=by_id, note=note, left=crew.pk if crew else None
    )
    if crew is not None:
        order_day(crew, list(crew_queries.to_do(crew.pk)))
    return job


@transaction.atomic
def set_priority(
    number: str, priority: contracts.Priority, *, by_id: int, note: str = ""
) -> models.Job:
    """Say how pressing a job is now; refuses one that is reported. Again changes nothing."""
    job = job_actions.locked(number, by_id, "fieldwork.assign_job")
    if job.state not in (contracts.JobState.REQUESTED, contracts.JobState.ASSIGNED):
        raise refusals.NotInThisState(job, contracts.JobState(job.state))
    if job.priority != priority:
        job.priority = priority
        job.save(update_fields=["priority"])
        job_actions.note_step(job, "priority_set", at=clock.now(), by_id=by_id, note=note)
    return job


@transaction.atomic
def set_off(number: str, *, by: User, at: datetime | None = None) -> models.Job:
    """Say that the crew is on its way to a job; saying it again changes nothing."""
    return _step(number, "set_off", by, at)


@transaction.atomic
def arrive(number: str, *, by: User, at: datetime | None = None) -> models.Job:
    """Say that the crew is there and begins; its place becomes that of the job.

    Publishes ``JobBegun`` the first time.
    """
    return _step(number, "arrived", by, at)


def note_arrival(job: models.Job, *, at: datetime, by_id: int) -> None:
    """Take over that work began, where a phone has kept the step already."""
    if job.state == contracts.JobState.ASSIGNED and job.arrived_at is None:
        job.arrived_at = min(at, clock.now())
        job.save(update_fields=["arrived_at"])
        _begun(job, job.arrived_at, by_id)


def _begun(job: models.Job, at: datetime, by_id: int) -> None:
    """Tell other areas that work began; the crew is where its job is."""
    _move_crew(job, at, by_id)
    events.publish(
        contracts.JobBegun(
            job_id=job.pk, number=job.number, origin=job.origin, at=at, by_id=by_id
        )
    )  # fmt: skip


def _move_crew(job: models.Job, at: datetime, by_id: int) -> None:
    """Say that a job's crew is where the job is, unless something newer is known of it."""
    crew = job.crew
    if crew is None or job.lon is None or job.lat is None:
        return
    if crew.placed_at is None or at > crew.placed_at:
        models.Crew.objects.filter(pk=crew.pk).update(lon=job.lon, lat=job.lat, placed_at=at)
        audit.record(by_id, "fieldwork.crew_placed", f"fieldwork.crew:{crew.code}", {})


def _step(number: str, what: str, by: User, at: datetime | None) -> models.Job:
    job = job_actions.locked(number)
    job_actions.refuse_report(job, by)
    now = clock.now()
    # A phone's clock may be wrong; what it says of the future cannot be.
    moment = min(at or now, now)
    field = f"{what}_at"
    if getattr(job, field) is None:
        setattr(job, field, moment)
        job.save(update_fields=[field])
        job_actions.note_step(job, what, at=moment, by_id=by.pk, note="")
        if what == "arrived":
            _begun(job, moment, by.pk)
    return job
