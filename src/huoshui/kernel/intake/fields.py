"""The columns of an import: found by any of their names, read by type, printed as template."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import settings
from huoshui.kernel.intake import moments, values
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.kernel.intake.tables import Table

TEXT, NUMBER, WHOLE, DAY, MOMENT, CHOICE, FLAG = (
    "text", "number", "whole", "day", "moment", "choice", "flag",
)  # fmt: skip
TYPES = {
    TEXT: _("text"), NUMBER: _("number"), WHOLE: _("whole number"), DAY: _("day, as 2026-03-01"),
    MOMENT: _("moment, as 2026-03-01 08:30"), CHOICE: _("one of the words"), FLAG: _("yes or no"),
}  # fmt: skip
YES = frozenset({"yes", "y", "true", "1", "是", "有", "对", "√"})
NO = frozenset({"no", "n", "false", "0", "否", "无", "不", "×"})
LANGUAGES = ("zh-hans", "en")
EXAMPLE_MARKS = ("example-", "示例-")
"""Rows whose first cell begins so are the template's own and are passed over."""


@dataclass(frozen=True)
class Column:
    """One column that an import understands.

    ``accepted`` are further names of it, compared without case, blanks, units and underlines.
    ``choices`` are codes with their words; either is understood, in both languages.
    """

    code: str
    label: Any
    type: str = TEXT
    help: Any = ""
    unit: str = ""
    required: bool = False
    accepted: tuple[str, ...] = ()
    choices: Mapping[str, Any] | None = None
    example: Any = ""
    length: int = 300

    def heading(self) -> str:
        """Return the heading of the template: the word in the reader's language and the code."""
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.label} ({self.code}){unit}"


@dataclass(frozen=True)
class Entry:
    """One row as read: its line, and what it says by column code; None where a cell is empty.

    ``is_good`` is false when a cell could not be read or a needed one is empty.
    """

    line: int
    values: dict[str, Any]
    is_good: bool


def key(name: str) -> str:
    """Return a heading as headings are compared."""
    text = unicodedata.normalize("NFKC", name).lower().split("[")[0]
    return "".join(sign for sign in text if sign not in " _-*:\t\n")


