"""Which pipe each customer is connected to: the nearest one in use, found for all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from huoshui.areas.network.contracts import Kind, Status
from huoshui.areas.network.models import Asset
from huoshui.lab.units import earth

# Over the width of a city the plane is true to a thousandth; connections are some ten metres long.
M_PER_DEGREE = earth.M_PER_DEGREE
FARTHEST_M = 100.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Taps:
    """For each place: the row of its pipe (-1: none near), and where the pipe is tapped."""

    pipe: NDArray[np.int64]
    tap: Array
    along_m: Array
    away_m: Array


class Pipes:
    """The pipes that may be tapped, in a plane of metres."""

    def __init__(self, *, largest_mm: float | None = None) -> None:
        rows = Asset.objects.present().filter(
            kind=Kind.PIPE, status=Status.IN_USE, line__isnull=False
        )
        if largest_mm is not None:
            rows = rows.exclude(diameter_mm__gt=largest_mm)
        self.id: list[int] = []
        self.code: list[str] = []
        self.zone_id: list[int | None] = []
        parts: list[Any] = []
        for pk, code, zone_id, line in rows.values_list("id", "code", "zone_id", "line").iterator(
            chunk_size=20_000
        ):
            if line is not None and len(line) >= 2:
                self.id.append(pk)
                self.code.append(code)
                self.zone_id.append(zone_id)
                parts.append(line)
        self.place = {code: place for place, code in enumerate(self.code)}
        self.zone_of = dict(zip(self.id, self.zone_id, strict=True))
        counts = np.array([len(part) for part in parts], np.int64)
        points = np.array([point for part in parts for point in part], float).reshape(-1, 2)
        self._width = np.cos(np.radians(points[:, 1].mean())) if len(points) else 1.0
        self._lines = shapely.linestrings(
            self._plane(points), indices=np.repeat(np.arange(len(parts)), counts)
        )
        self._tree = shapely.STRtree(self._lines)

    def __len__(self) -> int:
        return len(self.id)

    def _plane(self, lonlat: Array) -> Array:
        return lonlat * np.array([M_PER_DEGREE * self._width, M_PER_DEGREE])

    def nearest(self, lonlat: Array, *, farthest_m: float) -> Taps:
        """Return the tap of each place on the nearest pipe, none where that is too far away."""
        pipe = np.full(len(lonlat), -1, np.int64)
        if len(self) and len(lonlat):
            places = shapely.points(self._plane(lonlat))
            known = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
            which, found = self._tree.query_nearest(
                places[known], max_distance=farthest_m, all_matches=False
            )
            pipe[known[which]] = found
        return self.taps(lonlat, pipe)

    def taps(self, lonlat: Array, pipe: NDArray[np.int64]) -> Taps:
        """Return where each place's given pipe is tapped: at the foot of the perpendicular."""
        tap = np.full((len(lonlat), 2), np.nan)
        along, away = np.full(len(lonlat), np.nan), np.full(len(lonlat), np.nan)
        has = np.flatnonzero((pipe >= 0) & np.isfinite(lonlat).all(axis=1))
        if len(has):
            places = shapely.points(self._plane(lonlat[has]))
            lines = self._lines[pipe[has]]
            along[has] = shapely.line_locate_point(lines, places)
            feet = shapely.line_interpolate_point(lines, along[has])
            away[has] = shapely.distance(places, feet)
            plane = shapely.get_coordinates(feet)
            tap[has] = plane / np.array([M_PER_DEGREE * self._width, M_PER_DEGREE])
        return Taps(pipe, np.round(tap, 7), np.round(along, 2), np.round(away, 2))
