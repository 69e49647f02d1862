"""Looking things up by what people type: assets, zones, and customers' connections."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from django.db.models import Avg, Q, QuerySet

from huoshui.areas.network import contracts, indexed, queries, rules
from huoshui.areas.network.models import Asset, Connection, Zone

LIMIT = 12
WORDS_MAX = 10
LOOKED_AT = 200
"""So many hits of each way to find are put in order; a word that is everywhere has far more."""

HIGHEST = "\U0010ffff"


class Found(TypedDict):
    """One hit; ``kind`` is that of an asset, or zone or connection."""

    id: int
    code: str
    name: str
    kind: str
    lon: float
    lat: float


def everything(text: str, *, limit: int = LIMIT, customers: bool) -> list[Found]:
    """Return what fits, assets before zones before the connections of ``customers``."""
    found = assets(text, limit=limit)
    for more in (zones, connections) if customers else (zones,):
        if len(found) < limit:
            found += more(text, limit=limit - len(found))
    return found


def assets(text: str, *, limit: int = LIMIT) -> list[Found]:
    """Return assets whose code or name holds ``text``: the same first, then by beginning."""
    wanted = text.strip()
    if not wanted:
        return []
    placed = Asset.objects.present().filter(lon__isnull=False)
    found: dict[int, Found] = {}
    for rows in (_begins(placed, "code", wanted), indexed.ASSETS.narrow(placed, wanted)):
        for row in rows.order_by().values(*Found.__annotations__)[:LOOKED_AT]:
            found.setdefault(row["id"], cast("Found", row))
    return sorted(found.values(), key=lambda one: _rank(one["code"], wanted))[:limit]


def _begins(rows: QuerySet[Any], field: str, wanted: str) -> QuerySet[Any]:
    """Keep rows whose field begins so, in the usual capitals, by the field's index."""
    anyhow = Q()
    for one in {wanted, wanted.upper(), wanted.lower()}:
        anyhow |= Q(**{f"{field}__gte": one, f"{field}__lt": one + HIGHEST})
    return rows.filter(anyhow)


def _rank(code: str, wanted: str) -> tuple[int, str]:
    """Return how well a code fits: the same, by its beginning, within, or by another field."""
    small, asked = code.lower(), wanted.lower()
    if small == asked:
        return 0, ""
    fits = 1 if small.startswith(asked) else 2 if asked in small else 3
    return fits, rules.natural_key(code)


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
    placed = Connection.objects.filter(lon__isnull=False)
    found: dict[int, Found] = {}
    for rows in (
        _begins(placed, "code", wanted),
        _begins(placed, "customer_code", wanted),
        indexed.CONNECTIONS.narrow(placed, wanted),
    ):
        values = rows.order_by().values("id", "code", "address", "lon", "lat")
        for row in values[:LOOKED_AT]:
            found[row["id"]] = Found(
                id=row["id"],
                code=row["code"],
                name=row["address"],
                kind="connection",
                lon=row["lon"],
                lat=row["lat"],
            )
    return sorted(found.values(), key=lambda one: _rank(one["code"], wanted))[:limit]
