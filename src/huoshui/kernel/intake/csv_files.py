"""CSV as it comes: any separator, UTF-8 or GB18030, quoted or not, of any length."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel.intake import tables
from huoshui.kernel.intake.problems import Found, Problem
from huoshui.kernel.intake.tables import Limits, Table

SNIFFED_BYTES = 262_144
SNIFFED_LINES = 200
SEPARATORS = (",", ";", "\t", "|")
COMMA_DECIMAL = re.compile(r"\s*[+-]?\d+,\d+\s*")
POINT_DECIMAL = re.compile(r"\s*[+-]?\d+\.\d+\s*")
QUOTED = re.compile(r'"([^"]*,[^"]*)"')
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def fill(table: Table, path: Path, call: str, limits: Limits) -> None:
    """Find out how the file is written and give the table its headings and rows."""
    with path.open("rb") as handle:
        head = handle.read(SNIFFED_BYTES)
    encoding = encoding_of(path, head)
    if encoding is None:
        table.problems.add(tables.not_a_table(call))
        return
    lines = codecs.decode(head, encoding, "ignore").split("\n", SNIFFED_LINES)[:SNIFFED_LINES]
    separator = separator_of(lines)
    table.about = {
        "form": "csv",
        "encoding": "utf-8" if encoding == "utf-8-sig" else encoding,
        "separator": separator,
        "decimal": decimal_of(lines, separator),
    }
    records = _records(path, call, encoding, separator, limits, table.problems)
    for line, cells in records:
        table.header_line = line
        table.columns = tables.headings(cells, call, line, table.problems, limits)
        break
    table.records = records


def encoding_of(path: Path, head: bytes) -> str | None:
    """Return how the text is encoded, or nothing if it is no text.

    The whole file is looked at: the only Chinese name may stand in the last line.
    """
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return encoding
    if b"\x00" in head:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as handle:
        try:
            while piece := handle.read(4_194_304):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            strange = sum(byte < 32 and byte not in b"\t\r\n\f" for byte in head[:4096])
            return None if strange > len(head[:4096]) * 0.02 else "gb18030"
    return "utf-8"


def separator_of(lines: list[str]) -> str:
    """Return the sign between cells: the one that is found equally often in most lines."""
    best, found = (0.0, 0), ","
    for separator in SEPARATORS:
        counts = Counter(_outside_quotes(line, separator) for line in lines if line.strip())
        counts.pop(0, None)
        if not counts:
            continue
        often, lines_alike = counts.most_common(1)[0]
        # Decimal commas are as regular as separators, and fewer.
        rank = (lines_alike / max(1, len(lines)), often)
        if rank > best:
            best, found = rank, separator
    return found


def _outside_quotes(line: str, separator: str) -> int:
    if '"' not in line:
        return line.count(separator)
    return sum(part.count(separator) for part in line.split('"')[::2])


def decimal_of(lines: list[str], separator: str) -> str:
    """Return the sign before decimals. Where a comma parts cells it can only be a point."""
    if separator == ",":
        quoted = [cell for line in lines for cell in QUOTED.findall(line)]
        return "," if quoted and all(COMMA_DECIMAL.fullmatch(cell) for cell in quoted) else "."
    cells = [cell for line in lines for cell in line.replace('"', "").split(separator)]
    commas = sum(bool(COMMA_DECIMAL.fullmatch(cell)) for cell in cells)
    points = sum(bool(POINT_DECIMAL.fullmatch(cell)) for cell in cells)
    return "," if commas > points else "."


class _Lines:
    """The lines of a file, none longer than the limit, with the number of the one just read."""

    def __init__(self, handle: IO[str], call: str, limits: Limits, problems: Found) -> None:
        self.handle, self.call, self.limits, self.problems = handle, call, limits, problems
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        longest = self.limits.line_bytes
        while line := self.handle.readline(longest):
            self.number += 1
            if len(line) >= longest and not line.endswith("\n"):
                self._complain("intake.line_too_long", _("The line is longer than any table's."))
                while (rest := self.handle.readline(longest)) and not rest.endswith("\n"):
                    pass
                continue
            if "\ufffd" in line:
                self._complain(
                    "intake.undecodable", _("The line has signs that cannot be read."), line
                )
            if "\x00" in line:
                self._complain("intake.undecodable", _("The line has signs that cannot be read."))
                line = line.replace("\x00", "")
            yield line

    def _complain(self, code: str, words: Any, value: str = "") -> None:
        self.problems.add(
            Problem(code, words, False, file=self.call, line=self.number, value=value,
                    remedy=_("Look at this line in a text editor; it may be damaged."))
        )  # fmt: skip


def _records(
    path: Path, call: str, encoding: str, separator: str, limits: Limits, problems: Found
) -> Iterator[tuple[int, list[Any]]]:
    """Yield line number and cells of each row that is not empty, the headings first."""
    with path.open(encoding=encoding, errors="replace", newline="") as handle:
        lines = _Lines(handle, call, limits, problems)
        csv.field_size_limit(max(limits.cell_length, 131_072))
        reader = csv.reader(lines, delimiter=separator)
        seen = 0
        while True:
            started = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeError) as cause:
                problems.add(
                    Problem("intake.row_unreadable", _("The row cannot be read."), False,
                            file=call, line=started, value=str(cause),
                            remedy=_("A quotation mark may be missing at the end of a cell."))
                )  # fmt: skip
                continue
            if not any(cells):
                continue
            seen += 1
            if seen > limits.rows:
                problems.add(
                    tables.too_large(call, _("The table has more rows than can be read."), seen)
                )
                return
            yield started, cells
