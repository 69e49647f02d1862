"""Filters and columns by the fields that a kind of case declares: list, Excel and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.kernel.cases import by_field, reading, values
from huoshui.kernel.cases.declaring import CaseType, Field
from huoshui.kernel.pages import formats, kit
from huoshui.kernel.pages.kit import filters

PREFIX = "f_"
YES_NO = {"yes": True, "no": False}


def _equal(case_type: CaseType, field: Field, rows: Any, wanted: str) -> Any:
    stored: Any = wanted
    if field.kind == "yes_no":
        stored = YES_NO[wanted]
    elif field.kind == "person":
        stored = int(wanted)
    return by_field.equal(by_field.of_type(rows, case_type.code), field.code, stored)


def _between(case_type: CaseType, field: Field, rows: Any, least: Any, most: Any) -> Any:
    if least is None and most is None:
        return rows
    return by_field.between(by_field.of_type(rows, case_type.code), field.code, least, most)


def asked_number(query: QueryDict, name: str) -> float | None:
    """Return a number the reader asked for; what is none counts as not asked."""
    try:
        return float(values.number(query.get(name, "")))
    except ValueError:
        return None


@dataclass(frozen=True)
class BoundsFilter(kit.Filter):
    """Two bounds of a number, both of them included."""

    apply: Callable[[Any, Any, Any], Any] = lambda rows, _least, _most: rows

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        """Return the bounds that were asked for."""
        ends = (("from", _("from")), ("to", _("to")))
        return [
            (f"{self.name}_{end}", f"{word} {formats.number(found)}")
            for end, word in ends
            if (found := asked_number(query, f"{self.name}_{end}")) is not None
        ]

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        """Keep what lies within."""
        least, most = (asked_number(query, f"{self.name}_{end}") for end in ("from", "to"))
        return self.apply(rows, least, most)

    def controls(self, query: QueryDict) -> SafeString:
        """Return two boxes."""
        boxes = [
            format_html(
                '<input type="text" inputmode="decimal" class="form-control" size="5"'
                ' name="{0}_{1}" value="{2}" aria-label="{3}" placeholder="{3}">',
                self.name,
                end,
                query.get(f"{self.name}_{end}", ""),
                word,
            )
            for end, word in (("from", _("from")), ("to", _("to")))
        ]
        return format_html(
            '<fieldset class="hs-filter hs-filter-period"><legend>{}</legend>{}'
            '<span aria-hidden="true">–</span>{}</fieldset>',
            self.label,
            *boxes,
        )


@dataclass(frozen=True)
class DaysFilter(kit.PeriodFilter):
    """Days of a field, the first and the last included; of a moment as the city counts them."""

    apply: Callable[[Any, Any, Any], Any] = lambda rows, _least, _most: rows
    has_time: bool = False

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        """Keep what lies within: days and moments are stored so that their texts have an order."""
        if self.has_time:
            begin, end = (one and one.astimezone(UTC).isoformat() for one in self.bounds(query))
            # Nothing is stored between this and the midnight that is excluded.
            return self.apply(rows, begin, end and end.replace("+00:00", ""))
        days = (filters.asked_day(query, f"{self.name}_{end}") for end in ("from", "to"))
        least, most = (day and day.isoformat() for day in days)
        return self.apply(rows, least, most)


def filters_of(case_type: CaseType, people: Callable[[], Any]) -> list[kit.Filter]:
    """Return a filter for every declared field that people narrow by; ``people`` gives choices."""
    return [_filter(case_type, field, people) for field in by_field.narrowing(case_type)]


def _filter(case_type: CaseType, field: Field, people: Callable[[], Any]) -> kit.Filter:
    name, label = PREFIX + field.code, field.label
    between = partial(_between, case_type, field)
    if field.kind == "number":
        return BoundsFilter(name, f"{label} ({field.unit})" if field.unit else label, apply=between)
    if field.kind in ("date", "moment"):
        return DaysFilter(name, label, apply=between, has_time=field.kind == "moment")
    choices: Any = field.choices
    if field.kind == "yes_no":
        choices = (("yes", formats.yes_no(True)), ("no", formats.yes_no(False)))
    elif field.kind == "person":
        choices = people
    return kit.ChoiceFilter(name, label, choices=choices, apply=partial(_equal, case_type, field))


def problems_of(case_type: CaseType | None, query: QueryDict, people: Any) -> dict[str, str]:
    """Return what of an address asks for a field that is none, or for a value it cannot hold.

    A page leaves out what it does not understand, as its boxes show; a program would take the
    answer for what it asked.
    """
    found = filters_of(case_type, people) if case_type is not None else []
    used = {name for one in found for name, _words in one.given(query)}
    asked = {name for name in query if name.startswith(PREFIX) and query.get(name)}
    return {name: _("%(name)s cannot be used") % {"name": name} for name in sorted(asked - used)}


def narrowed(rows: QuerySet[Any], case_type: CaseType, query: QueryDict, people: Any) -> Any:
    """Keep the cases that fit what an address asks of the fields of their kind."""
    for one in filters_of(case_type, people):
        rows = one.narrow(rows, query)
    return rows


def columns_of(case_type: CaseType, names: Callable[[], Mapping[int, str]]) -> list[kit.Column]:
    """Return an optional column for each field that may stand in a list; never personal data."""
    return [
        _column(one, names)
        for one in case_type.fields
        if not one.private and one.kind not in ("photo", "long_text")
    ]


def _column(field: Field, names: Callable[[], Mapping[int, str]]) -> kit.Column:
    more: dict[str, Any] = {
        "number": {"unit": field.unit, "align": "end"},
        "date": {"format": "day"},
        "moment": {"format": "moment"},
        "person": {"labels": names},
    }.get(field.kind, {})
    return kit.Column(
        f"field_{field.code}",
        field.label,
        value=partial(_value_in, field),
        optional=True,
        sort=False,
        **more,
    )


def _value_in(field: Field, row: Any) -> Any:
    """Return a value as lists and Excel take it: a day as a day, a number as a number."""
    value = row.values.get(field.code)
    if value is None or field.kind in ("number", "person"):
        return value
    if field.kind == "yes_no":
        return formats.yes_no(value)
    try:
        if field.kind == "date":
            return date.fromisoformat(value)
        if field.kind == "moment":
            return datetime.fromisoformat(value)
    except (TypeError, ValueError):  # kept under an earlier declaration of the field
        return str(value)
    return reading.spoken_value(field, value)
