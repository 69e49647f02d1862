"""The register as a graph: its assets as arrays, of today or of a past moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyproj
import shapely
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from huoshui.areas.network import contracts, history
from huoshui.areas.network.contracts import Kind, Operability, Status, ValveKind
from huoshui.areas.network.models import Asset, ValveCondition, ValveTurn
from huoshui.kernel import clock
from huoshui.lab.graph.checks import Drawing
from huoshui.lab.graph.topology import Bools, Floats, Graph, Ints

CLOSED_FRAC = 0.005
"""An opening below this counts as closed: a valve is never counted open by a rounding error."""

CLOSABLE = frozenset({Kind.VALVE, Kind.PIPE})
"""Pipes as well: models close them where somebody left the valve out."""

FIELDS = (
    "id", "code", "kind", "start_id", "end_id", "lon", "lat", "length_m", "diameter_mm", "status",
    "valve_kind", "zone_id",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """What the arrays are made of: one asset, its course as JSON text or as a list."""

    id: int
    code: str
    kind: str
    start_id: int | None
    end_id: int | None
    lon: float | None
    lat: float | None
    length_m: float | None
    diameter_mm: float | None
    status: str
    valve_kind: str
    zone_id: int | None
    line: Any
    details: Any


@dataclass(frozen=True)
class Register:
    """All nodes and links of one moment, numbered from 0; ``shut`` and ``operability`` by link."""

    nodes: tuple[Part, ...]
    links: tuple[Part, ...]
    openings: dict[int, float]
    operabilities: dict[int, str]

    @cached_property
    def node_of(self) -> dict[int, int]:
        """The number of each node, by the number of its asset."""
        return {node.id: index for index, node in enumerate(self.nodes)}

    @cached_property
    def link_of(self) -> dict[int, int]:
        """The number of each link, by the number of its asset."""
        return {link.id: index for index, link in enumerate(self.links)}

    @cached_property
    def in_use(self) -> Bools:
        """Which links belong to the working network."""
        return np.array([link.status == Status.IN_USE for link in self.links], dtype=bool)

    @cached_property
    def is_closed(self) -> Bools:
        """Which links are valves or pipes that stand closed."""
        return np.array([self.closed(link) for link in self.links], dtype=bool)

    @cached_property
    def is_pipe(self) -> Bools:
        """Which links are pipes."""
        return np.array([link.kind == Kind.PIPE for link in self.links], dtype=bool)

    @cached_property
    def graph(self) -> Graph:
        """The graph of the working network with its closed valves."""
        numbers = self.node_of
        source = [
            node.kind in (Kind.RESERVOIR, Kind.TANK) and node.status == Status.IN_USE
            for node in self.nodes
        ]
        return Graph(
            nodes=len(self.nodes),
            start=np.array([numbers[link.start_id or 0] for link in self.links], dtype=np.int64),
            end=np.array([numbers[link.end_id or 0] for link in self.links], dtype=np.int64),
            passes=self.in_use & ~self.is_closed,
            is_source=np.array(source, dtype=bool),
            is_one_way=np.array([_is_one_way(link) for link in self.links], dtype=bool),
        )

    @cached_property
    def length_m(self) -> Floats:
        """Stated lengths; NaN where not known."""
        return _numbers([link.length_m for link in self.links])

    @cached_property
    def diameter_mm(self) -> Floats:
        """Diameters of links; NaN where not known."""
        return _numbers([link.diameter_mm for link in self.links])

    @cached_property
    def resistance(self) -> Floats:
        """What decides between two ways: length over diameter to the power of 4.87.

        As in the formula of Hazen and Williams, with one roughness for all, since most are not
        known. Unknown diameters count as 100 mm, valves and pumps as a metre of wide pipe.
        """
        length = np.nan_to_num(self.length_m, nan=1.0)
        diameter = np.nan_to_num(self.diameter_mm, nan=100.0) / 1000
        found: Floats = np.where(self.is_pipe, length / diameter**4.87, 1e-3)
        return found

    def closed(self, link: Part) -> bool:
        """Tell whether a link stands closed: by its last turn, else by its normal state."""
        if link.kind not in CLOSABLE:
            return False
        if link.id in self.openings:
            return self.openings[link.id] < CLOSED_FRAC
        # Looked for before it is parsed: there are as many pipes as anything.
        if not link.details or (isinstance(link.details, str) and "closed" not in link.details):
            return False
        return _details(link).get("normal_state") == "closed"

    def closable(self, index: int) -> bool:
        """Tell whether a link is a valve that a crew can count on closing."""
        link = self.links[index]
        if link.kind != Kind.VALVE or (
            link.valve_kind and link.valve_kind not in contracts.CLOSABLE_VALVES
        ):
            return False
        known = self.operabilities.get(link.id, Operability.UNKNOWN)
        return known in contracts.TURNABLE

    @cached_property
    def walls(self) -> Bools:
        """Which links are valves that can be closed."""
        return np.array([self.closable(index) for index in range(len(self.links))], dtype=bool)

    def drawing(self) -> tuple[Drawing, pyproj.Transformer]:
        """Return the drawing in metres, and what leads back to longitude and latitude."""
        forth, back = plane_of(self.nodes)
        x, y = _to_plane(forth, [(node.lon, node.lat) for node in self.nodes])
        drawn = Drawing(
            graph=self.graph,
            x=x,
            y=y,
            lines=lines_in(forth, self.links),
            in_use=self.in_use,
            is_pipe=self.is_pipe,
            length_m=self.length_m,
            diameter_mm=self.diameter_mm,
        )
        return drawn, back


def _numbers(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _details(part: Part) -> dict[str, Any]:
    found = json.loads(part.details) if isinstance(part.details, str) else part.details
    return found or {}


def _is_one_way(link: Part) -> bool:
    """Tell whether water passes a link from start to end only."""
    if link.kind == Kind.PUMP or link.valve_kind == ValveKind.CHECK:
        return True
    # Looked for before it is parsed, as a closed pipe is.
    if not link.details or (isinstance(link.details, str) and "check" not in link.details):
        return False
    return bool(_details(link).get("has_check_valve"))


def course(part: Part) -> list[list[float]]:
    """Return the course of a link, [longitude, latitude] each; empty where not known."""
    found = json.loads(part.line) if isinstance(part.line, str) else part.line
    return found or []


def feature(part: Part, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return an asset that has a place as GeoJSON: its course, or its place."""
    line = course(part)
    geometry = (
        {"type": "LineString", "coordinates": line}
        if line
        else {"type": "Point", "coordinates": [part.lon, part.lat]}
    )
    named = {"code": part.code, "kind": part.kind, **properties}
    return {"type": "Feature", "id": part.id, "geometry": geometry, "properties": named}


