"""What other areas may know of the twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Link:
    """What the model says of one link. Flow is positive from start to end."""

    flow_m3h: float
    velocity_ms: float


@dataclass(frozen=True, kw_only=True)
class Present:
    """The newest model run, with its figures by asset code."""

    run_id: int
    at: datetime
    engine: str
    pressure_error_m: float | None
    links: Mapping[str, Link]
    pressures_m: Mapping[str, float]
