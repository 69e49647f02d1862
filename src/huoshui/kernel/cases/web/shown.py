"""How the parts of a case look: its state, what time remains, its values as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.kernel import clock
from huoshui.kernel.cases import declaring, reading, ticking, words
from huoshui.kernel.cases.declaring import Field
from huoshui.kernel.cases.models import Case
from huoshui.kernel.pages import formats, kit

KIND_COLOURS = {
    "open": "blue",
    "waiting": "yellow",
    "merged": "secondary",
    "done": "green",
    "cancelled": "secondary",
}
PRIORITY_COLOURS = {"urgent": "red", "high": "orange", "normal": "secondary", "low": "secondary"}
PRIORITY_BADGES = {
    rank: (words.PRIORITIES[code], PRIORITY_COLOURS[code])
    for rank, code in ticking.PRIORITY_CODES.items()
}
STEP_COLOURS = {
    "opened": "blue",
    "moved": "blue",
    "reopened": "orange",
    "paused": "secondary",
    "breached": "red",
    "escalated": "red",
    "warned": "yellow",
    "called_back": "purple",
}


def state_badge(row: Case) -> SafeString:
    """Return the state as a coloured label."""
    colour = KIND_COLOURS.get(row.state_kind, "secondary")
    label = words.KINDS["merged"] if row.state_kind == "merged" else reading.state_label(row)
    return kit.badge(label, colour)


@dataclass(frozen=True)
class Left:
    """What time remains, in words, and how pressing that is."""

    text: str
    tone: str
    """good, warning, bad, paused or none"""

    @property
    def html(self) -> SafeString:
        """The words with a coloured sign; the words alone say it as well."""
        return format_html(
            '<span class="cs-left" data-tone="{}"><i></i>{}</span>', self.tone, self.text
        )


def rough(span: timedelta) -> str:
    """Return a length of time without seconds: what counts in a list is hours and days."""
    seconds = abs(int(span.total_seconds()))
    return formats.duration(max(seconds - seconds % 60, 60))


def rough_s(seconds: float) -> str:
    """Return so many seconds in the same way."""
    return rough(timedelta(seconds=seconds))


def left_of(row: Case, now: datetime | None = None) -> Left:
    """Return what remains until the next deadline of a case.

    It turns yellow at the warning of that deadline, where `queries` brought its clock along.
    """
    if row.state_kind not in (declaring.OPEN, declaring.WAITING):
        return Left("", "none")
    if row.next_due_at is None:
        return Left(
            gettext("Paused") if row.paused_for else formats.NOTHING,
            "paused" if row.paused_for else "none",
        )
    now = now or clock.now()
    span = row.next_due_at - now
    if span < timedelta(0):
        return Left(gettext("%(time)s late") % {"time": rough(span)}, "bad")
    return Left(rough(span), "warning" if warns(row, now) else "good")


def warns(row: Case, now: datetime) -> bool:
    """Tell whether the clock that is due next has come to its warning."""
    running = getattr(row, "running", None) or ()
    for one in running:
        if one.clock == row.next_due_clock and one.warn_at is not None:
            return bool(one.warn_at <= now)
    return False


def value_text(
    kind: str, value: Any, unit: Any = "", people: Mapping[int, str] | None = None
) -> str:
    """Return the stored value of a field as people read it."""
    if value is None or value == "" or value == []:
        return formats.NOTHING
    if kind == "yes_no":
        return formats.yes_no(value)
    if kind == "date":
        return formats.day(date.fromisoformat(str(value)))
    if kind == "moment":
        return formats.moment(datetime.fromisoformat(str(value)))
    if kind == "person":
        return (people or {}).get(int(value), str(value))
    if kind == "number":
        return f"{formats.number(value)} {unit}".strip()
    return str(value)


def field_text(field: Field, value: Any, people: Mapping[int, str] | None = None) -> str:
    """Return the stored value of a declared field as people read it."""
    return value_text(field.kind, reading.spoken_value(field, value), field.unit, people)


def people_named(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of people by their keys; one query, none without keys."""
    from huoshui.kernel.accounts.models import User

    wanted = set(ids)
    return {one.pk: str(one) for one in User.objects.filter(pk__in=wanted)} if wanted else {}
