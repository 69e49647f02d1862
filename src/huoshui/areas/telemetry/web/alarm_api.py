"""The JSON API of alarms and rules beyond the plain list; part of telemetry's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import (
    actions,
    contracts,
    models,
    queries,
    queries_alarms,
    trying,
)
from huoshui.areas.telemetry.web import alarm_words, asking, charts, schemas, words
from huoshui.areas.telemetry.web import rules as rule_pages
from huoshui.kernel.accounts import permissions

MARKERS_MAX = 5000

MARKS_MAX = 200
Codes = Annotated[str, Query(alias="points", description="Codes of points, separated by commas.")]
From = Annotated[AwareDatetime, Query(alias="from")]

router = Router()
read = permissions.api("telemetry.read")


class AlarmSpan(Schema):
    """One stretch of time that an alarm of a point stood."""

    id: int
    point: str
    rule: str
    priority: str
    from_at: datetime
    until: datetime | None
    acknowledged_at: datetime | None


class ShelveRequest(Schema):
    """Until when, and why."""

    until: AwareDatetime
    reason: str


class Suppressed(Schema):
    """What keeps an alarm silent now."""

    id: int
    kind: str
    until: datetime | None
    reason: str


@router.get(
    "/alarms/spans",
    response=list[AlarmSpan],
    auth=read,
    url_name="telemetry-alarm-spans",
)
def spans(
    request: HttpRequest, codes: Codes, from_at: From, until: AwareDatetime
) -> list[dict[str, Any]]:
    """Return when alarms of the points stood within a period; the 2,000 newest."""
    asking.check_period(from_at, until)
    return [
        {
            "id": one.alarm_id,
            "point": one.point_code,
            "rule": one.rule,
            "priority": one.priority,
            "from_at": one.from_at,
            "until": one.until,
            "acknowledged_at": one.acknowledged_at,
        }
        for one in queries_alarms.alarm_spans(asking.split_codes(codes), from_at, until)
    ]


@router.post(
    "/alarms/{int:alarm_id}/shelve",
    response={200: list[Suppressed], 403: schemas.Refusal, 422: schemas.Refusal},
    auth=permissions.api("telemetry.shelve_alarm"),
    url_name="telemetry-shelve",
)
def shelve(request: HttpRequest, alarm_id: int, body: ShelveRequest) -> list[dict[str, Any]]:
    """Silence an alarm until a moment; it comes back by itself.

    Refuses with `telemetry.reason_missing` or `telemetry.shelved_too_long` (422).
    """
    made = actions.shelve(
        [alarm_id], until=body.until, reason=body.reason, by_id=asking.reader_id(request)
    )
    return [
        {"id": row.pk, "kind": row.kind, "until": row.until, "reason": row.reason} for row in made
    ]


@router.get(
    "/rules/{code}/marks",
    response=list[schemas.AlarmMark],
    auth=read,
    url_name="telemetry-rule-marks",
)
def rule_marks(
    request: HttpRequest, code: str, codes: Codes, from_at: From, until: AwareDatetime
) -> list[dict[str, Any]]:
    """Return where a rule would have called within a period, for marks on a chart."""
    asking.check_period(from_at, until)
    return marks_of(code, asking.split_codes(codes), from_at, until)


def marks_of(code: str, wanted: list[str], from_at: Any, until: Any) -> list[dict[str, Any]]:
    """Return where a rule would have called within a period, as marks for a chart."""
    rule = rule_pages.rule_of(code)
    trial = trying.try_rule(rule, from_at, until)
    units = {point.code: point for point in queries.points(wanted)}
    found = []
    for one in trial.episodes[:MARKS_MAX]:
        point = units.get(one.point_code)
        if point is None:
            continue
        value = "" if one.value is None else f"{one.value:.{point.decimals}f} {point.unit}"
        found.append(
            {
                "raised_ms": contracts.to_us(one.from_at) // 1000,
                "point": one.point_code,
                "label": str(words.RULES[rule.kind]),
                "message": value or str(words.RULES[rule.kind]),
            }
        )
    return found


@router.get("/alarms/map.geojson", auth=read, url_name="telemetry-alarm-map")
def alarm_map(request: HttpRequest) -> HttpResponse:
    """Return what is wrong now as markers: one for each alarm, one for each group at its cause."""
    rows = list(
        models.Alarm.objects.audible()
        .filter(point__asset__isnull=False)
        .select_related("point", "group__lead__point", "suppression")[:MARKERS_MAX]
    )
    places = network.places({row.point.asset_id or "" for row in rows if row.point})
    sizes: dict[int, int] = {}
    for row in rows:
        if row.group_id is not None:
            sizes[row.group_id] = sizes.get(row.group_id, 0) + 1
    features, drawn = [], set()
    for row in rows:
        assert row.point is not None
        shown, label = row, f"{alarm_words.SIGNS[row.priority]} {alarm_words.message(row)}"
        href, size = alarm_words.alarm_url(row), 0.3
        if row.group is not None and sizes[row.group.pk] > 1:
            if row.group_id in drawn:
                continue
            drawn.add(row.group_id)
            shown = row.group.lead if row.group.lead.point else row
            count = sizes[row.group.pk]
            label = f"{alarm_words.group_title(row.group, count)}, "
            label += alarm_words.cause_text(row.group)
            href = f"{reverse('telemetry:alarms')}?group={row.group_id}"
            size = min(1.0, 0.4 + count / 50)
        own = (shown.point.asset_id if shown.point else None) or ""
        place = places.get(own) or places.get(row.point.asset_id or "")
        if place is None:
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": place},
                "properties": {
                    "key": f"alarm:{row.pk}",
                    "label": label,
                    "colour": {"critical": "#c92a2a", "high": "#e8590c"}.get(
                        row.priority, "#e0a800"
                    ),
                    "size": size,
                    "href": href,
                },
            }
        )
    body = charts.encode({"type": "FeatureCollection", "features": features})
    return HttpResponse(body, content_type="application/geo+json")
