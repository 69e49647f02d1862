"""The points, moments and batches that the tests of telemetry share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from huoshui.areas.telemetry import conditions, contracts, ingest, validation

NAN = float("nan")
NOON = contracts.to_us(datetime(2026, 3, 1, 12, tzinfo=UTC))
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
GOOD, DOUBTFUL, BAD, MISSING = 0, 2, 3, 4


def pressure(number: int = 1, **changes: object) -> validation.WatchedPoint:
    """Return a pressure point: 0 to 100 m possible, alarms below 20 and above 60 m."""
    facts: dict[str, object] = {
        "id": number,
        "range_min": 0.0,
        "range_max": 100.0,
        "rate_max_per_s": NAN,
        "limits": (10.0, 20.0, 60.0, 80.0),
        "dead_band": 0.0,
        "delay_us": 0,
        "expected_every_us": 5 * MINUTE,
    }
    return validation.WatchedPoint(**{**facts, **changes})  # type: ignore[arg-type]


def batch(*rows: tuple[int, int, float], quality: int = GOOD) -> contracts.Batch:
    """Return a batch of (point, moment, value) rows."""
    return columns(
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], quality
    )


def columns(
    point_id: Sequence[int], at_us: Sequence[int], value: Sequence[float], quality: int = GOOD
) -> contracts.Batch:
    """Return a batch of columns."""
    return contracts.Batch(
        "test",
        np.array(point_id, np.int32),
        np.array(at_us, np.int64),
        np.array(value, np.float64),
        np.full(len(point_id), quality, np.uint8),
    )


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now_us: int = NOON
    speed: float = 1.0

    def __call__(self) -> ingest.Moment:
        return ingest.Moment(self.now_us, self.speed)


def historian(
    folder: Path,
    points: Sequence[validation.WatchedPoint],
    clock: Clock | None = None,
    rules: Sequence[conditions.WatchedRule] = (),
) -> ingest.Historian:
    """Open a historian of these points and rules."""
    return ingest.Historian(folder, points, clock or Clock(), rules)
