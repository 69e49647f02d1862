"""What the JSON API of fieldwork takes and gives."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import AwareDatetime, Field

from huoshui.areas.fieldwork import contracts, models


class Place(Schema):
    """Where a job is; at least one of asset, zone and spot is needed."""

    asset_code: str = ""
    zone_code: str = ""
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)


class JobRequest(Schema):
    """A job to be asked for. Without ``due_at`` the priority decides, without a title the kind.

    ``type_code`` says kind, time, skills and parts at once; ``minutes`` comes before its time.
    """

    title: str = Field("", max_length=200)
    description: str = Field("", max_length=5000)
    kind: contracts.JobKind = contracts.JobKind.OTHER
    priority: contracts.Priority = contracts.Priority.NORMAL
    place: Place
    due_at: AwareDatetime | None = None
    type_code: str = Field("", max_length=40)
    minutes: int | None = Field(None, ge=1, le=10_000)
    window_from_at: AwareDatetime | None = None
    window_until: AwareDatetime | None = None


class Assignment(Schema):
    """To whom a job is given."""

    username: str
    note: str = Field("", max_length=2000)


class ReportRequest(Schema):
    """What a crew found."""

    found: contracts.Found
    found_asset_code: str = Field("", max_length=64)
    found_size_m3h: float | None = Field(None, ge=0, le=10_000)
    note: str = Field("", max_length=5000)


class Note(Schema):
    """A remark that may stay empty."""

    note: str = Field("", max_length=2000)


class Reason(Schema):
    """Why a step is taken."""

    reason: str = Field(max_length=2000)


class Report(Schema):
    """A report as it stands."""

    found: str
    found_asset_code: str
    found_size_m3h: float | None
    note: str
    reported_at: datetime
    reported_by: str
    photos: list[str]


class Job(Schema):
    """One job."""

    number: str
    title: str
    description: str
    kind: str
    priority: str
    state: str
    place: Place
    origin: str
    due_at: datetime
    requested_at: datetime
    requested_by: str | None
    assigned_to: str | None


class Step(Schema):
    """One step in the life of a job."""

    what: str
    at: datetime
    by: str | None
    to_whom: str | None
    note: str


class JobDetail(Job):
    """One job with its history and reports."""

    steps: list[Step]
    reports: list[Report]


class Jobs(Schema):
    """One page of jobs; ``total`` counts all that fit the question."""

    total: int
    items: list[Job]


def job(row: models.Job) -> Job:
    """Say a row in the words of the API."""
    return Job(
        number=row.number,
        title=row.title,
        description=row.description,
        kind=row.kind,
        priority=row.priority,
        state=row.state,
        place=Place(asset_code=row.asset_code, zone_code=row.zone_code, lon=row.lon, lat=row.lat),
        origin=row.origin,
        due_at=row.due_at,
        requested_at=row.requested_at,
        requested_by=None if row.requested_by is None else row.requested_by.username,
        assigned_to=None if row.assigned_to is None else row.assigned_to.username,
    )


def job_detail(
    row: models.Job, steps: list[models.JobEvent], reports: list[models.JobReport]
) -> JobDetail:
    """Say a row with its history in the words of the API."""
    return JobDetail(
        **job(row).dict(),
        steps=[
            Step(
                what=step.what,
                at=step.at,
                by=None if step.by is None else step.by.username,
                to_whom=None if step.to_whom is None else step.to_whom.username,
                note=step.note,
            )
            for step in steps
        ],
        reports=[
            Report(
                found=report.found,
                found_asset_code=report.found_asset_code,
                found_size_m3h=report.found_size_m3h,
                note=report.note,
                reported_at=report.reported_at,
                reported_by=report.reported_by.username,
                photos=[photo.file.url for photo in report.photos.all()],
            )
            for report in reports
        ],
    )
