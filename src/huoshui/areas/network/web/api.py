"""The network's JSON API: what the map and other programs read."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Query, Router

from huoshui.areas.network import contracts, indexed, queries, remembered, searching
from huoshui.areas.network.models import Asset
from huoshui.areas.network.web import api_changes, api_trace, schemas
from huoshui.kernel.accounts import permissions

router = Router()
router.add_router("", api_trace.router)
router.add_router("/changes", api_changes.router)
read = permissions.api("network.read")

LIMIT_MAX = 1000


def _asset(asset: contracts.Asset) -> dict[str, Any]:
    values = dataclasses.asdict(asset) | {"url": reverse("network:asset", args=[asset.code])}
    # JSON has no NaN; an asset without a place has none.
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }


@router.get("/assets", response=schemas.AssetPage, auth=read, url_name="network-assets")
def assets(
    request: HttpRequest,
    kind: str = "",
    zone: str = "",
    q: str = "",
    offset: int = Query(0, ge=0),
    limit: int = Query(100, ge=1, le=LIMIT_MAX),
) -> dict[str, Any]:
    """List assets, by kind, zone or any part of their code, in the order of their numbers."""
    rows: QuerySet[Asset] = queries.asset_rows().present().order_by("id")
    if kind:
        rows = rows.filter(kind=kind)
    if zone:
        rows = rows.filter(zone__code=zone)
    if q:
        for word in q.split()[: searching.WORDS_MAX]:
            rows = indexed.ASSETS.narrow(rows, word)
    found = [_asset(queries.as_contract(row)) for row in rows[offset : offset + limit]]
    return {"count": rows.count(), "items": found}


@router.get("/assets/{path:code}", response=schemas.AssetOut, auth=read, url_name="network-asset")
def asset(request: HttpRequest, code: str) -> dict[str, Any]:
    """Return one asset by its code."""
    row = queries.asset_by_code(code)
    if row is None:
        raise Http404
    return _asset(queries.as_contract(row))


@router.get("/search", response=list[schemas.FoundOut], auth=read, url_name="network-search")
def search(
    request: HttpRequest, q: str, limit: int = Query(searching.LIMIT, ge=1, le=50)
) -> list[dict[str, Any]]:
    """Find assets, zones and connections by code, name or address, the same code first.

    Connections are found by those only who may see customers.
    """
    customers = permissions.holds(request.user, "network.customers")
    pages = {"zone": "network:zone", "connection": "network:connection"}
    return [
        {**found, "url": reverse(pages.get(found["kind"], "network:asset"), args=[found["code"]])}
        for found in searching.everything(q, limit=limit, customers=customers)
    ]


@router.get("/zones", response=list[schemas.ZoneOut], auth=read, url_name="network-zones")
def zones(request: HttpRequest) -> list[dict[str, Any]]:
    """List all zones."""
    return [
        dataclasses.asdict(zone) | {"url": reverse("network:zone", args=[zone.code])}
        for zone in queries.zones()
    ]


@router.get(
    "/zone-outlines", response=schemas.Features, auth=read, url_name="network-zone-outlines"
)
def zone_outlines(request: HttpRequest) -> dict[str, Any]:
    """Return the outlines of all zones as GeoJSON: drawn boundaries, or hulls of their assets."""
    return {"features": remembered.of_revision("outlines", _outlines)}


def _outlines() -> list[dict[str, Any]]:
    features = queries.zone_outlines()
    for feature in features:
        feature["properties"]["href"] = reverse(
            "network:zone", args=[feature["properties"]["code"]]
        )
    return features
