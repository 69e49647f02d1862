"""What other areas may know of telemetry: points, batches, series, alarms and events.

A reading is one value of one point at one moment. Moments inside arrays are microseconds
since 1970-01-01 UTC (``at_us``, int64); single moments are aware ``datetime`` in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(at_us: int) -> datetime:
    """Return the aware UTC moment of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=int(at_us))


class Quality(IntEnum):
    """How far a reading may be trusted. Stored as one byte; the order is from best to worst."""

    GOOD = 0
    ESTIMATED = 1
    DOUBTFUL = 2
    BAD = 3
    MISSING = 4


QUALITY_CODES: Mapping[Quality, str] = MappingProxyType({q: q.name.lower() for q in Quality})


@dataclass(frozen=True)
class Kind:
    """One kind of measurement. Unit and decimals shown are written here and nowhere else."""

    code: str
    unit: str
    decimals: int


# Closed on purpose: a kind is a promise to every screen, export and calculation that the unit is
# this one. A new kind is a change of this table, with its translation in labels.py.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            Kind("pressure", "m", 2),
            Kind("flow", "m³/h", 2),
            Kind("level", "m", 2),
            Kind("use", "L/h", 1),
        )
    }
)


@dataclass(frozen=True)
class PointDeclaration:
    """What is said once about a point, before its first reading.

    ``code`` is stable for ever and is what a connector sends, by custom ``<asset>.<kind>``.
    Limits raise alarms; the range is what the instrument can physically report, and a reading
    outside it is kept but marked bad. All values are in the unit of the kind.
    """

    code: str
    name_en: str
    name_zh: str
    kind: str
    asset_code: str | None = None
    zone_code: str | None = None
    limit_low_low: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    limit_high_high: float | None = None
    dead_band: float = 0.0
    delay_s: int = 0
    range_min: float | None = None
    range_max: float | None = None
    rate_max_per_s: float | None = None
    expected_every_s: int | None = None
    # Checks: None as usual for the kind, 0 not at all.
    flat_after_s: int | None = None
    flat_band: float = 0.0
    spike_min: float | None = None


@dataclass(frozen=True)
class Point:
    """A point as declared, with its number in the store. Names come in both languages."""

    id: int
    code: str
    name_en: str
    name_zh: str
    kind: str
    unit: str
    decimals: int
    asset_code: str | None
    zone_code: str | None
    limit_low_low: float | None
    limit_low: float | None
    limit_high: float | None
    limit_high_high: float | None
    range_min: float | None
    range_max: float | None
    expected_every_s: int | None

    def name(self, language: str) -> str:
        """Return the name in ``language`` ("zh-hans", "en"); English where unknown."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True)
class DeclareReport:
    """What declaring points changed. Declaring the same points again changes nothing."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int


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
class ReadingsCorrected:
    """Event: what is seen of a point's readings in [from_at, until) has changed."""

    point_code: str
    from_at: datetime
    until: datetime


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
class Alarm:
    """One alarm from raising to clearing. ``rule`` and ``priority`` are stored codes.

    ``message`` is an English msgid with %(name)s places that ``data`` fills; it is translated
    when it is shown, so that every reader gets his own language.
    """

    id: int
    point_code: str | None
    zone_code: str | None
    rule: str
    priority: str
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by_id: int | None
    message: str
    data: Mapping[str, object]


@dataclass(frozen=True)
class UnknownCode:
    """Readings of a code nobody declared, counted since the last look."""

    source: str
    code: str
    count: int
    earliest_us: int
    latest_us: int
    sample: float


@dataclass(frozen=True)
class AlarmRaised:
    """Event: an alarm began. Exactly one of ``point_code`` and ``zone_code`` is set."""

    alarm_id: int
    point_code: str | None
    zone_code: str | None
    rule: str
    priority: str
    raised_at: datetime


@dataclass(frozen=True)
class AlarmCleared:
    """Event: the condition behind an alarm is gone."""

    alarm_id: int
    point_code: str | None
    zone_code: str | None
    rule: str
    cleared_at: datetime


@dataclass(frozen=True)
class AlarmAcknowledged:
    """Event: a person has seen an alarm and answers for it."""

    alarm_id: int
    point_code: str | None
    zone_code: str | None
    rule: str
    acknowledged_at: datetime
    acknowledged_by_id: int


@dataclass(frozen=True)
class UnknownPointSeen:
    """Event: a source sent a code for the first time that nobody has declared."""

    source: str
    code: str
    seen_at: datetime


@dataclass(frozen=True)
class ConnectorProblem:
    """Something a connector could not read or store; ``count`` times in a row."""

    code: str
    where: str
    message: str
    count: int
    seen_at: datetime


@dataclass(frozen=True)
class ConnectorHealth:
    """What a connector says about itself, about once a second.

    Moments are of the machine's clock, not of the demo's: this is about our own connection.
    ``state`` is connecting, connected, disconnected or stopped; ``note`` a code that says why, or
    nothing. Counts begin with ``started_at``.
    """

    name: str
    address: str
    state: str
    state_since: datetime
    note: str
    started_at: datetime
    reported_at: datetime
    latest_message_at: datetime | None
    messages: int
    messages_again: int
    messages_refused: int
    messages_waiting: int
    readings_accepted: int
    readings_refused: int
    messages_per_s: float
    readings_per_s: float
    commits: int
    store_failures: int
    problems: tuple[ConnectorProblem, ...]
    # Which connector speaks; a source has a name of its own.
    connector: str = ""
    latest_reading_us: int | None = None
    # Of codes that nobody declared; kept until somebody adopts them.
    readings_unknown: int = 0
    # Median of (received - stamped) by the city's clock, of the newest reading of each message:
    # how late readings come, or when negative how far the sender's clock is ahead.
    delay_s: float | None = None


@dataclass(frozen=True)
class Source:
    """One place readings come from, as this installation set it up.

    ``options`` are named by the connector's manifest; ``secrets`` holds what must not stand in a
    table, such as passwords and private keys, and is empty unless asked for.
    """

    code: str
    connector: str
    title: str
    options: Mapping[str, object]
    is_enabled: bool
    changed_at: datetime | None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class OptionFault:
    """An option of a source that cannot be used: which, why (a code of the manifest's words)."""

    option: str
    code: str
    value: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Checked:
    """What trying a source's connection found: a code of the manifest's words, and samples."""

    is_good: bool
    code: str
    detail: str = ""
    samples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class UnknownReadings:
    """Readings of one code that nobody declared, kept until somebody adopts it."""

    source: str
    code: str
    at_us: Sequence[int]
    value: Sequence[float]
    quality: Sequence[int]
