"""Work in the background: looking for what is due, and what ended jobs mean for their plans."""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork.upkeep import asking

EVERY = timedelta(minutes=15)


def look(due_at: datetime) -> None:
    """Ask for what has fallen due."""
    asking.look(due_at)


def job_closed(event: contracts.JobClosed) -> None:
    """Write down that work was done."""
    if event.origin.startswith(asking.ORIGIN):
        asking.settle_job(event.number)


def job_cancelled(event: contracts.JobCancelled) -> None:
    """Write down that a time was given up."""
    if event.origin.startswith(asking.ORIGIN):
        asking.settle_job(event.number)
