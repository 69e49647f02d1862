"""What the JSON API of cases says and takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from huoshui.kernel.cases import reading, ticking
from huoshui.kernel.cases.models import Case, CaseClockRun, CaseStep


class Spot(Schema):
    """A place in degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Link(Schema):
    """One thing that a case is about."""

    kind: str = Field(max_length=80)
    code: str = Field(max_length=80)


class Person(Schema):
    """Who raised a case: personal data."""

    name: str = Field("", max_length=100)
    phone: str = Field("", max_length=32)


class NewCase(Schema):
    """What opens a case. ``fields`` are those of its kind, by code."""

    type: str
    title: str = Field(max_length=200)
    fields: dict[str, Any] = {}
    place: str = Field("", max_length=200)
    spot: Spot | None = None
    unit: str | None = None
    owner: str | None = None
    priority: str = "normal"
    channel: str = ""
    links: list[Link] = Field([], max_length=50)
    person: Person | None = None
    due_at: datetime | None = None
    caused_by: str | None = None
    part_of: str | None = None
    duplicate_of: str | None = None
    key: str = Field("", max_length=80)


class Act(Schema):
    """One step of the case's kind, with what comes with it. Photos are added on the page."""

    transition: str
    note: str = Field("", max_length=5000)
    fields: dict[str, Any] = {}
    checklist: list[str] = Field([], max_length=200)
    owner: str | None = None
    unit: str | None = None
    due_at: datetime | None = None
    revision: int | None = None
    key: str = Field("", max_length=80)


class Note(Schema):
    """A sentence for the timeline."""

    note: str = Field(max_length=5000)
    key: str = Field("", max_length=80)


class CaseShort(Schema):
    """One case without personal data."""

    number: str
    type: str
    title: str
    place: str
    state: str
    state_kind: str
    priority: str
    channel: str
    opened_at: datetime
    next_due_at: datetime | None
    next_due_clock: str
    paused_for: str
    closed_at: datetime | None
    reopened_count: int
    owner: str | None
    unit_id: int | None
    spot: Spot | None
    revision: int
    fields: dict[str, Any]


class Step(Schema):
    """One line of a case's timeline."""

    kind: str
    transition: str
    from_state: str
    to_state: str
    at: datetime
    by: str | None
    note: str
    data: dict[str, Any]


class Clock(Schema):
    """One deadline of a case."""

    clock: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    late: bool


class CaseDetail(CaseShort):
    """One case with its timeline, deadlines and links."""

    links: list[Link]
    steps: list[Step]
    clocks: list[Clock]
    possible: list[str]


class Cases(Schema):
    """One page of cases; ``total`` counts at most 10,000 of those that fit."""

    total: int
    items: list[CaseShort]


class StateSaid(Schema):
    """One state of a kind of case."""

    code: str
    label: str
    kind: str


class FieldSaid(Schema):
    """One field of a kind of case."""

    code: str
    label: str
    kind: str
    required: bool
    private: bool
    choices: dict[str, str]


class TransitionSaid(Schema):
    """One step of a kind of case."""

    code: str
    label: str
    from_states: list[str]
    to_state: str


class TypeSaid(Schema):
    """One kind of case as it is declared."""

    code: str
    label: str
    prefix: str
    states: list[StateSaid]
    transitions: list[TransitionSaid]
    fields: list[FieldSaid]


def short(row: Case) -> dict[str, Any]:
    """Say a row in the words of the API."""
    spot = None if row.lon is None or row.lat is None else {"lon": row.lon, "lat": row.lat}
    return {
        "number": row.number,
        "type": row.type_code,
        "title": row.title,
        "place": row.place,
        "state": row.state,
        "state_kind": row.state_kind,
        "priority": ticking.PRIORITY_CODES.get(row.priority, "normal"),
        "channel": row.channel,
        "opened_at": row.opened_at,
        "next_due_at": row.next_due_at,
        "next_due_clock": row.next_due_clock,
        "paused_for": row.paused_for,
        "closed_at": row.closed_at,
        "reopened_count": row.reopened_count,
        "owner": None if row.owner is None else row.owner.username,
        "unit_id": row.unit_id,
        "spot": spot,
        "revision": row.revision,
        "fields": reading.public(row.type_code, row.values),
    }


def detail(row: Case, possible: list[str]) -> CaseDetail:
    """Say a row with its history in the words of the API."""
    steps = CaseStep.objects.filter(case=row).select_related("by").order_by("id")
    clocks = CaseClockRun.objects.filter(case=row).order_by("id")
    return CaseDetail(
        **short(row),
        links=[
            Link(kind=kind, code=code)
            for kind, code in row.links.order_by("id").values_list("kind", "code")
        ],
        steps=[
            Step(
                kind=one.kind,
                transition=one.transition,
                from_state=one.from_state,
                to_state=one.to_state,
                at=one.at,
                by=None if one.by is None else one.by.username,
                note=one.note,
                data=reading.step_data(row.type_code, one.data),
            )
            for one in steps
        ],
        clocks=[
            Clock(
                clock=one.clock,
                started_at=one.started_at,
                due_at=one.due_at,
                stopped_at=one.stopped_at,
                late=one.late,
            )
            for one in clocks
        ],
        possible=possible,
    )
