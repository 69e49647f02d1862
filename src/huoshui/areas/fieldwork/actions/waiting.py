"""Looking for a crew for every job that has none, and keeping why there is none."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.queries import planning, waiting
from huoshui.kernel import clock

CHANGING = ("crew", "arrive_at", "looked_at")
AT_ONCE = 200


def look_again(_due_at: datetime | None = None) -> int:
    """Look which crew could do each waiting job; return for how many the reason is another now.

    Nothing is given to anybody. No lock is held while the crews are compared: what was given
    meanwhile is left out. The worker calls it.
    """
    now = clock.now()
    jobs = list(waiting.without_crew())
    # The most pressing ones first, and the ways between so many places at once.
    found: dict[int, planning.Candidate | None] = {}
    for place in range(0, len(jobs), AT_ONCE):
        found.update(waiting.nearest(jobs[place : place + AT_ONCE], now))
    with transaction.atomic():
        still = set(
            models.Job.objects.filter(state=contracts.JobState.REQUESTED).values_list(
                "pk", flat=True
            )
        )
        standing = {one.job_id: one for one in models.JobWait.objects.filter(until=None)}
        begun, same, over = [], [], [one.pk for key, one in standing.items() if key not in still]
        for key, candidate in found.items():
            if key not in still:
                continue
            crew, faults, lacking = waiting.reason_of(candidate)
            row = standing.get(key)
            if row is not None and (row.faults, row.lacking) == (list(faults), list(lacking)):
                row.crew, row.looked_at = crew, now
                row.arrive_at = candidate.arrive_at if candidate else None
                same.append(row)
                continue
            if row is not None:
                over.append(row.pk)
            begun.append(models.JobWait(
                job_id=key, crew=crew, faults=list(faults), lacking=list(lacking),
                arrive_at=candidate.arrive_at if candidate else None, from_at=now, looked_at=now,
            ))  # fmt: skip
        models.JobWait.objects.filter(pk__in=over).update(until=now)
        models.JobWait.objects.bulk_update(same, CHANGING, batch_size=AT_ONCE)
        # Of two workers that look at once the one that was first is right enough.
        models.JobWait.objects.bulk_create(begun, ignore_conflicts=True)
    return len(begun)
