"""The closed lists of checks; plain Python. Codes are stable for ever, people see their names."""

from __future__ import annotations

from enum import StrEnum


class ItemKind(StrEnum):
    """What is answered to one item of a list."""

    OK = "ok"
    NUMBER = "number"
    TEXT = "text"
    PHOTO = "photo"


class Verdict(StrEnum):
    """What an answer says."""

    GOOD = "good"
    WRONG = "wrong"
    NOTED = "noted"
    MISSING = "missing"
