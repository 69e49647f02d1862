"""Why jobs have no crew: what the worker found when it looked for one, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from huoshui.areas.fieldwork import contracts, models, rules
from huoshui.areas.fieldwork.queries import planning
from huoshui.kernel import clock

AT_ONCE = 500
# What is said where no crew is at work at all, or there is none.
NO_CREW, ABLE = "no_crew", "able"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a job has no crew: who came nearest to being able, and what speaks against that crew.

    Without ``faults`` the crew is able and nobody has given it the job; without a crew nobody is
    at work, or the job has no place. Found first at ``from_at`` and last at ``looked_at``.
    """

    job_number: str
    crew_code: str
    crew_name: str
    faults: tuple[str, ...]
    lacking: tuple[str, ...]
    arrive_at: datetime | None
    from_at: datetime
    looked_at: datetime

    @property
    def code(self) -> str:
        """The reason in one word: the first thing that speaks against it, or that nothing does."""
        return self.faults[0] if self.faults else ABLE


def without_crew() -> QuerySet[models.Job]:
    """Return the jobs that wait for a crew."""
    return planning.plannable().filter(state=contracts.JobState.REQUESTED)


def nearest(jobs: Iterable[models.Job], now: datetime) -> dict[int, planning.Candidate | None]:
    """Return for each job the crew that comes nearest to being able; None where there is none."""
    found = planning.candidates_of(list(jobs), now)
    return {key: rows[0] if rows else None for key, rows in found.items()}


def reason_of(
    found: planning.Candidate | None,
) -> tuple[models.Crew | None, tuple[str, ...], tuple[str, ...]]:
    """Return crew, faults and what lacks; a crew of which nobody knows when it comes is none."""
    if found is None:
        return None, (NO_CREW,), ()
    return found.crew if found.arrive_at is not None else None, found.faults, found.lacking


def standing(now: datetime | None = None) -> dict[str, Waiting]:
    """Return why each job without a crew waits, by its number: only what was found lately."""
    since = (now or clock.now()) - rules.LOOKED_LATELY
    rows = models.JobWait.objects.filter(
        until=None, looked_at__gte=since, job__state=contracts.JobState.REQUESTED
    )
    return {one.job_number: one for one in _facts(rows)}


def begun_after(key: int) -> tuple[int, list[Waiting]]:
    """Return what stands and began after a row, and the key of the latest: for the live stream."""
    last = newest()
    if last <= key:
        return key, []
    rows = models.JobWait.objects.filter(
        pk__gt=key, pk__lte=last, until=None, job__state=contracts.JobState.REQUESTED
    )
    return last, _facts(rows)


def newest() -> int:
    """Return the key of the reason that was found last."""
    return models.JobWait.objects.aggregate(last=Max("id"))["last"] or 0


def of_job(job: models.Job) -> Waiting | None:
    """Return why a job has no crew: as found lately, else looked for now; None where it has one."""
    if job.state != contracts.JobState.REQUESTED:
        return None
    now = clock.now()
    rows = models.JobWait.objects.filter(job=job, until=None)
    kept = _facts(rows.filter(looked_at__gte=now - rules.LOOKED_LATELY))
    if kept:
        return kept[0]
    found = nearest([job], now)[job.pk]
    crew, faults, lacking = reason_of(found)
    return Waiting(
        job.number, crew.code if crew else "", crew.name if crew else "", faults, lacking,
        found.arrive_at if found else None, now, now,
    )  # fmt: skip


def at(job_ids: list[int], moment: datetime) -> dict[int, Waiting]:
    """Return why jobs had no crew at a moment, by key, as it was known then.

    What was last found longer before it than `rules.LOOKED_LATELY` is not said of it.
    """
    found: dict[int, Waiting] = {}
    for place in range(0, len(job_ids), AT_ONCE):
        rows = models.JobWait.objects.filter(
            Q(until=None) | Q(until__gt=moment), job_id__in=job_ids[place : place + AT_ONCE],
            from_at__lt=moment, looked_at__gte=moment - rules.LOOKED_LATELY,
        ).select_related("job", "crew").order_by("from_at", "id")  # fmt: skip
        found.update({row.job_id: _fact(row) for row in rows})
    return found


def _facts(rows: QuerySet[models.JobWait]) -> list[Waiting]:
    return [_fact(row) for row in rows.select_related("job", "crew").order_by("id")]


def _fact(row: models.JobWait) -> Waiting:
    return Waiting(
        row.job.number, row.crew.code if row.crew else "", row.crew.name if row.crew else "",
        tuple(row.faults), tuple(row.lacking), row.arrive_at, row.from_at, row.looked_at,
    )  # fmt: skip
