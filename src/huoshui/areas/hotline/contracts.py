"""What other areas may know of the hotline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What a telephone system may tell of a call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    RECORDING = "recording"


class CallState(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"
    ABANDONED = "abandoned"


class SeatState(StrEnum):
    """Whether an agent takes calls."""

    READY = "ready"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class TopicKind(StrEnum):
    """What a call is at heart; an enquiry is not a repair, and a wrong number is neither."""

    REPAIR = "repair"
    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    WRONG_NUMBER = "wrong_number"


class ArticleState(StrEnum):
    """Where an article of the knowledge base stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class MessageState(StrEnum):
    """What became of a message of an owners' chat group."""

    WAITING = "waiting"
    CASE = "case"
    ANSWERED = "answered"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One thing a telephone system told of a call."""

    event_id: str
    kind: EventKind
    at: datetime
    extension: str = ""
    target: str = ""
    recording_url: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What an agent notes of a call.

    ``fold_with`` is ``incident:ID`` or ``call:ID``; ``own_case`` keeps the call from being folded
    without asking. A repair is sent to a crew at once unless ``send_now`` is off. ``is_first`` says
    that the agent saw a call which nobody had noted yet.
    """

    topic_code: str
    account_code: str = ""
    person_name: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    estate_code: str = ""
    zone_code: str = ""
    note: str = ""
    answer: str = ""
    tags: tuple[str, ...] = ()
    follow_up: bool = False
    send_now: bool = True
    fold_with: str = ""
    own_case: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call as other areas may see it; never the number of the caller.

    ``ref`` is how the telephone system calls it.
    """

    id: int
    ref: str
    began_at: datetime
    state: CallState
    kind: str
    topic_code: str
    account_code: str
    case_number: str


@dataclass(frozen=True, slots=True)
class FoldChoice:
    """What the desk proposes to fold a call with; ``choice`` is given back in ``fold_with``."""

    choice: str
    topic_code: str
    case_number: str
    place: str
    callers: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class CallFact:
    """One call of a stretch of time, for counting.

    ``caller`` tells callers of that stretch from each other without saying who they are: the place
    of their first call in it, 0 where the number was withheld. ``incident_id`` is what the call is
    part of, ``leads`` whether the incident began with it.
    """

    id: int
    began_at: datetime
    state: CallState
    is_answered: bool
    is_noted: bool
    kind: str
    topic_code: str
    estate_code: str
    zone_code: str
    account_code: str
    case_number: str
    caller: int
    incident_id: int | None
    leads: bool


@dataclass(frozen=True, slots=True)
class IntakeFact:
    """One case that came by another way than a call, for counting; named like a call's fact.

    ``began_at`` is when it was said: a chat message may wait before it becomes a case.
    ``case_number`` is the repair that came of it, also one that others told of; empty where there
    is none. ``topic_code`` is proposed by the words of the topics where nobody chose one.
    """

    number: str
    began_at: datetime
    channel: str
    kind: str
    topic_code: str
    estate_code: str
    account_code: str
    case_number: str
    caller: int = 0

    @property
    def id(self) -> str:
        """What tells it from calls and others."""
        return self.number


@dataclass(frozen=True, slots=True)
class CallWrapped:
    """An agent has noted what a call was about."""

    call_id: int
    kind: str
    topic_code: str
    account_code: str
    case_number: str
    at: datetime
    by_id: int | None


@dataclass(frozen=True, slots=True)
class CallsFolded:
    """A call was folded into an incident that others had called about already."""

    incident_id: int
    call_id: int
    case_number: str
    callers: int
    at: datetime
    by_id: int | None
