"""The duty to show a place before and after."""

from __future__ import annotations

import json

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.phone import queries as phone_queries
from huoshui.areas.fieldwork.phone.kinds import EntryKind, Shows
from huoshui.areas.fieldwork.upkeep import refusals

WANTED = (Shows.BEFORE, Shows.AFTER)


def shown(job: models.Job) -> dict[str, int]:
    """Return how many photos of a job show what; those still on the phone do not count."""
    entries = [one for one in phone_queries.entries_of(job) if one.kind == EntryKind.PHOTO]
    there = phone_queries.photos_by_hash(entries)
    counts: dict[str, int] = {}
    for one in entries:
        if (one.by_id, one.photo_hash) in there:
            what = str(json.loads(one.payload).get("body", {}).get("shows", ""))
            counts[what] = counts.get(what, 0) + 1
    return counts


def missing(job: models.Job) -> tuple[str, ...]:
    """Return what a job's photos do not show yet; a report from a desk needs two of them."""
    counts = shown(job)
    lacking = tuple(str(one) for one in WANTED if not counts.get(one))
    if not lacking or counts:
        return lacking
    kept = models.JobPhoto.objects.filter(report__job=job).count()
    return () if kept >= len(WANTED) else lacking[kept:]


def refuse_without(job: models.Job) -> None:
    """Refuse to close a job whose plan wants photos that are not there."""
    wanted = models.MaintenanceDone.objects.filter(job=job, plan__wants_photos=True).exists()
    lacking = missing(job) if wanted else ()
    if lacking:
        raise refusals.PhotosMissing(job.number, lacking)
