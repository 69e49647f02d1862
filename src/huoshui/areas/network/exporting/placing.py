"""The places of a kept model: its own coordinates to longitude and latitude, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj

from huoshui.areas.network.importing import coordinates
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import Point
from huoshui.areas.network.importing.plan import SAME_PLACE_DEG


@dataclass(frozen=True)
class Placing:
    """How one kept file writes places."""

    placement: Placement
    to_file: pyproj.Transformer

    @classmethod
    def of(cls, described: str) -> Placing | None:
        """Return the placing that a kept file's record tells of; None where it tells of none."""
        try:
            placement = Placement.as_described(described)
            system = pyproj.CRS.from_user_input(placement.crs)
        except (ValueError, pyproj.exceptions.CRSError):
            return None
        return cls(placement, pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True))

    def lonlat(self, points: Sequence[Point]) -> list[Point]:
        """Return longitude and latitude of points as the file writes them."""
        every = np.array(points, dtype=float).reshape(-1, 2)
        found, _ = coordinates.lonlat_of(self.placement, self.placement.crs, every)
        return [(lon, lat) for lon, lat in found.tolist()]

    def xy(self, places: Sequence[Point]) -> list[Point]:
        """Return places as the file writes them."""
        lon, lat = np.array(places, dtype=float).reshape(-1, 2).T
        found = self.placement.unmoved(np.column_stack(self.to_file.transform(lon, lat)))
        return [(x, y) for x, y in found.tolist()]

    @staticmethod
    def is_elsewhere(was: Point, now: Point) -> bool:
        """Tell whether a place is another one, beyond what writing and reading changes."""
        return any(abs(a - b) > SAME_PLACE_DEG for a, b in zip(was, now, strict=True))
