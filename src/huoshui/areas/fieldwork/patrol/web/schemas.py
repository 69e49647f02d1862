"""What the phone is given of patrols."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema


class Pipe(Schema):
    """A pipe to walk along; ``line`` are longitude and latitude."""

    code: str
    line: list[list[float]]


class Thing(Schema):
    """A valve or hydrant to look at."""

    code: str
    label: str
    lon: float
    lat: float


class Round(Schema):
    """A round that somebody may walk, with what was left out so far in its period."""

    code: str
    name: str
    near_m: float
    until: date | None
    standing: str
    standing_label: str
    walked_frac: float | None
    pipes: list[Pipe]
    things: list[Thing]


class Kind(Schema):
    """One sort of finding; ``pressing`` ones want a job at once."""

    code: str
    label: str
    pressing: bool


class Limits(Schema):
    """What still counts as a walk between two fixes."""

    accuracy_m: float
    jump_m: float
    jump_s: float
    speed_ms: float


class Site(Schema):
    """A construction site to look at; ``pipes`` near by with the metres away, the nearest first."""

    number: str
    name: str
    builder: str
    machine_label: str
    risk_label: str
    risk_tone: str
    due_at: datetime | None
    is_late: bool
    is_disclosed: bool
    lon: float
    lat: float
    pipes: list[tuple[str, float]]


class Rounds(Schema):
    """Everything a patroller needs without signal; ``spots`` is GeoJSON to be wary of."""

    rounds: list[Round]
    sites: list[Site]
    kinds: list[Kind]
    limits: Limits
    spots: dict[str, Any]
