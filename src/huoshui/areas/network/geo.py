"""Places: a file's own coordinates to longitude and latitude, and to the map's square."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from huoshui.lab.units import earth

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
    margin = margin_m / earth.M_PER_DEGREE
    outline = shapely.concave_hull(shapely.MultiPoint(points), ratio=0.12).buffer(
        margin, quad_segs=3
    )
    outline = outline.simplify(margin / 6)
    if outline.geom_type != "Polygon":
        outline = outline.convex_hull
    ring = [[round(x, 6), round(y, 6)] for x, y in outline.exterior.coords]
    return {"type": "Polygon", "coordinates": [ring]}


GROUND = pyproj.Geod(ellps="WGS84")


def length_m(line: Sequence[Sequence[float]]) -> float:
    """Return the length of a course of places on the ground."""
    lons, lats = zip(*line, strict=True)
    return float(GROUND.line_length(lons, lats))


def halfway_of(line: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the point half-way along a course of places."""
    return halfway(np.asarray(line, dtype=float))


Course = list[list[float]]


def cut(line: Sequence[Sequence[float]], place: Sequence[float]) -> tuple[Course, Course, float]:
    """Return both parts of a course cut where it comes nearest to ``place``.

    The third part of the answer is how much of the length lies before the cut, 0 to 1.
    """
    width = float(np.cos(np.radians(line[0][1])))
    flat = shapely.LineString([(lon * width, lat) for lon, lat in line])
    along = flat.project(shapely.Point(place[0] * width, place[1]))
    at = flat.interpolate(along)
    spot = [round(at.x / width, 7), round(at.y, 7)]
    first, second = [list(line[0])], [list(line[-1])]
    steps = np.hypot(np.diff([lon * width for lon, _ in line]), np.diff([lat for _, lat in line]))
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    for index in range(1, len(line) - 1):
        if reached[index] < along:
            first.append(list(line[index]))
    for index in range(len(line) - 2, 0, -1):
        if reached[index] > along:
            second.insert(0, list(line[index]))
    first.append(spot)
    second.insert(0, spot)
    before, after = length_m(first), length_m(second)
    whole = before + after
    return first, second, before / whole if whole else 0.0


def geometry_of(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the course or place among an asset's columns as GeoJSON; None where there is none."""
    if values.get("line"):
        return {"type": "LineString", "coordinates": values["line"]}
    if values.get("lon") is not None and values.get("lat") is not None:
        return {"type": "Point", "coordinates": [values["lon"], values["lat"]]}
    return None


def bounds_of(geometries: Sequence[Mapping[str, Any]]) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of courses and places; None where there are none."""
    places: list[Sequence[float]] = []
    for one in geometries:
        places += [one["coordinates"]] if one["type"] == "Point" else one["coordinates"]
    if not places:
        return None
    lons, lats = zip(*((place[0], place[1]) for place in places), strict=True)
    return (min(lons), min(lats), max(lons), max(lats))


def widened(
    bounds: tuple[float, float, float, float], *, least_m: float
) -> tuple[float, float, float, float]:
    """Return bounds with at least so many metres around them on every side."""
    west, south, east, north = bounds
    up = least_m / earth.M_PER_DEGREE
    aside = up / max(math.cos(math.radians((south + north) / 2)), 0.01)
    return (west - aside, south - up, east + aside, north + up)
