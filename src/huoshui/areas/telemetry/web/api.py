"""Telemetry's JSON API: what charts, the map and other programs read."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import AwareDatetime

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import (
    actions,
    contracts,
    labels,
    models,
    queries,
    queries_alarms,
    queries_bands,
)
from huoshui.areas.telemetry.web import alarm_api, api_trends, charts, schemas, words
from huoshui.areas.telemetry.web.asking import (
    AskedTooMuch,
    check_moment,
    check_period,
    known_points,
    language,
    reader_id,
    split_codes,
)
from huoshui.kernel.accounts import permissions
from huoshui.lab.series import expected_band as band_lab

router = Router()
router.add_router("", api_trends.router)
router.add_router("", alarm_api.router)
read = permissions.api("telemetry.read")

READINGS_MAX = 500_000
# Of which steps are made: what one question may have in memory.
STEPPED_MAX = 10 * READINGS_MAX
JSON = "application/json"

Codes = Annotated[str, Query(alias="points", description="Codes of points, separated by commas.")]
From = Annotated[AwareDatetime, Query(alias="from")]


@router.get("/points", response=list[schemas.Point], auth=read, url_name="telemetry-points")
def points(request: HttpRequest, kind: str = "", zone: str = "", q: str = "") -> list[Any]:
    """List declared points by code, of one kind or zone, or with any part of their code or name."""
    spoken = language()
    found = queries.points(kind=kind or None, zone_code=zone or None)
    small = q.lower()
    return [
        {
            **charts.facts_of(point, spoken),
            "asset_code": point.asset_code,
            "zone_code": point.zone_code,
        }
        for point in found
        if small in f"{point.code} {point.name_en} {point.name_zh}".lower()
    ]


@router.get("/latest", response=list[schemas.Latest], auth=read, url_name="telemetry-latest")
def latest(
    request: HttpRequest, codes: Annotated[str, Query(alias="points")] = ""
) -> list[dict[str, Any]]:
    """Return the newest reading of the named points, or of all of them."""
    wanted = split_codes(codes) if codes else None
    return [
        {
            "code": one.code,
            "at": contracts.from_us(one.at_us),
            "value": one.value,
            "quality": int(one.quality),
        }
        for one in queries.latest(wanted).values()
    ]


@router.get("/readings", response=list[schemas.Readings], auth=read, url_name="telemetry-readings")
def readings(
    request: HttpRequest,
    codes: Codes,
    from_at: From,
    until: AwareDatetime,
    step_s: Annotated[int | None, Query(ge=1, le=7 * 86_400)] = None,
) -> HttpResponse:
    """Return readings as columns, or with ``step_s`` the mean of each step.

    Refuses with `telemetry.asked_too_much` (422) more than 500,000 readings at once, or steps of
    more than ten times as many.
    """
    check_period(from_at, until)
    asked = known_points(split_codes(codes))
    asked_codes = [one.code for one in asked]
    # Counted before they are read: years of quick points would not fit in memory.
    count = queries.readings_count(asked_codes, from_at, until)
    if count > (READINGS_MAX if step_s is None else STEPPED_MAX):
        raise AskedTooMuch(_("These are more readings than one answer can carry."), READINGS_MAX)
    found = queries.readings(asked_codes, from_at, until, step_s=step_s)
    answer = [
        {
            "code": one.code,
            "unit": one.unit,
            "at_ms": found[one.code].at_us // 1000,
            "value": found[one.code].value,
            "quality": found[one.code].quality,
        }
        for one in asked
    ]
    return HttpResponse(charts.encode(answer), content_type=JSON)


@router.get("/chart", response=schemas.Chart, auth=read, url_name="telemetry-chart")
def chart(
    request: HttpRequest,
    codes: Codes,
    from_at: From,
    until: AwareDatetime,
    max_points: Annotated[int, Query(ge=100, le=10_000)] = 2000,
) -> HttpResponse:
    """Return lines reduced to what a chart of that width can show, peaks kept."""
    check_period(from_at, until)
    asked = known_points(split_codes(codes))
    series = [queries.chart(one.code, from_at, until, max_points) for one in asked]
    body = charts.answer(asked, series, from_at, until, language())
    return HttpResponse(body, content_type=JSON)


@router.get("/band", response=schemas.Band, auth=read, url_name="telemetry-band")
def band(request: HttpRequest, codes: Codes, from_at: From, until: AwareDatetime) -> HttpResponse:
    """Return the expected band of the first point's hourly means."""
    check_period(from_at, until)
    point = known_points(split_codes(codes)[:1])[0]
    found = queries_bands.expected_band(point.code, from_at, until)
    digits = point.decimals + 1
    first = int(found.hour_us[0]) // 1000 + charts.HALF_HOUR_MS if len(found.hour_us) else None
    answer = {
        "start_ms": first,
        "step_ms": 3_600_000,
        "low": np.round(found.low, digits),
        "middle": np.round(found.middle, digits),
        "high": np.round(found.high, digits),
        "weeks": band_lab.WEEKS,
        "weeks_min": band_lab.WEEKS_MIN,
        "width": band_lab.WIDTH,
    }
    return HttpResponse(charts.encode(answer), content_type=JSON)


