"""Everything that may be done to a job, one function each.

Every action is one transaction: the job, its ``JobEvent``, the audit record and the event
for other areas are written together or not at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models, queries, refusals, rules
from huoshui.areas.fieldwork.actions import closing, numbering, settling
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock, events
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User


def request_job(
    *,
    place: contracts.Place,
    by_id: int | None,
    title: str = "",
    description: str = "",
    kind: contracts.JobKind = contracts.JobKind.OTHER,
    priority: contracts.Priority = contracts.Priority.NORMAL,
    due_at: datetime | None = None,
    origin: str = "",
    work: contracts.Work = contracts.AS_USUAL,
    called_at: datetime | None = None,
) -> models.Job:
    """Ask for a job; ``called_at`` is when somebody told of it first.

    Refuses a job without a place, at an unknown place, or due in the past. While a job with
    the same ``origin`` is open that job is returned, so asking twice is harmless. What ``work``
    does not say of time and skills is taken from its type.
    """
    now = clock.now()
    job_type = _type(work.type_code)
    if job_type is not None:
        kind = contracts.JobKind(job_type.kind)
    if work.window_from_at and work.window_until and work.window_until <= work.window_from_at:
        raise refusals.WindowImpossible
    due = due_at or rules.due_at(now, priority)
    if due <= now:
        raise refusals.DueInThePast(due)
    place = _completed(place)
    unit = network.unit_in_charge(zone_code=place.zone_code, asset_code=place.asset_code)
    permissions.require_in(by_id, "fieldwork.request_job", [unit])
    with transaction.atomic():
        if origin:
            numbering.alone(origin)  # who asks for the same now waits here
            already = models.Job.objects.open().filter(origin=origin).first()
            if already is not None:
                return already
        job = models.Job.objects.create(
            number=numbering.next_number(now),
            title=title.strip(),
            description=description.strip(),
            kind=kind,
            asset_code=place.asset_code,
            zone_code=place.zone_code,
            lon=place.lon,
            lat=place.lat,
            origin=origin,
            priority=priority,
            state=contracts.JobState.REQUESTED,
            due_at=due,
            requested_at=now,
            requested_by_id=by_id,
            job_type=job_type,
            duration_minutes=work.minutes
            or (job_type.usual_minutes if job_type else rules.USUAL_MINUTES),
            window_from_at=work.window_from_at,
            window_until=work.window_until,
            account_code=place.account_code,
            called_at=None if called_at is None else min(called_at, now),
        )
        if job_type is not None:
            job.skills.set(job_type.skills.all())
        note_step(job, "requested", at=now, by_id=by_id, note="")
        events.publish(
            contracts.JobRequested(
                job_id=job.pk,
                number=job.number,
                origin=origin,
                asset_code=place.asset_code,
                zone_code=place.zone_code,
                due_at=due,
                at=now,
                by_id=by_id,
            )
        )
    return job


def assign_job(*, number: str, to: User, by_id: int | None, note: str = "") -> models.Job:
    """Give a job to somebody of a field crew, or take it from one to another.

    Refuses people who may not report jobs, and jobs that are already reported.
    """
    with transaction.atomic():
        job = locked(number, by_id, "fieldwork.assign_job")
        if not permissions.may_in(to, "fieldwork.report_job", unit_of(job)):
            raise refusals.NotACrewMember(str(to))
        if job.state == contracts.JobState.DONE:
            raise refusals.NotInThisState(job, contracts.JobState.ASSIGNED)
        _move(job, contracts.JobState.ASSIGNED)
        job.assigned_to = to
        # Given to somebody of no crew or another one: the plan of the former crew no longer holds.
        left = None
        if job.crew_id is not None and not crew_queries.belongs(to.pk, job.crew_id):
            left = job.crew_id
            forget_plan(job)
            # The moments of the crew that lost it are steps of its history; the next crew has none.
            job.set_off_at = job.arrived_at = None
        job.save()
        now = clock.now()
        note_step(job, "assigned", at=now, by_id=by_id, note=note, to_whom_id=to.pk, left=left)
        events.publish(
            contracts.JobAssigned(
                job_id=job.pk,
                number=job.number,
                origin=job.origin,
                assigned_to_id=to.pk,
                at=now,
                by_id=by_id,
            )
        )
    return job


def forget_plan(job: models.Job) -> None:
    """Take a job out of its crew's day; the caller saves it."""
    job.crew = job.planned_at = job.planned_order = job.planned_drive_s = None


