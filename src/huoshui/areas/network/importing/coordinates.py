"""What a file's coordinates mean: national zones, local grids, and the ways to get it wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from huoshui.areas.network import geo
from huoshui.areas.network.contracts import ImportProblem
from huoshui.lab.units import earth

Array = NDArray[np.float64]

WGS84 = "EPSG:4326"
CGCS2000_LONLAT = "EPSG:4490"
# EPSG's numbers of CGCS2000 Gauss-Kruger: with the zone before the easting, and without.
THREE_DEGREE_ZONES = {zone: 4513 + zone - 25 for zone in range(25, 46)}
SIX_DEGREE_ZONES = {zone: 4491 + zone - 13 for zone in range(13, 24)}
THREE_DEGREE_MERIDIANS = {meridian: 4534 + (meridian - 75) // 3 for meridian in range(75, 136, 3)}

# The mainland and its islands, generously.
CHINA = (73.0, 3.0, 136.0, 54.0)
CITY_M = 200_000.0
"""No city's network is wider than this; a file that is has points in the wrong place."""
ELSEWHERE_DEG = 2.0
"""A second file of the same city lies no farther from the register than this."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a file's coordinates are to be read, as stated by who brings it.

    ``offset_e_m`` and ``offset_n_m`` are added after turning by ``rotation_deg`` anticlockwise
    about the file's own origin; then ``crs`` says what the sums mean. Empty: the file says.
    """

    crs: str = ""
    offset_e_m: float = 0.0
    offset_n_m: float = 0.0
    rotation_deg: float = 0.0
    swap_axes: bool = False
    anywhere: bool = False
    """Whether the place was looked at and is right, though it seems not to be."""

    def moved(self, points: Array) -> Array:
        """Return points in the system ``crs``, east before north."""
        if self.swap_axes:
            points = points[:, ::-1]
        if self.rotation_deg:
            turn = math.radians(self.rotation_deg)
            east = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn)
            north = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn)
            points = np.column_stack([east, north])
        if self.offset_e_m or self.offset_n_m:
            points = points + np.array([self.offset_e_m, self.offset_n_m])
        return points

    def unmoved(self, points: Array) -> Array:
        """Return points of the system ``crs`` as the file writes them; undoes `moved`."""
        points = points - np.array([self.offset_e_m, self.offset_n_m])
        turn = math.radians(-self.rotation_deg)
        east = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn)
        north = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn)
        points = np.column_stack([east, north])
        return points[:, ::-1] if self.swap_axes else points

    @classmethod
    def as_described(cls, text: str) -> Placement:
        """Return what `described` told."""
        crs, *rest = text.split("; ")
        found: dict[str, float] = {}
        for part in rest:
            word, _, value = part.partition(" ")
            if word == "turned":
                found["rotation_deg"] = float(value.removesuffix(" deg"))
            elif word == "offset":
                east, north = value.split(",")
                found |= {"offset_e_m": float(east), "offset_n_m": float(north)}
        return cls(crs=crs, swap_axes="axes swapped" in rest, **found)  # type: ignore[arg-type]

    def described(self) -> str:
        """Return the whole as one text for the record, to the last digit that matters."""
        parts = [self.crs]
        if self.swap_axes:
            parts.append("axes swapped")
        if self.rotation_deg:
            parts.append(f"turned {self.rotation_deg:.12g} deg")
        if self.offset_e_m or self.offset_n_m:
            parts.append(f"offset {self.offset_e_m:.12g},{self.offset_n_m:.12g}")
        return "; ".join(parts)


