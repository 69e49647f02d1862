"""Open any table somebody hands in: CSV, Excel or Parquet, told apart by what is inside.

Nothing in a file raises: what is wrong with it is in the table's ``problems``. Rows are read as
they are asked for, so the size of a file does not matter to the memory (Excel is unpacked whole,
and guarded by `Limits`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake.problems import Found, Problem

ZIP, PARQUET, OLD_EXCEL = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"SQLite", b"7z\xbc\xaf", b"Rar!")
EMPTY_HEADING = "#%d"


@dataclass(frozen=True)
class Limits:
    """How much of a file we take before we say that it is too much."""

    rows: int = 200_000_000
    columns: int = 4_000
    cell_length: int = 20_000
    line_bytes: int = 1_000_000
    excel_bytes: int = 200_000_000
    unpacked_bytes: int = 600_000_000
    unpacked_ratio: int = 300
    excel_cells: int = 30_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line as the reader's own program shows it, and its values by column."""

    line: int
    values: dict[str, Any]


@dataclass
class Table:
    """An opened table. Read it once, from the top: by ``rows`` or, faster, by ``records``.

    ``about`` says how the file was understood: its form, encoding, separator, decimal sign.
    """

    columns: tuple[str, ...] = ()
    records: Iterator[tuple[int, list[Any]]] = field(default_factory=lambda: iter(()))
    problems: Found = field(default_factory=Found)
    about: dict[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    header_line: int = 1

    @property
    def rows(self) -> Iterator[Row]:
        """The rows as dictionaries; cells beyond the headings are left out."""
        for line, values in self.records:
            yield Row(line, dict(zip(self.columns, values, strict=False)))

    @property
    def decimal(self) -> str:
        """The sign before decimals in this file's text."""
        return self.about.get("decimal", ".")


def open_table(
    path: str | Path, *, sheet: str | None = None, limits: Limits | None = None, name: str = ""
) -> Table:
    """Open a file as a table. ``name`` is what its owner calls it, for the problems.

    Never raises for what is in the file; an unusable file has no columns and a fatal problem.
    """
    from huoshui.kernel.intake import csv_files, excel_files, parquet_files

    path = Path(path)
    table = Table()
    call = name or path.name
    limits = limits or Limits()
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
    except OSError as cause:
        table.problems.add(unreadable(call, cause.strerror or type(cause).__name__))
        return table
    if not head:
        table.problems.add(
            Problem("intake.empty", _("The file is empty."), True, file=call, remedy=CHOOSE)
        )
    elif head.startswith(PARQUET):
        parquet_files.fill(table, path, call, limits)
    elif head.startswith(OLD_EXCEL):
        excel_files.fill(table, path, call, limits, sheet, packed=False)
    elif head.startswith(ZIP):
        if not zipfile.is_zipfile(path):
            table.problems.add(unreadable(call, "zip"))
        else:
            excel_files.fill(table, path, call, limits, sheet, packed=True)
    elif head.startswith(OTHERS):
        table.problems.add(not_a_table(call))
    else:
        csv_files.fill(table, path, call, limits)
    if not table.columns and not table.problems.fatal:
        table.problems.add(
            Problem("intake.no_heading", _("No row with headings was found."), True, file=call,
                    remedy=_("Put the names of the columns into the first row."))
        )  # fmt: skip
    return table


CHOOSE = _("Choose another file; CSV, Excel (.xlsx, .xls) and Parquet can be read.")


def unreadable(call: str, why: str) -> Problem:
    """Return the problem of a file that its own format's reader gives up on."""
    return Problem(
        "intake.unreadable", _("The file is damaged or cannot be opened."), True, file=call,
        value=why, remedy=_("Open it in the program that made it and save it again."),
    )  # fmt: skip


def not_a_table(call: str) -> Problem:
    """Return the problem of a file that is something else altogether."""
    return Problem("intake.not_a_table", _("This is not a table."), True, file=call, remedy=CHOOSE)


def too_large(call: str, what: Any, value: object) -> Problem:
    """Return the problem of a file beyond a limit."""
    return Problem(
        "intake.too_large", what, True, file=call, value=str(value),
        remedy=_("Split the file, or save it as CSV or Parquet, which may be of any size."),
    )  # fmt: skip


def headings(
    cells: list[Any], call: str, line: int, problems: Found, limits: Limits
) -> tuple[str, ...]:
    """Return the names of the columns: text, each once, empty ones numbered.

    Empty headings at the end belong to no column.
    """
    names = [" ".join(str(cell if cell is not None else "").split())[:200] for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > limits.columns:
        problems.add(too_large(call, _("The table has more columns than can be read."), len(names)))
        return ()
    seen: dict[str, int] = {}
    out = []
    for place, name in enumerate(names, start=1):
        once = name or EMPTY_HEADING % place
        if once in seen:
            problems.add(
                Problem("intake.heading_twice", _("Two columns have the same heading."), False,
                        file=call, line=line, column=once,
                        remedy=_("Only the first of them is used; rename the other one."))
            )  # fmt: skip
            seen[once] += 1
            once = f"{once} ({seen[once]})"
        seen.setdefault(once, 1)
        out.append(once)
    return tuple(out)