def check_may_report(*, number: str, by: User) -> None:
    """Refuse what `report_job` would refuse, before photos are kept for nothing."""
    with transaction.atomic():
        refuse_report(locked(number), by)


def is_with(job: models.Job, user_id: int) -> bool:
    """Tell whether somebody has a job now: by name, or as one of its crew."""
    return job.assigned_to_id == user_id or (
        job.crew_id is not None and crew_queries.belongs(user_id, job.crew_id)
    )


def refuse_report(job: models.Job, by: User) -> None:
    """Refuse who may not report a job, and a state that cannot be reported from."""
    unit = unit_of(job)
    if not is_with(job, by.pk) and not permissions.may_in(by, "fieldwork.assign_job", unit):
        raise refusals.NotYourJob(job)
    permissions.require_in(by, "fieldwork.report_job", [unit])
    if not rules.may_become(contracts.JobState(job.state), contracts.JobState.DONE):
        raise refusals.NotInThisState(job, contracts.JobState.DONE)


def report_job(
    *,
    number: str,
    by: User,
    found: contracts.Found,
    found_asset_code: str = "",
    found_size_m3h: float | None = None,
    note: str = "",
    photo_ids: Iterable[int] = (),
) -> models.Job:
    """Report a job as done, with what was found.

    Only who has the job or belongs to its crew may report it, or somebody who may assign jobs
    and so takes it over. ``photo_ids`` are files kept before by ``kernel.files``.
    """
    photos = tuple(photo_ids)
    if len(photos) > rules.PHOTOS_PER_REPORT_MAX:
        raise refusals.TooManyPhotos(len(photos))
    asset_code = found_asset_code.strip()
    if asset_code:
        _asset(asset_code)
    elif found in rules.FOUND_A_LEAK:
        raise refusals.LeakWithoutPlace
    with transaction.atomic():
        job = locked(number)
        refuse_report(job, by)
        _move(job, contracts.JobState.DONE)
        job.save(update_fields=["state"])
        now = clock.now()
        report = models.JobReport.objects.create(
            job=job,
            found=found,
            found_asset_code=asset_code,
            found_size_m3h=found_size_m3h,
            note=note.strip(),
            reported_at=now,
            reported_by=by,
        )
        models.JobPhoto.objects.bulk_create(
            models.JobPhoto(report=report, file_id=file_id) for file_id in photos
        )
        note_step(job, "reported", at=now, by_id=by.pk, note=note.strip())
        events.publish(
            contracts.JobDone(
                job_id=job.pk,
                number=job.number,
                origin=job.origin,
                found=found,
                found_asset_code=asset_code,
                found_size_m3h=found_size_m3h,
                at=now,
                by_id=by.pk,
            )
        )
    return job


def return_job(*, number: str, by_id: int, reason: str) -> models.Job:
    """Send a reported job back to its crew; refuses without a reason."""
    reason = _reason(reason)
    with transaction.atomic():
        job = locked(number, by_id, "fieldwork.close_job")
        if job.state != contracts.JobState.DONE:
            raise refusals.NotInThisState(job, contracts.JobState.ASSIGNED)
        if job.assigned_to_id is None:
            job.assigned_to_id = queries.latest_report(job.pk).reported_by_id
        _move(job, contracts.JobState.ASSIGNED)
        job.save(update_fields=["state", "assigned_to"])
        now = clock.now()
        note_step(job, "returned", at=now, by_id=by_id, note=reason)
        events.publish(
            contracts.JobReturned(
                job_id=job.pk,
                number=job.number,
                origin=job.origin,
                reason=reason,
                at=now,
                by_id=by_id,
            )
        )
    return job


