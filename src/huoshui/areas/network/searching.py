"""Looking things up by what people type: assets, zones, and customers' connections."""

from __future__ import annotations

from typing import TypedDict, cast

from django.db.models import Avg, Case, IntegerField, Q, Value, When

from huoshui.areas.network import contracts, queries
from huoshui.areas.network.models import Asset, Connection, Zone

LIMIT = 12


class Found(TypedDict):
    """One hit; ``kind`` is that of an asset, or zone or connection."""

    id: int
    code: str
    name: str
    kind: str
    lon: float
    lat: float


def everything(text: str, *, limit: int = LIMIT) -> list[Found]:
    """Return what fits, assets before zones before connections."""
    found = assets(text, limit=limit)
    for more in (zones, connections):
        if len(found) < limit:
            found += more(text, limit=limit - len(found))
    return found


def assets(text: str, *, limit: int = LIMIT) -> list[Found]:
    """Return assets whose code or name holds ``text``: the same first, then by beginning."""
    wanted = text.strip()
    if not wanted:
        return []
    rank = Case(
        When(code__iexact=wanted, then=Value(0)),
        When(code__istartswith=wanted, then=Value(1)),
        When(code__icontains=wanted, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = (
        Asset.objects.present()
        .filter(Q(code__icontains=wanted) | Q(name__icontains=wanted))
        .filter(lon__isnull=False)
        .annotate(rank=rank)
        .order_by("rank", "id")
        .values(*Found.__annotations__)[:limit]
    )
    return cast("list[Found]", list(rows))


def zones(text: str, *, limit: int = LIMIT) -> list[Found]:
    """Return zones by any part of their code or name, with the middle of their nodes."""
    wanted = text.strip()
    if not wanted:
        return []
    named = Q(code__icontains=wanted) | Q(name__icontains=wanted) | Q(name_en__icontains=wanted)
    placed = Q(assets__kind__in=contracts.NODE_KINDS, assets__lon__isnull=False)
    rows = Zone.objects.filter(named).annotate(
        shown_name=queries.zone_name(),
        lon=Avg("assets__lon", filter=placed),
        lat=Avg("assets__lat", filter=placed),
    )
    return [
        Found(id=row.pk, code=row.code, name=row.shown_name, kind="zone", lon=row.lon, lat=row.lat)
        for row in rows.order_by("code")[:limit]
        if row.lon is not None
    ]


def connections(text: str, *, limit: int = LIMIT) -> list[Found]:
    """Return connections by their code, their customer's code or their address."""
    wanted = text.strip()
    if not wanted:
        return []
    begins = Q(code__istartswith=wanted) | Q(customer_code__istartswith=wanted)
    rows = Connection.objects.filter(begins | Q(address__icontains=wanted), lon__isnull=False)
    found = rows.order_by("sort_code").values("id", "code", "address", "lon", "lat")[:limit]
    return [
        Found(
            id=row["id"],
            code=row["code"],
            name=row["address"],
            kind="connection",
            lon=row["lon"],
            lat=row["lat"],
        )
        for row in found
    ]
