"""What an entry does to its job, whatever became of the job meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import contracts, models, queries, rules
from huoshui.areas.fieldwork.actions import giving, timing
from huoshui.areas.fieldwork.phone import booking, kinds, merging
from huoshui.areas.fieldwork.phone import queries as phone_queries
from huoshui.areas.fieldwork.phone.models import PhoneEntry, PhonePhoto
from huoshui.areas.network import facade as network
from huoshui.kernel import events, notices

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

JobState = contracts.JobState
EVENTS = {
    kinds.EntryKind.ACCEPT: "accepted",
    kinds.EntryKind.SET_OFF: "set_off",
    kinds.EntryKind.ARRIVE: "arrived",
    kinds.EntryKind.REPAIRED: "repaired",
    kinds.EntryKind.WATER_BACK: "water_back",
}
DISPATCHERS = ("dispatcher", "crew_leader")


def note_deed(
    row: PhoneEntry, job: models.Job, kind: kinds.EntryKind, body: Mapping[str, Any], by: User
) -> None:
    """Keep a deed that is no report; say so where the job has moved on."""
    _compare(row, job, by)
    if kind in EVENTS:
        _event(row, job, EVENTS[kind], by)
        timing.note(job, EVENTS[kind], at=row.done_at)
    if kind == kinds.EntryKind.ARRIVE:
        giving.note_arrival(job, at=row.done_at, by_id=by.pk)
    if kind in booking.BOOKED:
        told = booking.BOOKED[kind](row, job, body, by)
        if told:
            # What became of the job comes first; what became of the books is said besides.
            row.code = row.code or told[0]["code"]
            row.detail = {**row.detail, "told": told}


def finish(row: PhoneEntry, job: models.Job, body: Mapping[str, Any], by: User) -> None:
    """Let a report count: alone, put together with another's, or kept beside a job that is over."""
    asset_code = str(body.get("found_asset_code") or "").strip()
    if asset_code and network.asset(asset_code) is None:
        row.outcome, row.code = kinds.Outcome.REFUSED, "fieldwork.unknown_place"
        row.detail = {"names": [asset_code]}
        return
    if not asset_code and body["found"] in rules.FOUND_A_LEAK:
        row.outcome, row.code = kinds.Outcome.REFUSED, "fieldwork.leak_without_place"
        return
    said = {
        "found": body["found"],
        "found_asset_code": asset_code,
        "found_size_m3h": body.get("found_size_m3h"),
        "note": str(body.get("note") or "").strip(),
    }
    if body.get("cause") and not job.cause:
        job.cause = body["cause"]
        job.save(update_fields=["cause"])
    if job.state in (JobState.REQUESTED, JobState.ASSIGNED):
        _report(row, job, said, by)
    elif job.state == JobState.DONE:
        _put_together(row, job, said, by)
    else:
        _compare(row, job, by)
        _event(row, job, "told_late", by, note=said["note"])
        _tell(job, row, title=_("%(who)s worked at job %(number)s, which was over already."))


def _report(row: PhoneEntry, job: models.Job, said: Mapping[str, Any], by: User) -> None:
    other = None if phone_queries.has_now(job, by) else job.assigned_to
    if other is not None:
        row.code, row.detail = "fieldwork.reported_for_another", {"who": str(other)}
        url = reverse("fieldwork:job", args=[job.number])
        notices.send(
            users=[other],
            title=_("Job %(number)s was done by %(who)s; you need not go."),
            values={"number": job.number, "who": str(by)},
            url=url,
            key=f"fieldwork.done_by_another:{row.pk}",
        )
    job.state = JobState.DONE
    job.save(update_fields=["state"])
    models.JobReport.objects.create(
        job=job, reported_at=_after_return(job, row.done_at), reported_by=by, **_columns(said)
    )
    _event(row, job, "reported", by, note=said["note"])
    events.publish(
        contracts.JobDone(
            job_id=job.pk,
            number=job.number,
            origin=job.origin,
            found=said["found"],
            found_asset_code=said["found_asset_code"],
            found_size_m3h=said["found_size_m3h"],
            at=row.done_at,
            by_id=by.pk,
        )
    )


