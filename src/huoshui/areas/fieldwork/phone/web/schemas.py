"""What phones hand in and are told."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from ninja import Schema
from pydantic import Field

HASH = r"^[0-9a-f]{64}$"


class Entry(Schema):
    """One entry: its key, its text, and the SHA-256 of the text."""

    id: uuid.UUID
    payload: str
    payload_hash: str = Field(max_length=200)


class Entries(Schema):
    """Entries of one phone in their order; ``sent_ms`` is what its clock shows now."""

    phone_id: uuid.UUID
    sent_ms: float = Field(ge=0, le=1e14)
    entries: list[Entry]


class Receipt(Schema):
    """What became of one entry, in words, and when it is taken to have been done."""

    id: uuid.UUID
    outcome: str
    code: str
    message: str
    next_step: str
    is_kept: bool
    done_at: datetime | None
    clock_off_s: float
    is_clock_doubted: bool


class Receipts(Schema):
    """The receipts of one request; ``server_ms`` is what the server's own clock shows."""

    receipts: list[Receipt]
    server_ms: float


class PhotoState(Schema):
    """How many bytes of a photo have arrived; once it is kept the phone may forget it."""

    hash: str
    received_bytes: int
    is_kept: bool


class Reckoning(Schema):
    """Everything a phone has: keys of entries with their hashes, and the hashes of photos."""

    phone_id: uuid.UUID
    day: date
    entries: dict[str, str]
    photos: list[str]
    list_hash: str = Field(pattern=HASH)


class Reckoned(Schema):
    """What both sides found when they counted."""

    missing: list[str]
    differing: list[str]
    photos_missing: list[str]
    only_here: list[dict[str, str]]
    entries: int
    photos: int
    list_hash: str
    agreed_at: datetime | None


class Step(Schema):
    """One step of a job."""

    code: str
    label: str


class Told(Schema):
    """One line of a job's history, in words."""

    label: str
    at: datetime
    by: str
    note: str


class PartOf(Schema):
    """So many of a part: in a kit, or in the vehicle."""

    code: str
    label: str
    unit: str
    is_meter: bool
    quantity: int


class Meter(Schema):
    """One meter of a customer whom a job is about: where it is, and its latest known reading."""

    number: str
    reading_m3: float | None
    reading_date: date | None
    address: str


class Place(Schema):
    """Where a phone is now."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Placed(Schema):
    """What became of a place: kept, too_soon, off_duty or no_crew."""

    placed: str


class Vehicle(Schema):
    """What lies in the vehicle of a crew, by the books."""

    name: str
    parts: list[PartOf]


class Job(Schema):
    """One job as a crew carries it."""

    number: str
    title: str
    description: str
    kind: str
    kind_label: str
    priority: str
    priority_label: str
    state: str
    state_label: str
    place: str
    asset_code: str
    lon: float | None
    lat: float | None
    due_at: datetime
    planned_at: datetime | None
    exchanges_meter: bool
    steps: list[Step]
    parts: list[str]
    kit: list[PartOf]
    meters: list[Meter]
    history: list[Told]
    come: str
    """How far the crew has come by anybody's word: nothing, `accepted` or `arrived`."""


class Choice(Schema):
    """One thing to choose."""

    code: str
    label: str


class Choices(Schema):
    """Everything that can be chosen on the phone."""

    found: list[Choice]
    measured: list[Choice]
    shows: list[Choice]
    causes: list[Choice]
    parts: list[PartOf]


class Tiles(Schema):
    """Where the network's tiles are; an address changes with the network."""

    url: str
    revision: str
    zoom_min: int
    zoom_max: int


class Day(Schema):
    """Everything a crew needs for a shift without signal."""

    person_id: int
    person: str
    csrf_token: str
    language: str
    server_ms: float
    shown_at: datetime
    photo_bytes_max: int
    found_a_leak: list[str]
    jobs: list[Job]
    choices: Choices
    vehicle: Vehicle | None
    crew: str
    shift_until: datetime | None
    tiles: Tiles | None
