"""Reads of the network, named for what they return."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import (
    Case,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    When,
)
from django.db.models.functions import Cast
from django.utils.translation import get_language

from huoshui.areas.network import contracts, geo
from huoshui.areas.network.models import (
    Asset,
    AssetQuerySet,
    Connection,
    MapRevision,
    MapStep,
    NetworkFile,
    Zone,
)

# SQLite takes no more than some thousand values in one statement.
CODES_AT_ONCE = 500


class DrawnAsset(NamedTuple):
    """What the tiles need of an asset; ``line`` is the course as stored, not yet read."""

    id: int
    code: str
    kind: str
    zone: str | None
    lon: float
    lat: float
    line: str | None
    diameter_mm: float | None
    material: str
    laid_year: int | None


def revision() -> str:
    """Return the revision that tiles must show; empty before the first import.

    Every tile asks for it, and a query set takes longer to make than the answer.
    """
    with connections[router.db_for_read(MapRevision)].cursor() as cursor:
        cursor.execute(f'SELECT token FROM "{MapRevision._meta.db_table}" ORDER BY id LIMIT 1')
        found = cursor.fetchone()
    return found[0] if found else ""


class DrawnChanges(NamedTuple):
    """What changed on the map between two revisions, by number."""

    assets: frozenset[int]
    connections: frozenset[int]


def drawn_changes(since: str, until: str) -> DrawnChanges | None:
    """Return what changed on the map between two revisions; None if that is not known."""
    steps = {step.after: step for step in MapStep.objects.all()}
    assets: set[int] = set()
    connections: set[int] = set()
    while until != since:
        step = steps.pop(until, None)
        if step is None:
            return None
        assets.update(step.assets)
        connections.update(step.connections)
        until = step.before
    return DrawnChanges(frozenset(assets), frozenset(connections))


def drawn_assets(ids: Collection[int] | None = None) -> list[DrawnAsset]:
    """Return every asset that has a place, or some of them, in one query for each 500."""
    rows = Asset.objects.present().filter(lon__isnull=False).order_by("id")
    # Plain rows and unread JSON: objects and parsing one by one take four times as long.
    found = rows.values_list(
        "id", "code", "kind", "zone__code", "lon", "lat", Cast("line", TextField()),
        "diameter_mm", "material", "laid_year",
    )  # fmt: skip
    return list(itertools.starmap(DrawnAsset, _some(found, ids)))


def _some(rows: QuerySet[Any], ids: Collection[int] | None) -> Iterable[Any]:
    """Return all rows, or those with some numbers."""
    if ids is None:
        return rows
    parts = _parts(sorted(ids))
    return itertools.chain.from_iterable(rows.filter(id__in=part) for part in parts)


class DrawnConnection(NamedTuple):
    """What the tiles need of a connection; without a pipe there is no tap."""

    id: int
    code: str
    status: str
    lon: float
    lat: float
    tap_lon: float | None
    tap_lat: float | None


def drawn_connections(ids: Collection[int] | None = None) -> list[DrawnConnection]:
    """Return every connection that has a place, or some of them, in one query for each 500."""
    rows = Connection.objects.filter(lon__isnull=False).order_by("id")
    found = rows.values_list(*DrawnConnection._fields)
    return list(itertools.starmap(DrawnConnection, _some(found, ids)))


def connections_on(codes: Iterable[str]) -> list[str]:
    """Return the codes of the connections in use that are tapped into some pipes, sorted."""
    found: list[str] = []
    for part in _parts(sorted(set(codes))):
        rows = Connection.objects.filter(
            pipe__code__in=part, status=contracts.ConnectionStatus.IN_USE
        )
        found += rows.values_list("code", flat=True)
    return sorted(found)


def pipe_of_connection(code: str) -> str | None:
    """Return the code of the pipe into which a connection in use is tapped, or None."""
    rows = Connection.objects.filter(code=code, status=contracts.ConnectionStatus.IN_USE)
    return rows.values_list("pipe__code", flat=True).first()


def asset_rows() -> AssetQuerySet:
    """Return assets, retired ones too, with their zone and ends at hand."""
    return Asset.objects.select_related("zone", "start", "end")


def asset_by_code(code: str) -> Asset | None:
    """Return one asset with zone and ends, or None."""
    return asset_rows().filter(code=code).first()


def assets(
    *,
    kinds: Iterable[str] = (),
    zone_code: str | None = None,
    codes: Iterable[str] | None = None,
) -> list[contracts.Asset]:
    """Return assets by kind, zone or code, sorted by number of creation."""
    rows = asset_rows().present().order_by("id")
    if chosen := list(kinds):
        rows = rows.filter(kind__in=chosen)
    if zone_code is not None:
        rows = rows.filter(zone__code=zone_code)
    if codes is None:
        return [as_contract(row) for row in rows]
    found: list[contracts.Asset] = []
    for part in _parts(list(codes)):
        found += [as_contract(row) for row in rows.filter(code__in=part)]
    return found


def _parts(codes: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for at in range(0, len(codes), CODES_AT_ONCE):
        yield codes[at : at + CODES_AT_ONCE]


def as_contract(row: Asset) -> contracts.Asset:
    """Return a row as others see it; its zone and ends must be loaded."""
    return contracts.Asset(
        id=row.id,
        code=row.code,
        kind=contracts.Kind(row.kind),
        name=row.name,
        zone=row.zone.code if row.zone else None,
        lon=row.lon if row.lon is not None else float("nan"),
        lat=row.lat if row.lat is not None else float("nan"),
        line=tuple((lon, lat) for lon, lat in row.line or ()),
        start=row.start.code if row.start else None,
        end=row.end.code if row.end else None,
        length_m=row.length_m,
        diameter_mm=row.diameter_mm,
        material=contracts.Material(row.material) if row.material else None,
        laid_year=row.laid_year,
        elevation_m=row.elevation_m,
        roughness_c=row.roughness_c,
        roughness_mm=row.roughness_mm,
    )


def connected_to(row: Asset) -> list[Asset]:
    """Return the assets joined to this one: a link's two ends, a node's links."""
    rows = asset_rows().present().order_by("sort_code")
    if row.start_id is not None and row.end_id is not None:
        return list(rows.filter(id__in=(row.start_id, row.end_id)))
    return list(rows.filter(Q(start_id=row.id) | Q(end_id=row.id)))


def places(codes: Iterable[str]) -> dict[str, contracts.Place]:
    """Return where assets lie (a link: half-way along); those without a place are left out."""
    found: dict[str, contracts.Place] = {}
    for part in _parts(list(codes)):
        rows = Asset.objects.filter(code__in=part, lon__isnull=False)
        for code, lon, lat in rows.values_list("code", "lon", "lat"):
            found[code] = (lon, lat)  # type: ignore[assignment]
    return found


def zone_name(path: str = "") -> Case | F:
    """Return a zone's name in the reader's language, as an expression; ``path`` leads to it."""
    name = F(f"{path}name")
    if not (get_language() or "").startswith("en"):
        return name
    return Case(When(**{f"{path}name_en__gt": ""}, then=F(f"{path}name_en")), default=name)


def name_of(zone: Zone) -> str:
    """Return a loaded zone's name in the reader's language."""
    english = (get_language() or "").startswith("en")
    return (english and zone.name_en) or zone.name


def zone_name_of() -> Subquery:
    """Return the name of a row's zone for a list: looked up for the rows that are shown.

    A join would be made for every row that is counted or skipped.
    """
    return Subquery(Zone.objects.filter(pk=OuterRef("zone_id")).values_list(zone_name())[:1])


def zone_choices() -> list[tuple[str, str]]:
    """Return code and name of all zones, in the reader's language."""
    return list(Zone.objects.order_by("code").values_list("code", zone_name()))