def read(at: datetime | None = None) -> Register:
    """Return the register of a moment, of now by default."""
    moment = at or clock.now()
    turns = ValveTurn.objects.standing_at(moment)
    conditions = ValveCondition.objects.filter(seen_at__lte=moment).order_by("seen_at", "id")
    parts = _past(at) if at else parts_of(Asset.objects.present())
    nodes: list[Part] = []
    links: list[Part] = []
    for part in parts:
        (links if part.kind in contracts.LINK_KINDS else nodes).append(part)
    known = {node.id for node in nodes}
    return Register(
        nodes=tuple(nodes),
        links=tuple(link for link in links if link.start_id in known and link.end_id in known),
        openings=dict(turns.values_list("valve_id", "opening_frac")),
        operabilities=dict(conditions.values_list("valve_id", "operability")),
    )


def parts_of(rows: QuerySet[Asset]) -> list[Part]:
    """Return rows as parts, by number."""
    # Plain rows and unread JSON: objects and parsing one by one take four times as long.
    found = rows.order_by("id").values_list(
        *FIELDS, Cast("line", TextField()), Cast("details", TextField())
    )
    return [Part(*row) for row in found.iterator(chunk_size=5000)]


def _past(at: datetime) -> list[Part]:
    rows = history.as_of(at, Asset.objects.order_by("id"))
    return [Part(*(getattr(row, name) for name in (*FIELDS, "line", "details"))) for row in rows]


def plane_of(nodes: tuple[Part, ...]) -> tuple[pyproj.Transformer, pyproj.Transformer]:
    """Return the ways into and out of a plane in metres around the middle of the network."""
    placed = [(node.lon, node.lat) for node in nodes if node.lon is not None]
    lon, lat = np.median(np.array(placed, dtype=float), axis=0) if placed else (0.0, 0.0)
    plane = f"+proj=tmerc +lat_0={lat} +lon_0={lon} +k=1 +datum=WGS84 +units=m +no_defs"
    return (
        pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True),
        pyproj.Transformer.from_crs(plane, "EPSG:4326", always_xy=True),
    )


def _to_plane(
    forth: pyproj.Transformer, places: list[tuple[float | None, float | None]]
) -> tuple[Floats, Floats]:
    lonlat = np.array(
        [(np.nan, np.nan) if lon is None else (lon, lat) for lon, lat in places], dtype=float
    ).reshape(-1, 2)
    x, y = np.full(len(lonlat), np.nan), np.full(len(lonlat), np.nan)
    known = np.isfinite(lonlat[:, 0])
    if known.any():
        x[known], y[known] = forth.transform(lonlat[known, 0], lonlat[known, 1])
    return x, y


def lines_in(forth: pyproj.Transformer, links: tuple[Part, ...]) -> NDArray[Any]:
    """Return the courses in the plane; None where a course is not known."""
    courses = [course(link) for link in links]
    drawn = [index for index, line in enumerate(courses) if len(line) > 1]
    lines = np.full(len(links), None, dtype=object)
    if not drawn:
        return lines
    vertices = np.array([place for index in drawn for place in courses[index]], dtype=float)
    owner: Ints = np.repeat(np.arange(len(drawn)), [len(courses[index]) for index in drawn])
    x, y = forth.transform(vertices[:, 0], vertices[:, 1])
    lines[drawn] = shapely.linestrings(np.column_stack([x, y]), indices=owner)
    return lines
