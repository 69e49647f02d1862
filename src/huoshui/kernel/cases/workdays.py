"""Which days are working days: the kept calendar of China, and what differs here.

The state publishes holidays and swapped weekends each autumn for the next year. For a year that
the kept library does not know yet, weekends and the fixed feasts are taken: `is_provisional`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import holidays
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from holidays.countries.china import ChinaStaticHolidays

from huoshui.kernel import audit, clock, settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import refusals

DAY = timedelta(days=1)
# A deadline this far off is a mistake; the search for working days must end.
DAYS_MAX = 3660


@functools.lru_cache(maxsize=64)
def _country(year: int) -> holidays.China:
    return holidays.China(years=year)


def is_provisional(year: int) -> bool:
    """Tell whether the arrangement of a year was not published when the library was made."""
    return year not in ChinaStaticHolidays.special_public_holidays


def local_days() -> Mapping[date, bool]:
    """Return the days that differ here, and whether each is a working day; one query."""
    from huoshui.kernel.cases.models import LocalDay

    return dict(LocalDay.objects.values_list("day", "is_working"))


def is_working_day(day: date, local: Mapping[date, bool] | None = None) -> bool:
    """Tell whether people work on a day; ``local`` saves a query for many days."""
    differs = (local_days() if local is None else local).get(day)
    return _country(day.year).is_working_day(day) if differs is None else differs


@functools.lru_cache(maxsize=64)
def _named(year: int, language: str) -> holidays.China:
    return holidays.China(years=year, language=language)


def name_of(day: date) -> str:
    """Return what a holiday is called, in the reader's language; empty for any other day."""
    chinese = (get_language() or "zh").startswith("zh")
    return str(_named(day.year, "zh_CN" if chinese else "en_US").get(day) or "")


def step(day: date, count: int, local: Mapping[date, bool]) -> date:
    """Return the working day that is ``count`` working days after ``day``, or before if negative.

    Zero gives the day itself if it is one, or the next that is.
    """
    way = DAY if count >= 0 else -DAY
    left = abs(count)
    if left == 0:
        while not is_working_day(day, local):
            day += DAY
        return day
    for _moved in range(DAYS_MAX):
        day += way
        if is_working_day(day, local):
            left -= 1
            if left == 0:
                return day
    msg = f"no working day found {count} working days from {day}"
    raise ValueError(msg)


def between(begin: date, end: date, local: Mapping[date, bool]) -> int:
    """Count the working days after ``begin`` up to and including ``end``; 0 if none."""
    count, day = 0, begin
    while day < end:
        day += DAY
        count += is_working_day(day, local)
    return count


def opening(day: date) -> datetime:
    """Return when work begins on a day."""
    return _at(day, settings.get().work_from)


def closing(day: date) -> datetime:
    """Return when work ends on a day."""
    return _at(day, settings.get().work_until)


def _at(day: date, words: str) -> datetime:
    wall = datetime.combine(day, clock_time.fromisoformat(words), tzinfo=clock.local_zone())
    return wall.astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the day of the city's calendar on which a moment falls."""
    return clock.local(moment).date()


def set_local_day(day: date, *, is_working: bool, note: str, by_id: int) -> None:
    """Say that a day differs here, and why; a second word on it replaces the first.

    Deadlines that run already keep theirs. Needs `cases.set_days`; refuses without a note.
    """
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import LocalDay

    permissions.require(User.objects.get(pk=by_id), "cases.set_days")
    if not note.strip():
        raise refusals.NotUsable({"note": _("a note that says why")})
    with transaction.atomic():
        LocalDay.objects.update_or_create(
            day=day,
            defaults={
                "is_working": is_working,
                "note": note.strip()[:200],
                "by_id": by_id,
                "set_at": clock.now(),
            },
        )
        audit.record(
            by_id,
            "cases.day_set",
            f"cases.day:{day.isoformat()}",
            {"is_working": is_working, "note": note.strip()},
        )


def clear_local_day(day: date, *, by_id: int) -> None:
    """Let a day be what it is in the country again. Needs `cases.set_days`."""
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import LocalDay

    permissions.require(User.objects.get(pk=by_id), "cases.set_days")
    with transaction.atomic():
        gone, _what = LocalDay.objects.filter(day=day).delete()
        if gone:
            audit.record(by_id, "cases.day_cleared", f"cases.day:{day.isoformat()}", {})
