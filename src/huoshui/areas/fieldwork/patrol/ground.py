"""From places on the earth to metres in a plane, and what a walk is worth there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from huoshui.areas.fieldwork.patrol import rules
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.lab.patrol import coverage, recurring, tracks

Floats = NDArray[np.float64]
Fix = Sequence[float | None]
Missed = list[tuple[str, float, float]]


@lru_cache(maxsize=32)
def _transformer(lon: float, lat: float) -> pyproj.Transformer:
    crs = network.local_grid(lon=lon, lat=lat)
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in metres around a place; over a city true to a few centimetres in a kilometre."""

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: float, lat: float) -> Plane:
        """Return the plane of a place; places within a kilometre share one."""
        return cls(round(lon, 2), round(lat, 2))

    def xy(self, places: Any) -> Floats:
        """Return places, longitude and latitude each, in metres east and north."""
        lonlat = np.asarray(places, float).reshape(-1, 2)
        found = _transformer(self.lon, self.lat).transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack(found)

    def places(self, xy: Floats) -> list[list[float]]:
        """Return places of metres, rounded to a centimetre."""
        turned = _transformer(self.lon, self.lat).transform(
            xy[:, 0], xy[:, 1], direction=pyproj.enums.TransformDirection.INVERSE
        )
        found: list[list[float]] = np.round(np.column_stack(turned), 7).tolist()
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """What a walk covered of the pipes of its round."""

    walked_m: float
    gaps: int
    inaccurate: int
    pipes: dict[str, float]
    covered_m: float
    missed: Missed

    @property
    def length_m(self) -> float:
        """All pipes together."""
        return sum(self.pipes.values())


def with_course(assets: Iterable[network_contracts.Asset]) -> list[network_contracts.Asset]:
    """Keep the pipes that have a course to walk along."""
    return [one for one in assets if one.kind == "pipe" and len(one.line) > 1]


def measure(
    pipes: Sequence[network_contracts.Asset], track: Sequence[Fix], *, near_m: float
) -> Measured:
    """Return what a track covered of pipes; a fix is longitude, latitude, seconds, accuracy."""
    drawn = with_course(pipes)
    where = drawn[0].line[0] if drawn else (track[0][0] or 0.0, track[0][1] or 0.0)
    plane = Plane.around(*where)
    fixes = np.array(
        [[np.nan if one is None else one for one in fix] for fix in track], float
    ).reshape(-1, 4)
    legs = tracks.legs(
        xy_m=plane.xy(fixes[:, :2]), at_s=fixes[:, 2], accuracy_m=fixes[:, 3], limits=rules.LIMITS
    )
    found = coverage.coverage(
        pipes={one.code: plane.xy(one.line) for one in drawn},
        legs=legs,
        near_m=near_m,
        shortest_gap_m=rules.SHORTEST_GAP_M,
    )
    return Measured(
        walked_m=round(legs.length_m, 1),
        gaps=legs.gaps,
        inaccurate=legs.inaccurate,
        pipes={code: round(one.length_m, 2) for code, one in found.items()},
        covered_m=round(sum(one.covered_m for one in found.values()), 2),
        missed=[
            (code, round(begin, 2), round(end, 2))
            for code, one in found.items()
            for begin, end in one.missed
        ],
    )


def together(walks: Sequence[tuple[Mapping[str, float], Sequence[Sequence[Any]]]]) -> Missed:
    """Return what several walks of a round all left out; a walk is its pipes and its missed pieces.

    The pipes are those of the last walk given: a pipe that an earlier walk did not know was not
    walked then.
    """
    if not walks:
        return []
    each = []
    for pipes, missed in walks:
        by_pipe: dict[str, list[tuple[float, float]]] = {code: [] for code in pipes}
        for code, begin, end in missed:
            by_pipe.setdefault(code, []).append((begin, end))
        each.append(by_pipe)
    return [
        (code, begin, end)
        for code, length in walks[-1][0].items()
        for begin, end in coverage.missed_by_all(
            [one.get(code, [(0.0, float(length))]) for one in each]
        )
    ]


def share(pipes: Mapping[str, float], missed: Sequence[Sequence[Any]]) -> float:
    """Return which part of pipes was walked, 0 to 1; pipes without length are walked."""
    whole = sum(pipes.values())
    left = sum(end - begin for _code, begin, end in missed)
    return 1.0 if whole <= 0 else max(0.0, min(1.0, 1.0 - left / whole))


def shapes(
    pipes: Sequence[network_contracts.Asset], missed: Sequence[Sequence[Any]] | None
) -> list[dict[str, Any]]:
    """Return pipes as GeoJSON: what was walked and what was left out; None: nobody walked yet."""
    found = []
    left: dict[str, list[tuple[float, float]]] = {}
    for code, begin, end in missed or ():
        left.setdefault(code, []).append((begin, end))
    for one in with_course(pipes):
        if missed is None:
            found.append(line([list(place) for place in one.line], "before"))
            continue
        found.append(line([list(place) for place in one.line], "after"))
        plane = Plane.around(*one.line[0])
        course = plane.xy(one.line)
        for begin, end in left.get(one.code, ()):
            piece = coverage.piece_of(course, from_m=begin, to_m=end)
            found.append(line(plane.places(piece), "stop"))
    return found


def line(places: list[list[float]], role: str) -> dict[str, Any]:
    """Return a line as a GeoJSON feature with its role."""
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": places},
        "properties": {"role": role},
    }


def recurring_at(
    places: Sequence[tuple[float, float]],
) -> list[tuple[recurring.Spot, float, float]]:
    """Return where findings come again and again, with longitude and latitude of each spot."""
    if not places:
        return []
    plane = Plane.around(*places[0])
    spots = recurring.recurring_spots(
        xy_m=plane.xy(places), within_m=rules.HAZARD_WITHIN_M, times=rules.HAZARD_TIMES
    )
    if not spots:
        return []
    middles = plane.places(np.array([(one.x_m, one.y_m) for one in spots]))
    return [(spot, lon, lat) for spot, (lon, lat) in zip(spots, middles, strict=True)]
