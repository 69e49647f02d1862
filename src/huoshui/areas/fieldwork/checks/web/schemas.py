"""What the phone and programs are given of checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema


class Item(Schema):
    """One thing to look at; ``limits`` are its limits in words."""

    code: str
    label: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    limits: str
    is_needed: bool
    wants_job: bool


class List(Schema):
    """What is looked at in assets of a kind."""

    code: str
    label: str
    items: list[Item]


class Latest(Schema):
    """The latest check of an asset: what was not in order then, and its numbers by item."""

    at: datetime
    wrong: str
    numbers: dict[str, float]


class Asset(Schema):
    """An asset to look at, by which list (empty: none is for it), and whether somebody did."""

    code: str
    label: str
    list: str
    lon: float | None
    lat: float | None
    is_done: bool
    latest: Latest | None


class Round(Schema):
    """A round to plants that somebody may make."""

    code: str
    name: str
    until: date | None
    standing: str
    standing_label: str
    assets: list[Asset]


class Rounds(Schema):
    """Everything that is needed to make rounds without signal."""

    rounds: list[Round]
    lists: list[List]


class Check(Schema):
    """One look at one asset with its answers as they were judged then."""

    id: int
    asset_code: str
    round: str
    check_list: str
    checked_at: datetime
    by: str
    wrong: int
    missing: int
    note: str
    job: str
    answers: list[dict[str, Any]]


class Checks(Schema):
    """Checks, the latest first."""

    count: int
    checks: list[Check]
