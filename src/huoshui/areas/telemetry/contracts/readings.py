"""Batches on their way in, and readings as they are read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from huoshui.areas.telemetry.contracts import Quality


@dataclass(frozen=True)
class Batch:
    """Readings that arrived together from one source and are acknowledged together.

    ``point_id`` int32, ``at_us`` int64, ``value`` float64 (NaN = no value), ``quality`` uint8, all
    of one length. A point id of -1 is a code nobody declared; it is counted and refused.
    """

    source: str
    point_id: NDArray[np.int32]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.point_id)


@dataclass(frozen=True)
class Receipt:
    """Proof that a batch is on disk. ``reasons`` counts refused and re-marked readings by code.

    Refused: ``unknown_point``, ``impossible_time``. Kept and marked: ``no_value``,
    ``outside_range``, ``future``, ``too_fast``, ``flat``.
    """

    sequence: int
    accepted: int
    refused: int
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Correction:
    """A correction of a point's readings in [from_at, until); one that was undone says when.

    ``how`` is value (``value`` instead), scale (times ``value`` plus ``offset``), interpolate, bad,
    good, or restore (the original again). ``readings`` is how many it met.
    """

    number: int
    point_code: str
    from_at: datetime
    until: datetime
    how: str
    value: float | None
    offset: float
    readings: int
    reason: str
    made_at: datetime
    made_by_id: int
    undone_at: datetime | None
    undone_by_id: int | None


@dataclass(frozen=True)
class Handed:
    """Readings handed over durably. ``name`` is the (first) file they wait in.

    ``stored`` says that the writing process has taken them in already; if not, it will.
    """

    name: str
    readings: int
    stored: bool


@dataclass(frozen=True)
class Series:
    """Readings of one point, ascending in time, one per moment. MISSING has the value NaN."""

    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.at_us)


@dataclass(frozen=True)
class HourlySeries:
    """Whole UTC hours of one point, ascending; hours without a usable reading are left out.

    Good, estimated and doubtful readings count; bad and missing ones do not.
    """

    hour_us: NDArray[np.int64]
    count: NDArray[np.int32]
    value_min: NDArray[np.float64]
    value_mean: NDArray[np.float64]
    value_max: NDArray[np.float64]
    value_first: NDArray[np.float64]
    value_last: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.hour_us)


@dataclass(frozen=True)
class SumSeries:
    """A group of points hour by hour: the sum of their hourly means, and of how many points."""

    hour_us: NDArray[np.int64]
    total: NDArray[np.float64]
    points: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hour_us)


@dataclass(frozen=True)
class ChartSeries:
    """One point's readings reduced to what a chart can show.

    ``resolution`` is "raw" (readings, thinned so that peaks stay) or "hourly" (value is the mean
    of the hour, with its smallest and largest reading beside it).
    """

    resolution: str
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    value_min: NDArray[np.float64]
    value_max: NDArray[np.float64]
    quality: NDArray[np.uint8]
    readings_total: int

    def __len__(self) -> int:
        return len(self.at_us)


@dataclass(frozen=True)
class Latest:
    """The newest reading of one point. ``change`` grows with every change of any point."""

    code: str
    at_us: int
    value: float | None
    quality: Quality
    change: int


@dataclass(frozen=True)
class UnknownReadings:
    """Readings of one code that nobody declared, kept until somebody adopts it."""

    source: str
    code: str
    at_us: Sequence[int]
    value: Sequence[float]
    quality: Sequence[int]
