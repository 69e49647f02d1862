"""What other areas may know of zones' night flows and suspected leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class NightState(StrEnum):
    """How a night was judged against its expected band.

    ``watched`` nights add up towards a suspicion without being one; ``leaking`` nights belong
    to a suspected leak.
    """

    NO_DATA = "no_data"
    LEARNING = "learning"
    INSIDE = "inside"
    WATCHED = "watched"
    LEAKING = "leaking"


class LeakState(StrEnum):
    """Where a suspected leak stands; the last three are final.

    ``verifying`` is the time between the confirmed repair and the nights that show whether
    the flow stepped down. ``ended`` is a flow that came back without any job of ours.
    """

    OPEN = "open"
    JOB_MADE = "job_made"
    VERIFYING = "verifying"
    REPAIRED = "repaired"
    DISMISSED = "dismissed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Storage:
    """A tank whose rise and fall belongs to a zone's balance."""

    level_point: str
    area_m2: float


@dataclass(frozen=True, slots=True)
class Night:
    """One judged night of one zone; flows in m³/h, ``completeness_frac`` from 0 to 1."""

    zone_code: str
    night_date: date
    state: NightState
    flow_m3h: float | None
    expected_m3h: float | None
    low_m3h: float | None
    high_m3h: float | None
    excess_m3h: float | None
    completeness_frac: float
    quality: str
    model_version: str


@dataclass(frozen=True, slots=True)
class SuspectedLeak:
    """A step up in a zone's night flow that nothing known explains."""

    id: int
    zone_code: str
    state: LeakState
    since_date: date
    detected_at: datetime
    size_m3h: float
    low_m3h: float
    high_m3h: float
    job_number: str
    repaired_at: datetime | None
    verified_at: datetime | None
    saved_m3h: float | None


@dataclass(frozen=True, slots=True)
class LeakSuspected:
    """A zone's night flow left its expected band upward."""

    leak_id: int
    zone_code: str
    since_date: str
    size_m3h: float
    low_m3h: float
    high_m3h: float
    at: datetime


@dataclass(frozen=True, slots=True)
class LeakVerified:
    """The night flow stepped down after a repair; ``saved_m3h`` is by how much."""

    leak_id: int
    zone_code: str
    saved_m3h: float
    low_m3h: float
    high_m3h: float
    at: datetime


@dataclass(frozen=True, slots=True)
class LeakReopened:
    """The night flow did not step down after a repair, or its job came to nothing."""

    leak_id: int
    zone_code: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeakDismissed:
    """A person decided that a suspected leak is none."""

    leak_id: int
    zone_code: str
    reason: str
    at: datetime
    by_id: int
