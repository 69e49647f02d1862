"""Excel workbooks, looked through before they are unpacked.

A workbook is a zip: 50 kB may unpack into gigabytes, and two cells in opposite corners make a
reader ask for the memory of 17 thousand million. Both are found by a look at the packed file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import tables
from huoshui.kernel.intake.problems import Problem
from huoshui.kernel.intake.tables import Limits, Table

CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br\s*=\s*["\']([A-Za-z]{1,8})(\d{1,12})["\']')
ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br\s*=\s*["\'](\d{1,12})["\']')
OPENED = re.compile(rb"<(?:\w+:)?(c|row)[\s/>]")
PIECE = 1_048_576
OVERLAP = 256


def fill(
    table: Table, path: Path, call: str, limits: Limits, sheet: str | None, *, packed: bool
) -> None:
    """Check the workbook, then give the table the headings and rows of one sheet."""
    import python_calamine as calamine

    if path.stat().st_size > limits.excel_bytes:
        table.problems.add(
            tables.too_large(call, _("The workbook is too large."), path.stat().st_size)
        )
        return
    try:
        if packed and not _is_safe(table, path, call, limits):
            return
        book = calamine.CalamineWorkbook.from_path(str(path))
        # Hidden sheets hold lists for drop-downs, seldom the table.
        visible = [
            one.name
            for one in book.sheets_metadata
            if one.visible == calamine.SheetVisibleEnum.Visible
            and one.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        table.sheets = tuple(visible or book.sheet_names)
        if sheet is not None and sheet not in book.sheet_names:
            table.problems.add(
                Problem("intake.no_such_sheet", _("The workbook has no sheet of this name."), True,
                        file=call, value=sheet,
                        remedy=_("It has these: %(names)s.") % {"names": ", ".join(table.sheets)})
            )  # fmt: skip
            return
        chosen = sheet if sheet is not None else table.sheets[0] if table.sheets else None
        if chosen is None:
            table.problems.add(tables.not_a_table(call))
            return
        opened = book.get_sheet_by_name(chosen)
    except BaseException as cause:
        # The reader is written in Rust; where it gives up in panic, that is no `Exception`.
        if isinstance(cause, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        table.problems.add(tables.unreadable(call, type(cause).__name__))
        return
    table.about = {"form": "excel", "sheet": chosen, "decimal": "."}
    records = _records(opened)
    for line, cells in records:
        table.header_line = line
        table.columns = tables.headings(
            [_plain(cell) for cell in cells], call, line, table.problems, limits
        )
        break
    table.records = records


def _plain(cell: Any) -> Any:
    """Return a heading as people see it: 2021.0 is 2021, a day has no midnight."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date()
    return cell


def _records(opened: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield sheet row and cells of each row that is not empty; an empty cell is an empty text."""
    for line, cells in enumerate(opened.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield line, [_cell(cell) for cell in cells]


def _cell(cell: Any) -> Any:
    if type(cell) is date:
        return datetime.combine(cell, time.min)
    return cell


def _is_safe(table: Table, path: Path, call: str, limits: Limits) -> bool:
    """Tell whether the workbook stays within the limits when it is unpacked; say why not."""
    with zipfile.ZipFile(path) as book:
        parts = book.infolist()
        if "xl/workbook.xml" not in {one.filename.lstrip("/") for one in parts} and not any(
            one.filename.endswith("workbook.bin") for one in parts
        ):
            table.problems.add(tables.not_a_table(call))
            return False
        if len(parts) > 10_000:
            table.problems.add(tables.too_large(call, _("The workbook is too large."), len(parts)))
            return False
        unpacked = 0
        for one in parts:
            unpacked += _look_through(table, book, one, call, limits, unpacked)
            if table.problems.fatal:
                return False
    return True


def _look_through(
    table: Table,
    book: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    call: str,
    limits: Limits,
    so_far: int,
) -> int:
    """Unpack one part piece by piece, keeping nothing; return its true size.

    The sizes that the zip states are not believed.
    """
    size, rows, columns, rest = 0, 0, 0, b""
    is_sheet = part.filename.startswith("xl/worksheets/")
    cells_without_place = 0
    with book.open(part) as handle:
        while piece := handle.read(PIECE):
            size += len(piece)
            ratio = size / max(1, part.compress_size)
            if so_far + size > limits.unpacked_bytes or (
                ratio > limits.unpacked_ratio and size > 10 * PIECE
            ):
                table.problems.add(
                    tables.too_large(call, _("The workbook unpacks into far more than it is."),
                                     f"{(so_far + size) // 1_000_000} MB")
                )  # fmt: skip
                return size
            if is_sheet:
                text = rest + piece
                for found in CELL.finditer(text):
                    columns = max(columns, _column(found[1]))
                    rows = max(rows, int(found[2]))
                for found in ROW.finditer(text):
                    rows = max(rows, int(found[1]))
                cells_without_place += len(OPENED.findall(text))
                rest = text[-OVERLAP:]
    # Cells need not say where they are; then they follow one another.
    if max(rows, 1) * max(columns, 1) > limits.excel_cells or (
        cells_without_place > 3 * limits.excel_cells
    ):
        table.problems.add(
            tables.too_large(call, _("The sheet is larger than can be read."),
                             f"{rows} × {columns}")
        )  # fmt: skip
    return size


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place
