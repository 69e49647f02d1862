"""What the phone's part of fieldwork looks up."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.phone.models import PhoneEntry, PhonePhoto
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

JOBS_MAX = 200
# A job reported within this time still stands on the phone, so that its crew sees what became.
SHOWN_AFTER = timedelta(hours=18)


def last_done_at(phone_id: uuid.UUID) -> datetime | None:
    """Return the moment of the latest entry of a phone."""
    return (
        PhoneEntry.objects.filter(phone_id=phone_id)
        .order_by("-number_on_phone")
        .values_list("done_at", flat=True)
        .first()
    )


def crews_of(user: User) -> list[int]:
    """Return the keys of the crews that somebody belongs to now."""
    return list(
        models.CrewMember.objects.filter(user=user)
        .valid_at(clock.now())
        .values_list("crew_id", flat=True)
    )


def has_now(job: models.Job, user: User) -> bool:
    """Say whether a job is with somebody or with their crew."""
    return job.assigned_to_id == user.pk or (
        job.crew_id is not None and job.crew_id in crews_of(user)
    )


def has_had(job: models.Job, user: User) -> bool:
    """Say whether a job is with somebody or their crew, or was before it was given to another."""
    before = Q(to_whom=user) | Q(crew_before__in=crews_of(user))
    return has_now(job, user) or job.events.filter(before).exists()


def jobs_of_day(user: User) -> list[models.Job]:
    """Return the jobs that somebody carries: those to be done, and those done lately."""
    lately = clock.now() - SHOWN_AFTER
    mine = Q(assigned_to=user) | Q(crew__in=crews_of(user))
    mine &= Q(state=contracts.JobState.ASSIGNED)
    done = Q(
        state__in=(contracts.JobState.DONE, contracts.JobState.CLOSED),
        reports__reported_by=user,
        reports__reported_at__gte=lately,
    )
    rows = models.Job.objects.filter(mine | done).distinct().select_related("job_type")
    in_order = rows.order_by(F("planned_at").asc(nulls_last=True), "due_at", "id")
    return list(in_order.prefetch_related("job_type__kit__part")[:JOBS_MAX])


def entries_of(job: models.Job) -> list[PhoneEntry]:
    """Return what was written down at a job, the earliest first; refused entries stay apart."""
    rows = PhoneEntry.objects.filter(job=job).exclude(outcome="refused")
    return list(rows.select_related("by").order_by("done_at", "number_on_phone"))


def photos_by_hash(entries: Iterable[PhoneEntry]) -> dict[tuple[int, str], PhonePhoto]:
    """Return the photos of entries that have arrived, by person and hash."""
    hashes = {one.photo_hash for one in entries if one.photo_hash}
    rows = PhonePhoto.objects.filter(content_hash__in=hashes).select_related("file")
    return {(row.by_id, row.content_hash): row for row in rows}


def hashes_of(user: User, keys: Iterable[str]) -> dict[str, str]:
    """Return key to hash of those entries of somebody that we have."""
    known = [key for key in keys if _is_key(key)]
    rows = PhoneEntry.objects.filter(by=user, pk__in=known)
    return {str(pk): payload_hash for pk, payload_hash in rows.values_list("pk", "payload_hash")}


def photos_of(user: User, hashes: Iterable[str]) -> set[str]:
    """Return the hashes of those photos of somebody that we have whole."""
    rows = PhonePhoto.objects.filter(by=user, content_hash__in=list(hashes))
    return set(rows.values_list("content_hash", flat=True))


def only_here(
    phone_id: uuid.UUID, user: User, day: date, known: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the entries of a phone and a day that we have and the phone does not name."""
    begin = datetime.combine(day, time.min, clock.local_zone())
    rows = PhoneEntry.objects.filter(
        phone_id=phone_id, by=user, done_at__gte=begin, done_at__lt=begin + timedelta(days=1)
    ).select_related("job")
    return [
        {"id": str(row.pk), "kind": row.kind, "job": row.job.number if row.job else ""}
        for row in rows
        if str(row.pk) not in known
    ]


def list_hash(entries: Mapping[str, str], photos: Iterable[str]) -> str:
    """Return one hash of a list of entries and photos, as the phone makes it of its own."""
    lines = [f"{key} {entries[key]}\n" for key in sorted(entries)]
    lines += [f"photo {one}\n" for one in sorted(set(photos))]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_key(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
