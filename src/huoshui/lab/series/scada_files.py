"""Measurements as plain files: one column of moments, one column for each sensor.

    Timestamp;p227;p235                  local_time,dma_1_lps,dma_2_lps
    2019-01-01 00:00:00;87,33;91,73      2021-01-01T00:00,,3.7

Both are read: separated by semicolons with a decimal comma (as BattLeDIM gave its SCADA data),
or by commas or tabs with a decimal point; plain or packed with gzip. Several files of the same
sensors, a year each, become one table. Units are the file's: a reader that guessed them would be
wrong one day.
"""

from __future__ import annotations

import contextlib
import gzip
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

Floats = NDArray[np.float64]

GZIP = b"\x1f\x8b"
SEPARATORS = (";", "\t", ",")
UNKNOWN = (
    "", "NaN", "nan", "NAN", "null", "NULL", "None", "none", "-", "--", "n/a", "N/A", "NA", "na",
    "#N/A", "无",
)  # fmt: skip
BAD_MAX = 100
COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
MOMENTS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
)  # fmt: skip
SNIFFED_BYTES = 65_536


WHY = {
    "empty": "the file is empty",
    "damaged": "the gzip file is damaged",
    "no_separator": "no separator in the heading",
    "heading_twice": "two columns have one name",
    "no_moment": "a row has no moment",
    "not_a_moment": "not_a_moment",
    "not_a_number": "this is no number",
    "point_for_comma": "a decimal point where the others have commas",
    "no_rows": "there is a heading and no row",
    "cell_count": "the row has more or fewer cells than the heading",
    "too_few_values": "values are missing from the row",
    "ends_before_start": "the leak ends before it starts",
    "no_event": "values are missing from the row",
    "event_ends_before": "the event ends before it begins",
    "no_column": "the heading lacks a column",
    "no_name": "a name is missing",
    "no_kind": "this kind is not known",
    "pipe_twice": "two rows have one name",
    "not_a_length": "this is no length or diameter",
    "no_table": "this is no table of measurements",
}


class UnreadableFile(ValueError):
    """A file is not what it should be; says where, what stands there and why (a key of `WHY`).

    ``others`` are further bad cells of the same file, so that all can be mended at once.
    """

    others: tuple[UnreadableFile, ...] = ()

    def __init__(
        self, why: str, *, path: Path, line: int | None = None, column: str = "", value: str = ""
    ) -> None:
        place = path.name + (f", line {line}" if line else "")
        place += f", column {column}" if column else ""
        super().__init__(f"{place}: {WHY[why]}" + (f": {value!r}" if value else ""))
        self.why, self.path, self.line, self.column, self.value = why, path, line, column, value

    @classmethod
    def of_all(cls, found: Sequence[UnreadableFile]) -> UnreadableFile:
        """Return the first of several problems, which carries the others."""
        first = found[0]
        first.others = tuple(found[1:])
        return first


@dataclass(frozen=True)
class Measurements:
    """A table of measurements.

    Attributes
    ----------
    at_s : ndarray, shape (n_times,)
        Moments, rising, as the files' clock showed them, counted as if it were UTC. [s since 1970]
    names : tuple of str
        The sensors, as their columns are headed.
    values : ndarray, shape (n_times, n_sensors)
        What they measured, in the units of the files; NaN where nothing is known.
    """

    at_s: Floats
    names: tuple[str, ...]
    values: Floats

    @property
    def step_s(self) -> float:
        """The usual interval between moments, NaN with fewer than two. [s]"""
        return float(np.median(np.diff(self.at_s))) if len(self.at_s) > 1 else math.nan

    def column(self, name: str) -> Floats:
        """Return what one sensor measured, shape (n_times,), refusing unknown names."""
        if name not in self.names:
            msg = f"there is no column {name}; there are {', '.join(self.names)}"
            raise KeyError(msg)
        found: Floats = self.values[:, self.names.index(name)]
        return found


def read(paths: str | Path | Sequence[str | Path]) -> Measurements:
    """Read one file, or several of the same sensors, into one table.

    Parameters
    ----------
    paths : path or sequence of paths
        Files in any order. A sensor that a file does not have is NaN there; where two rows give
        the same moment, the later row and the later file count.

    Returns
    -------
    Measurements

    Raises
    ------
    UnreadableFile
        If a file is no such table, with the line and the value that are wrong.
    OSError
        If a file cannot be opened.
    """
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    parts = [_read_one(Path(one)) for one in listed]
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    place = {name: number for number, name in enumerate(names)}
    at = np.concatenate([part.at_s for part in parts]) if parts else np.zeros(0)
    values = np.full((len(at), len(names)), np.nan)
    row = 0
    for part in parts:
        values[row : row + len(part.at_s), [place[name] for name in part.names]] = part.values
        row += len(part.at_s)
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    latest = np.append(np.diff(at) > 0, True) if len(at) else np.zeros(0, dtype=bool)
    return Measurements(at[latest], names, values[latest])


