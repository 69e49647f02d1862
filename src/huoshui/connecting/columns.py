"""What one message is read into: columns, problems, and the words they are made of."""

from __future__ import annotations

from collections.abc import Iterable
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
MAX_UNKNOWN = 2_000
QUALITIES = {quality.name.lower(): int(quality) for quality in Quality}

EARLIEST_US = to_us(datetime(2000, 1, 1, tzinfo=UTC))
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
    """The readings of one code that nobody declared, kept until somebody adopts it."""

    at_us: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many readings there are."""
        return len(self.at_us)


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

    @classmethod
    def nothing(cls) -> Columns:
        """Return columns without a reading."""
        return Collector().columns()


class Collector:
    """Gathers columns and problems while one message is read."""

    def __init__(self) -> None:
        self.parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self.problems: list[Problem] = []
        self.unknown: dict[str, Unknown] = {}
        self.refused = 0
        self.empty = 0
        self._ids: list[int] = []
        self._at_us: list[int] = []
        self._values: list[float] = []
        self._qualities: list[int] = []

    def problem(self, code: str, where: str, message: str, *, readings: int = 1) -> None:
        self.refused += readings
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, where, message))

    def row(self, point_id: int, code: str, at_us: int, value: float, quality: int) -> None:
        """Add one reading, of a declared point or of a code that nobody declared."""
        if point_id < 0:
            self.not_known(code, (at_us,), (value,), (quality,))
            return
        self._ids.append(point_id)
        self._at_us.append(at_us)
        self._values.append(value)
        self._qualities.append(quality)

    def not_known(
        self, code: str, at_us: Iterable[int], value: Iterable[float], quality: Iterable[int]
    ) -> None:
        seen = self.unknown.get(code)
        if seen is None:
            if len(self.unknown) >= MAX_UNKNOWN:
                return
            seen = self.unknown[code] = Unknown()
        seen.at_us.extend(at_us)
        seen.value.extend(value)
        seen.quality.extend(quality)

    def columns(self) -> Columns:
        types = (np.int32, np.int64, np.float64, np.uint8)
        parts = self.parts
        if self._ids:
            rows = (self._ids, self._at_us, self._values, self._qualities)
            own = [np.array(row, kind) for row, kind in zip(rows, types, strict=True)]
            parts = [(own[0], own[1], own[2], own[3]), *parts]
        joined = [
            np.concatenate([part[i] for part in parts]).astype(kind, copy=False)
            if parts
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
    if not EARLIEST_US <= at_us < LATEST_US:
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
