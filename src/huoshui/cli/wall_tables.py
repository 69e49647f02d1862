"""Tables of hourly values in plain files: the first column a wall-clock time, the rest numbers."""

from __future__ import annotations

import contextlib
import csv
import gzip
import math
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors

SEPARATORS = ",;\t"
GZIP = b"\x1f\x8b"
ROWS_MAX = 2_000_000
UNKNOWN = {"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "无"}


class NotReadable(errors.Refused):
    """A table cannot be read at all."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__("wall_tables.not_readable", f"{path}: {why}")


@dataclass
class Table:
    """What a file held, and what in it could not be used.

    A bad value is taken as not recorded; a row without a usable time is left out.
    """

    path: Path
    columns: list[str]
    separator: str
    at: list[datetime]
    value: NDArray[np.float64]
    time_between: str = "T"
    problems: list[str] = field(default_factory=list)

    @property
    def decimal_comma(self) -> bool:
        """Whether numbers are written 1,5: only where the comma does not part the columns."""
        return self.separator != ","

    def time_words(self, moment: datetime) -> str:
        """Return a time as the file writes it, to the minute."""
        return moment.isoformat(sep=self.time_between, timespec="minutes")

    def number_words(self, number: float) -> str:
        """Return a number as the file writes it; nothing where it is not known."""
        if math.isnan(number):
            return ""
        words = f"{number:.4f}"
        return words.replace(".", ",") if self.decimal_comma else words


def read_table(path: Path) -> Table:
    """Read a table; refuses a file without a header, without columns or without any row."""
    words = _words(path)
    lines = words.splitlines()
    if not words.strip():
        raise NotReadable(path, _("the file is empty"))
    separator = max(SEPARATORS, key=lines[0].count)
    rows = csv.reader(lines, delimiter=separator)
    header = [name.strip() for name in next(rows)]
    if len(header) < 2 or len(set(header)) < len(header):
        raise NotReadable(
            path, _("its first line must name a time and at least one column, each once")
        )
    table = Table(path, header, separator, [], np.empty((0, len(header) - 1)))
    values: list[list[float]] = []
    for row in rows:
        if len(values) >= ROWS_MAX:
            raise NotReadable(path, _("more than %(count)d rows") % {"count": ROWS_MAX})
        if not any(cell.strip() for cell in row):
            continue
        line = rows.line_num
        at = moment(row[0].strip())
        if at is None:
            table.problems.append(
                _("line %(line)d: '%(value)s' is not a time; the row is left out")
                % {"line": line, "value": row[0]}
            )
            continue
        if len(row) != len(header):
            table.problems.append(
                _("line %(line)d: %(found)d values instead of %(wanted)d; the row is left out")
                % {"line": line, "found": len(row), "wanted": len(header)}
            )
            continue
        if not values and " " in row[0].strip():
            table.time_between = " "
        table.at.append(at)
        values.append(_numbers(table, line, row))
    if not values:
        raise NotReadable(path, _("no row can be used"))
    table.value = np.array(values)
    return table


def _words(path: Path) -> str:
    """Return the text of a file: packed with gzip or not, of today or of an old Chinese program."""
    try:
        content = path.read_bytes()
        if content.startswith(GZIP):
            content = gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as damaged:
        raise NotReadable(path, _("the gzip file is damaged")) from damaged
    except OSError as failed:
        raise plain_files.refusal(failed) from failed
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise NotReadable(path, _("this is no text"))


def moment(words: str) -> datetime | None:
    """Return a naive moment; None for what is not one, or carries a zone."""
    try:
        read = datetime.fromisoformat(words)
    except ValueError:
        return None
    return read if read.tzinfo is None else None


def _numbers(table: Table, line: int, row: list[str]) -> list[float]:
    found = []
    for name, cell in zip(table.columns[1:], row[1:], strict=True):
        words = cell.strip()
        number = math.nan
        if words.lower() not in UNKNOWN:
            try:
                number = float(words.replace(",", ".") if table.decimal_comma else words)
            except ValueError:
                number = math.inf
            if not math.isfinite(number):
                number = math.nan
                table.problems.append(
                    _("line %(line)d, %(column)s: '%(value)s' is not a number, left out")
                    % {"line": line, "column": name, "value": cell}
                )
        found.append(number)
    return found
