"""What may become of a job, and how jobs are numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from huoshui.areas.fieldwork.contracts import Found, JobState, Priority

OPEN_STATES = (JobState.REQUESTED, JobState.ASSIGNED, JobState.DONE)

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.REQUESTED: frozenset({JobState.ASSIGNED, JobState.CANCELLED}),
    JobState.ASSIGNED: frozenset(
        {JobState.REQUESTED, JobState.ASSIGNED, JobState.DONE, JobState.CANCELLED}
    ),
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


def number_stem(local_date: date) -> str:
    """Return how the numbers of the jobs of a local day begin."""
    return f"J-{local_date:%Y%m%d}-"


def number(local_date: date, count_today: int) -> str:
    """Return the number of the next job of a local day, such as ``J-20260302-001``."""
    return f"{number_stem(local_date)}{count_today + 1:03d}"


def overdue(state: JobState, due: datetime, now: datetime) -> bool:
    """Say whether a job waits for its crew past the agreed moment."""
    return state in (JobState.REQUESTED, JobState.ASSIGNED) and due < now


# What leaving out a job of a priority weighs against another, and driving to it.
WEIGHTS: dict[Priority, int] = {
    Priority.URGENT: 40,
    Priority.HIGH: 8,
    Priority.NORMAL: 2,
    Priority.LOW: 1,
}

# Assumed until routes of vehicles are measured: through a city by day, stops included.
CITY_SPEED_KMH = 25.0

# How fast each class of road is driven: the least design speed of its class in CJJ 37-2012 (2016),
# table 3.2.1, as the assumption for a loaded vehicle with its stops until routes are measured.
ROAD_SPEEDS_KMH = {"expressway": 60.0, "arterial": 40.0, "sub_arterial": 30.0, "branch": 20.0}
ROAD_SPEED_MOST_KMH = 130.0

# More jobs at once than the planner was measured with would not be planned well in its time.
PLAN_JOBS_MAX = 600
PLAN_LIMIT_S = 28.0
# Only what presses is drawn to the front of a day; the rest is done where it is on the way.
DUE_COUNTS = (Priority.URGENT, Priority.HIGH)

# Who has so many jobs, the one it does among them, is given no more: another may be free sooner.
AHEAD_MOST = 4
# What was found of a waiting job is not said any more once nobody has looked for so long.
LOOKED_LATELY = timedelta(minutes=30)

# Parts used within this time say how fast they go; ordering and driving them takes that long.
HOUR = timedelta(hours=1)
RATE_OVER = timedelta(hours=6)
WARN_AHEAD = timedelta(hours=12)

Shift = tuple[datetime, datetime]


def shift_days(text: str) -> list[list[str] | None]:
    """Return the days of a shift pattern written as ``08:00-17:00, 20:00-08:00, -``.

    Raises ``ValueError`` naming the day that cannot be read.
    """
    days: list[list[str] | None] = []
    for raw in text.replace("，", ",").split(","):
        day = raw.strip().replace("–", "-")
        if day in ("-", ""):
            days.append(None)
            continue
        try:
            begin, end = (time.fromisoformat(one.strip().zfill(5)) for one in day.split("-"))
        except ValueError:
            raise ValueError(day) from None
        if begin == end:
            raise ValueError(day)
        days.append([f"{begin:%H:%M}", f"{end:%H:%M}"])
    if not any(days):
        raise ValueError(text.strip() or "-")
    return days


def shift_on(
    day: date,
    *,
    days: Sequence[Sequence[str] | None],
    first_date: date,
    offset_days: int,
    zone: tzinfo,
) -> Shift | None:
    """Return when a crew with a pattern works on a local day, or None for a day off.

    A shift belongs to the day on which it begins, on the wall of the city.
    """
    if not days:
        return None
    hours = days[((day - first_date).days + offset_days) % len(days)]
    if hours is None:
        return None
    begin, end = (time.fromisoformat(one) for one in hours)
    later = day + timedelta(days=1) if end <= begin else day
    return datetime.combine(day, begin, zone), datetime.combine(later, end, zone)


def in_season(month: int, first: int, last: int) -> bool:
    """Say whether a month is from ``first`` until ``last``, both included, over New Year or not."""
    return first <= month <= last if first <= last else month >= first or month <= last


@dataclass(frozen=True, slots=True)
class RunOut:
    """When a part ends at so many an hour; both ends are None where none is used."""

    per_hour: float
    hours_left: float | None
    at: datetime | None


def run_out(*, lying: int, used: int, now: datetime) -> RunOut:
    """Return when a part ends if as much goes on being used as within `RATE_OVER`.

    The warning, the outlook, the wall and the report of a wave all ask here.
    """
    if used <= 0:
        return RunOut(0.0, None, None)
    left = RATE_OVER * (max(0, lying) / used)
    return RunOut(used * (HOUR / RATE_OVER), left / HOUR, now + left)
