"""What the JSON API of telemetry takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class Limits(Schema):
    """Limits of a point in its unit; null where there is none."""

    low_low: float | None
    low: float | None
    high: float | None
    high_high: float | None


class Point(Schema):
    """A declared point."""

    code: str
    name: str
    kind: str
    unit: str
    decimals: int
    asset_code: str | None
    zone_code: str | None
    expected_every_s: int | None
    limits: Limits


class Latest(Schema):
    """The newest reading of a point; quality 0 good, 1 estimated, 2 doubtful, 3 bad, 4 missing."""

    code: str
    at: datetime
    value: float | None
    quality: int


class Readings(Schema):
    """Readings of one point as columns: milliseconds since 1970 UTC, values, quality flags."""

    code: str
    unit: str
    at_ms: list[int]
    value: list[float | None]
    quality: list[int]


class Chart(Schema):
    """Lines over a period as columns; ``step_ms`` leads from each moment to the next."""

    from_ms: int
    until_ms: int
    series: list[dict[str, Any]]


class Band(Schema):
    """The expected hourly means as columns; ``start_ms`` is the middle of the first hour."""

    start_ms: int | None
    step_ms: int
    low: list[float | None]
    middle: list[float | None]
    high: list[float | None]
    weeks: int
    weeks_min: int
    width: float


class BandInput(Schema):
    """One earlier hour behind an hour of the band."""

    at: datetime
    value: float | None


class Alarm(Schema):
    """An alarm with its words in the reader's language."""

    id: int
    point: str | None
    zone: str | None
    rule: str
    priority: str
    state: str
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    message: str


class Refusal(Schema):
    """Why something was refused, for programs and for people."""

    code: str
    message: str
    data: dict[str, Any]
    next_step: str


class AlarmMark(Schema):
    """One alarm as a mark on a chart."""

    raised_ms: int
    cleared_ms: int | None
    priority: str
    point: str | None
    label: str
    message: str
