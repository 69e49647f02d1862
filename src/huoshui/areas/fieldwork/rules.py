"""What may become of a job, and how jobs are numbered."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from huoshui.areas.fieldwork.contracts import Found, JobState, Priority

OPEN_STATES = (JobState.REQUESTED, JobState.ASSIGNED, JobState.DONE)

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.REQUESTED: frozenset({JobState.ASSIGNED, JobState.CANCELLED}),
    JobState.ASSIGNED: frozenset({JobState.ASSIGNED, JobState.DONE, JobState.CANCELLED}),
    JobState.DONE: frozenset({JobState.ASSIGNED, JobState.CLOSED, JobState.CANCELLED}),
    JobState.CLOSED: frozenset(),
    JobState.CANCELLED: frozenset(),
}

# How long a crew has when nobody names a moment.
TIME_ALLOWED: dict[Priority, timedelta] = {
    Priority.URGENT: timedelta(hours=4),
    Priority.HIGH: timedelta(days=1),
    Priority.NORMAL: timedelta(days=3),
    Priority.LOW: timedelta(days=14),
}

# Findings that mean a leak, and so a place.
FOUND_A_LEAK = (Found.LEAK_REPAIRED, Found.LEAK_FOUND_NOT_REPAIRED)

PHOTOS_PER_REPORT_MAX = 12

# How long a job takes when nobody said what type of job it is.
USUAL_MINUTES = 60


def may_become(now: JobState, then: JobState) -> bool:
    """Say whether a job in state ``now`` may go to state ``then`` in one step."""
    return then in TRANSITIONS[now]


def due_at(requested_at: datetime, priority: Priority) -> datetime:
    """Return until when a job is due if the one who asks names no moment."""
    return requested_at + TIME_ALLOWED[priority]


def number(local_date: date, count_today: int) -> str:
    """Return the number of the next job of a local day, such as ``J-20260302-001``."""
    return f"J-{local_date:%Y%m%d}-{count_today + 1:03d}"


def overdue(state: JobState, due: datetime, now: datetime) -> bool:
    """Say whether a job waits for its crew past the agreed moment."""
    return state in (JobState.REQUESTED, JobState.ASSIGNED) and due < now
