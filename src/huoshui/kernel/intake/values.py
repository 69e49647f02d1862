"""Numbers and days as people write them."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from typing import Any

PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
THOUSANDS = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?"),
}
LONGEST = 64  # signs; nobody means a longer number
# How people say that there is nothing: kept apart from zero, which is a measurement.
NOTHING = frozenset({"", "-", "--", "—", "/", "nan", "null", "none", "n/a", "#n/a", "na", "无"})
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?"
)


def is_nothing(value: Any) -> bool:
    """Tell whether a cell says that there is no value."""
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value.strip().lower() in NOTHING


def number(value: Any, decimal: str = ".") -> float:
    """Return a finite number as it was written, or raise ``ValueError``.

    Takes full-width digits, blanks and thousands separators. ``decimal`` is the sign before the
    decimals in this file. Python's own notations (``1_000``, ``infinity``) are not numbers here.
    """
    if isinstance(value, bool):
        msg = "a truth value is not a number"
        raise ValueError(msg)
    if isinstance(value, (int, float)):
        try:
            found = float(value)
        except OverflowError:  # an integer of more than 308 digits
            found = math.inf
    else:
        written = str(value).strip()
        if len(written) > LONGEST:  # cut off, it would be another number
            msg = "too long for a number"
            raise ValueError(msg)
        text = unicodedata.normalize("NFKC", written).strip()
        text = text.replace("\u2212", "-").replace(" ", "").replace("'", "")
        if THOUSANDS[decimal].fullmatch(text):
            text = text.replace("," if decimal == "." else ".", "")
        if decimal == ",":
            text = text.replace(",", ".")
        if not PLAIN.fullmatch(text):
            msg = "not a number"
            raise ValueError(msg)
        found = float(text)
    if not math.isfinite(found):
        msg = "not a finite number"
        raise ValueError(msg)
    return found


def day(value: Any) -> date:
    """Return a day written year first (or Excel's own), or raise ``ValueError``."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = DAY.fullmatch(unicodedata.normalize("NFKC", str(value)[:40]).strip())
    if not found:
        msg = "not a day"
        raise ValueError(msg)
    return date(int(found[1]), int(found[2]), int(found[3]))


def text(value: Any) -> str:
    """Return a cell as text; a whole number that Excel keeps as 12.0 is ``12``."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).replace("\x00", "").strip()
