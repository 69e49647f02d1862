"""What the phone is given of patrols."""

from __future__ import annotations

from datetime import date
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


class Rounds(Schema):
    """Everything a patroller needs without signal; ``spots`` is GeoJSON to be wary of."""

    rounds: list[Round]
    kinds: list[Kind]
    limits: Limits
    spots: dict[str, Any]