def zone_rows(code: str | None = None) -> list[dict[str, Any]]:
    """Return zones by code with their counts of assets and connections, in three queries.

    Counted by zone in one go each: joined to their assets, zones are counted a hundred times
    slower.
    """
    zones = Zone.objects.order_by("code")
    assets, connections = Asset.objects.present(), Connection.objects.all()
    if code is not None:
        zones = zones.filter(code=code)
        assets, connections = assets.filter(zone__code=code), connections.filter(zone__code=code)
    pipes = Q(kind=contracts.Kind.PIPE)
    by_zone: dict[int | None, Any] = {
        row["zone_id"]: row
        for row in assets.order_by().values("zone_id").annotate(
            assets_count=Count("id"),
            pipes_count=Count("id", filter=pipes),
            pipes_length_m=Sum("length_m", filter=pipes),
        )
    }  # fmt: skip
    joined = connections.order_by().values_list("zone_id").annotate(count=Count("id"))
    connections_of = dict(joined.values_list("zone_id", "count"))
    nothing = {"assets_count": 0, "pipes_count": 0, "pipes_length_m": None}
    rows = zones.values(
        "id", "code", "kind", "boundary", "name", "name_en", shown_name=zone_name(),
        parent_code=F("parent__code"), parent_name=zone_name("parent__"),
    )  # fmt: skip
    return [
        {
            **row,
            **{name: by_zone.get(row["id"], nothing)[name] for name in nothing},
            "connections_count": connections_of.get(row["id"], 0),
        }
        for row in rows
    ]


