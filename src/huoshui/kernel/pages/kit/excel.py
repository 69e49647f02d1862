"""Export of a list to Excel: every row the filters keep, numbers as numbers, moments as moments."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.http import FileResponse

from huoshui.kernel import clock
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit.columns import Column

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_MAX = 1_048_575  # what a sheet holds, less the heading
NUMBER_FORMATS = {"percent": "0.0%", "": "General"}
MOMENT_WIDTH = 18  # characters; a narrower column shows #### for "2026-03-03 13:30"


def number_format(column: Column) -> str:
    """Return Excel's format for the numbers of a column, from Python's."""
    how = column.format if isinstance(column.format, str) else ""
    if how in NUMBER_FORMATS:
        return NUMBER_FORMATS[how]
    if how.startswith(".") and how.endswith("f"):
        decimals = int(how[1:-1])
        return "#,##0" + ("." + "0" * decimals if decimals else "")
    return "General"


def write(title: str, columns: Sequence[Column], rows: Iterable[Any]) -> FileResponse:
    """Return the file, written row by row, so that a million rows need no memory.

    Text is always written as text: a name that begins with ``=`` stays a name and never becomes
    a formula in somebody's spreadsheet.
    """
    handle = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    # Loaded when somebody exports: it would slow down the start of every process.
    import xlsxwriter

    book = xlsxwriter.Workbook(handle, options)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    numbers = [book.add_format({"num_format": number_format(column)}) for column in columns]
    sheet.freeze_panes(1, 0)
    widths = [max(12, min(40, 2 * len(column.heading))) for column in columns]
    moments: set[int] = set()
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.heading, bold)
    for line, row in enumerate(rows, start=1):
        if line > ROWS_MAX:
            break
        for place, column in enumerate(columns):
            value = column.raw(row)
            if value is None or value == "" or value != value:
                continue
            if column.translates(value) or isinstance(value, bool):
                sheet.write_string(line, place, column.words(row))
            elif isinstance(value, datetime):
                local = formats.local(value).replace(tzinfo=None)
                sheet.write_datetime(line, place, local, moment)
                moments.add(place)
            elif isinstance(value, date):
                sheet.write_datetime(line, place, value, day)
            elif isinstance(value, (int, float)) and not callable(column.format):
                sheet.write_number(line, place, value, numbers[place])
            else:
                sheet.write_string(line, place, column.words(row))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, max(width, MOMENT_WIDTH if place in moments else 0))
    book.close()
    handle.seek(0)
    response = FileResponse(handle, content_type=EXCEL)
    name = f"{title} {formats.local(clock.now()):%Y-%m-%d}"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response
