"""What a drawing hand snaps to: the nearest node, else the nearest spot of a link."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import shapely

from huoshui.areas.network import drawing, queries
from huoshui.areas.network.drawing import Part


@dataclass(frozen=True)
class Snap:
    """Where a place snaps to; ``vertex`` says what: a node, a bend of a link, or its course."""

    code: str
    kind: str
    vertex: str
    lon: float
    lat: float
    away_m: float
    along_m: float | None = None


class _Index:
    """All drawn assets of one revision of the map, by place."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        register = drawing.read()
        self.forth, self.back = drawing.plane_of(register.nodes)
        self.nodes = [node for node in register.nodes if node.lon is not None]
        self.links = [link for link in register.links if len(drawing.course(link)) > 1]
        lonlat = np.array([(node.lon, node.lat) for node in self.nodes], dtype=float)
        x, y = self.forth.transform(*lonlat.T) if len(lonlat) else ([], [])
        self.points = shapely.points(x, y)
        self.lines = drawing.lines_in(self.forth, tuple(self.links))
        self.node_tree = shapely.STRtree(self.points)
        self.line_tree = shapely.STRtree(self.lines)

    def nearest(self, lon: float, lat: float, within_m: float) -> Snap | None:
        spot = shapely.Point(*self.forth.transform(lon, lat))
        found = self.node_tree.query_nearest(spot, max_distance=within_m, all_matches=False)
        if len(found):
            node = self.nodes[found[0]]
            return self._snap(node, "node", self.points[found[0]], spot)
        found = self.line_tree.query_nearest(spot, max_distance=within_m, all_matches=False)
        if not len(found):
            return None
        link, line = self.links[found[0]], self.lines[found[0]]
        corners = shapely.points(shapely.get_coordinates(line))
        corner = corners[int(np.argmin(shapely.distance(corners, spot)))]
        if shapely.distance(corner, spot) <= within_m / 2:
            return self._snap(link, "bend", corner, spot, line.project(corner))
        along = line.project(spot)
        return self._snap(link, "course", line.interpolate(along), spot, along)

    def _snap(
        self,
        part: Part,
        vertex: str,
        at: shapely.Point,
        spot: shapely.Point,
        along: float | None = None,
    ) -> Snap:
        lon, lat = self.back.transform(at.x, at.y)
        return Snap(
            code=part.code,
            kind=part.kind,
            vertex=vertex,
            lon=round(float(lon), 7),
            lat=round(float(lat), 7),
            away_m=round(float(shapely.distance(at, spot)), 2),
            along_m=None if along is None else round(float(along), 2),
        )


_lock = threading.Lock()
_index: _Index | None = None


def nearest(*, lon: float, lat: float, within_m: float) -> Snap | None:
    """Return what a place snaps to, or None where nothing is near.

    The index is kept in memory until the network changes; a change costs the next caller a second
    or two for a great network.
    """
    global _index
    revision = queries.revision()
    with _lock:
        if _index is None or _index.revision != revision:
            _index = _Index(revision)
        index = _index
    return index.nearest(lon, lat, within_m)
