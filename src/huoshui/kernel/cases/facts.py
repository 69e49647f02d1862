"""What others receive of a case, and the facts that are told when it changes. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

DUPLICATE_OF, CAUSED_BY, PART_OF = "duplicate_of", "caused_by", "part_of"
RELATIONS = (DUPLICATE_OF, CAUSED_BY, PART_OF)


@dataclass(frozen=True)
class CaseFact:
    """A case as it stands, without personal data."""

    number: str
    type_code: str
    title: str
    place: str
    state: str
    state_kind: str
    priority: str
    channel: str
    opened_at: datetime
    opened_by_id: int | None
    owner_id: int | None
    unit_id: int | None
    lon: float | None
    lat: float | None
    deadline_at: datetime | None
    next_due_at: datetime | None
    next_due_clock: str
    paused_for: str
    closed_at: datetime | None
    reopened_count: int
    merged_into: str
    content: bool | None
    score: int | None
    revision: int
    fields: dict[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody; a duplicate rests with its original."""
        return self.state_kind in ("open", "waiting")


@dataclass(frozen=True)
class CaseOpened:
    """A case was opened."""

    number: str
    type_code: str
    state: str
    at: datetime
    by_id: int | None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CaseMoved:
    """A case was moved by one of its transitions, a call-back or a reopening."""

    number: str
    type_code: str
    transition: str
    from_state: str
    to_state: str
    at: datetime
    by_id: int | None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CasePlaced:
    """Somebody said where a case is, or that it is somewhere else."""

    number: str
    type_code: str
    state: str
    lon: float
    lat: float
    at: datetime
    by_id: int | None


@dataclass(frozen=True)
class CaseClosed:
    """A case came to an end; ``merged_into`` names the original of a duplicate."""

    number: str
    type_code: str
    state: str
    state_kind: str
    at: datetime
    by_id: int | None
    merged_into: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CaseReopened:
    """A closed case was taken up again."""

    number: str
    type_code: str
    state: str
    reopened_count: int
    at: datetime
    by_id: int | None
    due_at: datetime | None = None
    links: tuple[tuple[str, str], ...] = ()
