"""What the dispatcher's board shows: open jobs, crews with their shifts, a proposal over them.

Rows carry codes, no words: the same row serves readers of every language, and the live stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import waiting
from huoshui.kernel import clock

JOBS_MAX = 5000
BEFORE, AHEAD = timedelta(hours=1), timedelta(hours=12)
COLUMNS = (
    "number", "title", "kind", "job_type__code", "asset_code", "zone_code", "state", "priority",
    "lon", "lat", "crew__code", "planned_order", "planned_at", "planned_drive_s",
    "duration_minutes", "due_at", "window_from_at", "window_until", "arrived_at", "set_off_at",
)  # fmt: skip


PACKED = (
    "number", "title", "kind", "type", "asset", "zone", "state", "priority", "lon", "lat", "crew",
    "order", "begin", "drive_s", "minutes", "due", "from", "until", "begun", "under_way", "reason",
    "broken",
)  # fmt: skip


def frame(now: datetime) -> tuple[datetime, datetime]:
    """Return the hours that the time line shows: from the full hour before until twelve on."""
    begin = clock.local(now - BEFORE).replace(minute=0, second=0, microsecond=0)
    return begin, begin + BEFORE + AHEAD


def newest() -> int:
    """Return the number of the latest step of any job: what the live stream goes on from."""
    return models.JobEvent.objects.aggregate(last=Max("id"))["last"] or 0


def jobs(numbers: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """Return the open jobs that wait for a crew or are with one; with keys, those in any state."""
    rows = models.Job.objects.order_by("due_at", "id")
    if numbers is None:
        waiting = (contracts.JobState.REQUESTED, contracts.JobState.ASSIGNED)
        rows = rows.filter(state__in=waiting)
    else:
        rows = rows.filter(pk__in=list(numbers))
    return [_row(one) for one in rows.values_list(*COLUMNS)[:JOBS_MAX]]


def _row(values: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(COLUMNS, values, strict=True))
    return {
        "number": found["number"],
        "title": found["title"],
        "kind": found["kind"],
        "type": found["job_type__code"] or "",
        "asset": found["asset_code"],
        "zone": found["zone_code"],
        "state": found["state"],
        "priority": found["priority"],
        "lon": found["lon"],
        "lat": found["lat"],
        "crew": found["crew__code"] or "",
        "order": found["planned_order"] or 0,
        "begin": found["arrived_at"] or found["planned_at"],
        "drive_s": found["planned_drive_s"] or 0,
        "minutes": found["duration_minutes"],
        "due": found["due_at"],
        "from": found["window_from_at"],
        "until": found["window_until"],
        "begun": found["arrived_at"] is not None,
        "under_way": found["set_off_at"] is not None,
        "reason": "",
        "broken": [],
    }


def crews(
    from_at: datetime, until: datetime, keys: Iterable[int] | None = None
) -> list[dict[str, Any]]:
    """Return the crews, or those with these keys, with the shift they work between two moments."""
    at_work = {one.crew.pk: one for one in crew_queries.at_work(from_at, until)}
    known = crew_queries.crews()
    if keys is not None:
        known = known.filter(pk__in=list(keys))
    rows = list(known.select_related("depot", "vehicle").prefetch_related("skills"))
    people = crew_queries.people_of([one.pk for one in rows])
    found = []
    for row in rows:
        working = at_work.get(row.pk)
        spot = crew_queries.spot_of(row)
        members = people.get(row.pk, [])
        found.append(
            {
                "code": row.code,
                "name": row.name,
                "skills": [one.code for one in row.skills.all()],
                "people": [str(one.user) for one in members],
                "shift": None if working is None else list(working.shift),
                "lon": spot[0] if spot else None,
                "lat": spot[1] if spot else None,
                "placed": row.placed_at,
                "vehicle": row.vehicle.name if row.vehicle else "",
            }
        )
    return found


def with_plan(rows: list[dict[str, Any]], plan: models.Plan) -> None:
    """Lay a proposal over jobs: which crew it gives them, when, and what had to stay out."""
    stops = models.PlanStop.objects.filter(plan=plan).values_list(
        "job__number", "crew__code", "order", "begin_at", "drive_s", "reason", "broken"
    )
    of_job = {one[0]: one for one in stops}
    for row in rows:
        stop = of_job.get(row["number"])
        if stop is None:
            continue
        _number, crew, order, begin_at, drive_s, reason, broken = stop
        row["crew"], row["order"], row["begin"] = crew or "", order, begin_at
        row["drive_s"], row["reason"], row["broken"] = round(drive_s or 0), reason, broken


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed on the board since a step: jobs in any state, and crews by key."""

    cursor: int
    jobs: list[dict[str, Any]]
    crews: frozenset[int]


def changed(after: int) -> Changes:
    """Return what changed since a step: jobs, and all others of the crews that got or lost one.

    For the live stream: hand back the cursor received. Times of a whole crew move when one of its
    jobs does.
    """
    last = newest()
    if last <= after:
        return Changes(after, [], frozenset())
    steps = models.JobEvent.objects.filter(id__gt=after, id__lte=last)
    ids: set[int] = set()
    crew_ids: set[int] = set()
    for job_id, crew_id, before in steps.values_list("job_id", "job__crew_id", "crew_before_id"):
        ids.add(job_id)
        crew_ids |= {one for one in (crew_id, before) if one is not None}
    beside = models.Job.objects.filter(
        crew_id__in=crew_ids, state=contracts.JobState.ASSIGNED
    ).values_list("pk", flat=True)
    return Changes(last, jobs(ids | set(beside)), frozenset(crew_ids))


def packed_wait(one: waiting.Waiting) -> dict[str, Any]:
    """Return why a job waits as the board draws it, moments as seconds since 1970."""
    return {
        "crew": one.crew_name, "faults": list(one.faults), "lacking": list(one.lacking),
        "since": int(one.from_at.timestamp()), "at": int(one.looked_at.timestamp()),
    }  # fmt: skip


def packed(rows: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Return jobs as lists in the order of `PACKED`, moments as seconds since 1970."""
    return [[_packed(row[name]) for name in PACKED] for row in rows]


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return round(value, 6) if isinstance(value, float) else value
