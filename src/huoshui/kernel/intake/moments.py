"""Moments as people and programs write them: which way a column is written, and reading it.

A day written as 3/4/2021 may be in March or in April. A column in which nothing decides is not
guessed at: both readings are shown, and a person chooses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = np.iinfo(np.int64).min
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock on the wall shows has no zone
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
US = timedelta(microseconds=1)
CACHED_MAX = 200_000
SAMPLE_MAX = 200_000
TIME = (
    r"(?:[\sT]*(?P<half>上午|下午|AM|PM)?\s*(?P<h>\d{1,2})\s*[:时点]\s*(?:(?P<m>\d{1,2})\s*分?)?"
    r"(?:[:]?(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?秒?)?\s*(?P<half2>AM|PM)?)?"
)
YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?" + TIME
)
DAY_OR_MONTH = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})" + TIME)
COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<mo>\d\d)(?P<d>\d\d)[T ]?(?:(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?)?"
)
ZONED = re.compile(r"(?P<wall>.*\d)\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?)", re.IGNORECASE)
EPOCH_S = (0.6e9, 4.2e9)  # 1989 to 2103
EPOCH_MS = (0.6e12, 4.2e12)
EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
ISO_LENGTHS = {10, 16, 19, 23}

WRITTEN = {
    "typed": "2021-03-28 01:00",
    "year_first": "2021-03-28 01:00",
    "zoned": "2021-03-28T01:00+08:00",
    "day_first": "28/03/2021 01:00",
    "month_first": "03/28/2021 01:00",
    "compact": "202103280100",
    "epoch_s": "1616864400",
    "epoch_ms": "1616864400000",
    "excel_days": "44283.0417",
}


@dataclass(frozen=True)
class Guess:
    """How a column of moments is written.

    ``form`` is nothing when it holds no moments, or when ``readings`` shows two ways to read
    ``example``.
    """

    form: str | None
    example: str = ""
    readings: tuple[tuple[str, str], ...] = ()
    share_frac: float = 0.0


def guess(samples: Iterable[Any]) -> Guess:
    """Return how the cells of a column are written, from as many as are given."""
    counts: dict[str, int] = {}
    total, example = 0, ""
    day_first = month_first = False
    for cell in samples:
        if cell is None or cell == "":
            continue
        total += 1
        form = form_of(cell)
        if form is None:
            continue
        counts[form] = counts.get(form, 0) + 1
        if form == "slashed":
            found = DAY_OR_MONTH.fullmatch(_text(cell))
            if found:
                day_first = day_first or int(found["a"]) > 12
                month_first = month_first or int(found["b"]) > 12
                example = example or str(cell)
    if not counts:
        return Guess(None)
    form, often = max(counts.items(), key=lambda one: one[1])
    share = often / total
    if form != "slashed":
        return Guess(form, share_frac=share)
    if day_first != month_first:
        return Guess("day_first" if day_first else "month_first", share_frac=share)
    both = tuple(
        (way, str(np.datetime64(us, "us")).replace("T", " ")[:16])
        for way in ("day_first", "month_first")
        if (us := read_one(example, way)) != NONE
    )
    return Guess(None, example, both, share)


def form_of(cell: Any) -> str | None:
    """Return how one cell is written; ``slashed`` may be day or month first."""
    if isinstance(cell, datetime):
        return "zoned" if cell.tzinfo else "typed"
    if isinstance(cell, date):
        return "typed"
    if isinstance(cell, bool):
        return None
    text = _text(cell)
    if YEAR_FIRST.fullmatch(text):
        return "year_first"
    if DAY_OR_MONTH.fullmatch(text):
        return "slashed"
    found = COMPACT.fullmatch(text)
    if found and 1900 <= int(found["y"]) < 2200 and len(text) in (8, 12, 13, 14, 15):
        return "compact" if 1 <= int(found["mo"]) <= 12 and 1 <= int(found["d"]) <= 31 else None
    if re.fullmatch(r"\d{5,13}(?:\.\d{1,12})?", text):
        number = float(text)
        for form, (low, high) in (
            ("excel_days", EXCEL_DAYS), ("epoch_s", EPOCH_S), ("epoch_ms", EPOCH_MS),
        ):  # fmt: skip
            if low <= number < high:
                return form
        return None
    zoned = ZONED.fullmatch(text)
    return "zoned" if zoned and YEAR_FIRST.fullmatch(zoned["wall"].strip()) else None


def _text(cell: Any) -> str:
    return unicodedata.normalize("NFKC", str(cell)[:48]).strip().upper()


def read_one(cell: Any, form: str) -> int:
    """Return one cell in microseconds, of the wall clock or (zoned, epoch) of UTC; or `NONE`."""
    try:
        if isinstance(cell, datetime):
            if cell.tzinfo is not None:
                return (cell.astimezone(UTC).replace(tzinfo=None) - EPOCH) // US
            return (cell - EPOCH) // US if form != "zoned" else NONE
        if isinstance(cell, date):
            return (datetime.combine(cell, datetime.min.time()) - EPOCH) // US
        return _READERS[form](_text(cell))
    except (ValueError, OverflowError, TypeError):
        return NONE


def _year_first(text: str) -> int:
    return _matched(YEAR_FIRST.fullmatch(text), "mo", "d")


def _zoned(text: str) -> int:
    found = ZONED.fullmatch(text)
    if not found:
        return NONE
    wall = _year_first(found["wall"].strip())
    if wall == NONE or found["zone"] == "Z":
        return wall
    digits = found["zone"][1:].replace(":", "").ljust(4, "0")
    offset = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * 1_000_000
    return wall - offset if found["zone"][0] == "+" else wall + offset


def _matched(found: re.Match[str] | None, month: str, day: str) -> int:
    if not found:
        return NONE
    part = found.groupdict()
    hour = int(part["h"] or 0)
    half = part.get("half") or part.get("half2")
    if half in ("下午", "PM") and hour < 12:
        hour += 12
    elif half in ("上午", "AM") and hour == 12:
        hour = 0
    next_day = hour == 24 and not int(part["m"] or 0)
    at = datetime(  # noqa: DTZ001 - see EPOCH
        int(part["y"]), int(part[month]), int(part[day]), 0 if next_day else hour,
        int(part["m"] or 0), int(part["s"] or 0),
        int((part.get("f") or "0").ljust(6, "0")[:6]),
    ) + timedelta(days=next_day)  # fmt: skip
    return (at - EPOCH) // US


def _excel_days(text: str) -> int:
    # A second is 1.16e-5 of a day; what Excel keeps is good to about a microsecond.
    at = EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400, 3))
    return (at - EPOCH) // US


_READERS: dict[str, Callable[[str], int]] = {
    "typed": _year_first,
    "year_first": _year_first,
    "zoned": _zoned,
    "day_first": lambda text: _matched(DAY_OR_MONTH.fullmatch(text), "b", "a"),
    "month_first": lambda text: _matched(DAY_OR_MONTH.fullmatch(text), "a", "b"),
    "compact": lambda text: _matched(COMPACT.fullmatch(text), "mo", "d"),
    "epoch_s": lambda text: round(float(text) * 1e6),
    "epoch_ms": lambda text: round(float(text) * 1e3),
    "excel_days": _excel_days,
}
UTC_FORMS = frozenset({"zoned", "epoch_s", "epoch_ms"})
"""Forms that say the moment itself, not what a clock on some wall showed."""


class Column:
    """Reads the cells of one column, all written in one form."""

    def __init__(self, form: str) -> None:
        self.form = form
        self._read: dict[Any, int] = {}

    def read(self, cells: Sequence[Any]) -> NDArray[np.int64]:
        """Return microseconds, `NONE` where a cell is no moment of this form."""
        if self.form == "year_first":
            quick = _iso(cells)
            if quick is not None:
                return quick
        if len(self._read) > CACHED_MAX:
            self._read.clear()
        out = np.empty(len(cells), np.int64)
        for place, cell in enumerate(cells):
            try:
                out[place] = self._read[cell]
            except (KeyError, TypeError):
                out[place] = us = read_one(cell, self.form)
                if isinstance(cell, (str, int, float, datetime)):
                    self._read[cell] = us
        return out


def _iso(cells: Sequence[Any]) -> NDArray[np.int64] | None:
    """Return moments all written alike as 2021-03-28T01:00 at C speed, or nothing."""
    try:
        lengths = set(map(len, cells))
        if len(lengths) != 1 or not lengths <= ISO_LENGTHS or cells[0][4] != "-":
            return None
        return np.array(cells, "datetime64[us]").astype(np.int64)
    except (TypeError, ValueError, IndexError):
        return None
