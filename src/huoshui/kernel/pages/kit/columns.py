"""One column of a list: what it shows, how, and what sorting by it means."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from huoshui.kernel.pages import formats

NUMBER = re.compile(r"[,]?(\.\d+)?[dfge]?")
END_ALIGNED = frozenset({"percent", "duration"})
EMPTY = mark_safe(f'<span class="hs-nothing">{formats.NOTHING}</span>')

How = str | Callable[[Any], str]


def value_of(row: Any, key: str) -> Any:
    """Return a value of a row: a dictionary's key, or an attribute through ``a__b``."""
    if isinstance(row, Mapping):
        return row[key]
    for name in key.split("__"):
        row = getattr(row, name, None)
        if row is None:
            return None
    return row() if callable(row) else row


def escaped(value: Any) -> SafeString:
    """Return a value as HTML: Django's own way asks each piece whether it is translated later."""
    return value if isinstance(value, SafeString) else SafeString(html.escape(str(value)))


def badge(label: Any, colour: str = "secondary") -> SafeString:
    """Draw a small coloured label; colours are Tabler's, such as red, orange, green, blue."""
    return format_html('<span class="badge hs-badge bg-{}-lt">{}</span>', colour, label)


@dataclass(frozen=True)
class Column:
    """What one column shows.

    ``format`` is a name of `formats.NAMED`, a number format such as ``.1f``, or a function.
    ``badge`` and ``labels`` translate stored codes; ``labels`` may be a function that is asked once
    for each page, such as for names kept in a table. ``value`` replaces the plain attribute.
    ``sort`` names the field to order by; False switches sorting off; by default it is ``key``, and
    off where ``value`` computes something. ``phone=False`` leaves the column out on small screens;
    an ``optional`` one is shown only to readers who choose it.
    """

    key: str
    label: Any
    _: KW_ONLY
    format: How = ""
    unit: Any = ""
    href: Callable[[Any], str | None] | None = None
    badge: Mapping[Any, tuple[Any, str]] | None = None
    labels: Mapping[Any, Any] | Callable[[], Mapping[Any, Any]] | None = None
    value: Callable[[Any], Any] | None = None
    sort: str | bool | None = None
    align: str = ""
    phone: bool = True
    optional: bool = False

    @property
    def asked(self) -> Column:
        """This column with its labels at hand, translated once and not for every row."""
        labels = self.labels() if callable(self.labels) else self.labels
        return replace(
            self,
            labels=labels and {value: _said(label) for value, label in labels.items()},
            badge=self.badge
            and {value: (_said(label), colour) for value, (label, colour) in self.badge.items()},
        )

    @property
    def sort_field(self) -> str:
        """The field that this column orders by; empty when it cannot."""
        if isinstance(self.sort, str):
            return self.sort
        if self.sort is False or (self.sort is None and self.value is not None):
            return ""
        return self.key

    @property
    def is_number(self) -> bool:
        """Whether values line up at their right end."""
        if self.align:
            return self.align == "end"
        if isinstance(self.format, str) and self.format:
            return self.format in END_ALIGNED or bool(NUMBER.fullmatch(self.format))
        return bool(self.unit)

    @property
    def heading(self) -> str:
        """The label with its unit, for exports and table heads."""
        return f"{self.label} [{self.unit}]" if self.unit else str(self.label)

    def raw(self, row: Any) -> Any:
        """Return the value as stored or computed."""
        return self.value(row) if self.value else value_of(row, self.key)

    def translates(self, value: Any) -> bool:
        """Whether people see a word in place of this value."""
        labelled = isinstance(self.labels, Mapping) and value in self.labels
        return labelled or bool(self.badge and value in self.badge)

    def words(self, row: Any) -> str:
        """Return the value as plain text."""
        value = self.raw(row)
        if self.badge and value in self.badge:
            return str(self.badge[value][0])
        if isinstance(self.labels, Mapping) and value in self.labels:
            return str(self.labels[value])
        if isinstance(value, SafeString):
            return html.unescape(strip_tags(value)).strip()
        return formats.text(value, self.format)

    def cell(self, row: Any) -> SafeString:
        """Return the content of the column's cell."""
        value = self.raw(row)
        shown: Any
        if self.badge and value in self.badge:
            shown = badge(*self.badge[value])
        elif isinstance(self.labels, Mapping) and value in self.labels:
            shown = self.labels[value]
        elif isinstance(value, SafeString):
            shown = value
        else:
            shown = formats.text(value, self.format)
        if shown == formats.NOTHING:
            return EMPTY
        url = self.href(row) if self.href else None
        if url:
            return SafeString(f'<a href="{html.escape(url)}">{escaped(shown)}</a>')
        return escaped(shown)


def _said(label: Any) -> str:
    return label if isinstance(label, str) else str(label)
