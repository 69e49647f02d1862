"""When something is due, and when to warn of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from huoshui.kernel.cases import workdays
from huoshui.kernel.cases.limits import WORKING_DAYS, Limit


def due_at(start_at: datetime, limit: Limit, local: Mapping[date, bool] | None = None) -> datetime:
    """Return when a limit that starts at a moment is over.

    The day on which working days start is not counted; the last one ends when work does.
    """
    if limit.unit == WORKING_DAYS:
        known = workdays.local_days() if local is None else local
        return workdays.closing(workdays.step(workdays.day_of(start_at), limit.amount, known))
    return start_at + timedelta(minutes=limit.amount)


def warn_at(
    due: datetime, limit: Limit, warn_frac: float, local: Mapping[date, bool] | None = None
) -> datetime:
    """Return when to warn: once so much of the limit is used.

    Of working days whole ones are used: of five at 0.8, the warning comes when the fifth begins.
    """
    if limit.unit == WORKING_DAYS:
        known = workdays.local_days() if local is None else local
        # The small amount keeps 0.8 of 5 from being 3.9999 days.
        ahead = limit.amount - math.floor(limit.amount * warn_frac + 1e-9)
        last = workdays.day_of(due)
        day = last if ahead <= 1 else workdays.step(last, 1 - ahead, known)
        return min(workdays.opening(day), due)
    return due - timedelta(minutes=limit.amount) * (1 - warn_frac)


def left_of(
    now: datetime, due: datetime, limit: Limit, local: Mapping[date, bool] | None = None
) -> int:
    """Return what remains of a limit: working days, or seconds, which may be below zero."""
    if limit.unit == WORKING_DAYS:
        known = workdays.local_days() if local is None else local
        if now > due:
            return -1
        return workdays.between(workdays.day_of(now), workdays.day_of(due), known)
    return math.floor((due - now).total_seconds())


def due_with(
    now: datetime, left: int, limit: Limit, local: Mapping[date, bool] | None = None
) -> datetime:
    """Return when something is due of which so much remained while it stood still."""
    if limit.unit == WORKING_DAYS:
        known = workdays.local_days() if local is None else local
        if left < 0:
            return now
        day = workdays.step(workdays.day_of(now), left, known)
        if workdays.closing(day) <= now:  # it goes on after work: the day that remained is the next
            day = workdays.step(day, 1, known)
        return workdays.closing(day)
    return now + timedelta(seconds=left)
