"""What the JSON API of leakage takes and gives. Flows are in m³/h, volumes in m³."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from huoshui.areas.leakage import models
from huoshui.areas.leakage.web import shown


class Night(Schema):
    """One judged night; None is not known."""

    night_date: date
    state: str
    flow_m3h: float | None
    expected_m3h: float | None
    low_m3h: float | None
    high_m3h: float | None
    excess_m3h: float | None
    excess_m3h_low: float | None
    excess_m3h_high: float | None
    completeness_frac: float
    quality: str
    model_version: str


class Zone(Schema):
    """A watched zone with its latest night and the number of its standing suspicion."""

    zone_code: str
    name: str
    latest: Night | None
    suspected_leak: int | None
    lost_m3: float | None
    lost_yuan: float | None


class Nights(Schema):
    """Nights of a zone in columns, and the suspected leaks to mark beside them."""

    zone_code: str
    columns: dict[str, list[Any]]
    leaks: list[dict[str, Any]]


class Leak(Schema):
    """A suspected leak: its size with a 95 % interval, what it cost and what was saved."""

    id: int
    zone_code: str
    state: str
    since_date: date
    detected_at: datetime
    size_m3h: float
    low_m3h: float
    high_m3h: float
    model_version: str
    job_number: str
    found_asset_code: str
    reason: str
    repaired_at: datetime | None
    verified_at: datetime | None
    saved_m3h: float | None
    saved_m3h_low: float | None
    saved_m3h_high: float | None
    lost_m3: float
    lost_yuan: float
    saved_m3: float | None
    saved_yuan: float | None


class JobMade(Schema):
    """The job that was made of a suspected leak."""

    job_number: str


class Dismissal(Schema):
    """Why a suspected leak is none."""

    reason: str = Field(max_length=2000)


def zone(one: shown.Zone) -> Zone:
    """Say a zone in the words of the API."""
    return Zone(
        zone_code=one.code,
        name=one.name,
        latest=None if one.night is None else Night.from_orm(one.night),
        suspected_leak=None if one.leak is None else one.leak.pk,
        lost_m3=None if one.lost is None else one.lost.volume_m3,
        lost_yuan=None if one.lost is None else one.lost.money_yuan,
    )


def leak(row: models.SuspectedLeak, now: datetime) -> Leak:
    """Say a suspected leak in the words of the API."""
    one = shown.leak(row, now, name=row.setup.zone_code)
    return Leak(
        id=row.pk,
        zone_code=row.setup.zone_code,
        state=row.state,
        since_date=row.since_date,
        detected_at=row.detected_at,
        size_m3h=row.size_m3h,
        low_m3h=row.low_m3h,
        high_m3h=row.high_m3h,
        model_version=row.model_version,
        job_number=row.job_number,
        found_asset_code=row.found_asset_code,
        reason=row.reason,
        repaired_at=row.repaired_at,
        verified_at=row.verified_at,
        saved_m3h=row.saved_m3h,
        saved_m3h_low=row.saved_m3h_low,
        saved_m3h_high=row.saved_m3h_high,
        lost_m3=one.lost.volume_m3,
        lost_yuan=one.lost.money_yuan,
        saved_m3=None if one.saved is None else one.saved.volume_m3,
        saved_yuan=one.saved_yuan,
    )
