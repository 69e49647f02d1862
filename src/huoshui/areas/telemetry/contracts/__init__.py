"""What other areas may know of telemetry: points, batches, series, alarms and events.

A reading is one value of one point at one moment. Moments inside arrays are microseconds
since 1970-01-01 UTC (``at_us``, int64); single moments are aware ``datetime`` in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

from huoshui.areas.telemetry.contracts.readings import (
    Batch,
    ChartSeries,
    Correction,
    Handed,
    HourlySeries,
    Latest,
    Receipt,
    Series,
    SumSeries,
    UnknownReadings,
)
from huoshui.areas.telemetry.contracts.sources import (
    Checked,
    ConnectorHealth,
    ConnectorProblem,
    OptionFault,
    Source,
)

__all__ = [
    "EPOCH",
    "KINDS",
    "QUALITY_CODES",
    "Alarm",
    "AlarmAcknowledged",
    "AlarmCleared",
    "AlarmRaised",
    "Batch",
    "ChartSeries",
    "Checked",
    "ConnectorHealth",
    "ConnectorProblem",
    "Correction",
    "DeclareReport",
    "Handed",
    "HourlySeries",
    "Kind",
    "Latest",
    "OptionFault",
    "Point",
    "PointDeclaration",
    "Quality",
    "ReadingsCorrected",
    "Receipt",
    "Series",
    "Source",
    "SumSeries",
    "UnknownCode",
    "UnknownPointSeen",
    "UnknownReadings",
    "from_us",
    "to_us",
]

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
            Kind("running_hours", "h", 1),
            Kind("temperature", "°C", 1),
            Kind("vibration", "mm/s", 2),
            Kind("power", "kW", 1),
            Kind("current", "A", 1),
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
class ReadingsCorrected:
    """Event: what is seen of a point's readings in [from_at, until) has changed."""

    point_code: str
    from_at: datetime
    until: datetime


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
