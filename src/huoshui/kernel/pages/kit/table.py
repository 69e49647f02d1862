"""The table of a list: its headings and its rows as HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from huoshui.kernel.pages.kit.columns import Column

# Wider text than this may be broken into lines; a Chinese character is as wide as two letters.
ONE_LINE = 18
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Head:
    """One column's heading as this reader sees it."""

    label: Any
    unit: Any
    css: str
    url: str
    direction: str


def css_of(column: Column) -> str:
    """Return the CSS classes of a column's cells."""
    return " ".join(
        name
        for name, on in (
            ("hs-number", column.is_number),
            ("hs-moment", column.format == "moment"),
            ("hs-not-on-phone", not column.phone),
        )
        if on
    )


def is_long(cell: str) -> bool:
    """Say whether the words of a cell are too wide for one line of a column among many."""
    if len(cell) * 2 <= ONE_LINE:
        return False
    words = TAG.sub("", cell) if "<" in cell else cell
    if len(words) > ONE_LINE or len(words) * 2 <= ONE_LINE:
        return len(words) > ONE_LINE
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in words) > ONE_LINE


def heads(columns: Sequence[Column], sort: str, address: Callable[..., str]) -> Iterator[Head]:
    """Return the headings; each that can be sorted by leads to that order, or to its opposite."""
    for column in columns:
        field = column.sort_field
        direction = ""
        if field and sort.removeprefix("-") == field:
            direction = "descending" if sort.startswith("-") else "ascending"
        wanted = f"-{field}" if direction == "ascending" else field
        yield Head(
            label=column.label,
            unit=column.unit,
            css=css_of(column),
            url=address(sort=wanted) if field else "",
            direction=direction,
        )


def body(
    rows: Any,
    columns: Sequence[Column],
    *,
    href: Callable[[Any], str | None],
    css: Callable[[Any], str],
    key: Callable[[Any], Any] | None = None,
) -> SafeString:
    """Return the rows as HTML; with ``key`` each begins with a box to tick.

    Written in Python because a template loop over cells costs five times as much, and a list is
    the page that people open all day.
    """
    cells = [
        (
            format_html('<td class="{}" data-label="{}">', css_of(c), c.heading),
            format_html('<td class="{} hs-words" data-label="{}">', css_of(c), c.heading),
            c.cell,
        )
        for c in columns
    ]
    tick = format_html(
        '<td class="hs-tick"><label><span class="visually-hidden">{}</span>'
        '<input type="checkbox" class="form-check-input" name="id" form="bulk" value="',
        _("Select this row"),
    )
    parts: list[str] = []
    for row in rows:
        url = href(row)
        parts.append(
            f'<tr class="{escape(css(row))}" data-href="{escape(url)}" tabindex="-1">'
            if url
            else f'<tr class="{escape(css(row))}" tabindex="-1">'
        )
        if key is not None:
            parts += (tick, f'{escape(str(key(row)))}"></label></td>')
        for opening, opening_long, cell in cells:
            shown = cell(row)
            parts += (opening_long if is_long(shown) else opening, shown, "</td>")
        parts.append("</tr>")
    # Every piece above was escaped.
    return mark_safe("".join(parts))
