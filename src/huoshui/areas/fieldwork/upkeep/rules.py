"""When maintenance is due again, and when the heat forbids it. Plain Python."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from huoshui.areas.fieldwork import rules
from huoshui.lab.upkeep import hours as lab

DAY = timedelta(days=1)
# When a job ends whose plan names no hours.
DAY_ENDS = time(18)
# Weeks that say how busy a machine is.
BUSY_WEEKS = 4
# A machine that will not be due for so long is not forecast by its hours.
FORECAST_DAYS_MAX = 3650
# Missed days of a routine that are written down at once after a long stop.
MISSED_AT_ONCE_MAX = 400


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and by what: ``days`` or ``hours``."""

    date: date
    by: str


@dataclass(frozen=True, slots=True)
class Season:
    """The months of the year in which work is done, both ends included, over New Year or not."""

    from_month: int = 1
    until_month: int = 12

    def at_or_after(self, day: date) -> date:
        """Return the first day of the season that is not before a day."""
        if rules.in_season(day.month, self.from_month, self.until_month):
            return day
        year = day.year if day.month < self.from_month else day.year + 1
        return date(year, self.from_month, 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Running hours: every how many, how many there are, how many there were at the last.

    ``read_date`` is the day of the last reading: a machine of which nothing is heard is not due
    later and later.
    """

    every: float
    now: float
    done: float
    a_day: float | None
    read_date: date | None = None

    @property
    def left(self) -> float:
        """Hours until it is due; below zero it is overdue."""
        return self.every - (self.now - self.done)


def next_due(
    *, done_date: date, today: date, season: Season, every_days: int | None, hours: Hours | None
) -> Due | None:
    """Return when work is due again: by days or by running hours, whichever comes first.

    By hours it is today once they are full, else ``hours left / hours a day`` whole days after the
    day of the last reading.
    None where only hours count and nothing is known of how busy the machine is.
    """
    found: list[Due] = []
    if every_days:
        found.append(Due(season.at_or_after(done_date + every_days * DAY), "days"))
    ahead = None if hours is None else days_of_hours(hours.left, hours.a_day)
    if hours is not None and ahead is not None:
        full = max(today, (hours.read_date or today) + ahead * DAY)
        found.append(Due(season.at_or_after(full), "hours"))
    return min(found, key=lambda one: one.date) if found else None


def days_of_hours(left_h: float, hours_a_day: float | None) -> int | None:
    """Return in how many whole days so many running hours are full; None where nobody can say."""
    try:
        days = lab.days_until(left_h=left_h, hours_a_day=hours_a_day or 0.0)
    except ValueError:
        return None  # more hours a day than a day has say nothing
    return math.floor(days) if days <= FORECAST_DAYS_MAX else None


def routine_after(due_date: date, *, every_days: int, season: Season) -> date:
    """Return the next day of a routine: it goes on from its own day, whether done or missed."""
    return season.at_or_after(due_date + every_days * DAY)


@dataclass(frozen=True, slots=True)
class Heat:
    """Hours of the day in which nobody works outside in the heat; over midnight it cannot be."""

    begin: time
    end: time
    limit_c: float

    def rest(self, now: datetime, zone: tzinfo, temperature_c: float | None) -> bool:
        """Say whether it is too hot now: within the hours, and hotter than the limit.

        Where no temperature is known the hours alone decide.
        """
        wall = now.astimezone(zone).time()
        if not self.begin <= wall < self.end:
            return False
        return temperature_c is None or temperature_c > self.limit_c


def window(
    day: date, begin: time | None, end: time | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Return from when until when work may begin on a day."""
    return (
        datetime.combine(day, begin, zone) if begin else None,
        datetime.combine(day, end, zone) if end else None,
    )


def cooler(
    begin: datetime | None, end: datetime | None, *, rest: tuple[datetime, datetime]
) -> tuple[datetime | None, datetime | None]:
    """Return a window without the hours of rest, where the heat goes by the hour alone.

    What begins before the rest ends when it begins; what would begin in it begins after it. A
    window that lies in the rest altogether begins after it and has no end of its own.
    """
    rest_from, rest_until = rest
    if begin is None or begin < rest_from:
        return begin, min(end, rest_from) if end else rest_from
    if begin < rest_until:
        return rest_until, end if end and end > rest_until else None
    return begin, end


class Outcome(StrEnum):
    """What became of one time that work was due."""

    ASKED = "asked"
    DONE = "done"
    MISSED = "missed"
    SKIPPED = "skipped"


class Standing(StrEnum):
    """How a plan stands today, most pressing first."""

    TROUBLE = "trouble"
    OVERDUE = "overdue"
    ASKED = "asked"
    SOON = "soon"
    LATER = "later"
    UNKNOWN = "unknown"
    RETIRED = "retired"


SOON_DAYS = 7


def standing(
    *, today: date, due_date: date | None, is_asked: bool, trouble: str, is_retired: bool
) -> Standing:
    """Return how a plan stands."""
    if is_retired:
        return Standing.RETIRED
    if trouble:
        return Standing.TROUBLE
    if due_date is None:
        return Standing.UNKNOWN
    if due_date < today:
        return Standing.OVERDUE
    if is_asked:
        return Standing.ASKED
    return Standing.SOON if due_date <= today + SOON_DAYS * DAY else Standing.LATER
