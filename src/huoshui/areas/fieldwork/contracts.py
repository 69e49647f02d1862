"""What other areas may know of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands; ``closed`` and ``cancelled`` are final."""

    REQUESTED = "requested"
    ASSIGNED = "assigned"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What sort of work is asked for."""

    LEAK_SEARCH = "leak_search"
    REPAIR = "repair"
    INSPECTION = "inspection"
    INSTRUMENT_CHECK = "instrument_check"
    OTHER = "other"


class Priority(StrEnum):
    """How pressing a job is, most pressing last."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Found(StrEnum):
    """What the crew found when they got there."""

    LEAK_REPAIRED = "leak_repaired"
    LEAK_FOUND_NOT_REPAIRED = "leak_found_not_repaired"
    NO_LEAK_FOUND = "no_leak_found"
    METER_EXCHANGED = "meter_exchanged"
    THAWED = "thawed"
    REPAIRED = "repaired"
    OTHER = "other"


class ReportMadeBy(StrEnum):
    """How a report came to be: said by a person, or put together from several."""

    PERSON = "person"
    RULE = "rule"
    CHOICE = "choice"


class Cause(StrEnum):
    """Why something broke, as the crew judged it."""

    FROST = "frost"
    AGEING = "ageing"
    JOINT = "joint"
    THIRD_PARTY = "third_party"
    GROUND = "ground"
    PRESSURE = "pressure"
    FITTING = "fitting"
    OTHER = "other"


class PlanState(StrEnum):
    """Where a proposal of a plan stands."""

    COMPUTING = "computing"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    PUT_ASIDE = "put_aside"
    FAILED = "failed"


class Moved(StrEnum):
    """Why parts moved."""

    RECEIVED = "received"
    LOADED = "loaded"
    ISSUED = "issued"
    RETURNED = "returned"
    COUNTED = "counted"
    SCRAPPED = "scrapped"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job is: at an asset, in a zone, at a spot, or any of them together.

    ``account_code`` names the customer whose water it is about, where it is one customer's.
    """

    asset_code: str = ""
    zone_code: str = ""
    lon: float | None = None
    lat: float | None = None
    account_code: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job takes: its type, how long, and when it may be begun; empty: not said."""

    type_code: str = ""
    minutes: int | None = None
    window_from_at: datetime | None = None
    window_until: datetime | None = None


AS_USUAL = Work()


@dataclass(frozen=True, slots=True)
class Report:
    """What a crew reported of a job."""

    found: Found
    found_asset_code: str
    found_size_m3h: float | None
    note: str
    reported_at: datetime
    reported_by_id: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands now; ``report`` is the latest one, if any."""

    id: int
    number: str
    title: str
    description: str
    kind: JobKind
    place: Place
    origin: str
    priority: Priority
    state: JobState
    due_at: datetime
    requested_at: datetime
    requested_by_id: int | None
    assigned_to_id: int | None
    report: Report | None


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A code with its names: a skill, or a part (with what is counted)."""

    code: str
    name_zh: str
    name_en: str
    unit: str = ""
    is_meter: bool = False


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    """A type of job: what it is, how long it usually takes, which skills and parts."""

    code: str
    name_zh: str
    name_en: str
    kind: JobKind
    priority: Priority
    minutes: int
    skills: tuple[str, ...] = ()
    kit: tuple[tuple[str, int], ...] = ()
    exchanges_meter: bool = False
    steps_zh: str = ""
    steps_en: str = ""


@dataclass(frozen=True, slots=True)
class PatternDeclaration:
    """A shift pattern; ``days`` as ``08:00-17:00, 20:00-08:00, -``."""

    code: str
    name_zh: str
    name_en: str
    days: str
    first_date: date


@dataclass(frozen=True, slots=True)
class StoreDeclaration:
    """A store-house, and what should lie in it: part, number, first and last month."""

    code: str
    name: str
    lon: float
    lat: float
    stock: tuple[tuple[str, int], ...] = ()
    minimums: tuple[tuple[str, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CrewDeclaration:
    """A crew with its vehicle (number plate), people by sign-in name (leader first) and load."""

    code: str
    name: str
    skills: tuple[str, ...]
    pattern: str
    offset_days: int
    depot: str
    plate: str
    people: tuple[str, ...]
    load: tuple[tuple[str, int], ...] = ()
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CrewWork:
    """Everything that planning the work of crews needs, to be set up at once."""

    skills: tuple[NamedThing, ...] = ()
    parts: tuple[NamedThing, ...] = ()
    types: tuple[TypeDeclaration, ...] = ()
    patterns: tuple[PatternDeclaration, ...] = ()
    stores: tuple[StoreDeclaration, ...] = ()
    crews: tuple[CrewDeclaration, ...] = ()


@dataclass(frozen=True, slots=True)
class StockWarning:
    """That a part was about to run out, or below its minimum, from when until when."""

    part_code: str
    began_at: datetime
    ended_at: datetime | None
    lying: int
    wanted: int
    per_day: float
    runs_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class RepairTime:
    """The moments of one repair, from the call to water back; None where nobody told."""

    number: str
    cause: str
    crew: str
    called_at: datetime
    given_at: datetime | None
    set_off_at: datetime | None
    arrived_at: datetime | None
    repaired_at: datetime | None
    water_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class AbleCrew:
    """A crew for one job: when it would be there, what it has to do before, what speaks against it.

    ``faults`` are codes of the planner's rules; without any the crew is able.
    """

    code: str
    arrive_at: datetime | None
    drive_s: int | None
    waiting: int
    faults: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToDo:
    """One job in a crew's day: how long the way to it takes, and how far it is."""

    number: str
    origin: str
    type_code: str
    drive_s: int
    minutes: int
    planned_at: datetime | None = None
    set_off_at: datetime | None = None
    begun_at: datetime | None = None

    @property
    def is_begun(self) -> bool:
        """Whether the crew is there and at work."""
        return self.begun_at is not None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an entry that a phone handed in."""

    key: str
    outcome: str
    code: str


@dataclass(frozen=True, slots=True)
class JobRequested:
    """A job was asked for."""

    job_id: int
    number: str
    origin: str
    asset_code: str
    zone_code: str
    due_at: datetime
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class JobAssigned:
    """A job was given to somebody of a field crew."""

    job_id: int
    number: str
    origin: str
    assigned_to_id: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class JobBegun:
    """A crew is at its job and has begun."""

    job_id: int
    number: str
    origin: str
    at: datetime
    by_id: int


@dataclass(frozen=True, slots=True)
class JobDone:
    """A crew reported a job as done; nobody has checked it yet."""

    job_id: int
    number: str
    origin: str
    found: str
    found_asset_code: str
    found_size_m3h: float | None
    at: datetime
    by_id: int


@dataclass(frozen=True, slots=True)
class JobReturned:
    """A reported job was sent back to its crew."""

    job_id: int
    number: str
    origin: str
    reason: str
    at: datetime
    by_id: int


@dataclass(frozen=True, slots=True)
class JobClosed:
    """A second person confirmed the report of a job.

    ``result`` is a code of ``Found``; ``done_at`` is when the crew reported, ``at`` when
    the second person agreed.
    """

    job_id: int
    number: str
    origin: str
    result: str
    zone_code: str
    found_asset_code: str
    found_size_m3h: float | None
    done_at: datetime
    at: datetime
    by_id: int


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """A job will not be done."""

    job_id: int
    number: str
    origin: str
    reason: str
    at: datetime
    by_id: int | None
