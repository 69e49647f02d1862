"""What a trace through the network answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class TraceDirection(StrEnum):
    """What a trace asks: the way to the sources, what depends, what is likely fed, what shuts."""

    UP = "up"
    DOWN = "down"
    LIKELY = "likely"
    SEGMENT = "segment"


@dataclass(frozen=True, kw_only=True)
class TraceProblem:
    """Why a trace says less than it might; ``code`` is explained in `choices.TRACE_PROBLEMS`."""

    code: str


@dataclass(frozen=True, kw_only=True)
class TraceStop:
    """A valve at the edge of a trace."""

    code: str
    is_closed: bool
    operability: str


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What a trace found. ``stops`` are closed valves it ended at, or the valves that shut a
    segment off; ``features`` is GeoJSON; ``at`` is None for the present network.
    """

    code: str
    direction: TraceDirection
    at: datetime | None
    codes: tuple[str, ...]
    counts: dict[str, int]
    pipes_length_m: float
    connections: int
    customers: int
    annual_use_m3: float
    sources: tuple[str, ...]
    stops: tuple[TraceStop, ...]
    problems: tuple[TraceProblem, ...]
    features: tuple[dict[str, Any], ...]
