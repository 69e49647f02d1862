"""The JSON API of announcements: what is in force, on the map and at a place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from huoshui.areas.announcements import queries, words
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()

COLOURS = {
    "planned_outage": "#0b66ab", "burst": "#c92a2a", "freeze": "#12828c",
    "water_quality": "#d9730d", "tariff": "#8a4fbf", "other": "#5a6875",
}  # fmt: skip


class Told(Schema):
    """One announcement as a caller should hear it."""

    number: str
    kind: str
    kind_label: str
    is_urgent: bool
    title: str
    text: str
    place: str
    from_at: datetime | None
    until_at: datetime | None
    url: str


@router.get(
    "/in-force",
    response=list[Told],
    auth=permissions.api("announcements.read"),
    url_name="announcements-in-force",
)
def in_force(
    request: HttpRequest,
    lon: float | None = Query(None, ge=-180, le=180),
    lat: float | None = Query(None, ge=-90, le=90),
    account: str = "",
    estate: str = "",
) -> list[Told]:
    """Return the announcements that somebody at a place should hear now."""
    found = queries.in_force(lon, lat, account_code=account or None, estate_code=estate or None)
    return [
        Told(
            number=one.number, kind=one.kind, kind_label=str(words.KINDS[one.kind]),
            is_urgent=one.is_urgent, title=one.title, text=one.text, place=one.place,
            from_at=one.from_at, until_at=one.until_at, url=one.url,
        )
        for one in found
    ]  # fmt: skip


@router.get("/map", auth=permissions.api("announcements.read"), url_name="announcements-map")
def map_layer(request: HttpRequest) -> dict[str, Any]:
    """Return the drawn areas of the announcements in force as GeoJSON."""
    features = []
    for row in queries.standing_at(clock.now()):
        if not row.polygon:
            continue
        said = queries.contract(row)
        features.append(
            {
                "type": "Feature",
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[*row.polygon, row.polygon[0]]],
                },
                "properties": {
                    "key": f"announcement-{row.pk}",
                    "label": said.title,
                    "text": str(words.KINDS[row.kind]),
                    "note": said.place,
                    "colour": COLOURS[row.kind],
                    "rank": 0,
                    "href": said.url,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}
