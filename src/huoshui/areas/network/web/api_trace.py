"""The API of traces, and of the network of past days."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from huoshui.areas.network import drawing, tracing
from huoshui.areas.network.contracts import TraceDirection
from huoshui.areas.network.web import schemas
from huoshui.kernel.accounts import permissions

router = Router()
read = permissions.api("network.read")

FEATURES_MAX = 20_000


class TraceStopOut(Schema):
    """A valve at the edge of a trace."""

    code: str
    is_closed: bool
    operability: str


class TraceOut(Schema):
    """What a trace found; lengths in metres, yearly use in cubic metres."""

    code: str
    direction: str
    at: datetime | None = None
    codes: list[str]
    counts: dict[str, int]
    pipes_length_m: float
    connections: int
    customers: int
    annual_use_m3: float
    sources: list[str]
    stops: list[TraceStopOut]
    problems: list[str]
    features: schemas.Features


@router.get("/trace", response=TraceOut, auth=read, url_name="network-trace")
def trace(
    request: HttpRequest, code: str, direction: TraceDirection, at: datetime | None = None
) -> dict[str, Any]:
    """Trace from an asset: the way to the sources, what depends on it, or the valves around it."""
    found = tracing.trace(code, direction, at=at)
    if found is None:
        raise Http404
    return dataclasses.asdict(found) | {
        "problems": [one.code for one in found.problems],
        "features": {"features": list(found.features)},
    }


@router.get("/geojson", response=schemas.Features, auth=read, url_name="network-geojson")
def network_geojson(
    request: HttpRequest,
    west: float,
    south: float,
    east: float,
    north: float,
    at: datetime | None = None,
    limit: int = Query(FEATURES_MAX, ge=1, le=FEATURES_MAX),
) -> dict[str, Any]:
    """Return the assets within a rectangle as GeoJSON, of today or as they stood at a moment."""
    register = drawing.read(at)
    features: list[dict[str, Any]] = []
    for part in (*register.nodes, *register.links):
        if part.lon is None or part.lat is None:
            continue
        if not (west <= part.lon <= east and south <= part.lat <= north):
            continue
        if len(features) >= limit:
            break
        features.append(drawing.feature(part, {"status": part.status}))
    return {"features": features}
