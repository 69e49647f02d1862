"""Problems as people and programs read them: text for a terminal, rows of a page, Excel, JSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.kernel.intake.problems import Found, Problem

WIDTHS = (12, 30, 10, 20, 24, 30, 60, 60, 24)


def place(problem: Problem) -> str:
    """Return where a problem is, in words: file, line, column."""
    parts = [problem.file] if problem.file else []
    if problem.line is not None:
        parts.append(_("line %(line)d") % {"line": problem.line})
    if problem.column:
        parts.append(_("column %(column)s") % {"column": problem.column})
    return _(", ").join(parts)


def text(problems: Iterable[Problem]) -> str:
    """Return problems for a terminal: each with its place, and what to do about it."""
    lines = []
    listed = list(problems)
    for problem in listed:
        where = place(problem)
        about = f"{problem.subject}: " if problem.subject else ""
        value = f" [{problem.value}]" if problem.value else ""
        lines.append(f"{where}{': ' if where else ''}{about}{problem.words}{value}")
        if problem.remedy:
            lines.append(f"    {problem.remedy}")
    lines.append(summary(problems if isinstance(problems, Found) else listed))
    return "\n".join(lines)


def summary(problems: Iterable[Problem]) -> str:
    """Return one sentence: how many problems, and whether they stop the import."""
    found = problems if isinstance(problems, Found) else Found(problems)
    if not found.total:
        return _("No problems.")
    said = ngettext("%(count)d problem.", "%(count)d problems.", found.total) % {
        "count": found.total
    }
    if found.left_out:
        said += _(" The first %(kept)d are listed.") % {"kept": len(found)}
    if found.fatal:
        said += _(" Nothing can be imported before the fatal ones are put right.")
    return said


def as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems for programs; words are in the reader's language, codes never change."""
    return [
        {
            "code": problem.code,
            "fatal": problem.fatal,
            "subject": problem.subject,
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "value": problem.value,
            "words": str(problem.words),
            "remedy": str(problem.remedy),
        }
        for problem in problems
    ]


def from_json(listed: Iterable[dict[str, Any]]) -> Found:
    """Return problems that `as_json` wrote."""
    return Found(Problem(**one) for one in listed)


def write_excel(target: str | Path | IO[bytes], problems: Iterable[Problem]) -> None:
    """Write problems as an Excel file to a path, a file or a response.

    Every cell is text or a number: a value that begins with ``=`` stays what it was and is never
    a formula in somebody's spreadsheet.
    """
    import xlsxwriter

    headings = (
        _("Weight"), _("File"), _("Line"), _("Column"), _("Object"), _("Value"),
        _("What is wrong"), _("How to put it right"), _("Code"),
    )  # fmt: skip
    out: Any = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Problems"))
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(zip(headings, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        for row, problem in enumerate(problems, start=1):
            weight = _("stops the import") if problem.fatal else _("left out or corrected")
            cells = (
                weight, problem.file, problem.line, problem.column, problem.subject,
                problem.value, str(problem.words), str(problem.remedy), problem.code,
            )  # fmt: skip
            for column, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(row, column, cell, wrapped)
                elif cell:
                    sheet.write_string(row, column, cell, wrapped)
