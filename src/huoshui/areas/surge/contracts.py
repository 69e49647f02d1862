"""What other areas may know of waves of trouble."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of trouble comes in a wave."""

    COLD = "cold"
    HEAT = "heat"
    STORM = "storm"
    BURST = "burst"
    OTHER = "other"


class RiskReason(StrEnum):
    """Why a customer is hit harder than others."""

    EXPOSED_METER = "exposed_meter"
    SPECIAL_CARE = "special_care"
    FROZEN_BEFORE = "frozen_before"
    OTHER = "other"


class WarnedHow(StrEnum):
    """How somebody was warned besides by a message of ours."""

    VISIT = "visit"
    PHONE = "phone"
    GROUP = "group"
    PROPERTY = "property"


class ProposalState(StrEnum):
    """What became of a proposal to declare."""

    OPEN = "open"
    DECLARED = "declared"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Surge:
    """One wave as it was declared; ``until`` is empty until it is ended."""

    code: str
    name: str
    kind: Kind
    from_at: datetime
    until: datetime | None
    estates: tuple[str, ...]
    zones: tuple[str, ...]
    topics: tuple[str, ...]
    crews: tuple[str, ...]
    parts: tuple[str, ...]
    announcements: tuple[str, ...]
    risk_list: str


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One customer of a risk list."""

    account_code: str
    reason: RiskReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a wave until a moment, as they were counted when the report was made.

    ``keys`` names for each figure what it counted: calls, cases, jobs.
    """

    number: str
    surge: str
    until: datetime
    made_at: datetime
    version: int
    figures: dict[str, float | None]
    keys: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: so many accounts, so many of them hit."""

    accounts: int
    hit: int

    @property
    def share_frac(self) -> float | None:
        """Which share was hit; None without accounts."""
        return self.hit / self.accounts if self.accounts else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The warned beside the not warned: the risk of the first over that of the second.

    ``ratio`` is below 1 where the warned were hit less often. The interval holds the true ratio
    19 times of 20, were it by chance alone; empty where a side has nobody or nobody hit.
    """

    warned: Side
    others: Side
    ratio: float | None
    ratio_min: float | None
    ratio_max: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison among those at risk, and among all customers of the area."""

    at_risk: Comparison
    everybody: Comparison


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rank: from what, and how many points it gives."""

    code: str
    value: float
    points: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One waiting repair with the points that say how much it presses."""

    case_number: str
    job_number: str
    title: str
    estate_code: str
    waiting_since_at: datetime
    crew_code: str
    priority: str
    proposed: str
    points: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """How cold and warm a day becomes, as somebody told us."""

    day: date
    low_c: float
    high_c: float


@dataclass(frozen=True, slots=True)
class SurgeDeclared:
    """A wave was declared: from now on it is counted, and crews are called up."""

    code: str
    kind: str
    from_at: datetime
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class SurgeEnded:
    """A wave is over."""

    code: str
    until: datetime
    at: datetime
    by_id: int | None