@dataclass
class Matched:
    """Which column of a table says what."""

    table: Table
    name: str
    columns: Sequence[Column]
    problems: Found
    places: dict[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[Entry]:
        """Yield what each row says; examples of the template are passed over."""
        chosen = [(column, self.places[column.code]) for column in self.columns
                  if column.code in self.places]  # fmt: skip
        choices = {c.code: _choices(c) for c, _place in chosen if c.type == CHOICE}
        zone = ZoneInfo(settings.get().time_zone)
        for line, cells in self.table.records:
            first = values.text(next((cell for cell in cells if cell not in ("", None)), ""))
            if first.lower().startswith(EXAMPLE_MARKS):
                continue
            said: dict[str, Any] = {}
            good = True
            for column, place in chosen:
                cell = cells[place] if place < len(cells) else ""
                if values.is_nothing(cell):
                    said[column.code] = None
                    if column.required:
                        good = False
                        self._say("intake.cell_empty", _("This cell must not be empty."), line,
                                  column, "", column.help or TYPES[column.type])  # fmt: skip
                    continue
                try:
                    said[column.code] = _read(
                        column, cell, self.table.decimal, choices.get(column.code), zone
                    )
                except ValueError:
                    good = False
                    said[column.code] = None
                    self._say("intake.cell_unreadable", _("This value cannot be used."), line,
                              column, cell, _wanted(column))  # fmt: skip
            yield Entry(line, said, good)

    def _say(
        self, code: str, words: Any, line: int, column: Column, value: Any, remedy: Any
    ) -> None:
        self.problems.add(
            Problem(code, words, False, file=self.name, line=line,
                    column=self.table.columns[self.places[column.code]], value=value,
                    remedy=remedy)
        )  # fmt: skip


def match(table: Table, columns: Sequence[Column], name: str) -> Matched:
    """Find the columns in a table's headings, and say which needed ones are missing.

    Headings nobody understands are listed too: a misspelt one would be lost in silence.
    """
    found = Matched(table, name, columns, table.problems)
    codes = {column.code for column in columns}
    wanted: dict[str, str] = {}
    for column in columns:
        for one in (column.code, *column.accepted, *_labels(column)):
            wanted.setdefault(key(one), column.code)
    for place, heading in enumerate(table.columns):
        plain = heading.replace("（", "(").replace("）", ")")
        inside = [part.split(")")[0] for part in plain.split("(")[1:]]
        # The code in a template's heading decides: two columns may have one word in a language.
        parts = [part for part in inside if part in codes]
        parts += [heading, plain.split("(")[0], *inside]
        code = next((wanted[key(part)] for part in parts if key(part) in wanted), None)
        if code is not None and code not in found.places:
            found.places[code] = place
        else:
            table.problems.add(
                Problem("intake.column_unknown", _("This column is not understood."), False,
                        file=name, line=table.header_line, column=heading,
                        remedy=_("It is left out. Take the headings of the template."))
            )  # fmt: skip
    for column in columns:
        if column.required and column.code not in found.places:
            table.problems.add(
                Problem("intake.column_missing", _("A needed column is missing."), True,
                        file=name, line=table.header_line, column=column.heading(),
                        remedy=_("Add it; the template has all columns."))
            )  # fmt: skip
    return found


def _labels(column: Column) -> list[str]:
    said = []
    for language in LANGUAGES:
        with translation.override(language):
            said.append(str(column.label))
    return said


def _choices(column: Column) -> dict[str, str]:
    known: dict[str, str] = {}
    for code, label in (column.choices or {}).items():
        known[key(code)] = code
        for language in LANGUAGES:
            with translation.override(language):
                known.setdefault(key(str(label)), code)
    return known


def _read(
    column: Column, cell: Any, decimal: str, choices: Mapping[str, str] | None, zone: ZoneInfo
) -> Any:
    if column.type == TEXT:
        text = values.text(cell)
        if len(text) > column.length:
            raise ValueError(column.code)
        return text
    if column.type in (NUMBER, WHOLE):
        number = values.number(cell, decimal)
        if column.type == WHOLE:
            if number != int(number):
                raise ValueError(column.code)
            return int(number)
        return number
    if column.type == DAY:
        return values.day(cell)
    if column.type == MOMENT:
        return _moment(cell, zone)
    text = key(values.text(cell))
    if column.type == FLAG:
        if isinstance(cell, bool) or text in YES or text in NO:
            return cell is True or text in YES
        raise ValueError(column.code)
    if not choices or text not in choices:
        raise ValueError(column.code)
    return choices[text]


def _moment(cell: Any, zone: ZoneInfo) -> datetime:
    """Return an aware moment; one without a zone is of the city's clock."""
    form = moments.form_of(cell)
    if form is None or form == "slashed":
        raise ValueError(form)
    us = moments.read_one(cell, form)
    if us == moments.NONE:
        raise ValueError(form)
    read = datetime.fromisoformat(str(np.datetime64(us, "us")))
    if form in moments.UTC_FORMS:
        return read.replace(tzinfo=UTC)
    return read.replace(tzinfo=zone)


def _wanted(column: Column) -> Any:
    if column.type == CHOICE and column.choices:
        return _("Use one of: %(words)s.") % {
            "words": ", ".join(str(label) for label in column.choices.values())
        }
    return _("Wanted: %(kind)s.") % {"kind": TYPES[column.type]}


def write_template(
    target: IO[bytes], title: str, columns: Sequence[Column], examples: Sequence[Mapping[str, Any]]
) -> None:
    """Write an Excel file to fill in: headings, examples, and a sheet that explains each column.

    Examples begin with a mark by which the import knows and passes over them.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(title[:31])
        needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#fde9c8"})
        other = book.add_format({"bold": True, "bottom": 1})
        pale = book.add_format({"italic": True, "font_color": "#767676"})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            heading = column.heading()
            sheet.set_column(place, place, min(40, max(12, len(heading) + 2)))
            sheet.write_string(0, place, heading, needed if column.required else other)
            if column.type == CHOICE and column.choices:
                words = [str(label) for label in column.choices.values()]
                if sum(map(len, words)) + len(words) < 250:
                    sheet.data_validation(1, place, 5_000, place,
                                          {"validate": "list", "source": words})  # fmt: skip
        for row, example in enumerate(examples, start=1):
            for place, column in enumerate(columns):
                value = example.get(column.code, "")
                if column.type == CHOICE and column.choices and value in column.choices:
                    value = column.choices[value]
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    sheet.write_number(row, place, value, pale)
                elif value != "":
                    sheet.write_string(row, place, _written(value), pale)
        _explain(book, columns)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _explain(book: Any, columns: Sequence[Column]) -> None:
    sheet = book.add_worksheet(str(_("Explanations")))
    bold = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    headings = (_("Column"), _("Needed"), _("Written as"), _("Unit"), _("Meaning"), _("Words"),
                _("Also called"))  # fmt: skip
    for place, (heading, width) in enumerate(
        zip(headings, (34, 10, 24, 10, 50, 50, 40), strict=True)
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, str(heading), bold)
    for row, column in enumerate(columns, start=1):
        said = (
            column.heading(), _("yes") if column.required else "", TYPES[column.type], column.unit,
            column.help, "; ".join(f"{label} ({code})" for code, label in
                                   (column.choices or {}).items()),
            ", ".join(column.accepted),
        )  # fmt: skip
        for place, text in enumerate(said):
            sheet.write_string(row, place, str(text), wrapped)
    sheet.write_string(
        len(columns) + 2, 0,
        str(_("Rows whose first cell begins with EXAMPLE- or 示例- are passed over.")),
    )  # fmt: skip