@router.get(
    "/band/inputs",
    response=list[schemas.BandInput],
    auth=read,
    url_name="telemetry-band-inputs",
)
def band_inputs(request: HttpRequest, point: str, at: AwareDatetime) -> list[dict[str, Any]]:
    """Return the earlier hours behind the band of the hour that contains ``at``."""
    check_moment(at)
    known_points([point])
    return [
        {
            "at": contracts.from_us(one.hour_us),
            "value": None if math.isnan(one.value) else one.value,
        }
        for one in queries_bands.band_inputs(point, at)
    ]


def alarm_answer(row: models.Alarm) -> dict[str, Any]:
    """Return an alarm in the reader's language."""
    return {
        "id": row.pk,
        "point": row.point.code if row.point else None,
        "zone": row.zone_id,
        "rule": row.rule,
        "priority": row.priority,
        "state": queries_alarms.state_of(row),
        "raised_at": row.raised_at,
        "cleared_at": row.cleared_at,
        "acknowledged_at": row.acknowledged_at,
        "message": labels.message_text(row.message, row.data),
    }


@router.get("/alarms", response=list[schemas.Alarm], auth=read, url_name="telemetry-alarms")
def alarms(
    request: HttpRequest,
    state: str = "",
    point: str = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[dict[str, Any]]:
    """List alarms, the newest first; ``state`` is open, active, acknowledged ..."""
    found = models.Alarm.objects.select_related("point", "suppression")
    rows = queries_alarms.in_state(found, state)
    if point:
        rows = rows.filter(point__code=point)
    return [
        alarm_answer(row) for row in rows.order_by("-raised_at", "-pk")[offset : offset + limit]
    ]


@router.get(
    "/alarms/marks",
    response=list[schemas.AlarmMark],
    auth=read,
    url_name="telemetry-alarm-marks",
)
def alarm_marks(
    request: HttpRequest, codes: Codes, from_at: From, until: AwareDatetime
) -> list[dict[str, Any]]:
    """Return alarms that stood within a period, for marks on a chart; the 200 newest."""
    check_period(from_at, until)
    rows = models.Alarm.objects.filter(
        Q(cleared_at__isnull=True) | Q(cleared_at__gt=from_at),
        point__code__in=split_codes(codes),
        raised_at__lt=until,
    ).select_related("point")
    return [
        {
            "raised_ms": contracts.to_us(row.raised_at) // 1000,
            "cleared_ms": contracts.to_us(row.cleared_at) // 1000 if row.cleared_at else None,
            "priority": row.priority,
            "point": row.point.code if row.point else None,
            "label": str(words.label_of(words.RULES, row.rule)),
            "message": labels.message_text(row.message, row.data),
        }
        for row in rows.order_by("-raised_at")[:200]
    ]


@router.post(
    "/alarms/{int:alarm_id}/acknowledge",
    response={200: schemas.Alarm, 403: schemas.Refusal, 404: schemas.Refusal, 409: schemas.Refusal},
    auth=permissions.api("telemetry.acknowledge_alarm"),
    url_name="telemetry-acknowledge",
)
def acknowledge(request: HttpRequest, alarm_id: int) -> dict[str, Any]:
    """Acknowledge a standing alarm: from now on this person answers for it.

    Refuses with `telemetry.alarm_already_acknowledged` or `telemetry.alarm_already_cleared` (409).
    """
    actions.acknowledge_alarm(alarm_id, by_id=reader_id(request))
    found = models.Alarm.objects.select_related("point", "suppression")
    return alarm_answer(found.get(pk=alarm_id))


@router.get("/map/{kind}.geojson", auth=read, url_name="telemetry-map")
def sensors(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the points of one kind that have a place on the map, with their newest values."""
    from django.urls import reverse

    spoken = language()
    found = [point for point in queries.points(kind=kind) if point.asset_code]
    places = network.places({point.asset_code for point in found if point.asset_code})
    newest = queries.latest([point.code for point in found]) if found else {}
    features = []
    for point in found:
        place = places.get(point.asset_code or "")
        if place is None:
            continue
        value = newest.get(point.code)
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": place},
                "properties": {
                    "key": point.code,
                    "label": point.name(spoken),
                    "value": value.value if value else None,
                    "unit": point.unit,
                    "decimals": point.decimals,
                    "quality": int(value.quality if value else contracts.Quality.MISSING),
                    "sign": point.kind,
                    "rank": {"flow": 0, "level": 0, "pressure": 1}.get(point.kind, 3),
                    "href": reverse("telemetry:point", args=[point.code]),
                },
            }
        )
    body = charts.encode({"type": "FeatureCollection", "features": features})
    return HttpResponse(body, content_type="application/geo+json")