def close_job(
    *, number: str, by_id: int, note: str = "", chosen: Mapping[str, int] | None = None
) -> models.Job:
    """Confirm a report as the second person; ``chosen`` as for `settling.settle`.

    Refuses everybody who reported it: two of a crew may both have done so. Tells other areas what
    was found through ``JobClosed``.
    """
    with transaction.atomic():
        job = locked(number, by_id, "fieldwork.close_job")
        _move(job, contracts.JobState.CLOSED)
        if queries.has_reported(job.pk, by_id):
            raise refusals.SamePersonMayNotClose(job)
        closing.check(job)
        report = settling.settle(job, chosen or {})
        job.save(update_fields=["state"])
        now = clock.now()
        note_step(job, "closed", at=now, by_id=by_id, note=note.strip())
        events.publish(
            contracts.JobClosed(
                job_id=job.pk,
                number=job.number,
                origin=job.origin,
                result=report.found,
                zone_code=job.zone_code,
                found_asset_code=report.found_asset_code,
                found_size_m3h=report.found_size_m3h,
                done_at=report.reported_at,
                at=now,
                by_id=by_id,
            )
        )
    return job


def cancel_job(*, number: str, by_id: int | None, reason: str) -> models.Job:
    """Give a job up; refuses without a reason, or once it is closed."""
    reason = _reason(reason)
    with transaction.atomic():
        job = locked(number, by_id, "fieldwork.cancel_job")
        _move(job, contracts.JobState.CANCELLED)
        job.save(update_fields=["state"])
        now = clock.now()
        note_step(job, "cancelled", at=now, by_id=by_id, note=reason)
        events.publish(
            contracts.JobCancelled(
                job_id=job.pk,
                number=job.number,
                origin=job.origin,
                reason=reason,
                at=now,
                by_id=by_id,
            )
        )
    return job


def unit_of(job: models.Job) -> int | None:
    """Return the key of the unit in charge of where a job is, or None."""
    return network.unit_in_charge(zone_code=job.zone_code, asset_code=job.asset_code)


def locked(number: str, by_id: int | None = None, code: str = "") -> models.Job:
    """Return a job to change; refuses a post that is limited to other units."""
    job = models.Job.objects.select_for_update(of=("self",)).filter(number=number).first()
    if job is None:
        raise refusals.NoSuchJob(number)
    if by_id is not None and code:
        permissions.require_in(by_id, code, [unit_of(job)])
    return job


def _move(job: models.Job, then: contracts.JobState) -> None:
    if not rules.may_become(contracts.JobState(job.state), then):
        raise refusals.NotInThisState(job, then)
    if job.state == contracts.JobState.REQUESTED:
        models.JobWait.objects.filter(job=job, until=None).update(until=clock.now())
    job.state = then


def note_step(
    job: models.Job,
    what: str,
    *,
    at: datetime,
    by_id: int | None,
    note: str,
    to_whom_id: int | None = None,
    left: int | None = None,
    changed: Mapping[str, object] | None = None,
) -> None:
    """Keep one step of a job, and record it; ``left`` is the key of the crew that lost it.

    ``changed`` is what the trail shows of values that were put right: ``before`` and ``after``.
    """
    models.JobEvent.objects.create(
        job=job, what=what, at=at, by_id=by_id, note=note, to_whom_id=to_whom_id,
        crew_before_id=left,
    )  # fmt: skip
    detail: dict[str, object] = {"state": str(job.state), **(changed or {})}
    if note:
        detail["note"] = note
    if to_whom_id is not None:
        detail["to_whom_id"] = to_whom_id
    audit.record(by_id, f"fieldwork.job_{what}", f"fieldwork.job:{job.number}", detail)


def _type(code: str) -> models.JobType | None:
    if not code:
        return None
    found = models.JobType.objects.filter(code=code, is_retired=False).first()
    if found is None:
        raise refusals.NoSuch("job_type", code)
    return found


def _asset(code: str) -> network_contracts.Asset:
    asset = network.asset(code)
    if asset is None:
        raise refusals.UnknownPlace(code)
    return asset


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise refusals.ReasonMissing
    return reason


def _completed(place: contracts.Place) -> contracts.Place:
    """Check that the place exists and add what the network knows of it."""
    half_a_spot = (place.lon is None) != (place.lat is None)
    if half_a_spot or not (place.asset_code or place.zone_code or place.lon is not None):
        raise refusals.NoPlace
    zone_code, lon, lat = place.zone_code, place.lon, place.lat
    if place.asset_code:
        asset = _asset(place.asset_code)
        zone_code = zone_code or asset.zone or ""
        if lon is None and not math.isnan(asset.lon):
            lon, lat = asset.lon, asset.lat
    if zone_code and network.zone(zone_code) is None:
        raise refusals.UnknownPlace(zone_code)
    return replace(place, zone_code=zone_code, lon=lon, lat=lat)
