"""Codes in the order people expect: V-2 before V-10."""

from __future__ import annotations

import re
from typing import Any

DIGITS = re.compile(r"\d+")
DIGITS_MAX = 12


def natural_key(text: str) -> str:
    """Return a text by which codes sort naturally, to be kept in a column beside the code.

    Numbers inside are brought to the same length, capitals do not count: ``V-10`` becomes
    ``v-000000000010``.
    """
    return DIGITS.sub(lambda found: found[0].lstrip("0").zfill(DIGITS_MAX), text.lower())


def sort_key(value: Any) -> Any:
    """Return what a value in memory sorts by: text naturally, everything else as it is."""
    return natural_key(value) if isinstance(value, str) else value
