"""Places: a file's own coordinates to longitude and latitude, and to the map's square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Half the width of the Web Mercator square (EPSG:3857), pi times the earth radius of WGS 84.
MERCATOR_HALF_M = 20037508.342789244

# Beyond this latitude the Web Mercator square ends.
LATITUDE_MAX = 85.0


def local_grid(*, lon: float, lat: float, x_m: float = 0.0, y_m: float = 0.0) -> str:
    """Return the coordinate system of a local metric grid.

    The grid's point (``x_m``, ``y_m``) lies at ``lon``, ``lat``; its y axis points north there.
    A transverse Mercator projection of scale one: over the size of a city it is true to a few
    centimetres in a kilometre.
    """
    return (
        f"+proj=tmerc +lat_0={lat!r} +lon_0={lon!r} +k=1 +x_0={x_m!r} +y_0={y_m!r} "
        "+datum=WGS84 +units=m +no_defs"
    )


def reader_of(crs: str) -> pyproj.Transformer | None:
    """Return what turns coordinates of ``crs`` into longitude and latitude; None if unknown."""
    try:
        system = pyproj.CRS.from_user_input(crs)
        return pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError:
        return None


def to_lonlat(reader: pyproj.Transformer, points: Sequence[tuple[float, float]]) -> Array:
    """Return the longitudes and latitudes of points, rounded to a centimetre on the ground."""
    if not points:
        return np.empty((0, 2))
    xy = np.asarray(points, dtype=float)
    lon, lat = reader.transform(xy[:, 0], xy[:, 1])
    return np.round(np.column_stack([lon, lat]), 7)


def on_the_map(lonlat: Array) -> bool:
    """Tell whether every place is a finite one that a web map can show."""
    return bool(
        np.isfinite(lonlat).all()
        and (np.abs(lonlat[:, 0]) <= 180).all()
        and (np.abs(lonlat[:, 1]) <= LATITUDE_MAX).all()
    )


def mercator(lonlat: Array) -> Array:
    """Return places in the unit square of the web map: x to the east, y to the south, 0 to 1."""
    lon, lat = lonlat[..., 0], np.radians(lonlat[..., 1])
    x = (lon + 180.0) / 360.0
    y = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
    return np.stack([x, y], axis=-1)


def halfway(line: Array) -> tuple[float, float]:
    """Return the point half-way along a line of places."""
    # Over the length of a pipe a degree of longitude has one width.
    width = np.cos(np.radians(line[0, 1]))
    steps = np.hypot(np.diff(line[:, 0]) * width, np.diff(line[:, 1]))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    middle = along[-1] / 2
    return (
        float(np.round(np.interp(middle, along, line[:, 0]), 7)),
        float(np.round(np.interp(middle, along, line[:, 1]), 7)),
    )


def slope(line: Array) -> int:
    """Return how a text along the middle of a line is turned, in degrees clockwise, -90 to 90.

    ``line`` lies in the square of the web map, whose y runs to the south as the screen's does.
    """
    steps = np.diff(line, axis=0)
    along = np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))
    dx, dy = steps[int(np.searchsorted(along, along[-1] / 2))]
    return int(np.round(np.degrees(np.arctan(dy / dx)))) if dx else -90


def hull(points: Sequence[tuple[float, float]], *, margin_m: float = 25.0) -> dict[str, Any] | None:
    """Return the outline of places as a GeoJSON polygon, a little wider; None without places.

    A concave hull, so that the outlines of neighbouring zones do not swallow one another.
    """
    if not points:
        return None
    margin = margin_m / 111_320.0
    outline = shapely.concave_hull(shapely.MultiPoint(points), ratio=0.12).buffer(
        margin, quad_segs=3
    )
    outline = outline.simplify(margin / 6)
    if outline.geom_type != "Polygon":
        outline = outline.convex_hull
    ring = [[round(x, 6), round(y, 6)] for x, y in outline.exterior.coords]
    return {"type": "Polygon", "coordinates": [ring]}
