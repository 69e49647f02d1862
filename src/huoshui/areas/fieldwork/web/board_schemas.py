"""What the dispatcher's board is told; the names are those of its island."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class BoardJob(Schema):
    """One open job; ``begin`` is when it began or is planned to, ``broken`` the rules it breaks."""

    number: str
    title: str
    kind: str
    type: str
    asset: str
    zone: str
    state: str
    priority: str
    lon: float | None
    lat: float | None
    crew: str
    order: int
    begin: datetime | None
    drive_s: float
    minutes: int | None
    due: datetime | None
    from_at: datetime | None = Field(alias="from")
    until: datetime | None
    begun: bool
    under_way: bool
    reason: str
    broken: list[str]


class BoardCrew(Schema):
    """One crew with its shift, its people and where it is; no shift: it is not at work."""

    code: str
    name: str
    skills: list[str]
    people: list[str]
    shift: list[datetime] | None
    lon: float | None
    lat: float | None
    placed: datetime | None
    vehicle: str


class BoardPlan(Schema):
    """A proposal: how many jobs it places and leaves, and what nearest-first would drive."""

    id: int
    state: str
    placed: int
    left: int
    drive_s: float | None
    nearest_drive_s: float | None
    nearest_placed: int | None
    took_s: float | None
    travel: str
    legs_by_line: int | None


class ViewCrew(Schema):
    """One crew as the board draws it, moments in seconds since 1970."""

    code: str
    name: str
    skills: list[str]
    people: list[str]
    shift: list[int] | None
    lon: float | None
    lat: float | None
    placed: int | None
    vehicle: str


class ViewWait(Schema):
    """Why a job has no crew: who came nearest, what speaks against it, and when that was found."""

    crew: str
    faults: list[str]
    lacking: list[str]
    since: int
    at: int


class BoardView(Schema):
    """What the board draws; ``jobs`` are lists in the order of ``columns``.

    ``waits`` says of each job that waits why, by its number.
    """

    at: int
    from_at: int = Field(alias="from")
    until: int
    cursor: int
    after: int | None
    columns: list[str]
    jobs: list[list[Any]]
    waits: dict[str, ViewWait]
    crews: list[ViewCrew]
    plan: BoardPlan | None


class Board(Schema):
    """Everything the board shows at first; the live stream goes on from ``cursor``."""

    at: datetime
    from_at: datetime = Field(alias="from")
    until: datetime
    cursor: int
    crews: list[BoardCrew]
    jobs: list[BoardJob]
    plan: BoardPlan | None


class Moved(Schema):
    """The rules that a job breaks where it is now."""

    broken: list[str]


class AbleCrew(Schema):
    """A crew for a job: when it would be there, and what speaks against it.

    ``by_line``: the way is estimated by the straight line, since no graph has one.
    """

    crew: str
    name: str
    arrive: datetime | None
    drive_s: float | None
    drive_m: float | None
    waiting: int
    faults: list[str]
    lacking: list[str]
    by_line: bool


class Accepted(Schema):
    """How many jobs were given, and those passed over because they had changed."""

    given: int
    passed_over: list[str]


class Decided(Schema):
    """How a proposal stands."""

    state: str
