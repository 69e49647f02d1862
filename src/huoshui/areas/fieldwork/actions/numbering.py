"""The numbers of jobs."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.fieldwork import models, rules
from huoshui.kernel import clock


def next_number(now: datetime) -> str:
    """Return the number of the next job of the local day."""
    # SQLite writes under one lock (IMMEDIATE) and the number is unique, so two jobs asked
    # for in the same instant cannot share one.
    day = now.astimezone(clock.local_zone()).date()
    stem = rules.number(day, 0).rsplit("-", 1)[0] + "-"
    latest = (
        models.Job.objects.filter(number__startswith=stem)
        # Not by the moment: the shown clock may have been set back since.
        .order_by("-id")
        .values_list("number", flat=True)
        .first()
    )
    return rules.number(day, int(latest.rsplit("-", 1)[1]) if latest else 0)
