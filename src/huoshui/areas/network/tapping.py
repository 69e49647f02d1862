"""Joining customers' places to pipes: the nearest one in use, and where along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from huoshui.areas.network import contracts, drawing
from huoshui.areas.network.contracts import Kind, Status
from huoshui.areas.network.drawing import Part
from huoshui.areas.network.models import Asset


@dataclass(frozen=True)
class Tap:
    """Where a place is joined to a pipe."""

    pipe_id: int
    zone_id: int | None
    lon: float
    lat: float
    along_m: float
    away_m: float


class Pipes:
    """The drawn pipes in use, ready to be asked for the nearest one."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(part for part in parts if len(drawing.course(part)) > 1)
        forth, back = drawing.plane_of(self.parts)
        self._forth: pyproj.Transformer = forth
        self._back: pyproj.Transformer = back
        self._lines = drawing.lines_in(forth, self.parts)
        self._tree = shapely.STRtree(self._lines)

    @classmethod
    def in_use(cls) -> Pipes:
        """Return all pipes that carry water and have a course."""
        rows = Asset.objects.present().filter(kind=Kind.PIPE, status=Status.IN_USE)
        return cls(drawing.parts_of(rows))

    @classmethod
    def with_ids(cls, ids: Sequence[int]) -> Pipes:
        """Return some pipes, as far as they are there."""
        rows = Asset.objects.present().filter(kind=Kind.PIPE, id__in=list(ids))
        return cls(drawing.parts_of(rows))

    def nearest(self, places: Sequence[contracts.Place]) -> list[Tap] | None:
        """Return for each place its nearest pipe; None if there are no pipes."""
        if not len(self.parts):
            return None
        if not len(places):
            return []
        lonlat = np.asarray(places, dtype=float)
        x, y = self._forth.transform(lonlat[:, 0], lonlat[:, 1])
        points = shapely.points(x, y)
        found = self._tree.nearest(points)
        lines = self._lines[found]
        along = shapely.line_locate_point(lines, points)
        taps = shapely.line_interpolate_point(lines, along)
        away = shapely.distance(points, taps)
        lon, lat = self._back.transform(shapely.get_x(taps), shapely.get_y(taps))
        return [
            Tap(
                pipe_id=self.parts[index].id,
                zone_id=self.parts[index].zone_id,
                lon=round(float(lon[row]), 7),
                lat=round(float(lat[row]), 7),
                along_m=round(float(along[row]), 2),
                away_m=round(float(away[row]), 2),
            )
            for row, index in enumerate(found)
        ]
