"""What other areas may know of customers, places and grids."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

# The type of the case that a report by the code of a notice board becomes.
BOARD_REPORT_CASE = "customers.board_report"


class AccountState(StrEnum):
    """How an account stands."""

    ACTIVE = "active"
    CUT_OFF = "cut_off"
    CLOSED = "closed"


class PersonKind(StrEnum):
    """Who a customer is."""

    PERSON = "person"
    COMPANY = "company"


class Role(StrEnum):
    """What somebody other than the holder is to an account."""

    TENANT = "tenant"
    FAMILY = "family"
    CONTACT = "contact"


class Channel(StrEnum):
    """A way to reach somebody, which they may decline."""

    SMS = "sms"
    WECHAT = "wechat"
    EMAIL = "email"
    CALL = "call"


class CareReason(StrEnum):
    """Why a customer needs special care."""

    ELDERLY = "elderly"
    DISABLED = "disabled"
    ILL = "ill"
    LOW_INCOME = "low_income"
    DIALYSIS = "dialysis"
    OTHER = "other"


class FindingTopic(StrEnum):
    """What a supervisor looks at."""

    OPERATION = "operation"
    INTEGRITY = "integrity"
    QUALITY = "quality"
    CLIMATE = "climate"


class SupervisorKind(StrEnum):
    """Whom a supervisor comes from."""

    GOVERNMENT = "government"
    UNIVERSITY = "university"
    MEDIA = "media"
    PROPERTY = "property"
    RESIDENT = "resident"


class VoiceKind(StrEnum):
    """Whether somebody was content."""

    PRAISE = "praise"
    COMPLAINT = "complaint"


class VoiceForm(StrEnum):
    """How praise or complaint reached us."""

    BANNER = "banner"
    LETTER = "letter"
    CALL = "call"
    VISIT = "visit"
    CITY_HOTLINE = "city_hotline"
    ONLINE = "online"


class PlanState(StrEnum):
    """How far a proposal to move estates between grids has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Premises:
    """One place where water is used."""

    code: str
    address: str
    estate_code: str
    estate_name: str
    lon: float | None
    lat: float | None
    connection_code: str


@dataclass(frozen=True, slots=True)
class Meter:
    """One service point: the meter at a place, and its latest reading."""

    number: str
    connection_code: str
    reading_m3: float | None
    reading_date: date | None


@dataclass(frozen=True, slots=True)
class Care:
    """Why an account is treated with special care, and the latest visit."""

    reason: str
    contact: str
    contact_phone: str
    note: str
    visited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands now. Names and numbers are masked unless ``is_masked`` is false."""

    code: str
    state: str
    tariff: str
    holder_name: str
    holder_phones: tuple[str, ...]
    is_company: bool
    premises: Premises
    meters: tuple[Meter, ...]
    balance_cents: int | None
    balance_as_of: datetime | None
    care: Care | None
    key_manager_id: int | None
    is_masked: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """One person behind a telephone number, with everything they have an account for."""

    person_id: int
    name: str
    phone: str
    is_company: bool
    accounts: tuple[Account, ...]
    accounts_total: int
    """All there are; ``accounts`` holds the first of them."""
    roles: dict[str, str] = field(default_factory=dict)
    """By account code: "holder" or a `Role`."""
    is_masked: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of a search: an account, whose it is (masked), and where."""

    account_code: str
    name: str
    address: str
    meter_number: str
    estate_code: str
    how: str
    """What fitted: "account", "meter", "phone", "address", "name" or "words"."""


@dataclass(frozen=True, slots=True)
class Specialist:
    """Who looks after an estate."""

    grid_code: str
    grid_name: str
    user_id: int | None
    name: str
    phone: str
    deputy_id: int | None
    deputy_name: str


@dataclass(frozen=True, slots=True)
class Estate:
    """One housing estate."""

    code: str
    name: str
    district: str
    lon: float | None
    lat: float | None
    zone_code: str
    grid_code: str
    accounts: int


@dataclass(frozen=True, slots=True)
class OwnersGroup:
    """The owners' chat group that the register names for an estate, and who manages the estate."""

    name: str
    estate_code: str
    property_manager: str
    property_phone: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom a notice can reach, in full: for senders of notices only."""

    account_code: str
    person_name: str
    phone: str
    wechat_openid: str
    email: str
    estate_code: str
    opted_out: frozenset[str]
    person_id: int
    is_special_care: bool


@dataclass(frozen=True, slots=True)
class CustomersImported:
    """Accounts were imported."""

    created: int
    changed: int
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class CareEnded:
    """An account is in special care no longer: it is not needed, or the consent is withdrawn.

    Whoever copied from the register that somebody is in special care forgets it now.
    """

    account_code: str
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class EstatesMoved:
    """A proposal was approved: estates have another grid, and with it another specialist."""

    plan_id: int
    estate_codes: tuple[str, ...]
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class BoardReported:
    """A resident wrote by the code on a specialist's notice board."""

    case_number: str
    grid_code: str
    estate_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a crew read when it exchanged a meter; told twice with one ``key`` it counts once.

    ``stopped_from_date`` is since when the old one did not count; None: it ran until then.
    ``account_code`` is the customer that the job is about; empty: nobody said. ``other_accounts``
    are further ones: neighbours who called about the same.
    """

    key: str
    at: datetime
    old_number: str
    old_reading_m3: float
    new_number: str
    start_reading_m3: float
    stopped_from_date: date | None = None
    job_number: str = ""
    account_code: str = ""
    other_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MeterExchange:
    """One exchange of a meter as the register has it.

    ``problem`` says why it has no place in the register yet: "unknown_meter", "number_taken" or
    "other_account". ``is_repeated``: what was told now had been told before, by somebody else.
    ``estimated_m3`` is what went through while the old meter stood still; None: nothing to go by.
    """

    id: int
    at: datetime
    account_code: str
    estate_code: str
    old_number: str
    old_reading_m3: float
    new_number: str
    start_reading_m3: float
    stopped_from_date: date | None
    stopped_days: int
    estimated_m3: float | None
    basis: str
    problem: str
    job_number: str
    is_repeated: bool = False

    @property
    def is_in_register(self) -> bool:
        """Whether a place of the register has the new meter."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class ReadingDoubt:
    """What speaks against a reading: a code, and the reading and day to compare it with."""

    code: str
    reading_m3: float
    reading_date: date | None


@dataclass(frozen=True, slots=True)
class MeterExchanged:
    """A meter was exchanged: a bill that runs over ``at`` has two parts.

    Published again when an exchange without a place gets its place; ``account_code`` is empty
    before.
    """

    exchange_id: int
    account_code: str
    old_number: str
    old_reading_m3: float
    new_number: str
    start_reading_m3: float
    stopped_days: int
    estimated_m3: float | None
    job_number: str
    at: datetime
    by_id: int | None
