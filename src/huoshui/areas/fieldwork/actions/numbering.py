"""The numbers of jobs, and that the same is asked for once."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.fieldwork import models, rules
from huoshui.kernel import clock, numbering


def next_number(now: datetime) -> str:
    """Return the number of the next job of the local day; only inside a transaction."""
    day = now.astimezone(clock.local_zone()).date()
    stem = rules.number_stem(day)
    return rules.number(day, numbering.latest(models.Job.objects.all(), "number", stem))


def alone(origin: str) -> None:
    """Let one at a time look whether a job of an origin is open, until the transaction ends."""
    numbering.alone(f"fieldwork.job:{origin}")
