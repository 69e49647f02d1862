"""When a sign of wear is reason enough to look after a machine. Plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from huoshui.lab.upkeep import trend

DAY = timedelta(days=1)
# A day says something when so many whole hours of it do.
HOURS_A_DAY_MIN = 3
# The hour after a machine starts is still warming up; it does not count.
SETTLING_HOURS = 1
# Nothing so far away is named as a date.
AHEAD_DAYS_MAX = 3650
# A suggestion that was put off is not made again for so long.
LATER_DAYS = 14


class How(StrEnum):
    """What a sign is made of."""

    ALONE = "alone"
    ABOVE = "above"
    PER = "per"


class State(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class Reason(StrEnum):
    """Why a suggestion is declined; the first three say that it was wrong."""

    SENSOR = "sensor"
    OPERATION = "operation"
    LOOKED = "looked"
    LATER = "later"
    REPLACED = "replaced"


WRONG = (Reason.SENSOR, Reason.OPERATION, Reason.LOOKED)


class Verdict(StrEnum):
    """Whether there was wear."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the limit is reached by a trend; ``None`` is perhaps never, or too far away to say."""

    best: date | None
    earliest: date | None
    latest: date | None


def outlook(found: trend.Trend, last_day: date) -> Outlook:
    """Return the days of a trend whose last day is known."""
    return Outlook(
        best=_day(last_day, found.days_left, round),
        earliest=_day(last_day, found.days_left_min, math.floor),
        latest=_day(last_day, found.days_left_max, math.ceil),
    )


def _day(last_day: date, days_left: float, whole: Callable[[float], int]) -> date | None:
    if not math.isfinite(days_left) or days_left > AHEAD_DAYS_MAX:
        return None
    return last_day + whole(days_left) * DAY


def is_due(found: trend.Trend, ahead: Outlook, *, today: date, warn_days: int) -> bool:
    """Say whether work should be suggested: the trend is clear, and the limit near by it."""
    return found.is_clear and ahead.best is not None and ahead.best <= today + warn_days * DAY


def do_by(ahead: Outlook, *, today: date, lead_days: int) -> date:
    """Return until when to do the work: so long before the earliest day, and not before today."""
    earliest = ahead.earliest or today
    return max(today, earliest - lead_days * DAY)