def zones(code: str | None = None) -> list[contracts.Zone]:
    """Return all zones, or the one of a code."""
    return [
        contracts.Zone(
            id=row["id"],
            code=row["code"],
            name=row["shown_name"],
            parent=row["parent_code"],
            assets=row["assets_count"],
            pipes_length_m=row["pipes_length_m"] or 0.0,
        )
        for row in zone_rows(code)
    ]


def zone_parents() -> dict[str, str | None]:
    """Return the code of each zone's parent, by the zone's code."""
    return dict(Zone.objects.order_by("code").values_list("code", "parent__code"))


def zones_of_assets(codes: Iterable[str]) -> dict[str, str]:
    """Return the code of the zone of each asset that is in one, by the asset's code; one query."""
    rows = Asset.objects.filter(code__in=set(codes), zone__isnull=False).order_by()
    return dict(rows.values_list("code", "zone__code"))


def zone_outlines() -> list[dict[str, Any]]:
    """Return each zone as a GeoJSON feature: its given boundary, or the hull of its assets."""
    by_zone: dict[int, list[tuple[float, float]]] = {}
    nodes = Asset.objects.present().nodes().filter(zone__isnull=False, lon__isnull=False)
    for zone_id, lon, lat in nodes.values_list("zone_id", "lon", "lat"):
        by_zone.setdefault(zone_id, []).append((lon, lat))  # type: ignore[arg-type]
    features = []
    for zone in Zone.objects.order_by("code").annotate(shown_name=zone_name()):
        geometry = (
            {"type": "Polygon", "coordinates": [zone.boundary]}
            if zone.boundary
            else geo.hull(by_zone.get(zone.id, []))
        )
        if geometry:
            properties = {"code": zone.code, "name": zone.shown_name}
            features.append(
                {"type": "Feature", "id": zone.id, "geometry": geometry, "properties": properties}
            )
    return features


def bounds(*, zone_code: str | None = None) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all nodes, or of a zone's; None where there are none."""
    nodes = Asset.objects.present().nodes().filter(lon__isnull=False)
    if zone_code is not None:
        nodes = nodes.filter(zone__code=zone_code)
    found = nodes.aggregate(w=Min("lon"), s=Min("lat"), e=Max("lon"), n=Max("lat"))
    if found["w"] is None:
        return None
    return (found["w"], found["s"], found["e"], found["n"])


def outline_bounds(zone_code: str) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of a zone's drawn boundary; None where none is drawn."""
    ring = Zone.objects.filter(code=zone_code).values_list("boundary", flat=True).first()
    if not ring:
        return None
    lons, lats = zip(*ring, strict=True)
    return (min(lons), min(lats), max(lons), max(lats))


def counts() -> list[dict[str, Any]]:
    """Return what the map's legend counts: pipes by diameter, material, year and zone."""
    rows = (
        Asset.objects.present()
        .filter(kind=contracts.Kind.PIPE)
        .values("diameter_mm", "material", "laid_year")
        .annotate(pipes=Count("id"), length_m=Sum("length_m"))
        .order_by("diameter_mm", "material", "laid_year")
    )
    return [dict(row) for row in rows]


def kind_counts() -> dict[str, int]:
    """Return how many assets there are of each kind."""
    rows = Asset.objects.present().values("kind").annotate(count=Count("id")).order_by("kind")
    return {row["kind"]: row["count"] for row in rows}


def present_file() -> NetworkFile | None:
    """Return the newest file that EPANET can calculate, or None before there is one."""
    return NetworkFile.objects.exclude(text="").order_by("-id").first()