def _after_return(job: models.Job, done_at: datetime) -> datetime:
    """Return a moment at which a report counts: one that was written before the job was sent back
    and comes after it must not stand behind the report that was refused."""
    returned = job.events.filter(what="returned").order_by("-at").first()
    if returned is None or done_at > returned.at:
        return done_at
    return returned.at + timedelta(microseconds=1)


def _put_together(row: PhoneEntry, job: models.Job, said: Mapping[str, Any], by: User) -> None:
    """Two reports of one job: a further one holds what counts, both stay as they were said."""
    first = queries.latest_report(job.pk)
    theirs = {field: getattr(first, field) for field in merging.FIELDS}
    in_order = (theirs, said) if first.reported_at <= row.done_at else (said, theirs)
    merged = merging.merge(*in_order)
    row.outcome, row.code = kinds.Outcome.KEPT, "fieldwork.already_reported"
    row.detail = {"who": str(first.reported_by), "differing": merged.differing}
    models.JobReport.objects.create(
        job=job, reported_at=row.done_at, reported_by=by, **_columns(said)
    )
    report = models.JobReport.objects.create(
        job=job,
        made_by=contracts.ReportMadeBy.RULE,
        # The newest report counts, whichever of the two was handed in first.
        reported_at=max(first.reported_at, row.done_at),
        reported_by=by,
        **_columns(merged.values),
    )
    for photo in first.photos.all():
        models.JobPhoto.objects.create(report=report, file_id=photo.file_id)
    _event(row, job, "reported_too", by, note=said["note"])
    if merged.differing:
        _tell(job, row, title=_("Two reports of job %(number)s differ; please look at both."))


def attach_photos(job: models.Job | None, by: User) -> None:
    """Put the photos that have arrived to the latest report of their own person, as many as fit."""
    if job is None:
        return
    report = (
        models.JobReport.objects.filter(job=job, reported_by=by)
        .order_by("-reported_at", "-id")
        .first()
    )
    if report is None:
        return
    there = set(report.photos.values_list("file_id", flat=True))
    hashes = PhoneEntry.objects.filter(job=job, by=by, kind=kinds.EntryKind.PHOTO).order_by(
        "number_on_phone"
    )
    files = dict(
        PhonePhoto.objects.filter(
            by=by, content_hash__in=hashes.values("photo_hash")
        ).values_list("content_hash", "file_id")
    )  # fmt: skip
    for content_hash in dict.fromkeys(hashes.values_list("photo_hash", flat=True)):
        file_id = files.get(content_hash)
        if file_id is None or file_id in there or len(there) >= rules.PHOTOS_PER_REPORT_MAX:
            continue
        models.JobPhoto.objects.create(report=report, file_id=file_id)
        there.add(file_id)


def _columns(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "found": said["found"],
        "found_asset_code": said["found_asset_code"] or "",
        "found_size_m3h": said["found_size_m3h"],
        "note": said["note"] or "",
    }


def _compare(row: PhoneEntry, job: models.Job, by: User) -> None:
    """Mark an entry whose job has moved on since it was written."""
    if job.state == JobState.CLOSED:
        row.outcome, row.code = kinds.Outcome.KEPT, "fieldwork.closed_meanwhile"
    elif job.state == JobState.CANCELLED:
        row.outcome, row.code = kinds.Outcome.KEPT, "fieldwork.cancelled_meanwhile"
    elif job.assigned_to_id is not None and not phone_queries.has_now(job, by):
        row.outcome, row.code = kinds.Outcome.KEPT, "fieldwork.given_away"
        row.detail = {"who": str(job.assigned_to)}


def _event(row: PhoneEntry, job: models.Job, what: str, by: User, *, note: str = "") -> None:
    models.JobEvent.objects.create(job=job, what=what, at=row.done_at, by=by, note=note)


def _tell(job: models.Job, row: PhoneEntry, *, title: Any) -> None:
    notices.send(
        posts=DISPATCHERS,
        title=title,
        values={"number": job.number, "who": str(row.by)},
        url=reverse("fieldwork:job", args=[job.number]),
        level=notices.WARNING,
        key=f"fieldwork.phone_conflict:{row.pk}",
    )
