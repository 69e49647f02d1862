"""What other areas may know of announcements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an announcement is about."""

    PLANNED_OUTAGE = "planned_outage"
    BURST = "burst"
    FREEZE = "freeze"
    WATER_QUALITY = "water_quality"
    TARIFF = "tariff"
    OTHER = "other"


class State(StrEnum):
    """How far an announcement has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    QUEUING = "queuing"
    SENDING = "sending"
    DONE = "done"
    RECALLED = "recalled"


class Way(StrEnum):
    """A channel: how words reach people."""

    IN_APP = "in_app"
    POSTER = "poster"
    SMS = "sms"
    WECHAT = "wechat"
    EMAIL = "email"


class DeliveryState(StrEnum):
    """How far the message to one person has come over one channel."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LEFT_OUT = "left_out"


class Risk(StrEnum):
    """A list of customers whom something hits harder than others."""

    SPECIAL_CARE = "special_care"
    FROST = "frost"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement as others may tell it: what, where, from when until when."""

    number: str
    kind: Kind
    state: State
    is_urgent: bool
    title: str
    text: str
    place: str
    from_at: datetime | None
    until_at: datetime | None
    released_at: datetime | None
    url: str
    public_url: str


@dataclass(frozen=True, slots=True)
class Told:
    """One message that went to the person of an account, or that did not get through."""

    number: str
    kind: Kind
    channel: Way
    state: DeliveryState
    at: datetime | None

    @property
    def got_through(self) -> bool:
        """Whether the message left us and nobody told us that it was lost."""
        return self.state in {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to an account, such as a call or a case, and what it was about."""

    account_code: str
    at: datetime
    matter: str
    matter_label: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Happenings:
    """A kind of thing by which the told are compared with the others.

    ``between(reader, since, until)`` returns what the reader may see; ``permission`` is what they
    need for any of it, empty where it asks by itself.
    """

    code: str
    label: Any
    permission: str
    between: Callable[[Any, datetime, datetime], Iterable[Happened]]


@dataclass(frozen=True, slots=True)
class AnnouncementReleased:
    """An announcement was released: from now on people are told."""

    number: str
    kind: str
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class AnnouncementRecalled:
    """An announcement was taken back; what had not left us stays here."""

    number: str
    kind: str
    at: datetime
    by_id: int | None
