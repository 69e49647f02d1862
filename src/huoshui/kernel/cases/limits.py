"""How long something may take: minutes, days of the calendar, or working days."""

from __future__ import annotations

from dataclasses import dataclass

MINUTES, WORKING_DAYS, AGREED = "minutes", "working_days", "agreed"


@dataclass(frozen=True)
class Limit:
    """A length of time in the unit people say it in; zero is allowed for minutes only."""

    amount: int
    unit: str

    def __post_init__(self) -> None:
        least = 0 if self.unit in (MINUTES, AGREED) else 1
        if self.unit not in (MINUTES, WORKING_DAYS, AGREED) or self.amount < least:
            msg = f"{self.amount} {self.unit} is no length of time"
            raise ValueError(msg)


def minutes(amount: int) -> Limit:
    """Return a limit that runs day and night."""
    return Limit(amount, MINUTES)


def hours(amount: int) -> Limit:
    """Return a limit that runs day and night."""
    return Limit(amount * 60, MINUTES)


def calendar_days(amount: int) -> Limit:
    """Return a limit that runs through weekends and holidays."""
    return Limit(amount * 24 * 60, MINUTES)


def working_days(amount: int) -> Limit:
    """Return a limit in working days: the day it starts is not counted, the last one whole."""
    return Limit(amount, WORKING_DAYS)


def agreed() -> Limit:
    """Return the limit that is agreed for each case by itself, as its ``due_at``."""
    return Limit(0, AGREED)
