"""How numbers and moments look to a reader, the same on every page and in every export.

The language is the active one; the time zone is the city's, whatever the browser's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from huoshui.kernel import clock

NOTHING = "–"
# The years that people ask about; at the ends of the calendar no zone and no day after is left.
YEARS = range(1900, 2201)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def chinese() -> bool:
    """Tell whether the reader has chosen Chinese."""
    return (translation.get_language() or "").startswith("zh")


def local(moment_at: datetime) -> datetime:
    """Return a moment on the city's clock."""
    return (moment_at if moment_at.tzinfo else moment_at.replace(tzinfo=UTC)).astimezone(
        clock.local_zone()
    )


def day(value: date | None) -> str:
    """Return a day: 2026-03-01 in Chinese, 1 Mar 2026 in English."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = local(value).date()
    if chinese():
        return value.isoformat()
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Return a day of these weeks without its year: 03-01 in Chinese, 1 Mar in English."""
    return f"{value:%m-%d}" if chinese() else f"{value.day} {_MONTHS[value.month - 1]}"


def moment(value: datetime | None) -> str:
    """Return a moment to the minute, on the city's clock."""
    if value is None:
        return NOTHING
    shown = local(value)
    return f"{day(shown.date())} {shown:%H:%M}"


def number(value: Any, spec: str = "") -> str:
    """Return a number with separated thousands; ``spec`` is Python's, such as ``.1f``."""
    if value is None or value != value:
        return NOTHING
    if not spec and isinstance(value, float):
        spec = ".10g" if abs(value) < 1e9 else "g"
        return format(value, spec)
    return format(value, spec if "," in spec else f",{spec}").replace("-", "−")


def percent(share_frac: Any) -> str:
    """Return a share between 0 and 1 as per cent."""
    if share_frac is None or share_frac != share_frac:
        return NOTHING
    return f"{share_frac * 100:,.1f} %".replace("-", "−")


def duration(value: timedelta | float | None) -> str:
    """Return a length of time in its two largest units."""
    if value is None:
        return NOTHING
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    days, rest = divmod(abs(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds_left = divmod(rest, 60)
    parts = [
        (days, ngettext("%(n)s day", "%(n)s days", days)),
        (hours, _("%(n)s h")),
        (minutes, _("%(n)s min")),
        (seconds_left, _("%(n)s s")),
    ]
    largest = next((i for i, (amount, _name) in enumerate(parts) if amount), len(parts) - 1)
    words = [name % {"n": amount} for amount, name in parts[largest : largest + 2] if amount]
    return " ".join(words) or _("%(n)s s") % {"n": 0}


def listed(items: Iterable[Any]) -> str:
    """Return words in a row, with the comma of the reader's language between them."""
    return pgettext("list", ", ").join(str(one) for one in items)


def yes_no(value: Any) -> str:
    """Return yes or no."""
    return NOTHING if value is None else _("Yes") if value else _("No")


NAMED: dict[str, Callable[[Any], str]] = {
    "moment": moment,
    "day": day,
    "percent": percent,
    "duration": duration,
    "yesno": yes_no,
}


def text(value: Any, how: str | Callable[[Any], str] = "") -> str:
    """Return any value as its readers see it; ``how`` is a name of `NAMED` or a number format."""
    if callable(how):
        return how(value)
    if how in NAMED:
        return NAMED[how](value)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, float)) or how:
        return number(value, how)
    return str(value)
