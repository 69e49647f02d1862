"""What one message is read into: columns, problems, and the words they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality, to_us

MAX_CODE_LENGTH = 120
# One message is described by its first problems; a broken logger repeats the same one for ever.
MAX_PROBLEMS = 20
# At most this many different unknown codes are carried out of one message.
MAX_UNKNOWN = 200
QUALITIES = {quality.name.lower(): int(quality) for quality in Quality}

_EARLIEST_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))
LATEST_US = to_us(datetime(2100, 1, 1, tzinfo=UTC))
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was wrong: a stable code, where in the message, and a sentence."""

    code: str
    where: str
    message: str


@dataclass(slots=True)
class Unknown:
    """Readings of a code that nobody declared: how many, and one of them."""

    count: int
    at_us: int
    value: float


@dataclass(slots=True)
class Columns:
    """What one message held: equally long columns, and what was left out of them.

    ``refused`` counts readings that were left out because of a problem; readings of unknown
    points are counted by code in ``unknown``, readings without a value in ``empty``.
    """

    point_id: NDArray[np.int32]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    refused: int = 0
    empty: int = 0
    unknown: dict[str, Unknown] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.point_id)


class Collector:
    """Gathers columns and problems while one message is read."""

    def __init__(self) -> None:
        self.parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self.problems: list[Problem] = []
        self.unknown: dict[str, Unknown] = {}
        self.refused = 0
        self.empty = 0

    def problem(self, code: str, where: str, message: str, *, readings: int = 1) -> None:
        self.refused += readings
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where, message))

    def not_known(self, code: str, count: int, at_us: int, value: float) -> None:
        seen = self.unknown.get(code)
        if seen is not None:
            self.unknown[code] = Unknown(seen.count + count, at_us, value)
        elif len(self.unknown) < MAX_UNKNOWN:
            self.unknown[code] = Unknown(count, at_us, value)

    def columns(self) -> Columns:
        types = (np.int32, np.int64, np.float64, np.uint8)
        joined = [
            np.concatenate([part[i] for part in self.parts]).astype(kind, copy=False)
            if self.parts
            else np.empty(0, kind)
            for i, kind in enumerate(types)
        ]
        return Columns(
            joined[0],
            joined[1],
            joined[2],
            joined[3],
            refused=self.refused,
            empty=self.empty,
            unknown=self.unknown,
            problems=self.problems,
        )


def quality_of(given: Any) -> int | None:
    """Return the flag that a word means, or None."""
    return QUALITIES.get(given) if isinstance(given, str) else None


def moment_us(given: Any, where: str, found: Collector) -> int | None:
    """Return microseconds since 1970 UTC, or None with the problem noted."""
    if not isinstance(given, str) or not 16 <= len(given) <= 40:
        found.problem("reading.at_missing", where, f"{shown(given)} is not a moment.")
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        found.problem("reading.at_unreadable", where, f"{shown(given)} is not an ISO 8601 moment.")
        return None
    if at.tzinfo is None:
        found.problem(
            "reading.at_without_zone", where, f"{shown(given)} has no zone; write Z or +08:00."
        )
        return None
    at_us = to_us(at)
    if not _EARLIEST_US <= at_us < LATEST_US:
        found.problem(
            "reading.at_out_of_range", where, f"{shown(given)} is not between 2000 and 2099."
        )
        return None
    return at_us


def is_code(code: Any) -> TypeGuard[str]:
    """Tell whether this can be the code of a point."""
    return isinstance(code, str) and 0 < len(code) <= MAX_CODE_LENGTH


def is_number(value: Any) -> TypeGuard[float]:
    """Tell whether this is a number of a size that something in a city can have."""
    # bool is an int in Python, and true is not a pressure. NaN fails the comparison too.
    return type(value) in (int, float) and abs(value) <= LARGEST


def shown(value: Any) -> str:
    """Return a value as a sentence may quote it."""
    # Never repr() of a container: a thousand nested lists would exhaust the stack.
    if isinstance(value, (dict, list)):
        return f"a {'list' if isinstance(value, list) else 'JSON object'}"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
