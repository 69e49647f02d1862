"""What telemetry shows on the pages of assets and zones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from huoshui.areas.telemetry import contracts, queries
from huoshui.areas.telemetry.web import api, points, words
from huoshui.kernel.pages import kit

SHOWN = 12


def alarm_bell(request: HttpRequest, **_context: Any) -> SafeString:
    """Show in the bar of every page how many alarms wait; the count comes with the stream."""
    return render_to_string("telemetry/bell.html", request=request)


def asset_points(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the points of an asset with their newest values and a week's trend of the first."""
    found = queries.points(asset_code=asset_code)
    return _panel(request, found, trend=True)


def zone_points(request: HttpRequest, *, zone_code: str, **_context: Any) -> SafeString | None:
    """Show the points of a zone with their newest values."""
    return _panel(request, queries.points(zone_code=zone_code), trend=False, zone=zone_code)


def _panel(
    request: HttpRequest, found: list[contracts.Point], *, trend: bool, zone: str = ""
) -> SafeString | None:
    if not found:
        return None
    # The few main meters before the many customers' ones.
    order = list(words.KINDS)
    shown = sorted(found, key=lambda point: (order.index(point.kind), point.code))[:SHOWN]
    newest = queries.latest([point.code for point in shown])
    standing = points.standing_states()
    rows = []
    for point in shown:
        row = points.row_of(
            point, newest.get(point.code), standing.get(point.code, ""), api.language()
        )
        rows.append(
            {
                "row": row,
                "kind": words.KINDS[row.kind],
                "value": points.value_cell(row),
                "age": points.age_cell(row),
                "quality": points.quality_cell(row),
                "badge": kit.badge(*words.ALARM_STATES[row.alarm]) if row.alarm else "",
            }
        )
    more = f"{reverse('telemetry:points')}?zone={zone}" if zone else ""
    context = {
        "rows": rows,
        "live": points.live_clock(),
        "more_url": more if len(found) > SHOWN else "",
        "total": len(found),
        "trend": points.trend([shown[0].code], fixed=True) if trend else None,
    }
    return render_to_string("telemetry/panel.html", context, request=request)