def _read_one(path: Path) -> Measurements:
    content = path.read_bytes()
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as damaged:
            raise UnreadableFile("damaged", path=path) from damaged
    content = content.removeprefix(b"\xef\xbb\xbf")
    head = content[:SNIFFED_BYTES].decode("utf-8", "replace").splitlines()
    if head and "\ufffd" in head[0]:
        head[0] = content.split(b"\n", 1)[0].decode("gb18030", "replace").strip()
    if not head or not head[0].strip():
        raise UnreadableFile("empty", path=path)
    separator = next((sign for sign in SEPARATORS if sign in head[0]), None)
    if separator is None:
        raise UnreadableFile("no_separator", path=path, line=1, value=head[0][:80])
    names = [cell.strip().strip('"') for cell in head[0].split(separator)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFile("heading_twice", path=path, line=1, value=twice[0])
    decimal = "," if separator != "," and _comma_decimals(head[1:], separator) else "."
    try:
        table = csv.read_csv(
            pa.BufferReader(content),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(
                column_types={names[0]: pa.timestamp("s")} | dict.fromkeys(names[1:], pa.float64()),
                timestamp_parsers=[*MOMENTS, csv.ISO8601],
                null_values=list(UNKNOWN),
                strings_can_be_null=True,
                decimal_point=decimal,
            ),
        )
    except pa.ArrowInvalid as refused:
        found = _wrong_cells(path, content, names, separator, decimal)
        raise (
            UnreadableFile.of_all(found)
            if found
            else UnreadableFile("no_table", path=path, value=str(refused)[:120])
        ) from refused
    moments = table.column(0)
    if moments.null_count:
        found = _wrong_cells(path, content, names, separator, decimal)
        line = int(np.flatnonzero(np.asarray(moments.is_null()))[0]) + 2
        silent = UnreadableFile("no_moment", path=path, line=line, column=names[0])
        raise UnreadableFile.of_all(found or [silent])
    if not len(moments):
        raise UnreadableFile("no_rows", path=path, line=1)
    at = moments.cast(pa.int64()).to_numpy().astype(float)
    values = np.empty((len(at), len(names) - 1))
    for number in range(1, len(names)):
        values[:, number - 1] = table.column(number).to_numpy()
    values[~np.isfinite(values)] = np.nan
    # A separator at the end of each line makes a column without a name.
    named = [number for number, name in enumerate(names[1:]) if name]
    return Measurements(at, tuple(names[1 + number] for number in named), values[:, named])


def _comma_decimals(lines: Sequence[str], separator: str) -> bool:
    """Tell whether most decimals of the first lines are written with a comma."""
    cells = [cell.strip().strip('"') for line in lines[:200] for cell in line.split(separator)[1:]]
    commas = sum(bool(COMMA_DECIMAL.fullmatch(cell)) for cell in cells)
    return commas > sum("." in cell for cell in cells)


def _wrong_cells(
    path: Path, content: bytes, names: Sequence[str], separator: str, decimal: str
) -> list[UnreadableFile]:
    """List the cells that made the quick reader give up, as a person would look for them."""
    found: list[UnreadableFile] = []
    for line, text in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        if len(found) >= BAD_MAX:
            break
        if line == 1 or not text.strip():
            continue
        cells = [cell.strip().strip('"') for cell in text.split(separator)]
        if len(cells) != len(names):
            found.append(UnreadableFile("cell_count", path=path, line=line, value=text[:80]))
            continue
        why = _wrong_moment(cells[0])
        if why:
            found.append(
                UnreadableFile(why, path=path, line=line, column=names[0], value=cells[0][:80])
            )
        for name, cell in zip(names[1:], cells[1:], strict=True):
            why = "" if cell in UNKNOWN else _wrong_number(cell, decimal)
            if why:
                found.append(
                    UnreadableFile(why, path=path, line=line, column=name, value=cell[:80])
                )
    return found


def _wrong_moment(cell: str) -> str:
    """Return why a cell is no moment of the wall clock; nothing where it is one."""
    if not cell:
        return "no_moment"
    for form in MOMENTS:
        with contextlib.suppress(ValueError):
            datetime.strptime(cell, form)  # noqa: DTZ007 - a wall clock has no zone
            return ""
    return "not_a_moment"


def _wrong_number(cell: str, decimal: str) -> str:
    """Return why a cell is no number of its file; nothing where it is one."""
    try:
        float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return "not_a_number"
    return "point_for_comma" if decimal == "," and "." in cell else ""