def guess(points: Array) -> tuple[str, str]:
    """Return the coordinate system that numbers look like, and what is to be said of it.

    The second is a problem code: ``crs_guessed``, or why no guess is possible.
    """
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return "", "crs_needed"
    x, y = np.median(finite, axis=0)
    low, high = np.percentile(finite, [1, 99], axis=0)
    if np.abs(finite).max() <= 180:
        if high[1] - low[1] < 1e-9 and high[0] - low[0] < 1e-9:
            return "", "crs_needed"
        inside = CHINA[0] <= x <= CHINA[2] and CHINA[1] <= y <= CHINA[3]
        if inside:
            return WGS84, "crs_guessed"
        swapped = CHINA[0] <= y <= CHINA[2] and CHINA[1] <= x <= CHINA[3]
        return "", "axes_swapped" if swapped else "crs_needed"
    for first, second, code in ((x, y, "crs_guessed"), (y, x, "axes_swapped")):
        zone = int(first // 1_000_000)
        if 1_500_000 < second < 6_100_000 and 100_000 < first % 1_000_000 < 900_000:
            known = THREE_DEGREE_ZONES.get(zone) or SIX_DEGREE_ZONES.get(zone)
            if known:
                return (f"EPSG:{known}" if code == "crs_guessed" else ""), code
            if zone == 0:
                return "", "meridian_needed" if code == "crs_guessed" else code
    return "", "crs_needed"


def choose(placement: Placement, declared: str, points: Array) -> tuple[str, list[ImportProblem]]:
    """Return the coordinate system to read points by, and what is to be said about the choice."""
    if placement.crs.upper().replace(" ", "") in ("GCJ-02", "GCJ02", "BD-09", "BD09"):
        return "", [ImportProblem(code="crs_shifted", fatal=True, value=placement.crs)]
    moved = placement.moved(points)
    if placement.crs:
        return placement.crs, []
    if declared:
        return declared, [ImportProblem(code="crs_of_file", fatal=False, value=name_of(declared))]
    crs, code = guess(moved)
    if crs:
        return crs, [ImportProblem(code=code, fatal=False, value=f"{crs} {name_of(crs)}")]
    example = ", ".join(f"{value:.6g}" for value in np.median(moved, axis=0)) if len(moved) else ""
    return "", [ImportProblem(code=code, fatal=True, value=example)]


def name_of(crs: str) -> str:
    """Return the name of a coordinate system, or the text itself if it is none."""
    try:
        return pyproj.CRS.from_user_input(crs).name
    except pyproj.exceptions.CRSError:
        return crs[:80]


def unit_m(crs: str) -> float:
    """Return how long one unit of a system's coordinates is on the ground, about. [m]"""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return 1.0
    if system.is_geographic:
        return earth.M_PER_DEGREE
    return float(system.axis_info[0].unit_conversion_factor or 1.0) if system.axis_info else 1.0


def lonlat_of(placement: Placement, crs: str, points: Array) -> tuple[Array, list[ImportProblem]]:
    """Return longitude and latitude of points, NaN where there is none, and what is wrong."""
    reader = geo.reader_of(crs)
    if reader is None:
        return np.full(points.shape, np.nan), [
            ImportProblem(code="crs_unknown", fatal=True, value=crs[:80])
        ]
    if not len(points):
        return np.empty((0, 2)), []
    moved = placement.moved(points)
    lon, lat = reader.transform(moved[:, 0], moved[:, 1])
    found = np.round(np.column_stack([lon, lat]), 7)
    wrong = ~np.isfinite(found).all(axis=1)
    wrong |= (np.abs(found[:, 0]) > 180) | (np.abs(found[:, 1]) > geo.LATITUDE_MAX)
    found[wrong] = np.nan
    return found, []


def sanity(
    lonlat: Array, *, register: tuple[float, float, float, float] | None, anywhere: bool
) -> list[ImportProblem]:
    """Return what speaks against the places of a whole network."""
    known = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not len(known):
        return [ImportProblem(code="outside_the_world", fatal=True)] if len(lonlat) else []
    middle = np.median(known, axis=0)
    shown = f"{middle[0]:.4f}, {middle[1]:.4f}"
    if anywhere:
        return []
    problems = []
    if not (CHINA[0] <= middle[0] <= CHINA[2] and CHINA[1] <= middle[1] <= CHINA[3]):
        problems.append(ImportProblem(code="outside_the_country", fatal=False, value=shown))
    if register is not None:
        west, south, east, north = register
        far = ELSEWHERE_DEG
        if not (west - far <= middle[0] <= east + far and south - far <= middle[1] <= north + far):
            problems.append(ImportProblem(code="far_from_register", fatal=True, value=shown))
    degrees = np.percentile(known, 99.5, axis=0) - np.percentile(known, 0.5, axis=0)
    wide_m = float(max(degrees)) * earth.M_PER_DEGREE
    if wide_m > CITY_M:
        problems.append(
            ImportProblem(code="too_wide", fatal=False, value=f"{wide_m / 1000:.0f} km")
        )
    return problems
