"""Which assets lie near a place, inside an outline, or on given pipes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from django.db.models import F, FloatField, Q
from django.db.models.functions import Coalesce

from huoshui.areas.network import contracts, geo, queries
from huoshui.areas.network.contracts import Kind
from huoshui.lab.units import earth


def _pipes_by_box(west: float, south: float, east: float, north: float) -> list[contracts.Asset]:
    """Return the pipes that may touch a box; their courses are looked at afterwards.

    No point of a pipe is farther from its middle than half its length. Half as much again and
    fifty metres are for courses that are longer than the register says.
    """
    long_m = Coalesce(F("length_m"), 0.0, output_field=FloatField())
    half = (long_m * 0.75 + 50.0) / earth.M_PER_DEGREE
    wide = half / max(math.cos(math.radians((south + north) / 2)), 0.01)
    rows = queries.asset_rows().present().filter(kind=Kind.PIPE, lon__isnull=False)
    rows = rows.alias(half=half, wide=wide).filter(
        Q(lat__gte=south - F("half"), lat__lte=north + F("half")),
        Q(lon__gte=west - F("wide"), lon__lte=east + F("wide")),
    )
    return [queries.as_contract(row) for row in rows.order_by("id")]


def _flat(places: Sequence[Sequence[float]], lon: float, lat: float) -> np.ndarray:
    """Return places in metres from one of them; true to a millimetre within some hundred metres."""
    up = earth.M_PER_DEGREE
    aside = up * math.cos(math.radians(lat))
    return (np.asarray(places, float) - (lon, lat)) * (aside, up)


def pipes_near(lon: float, lat: float, within_m: float) -> list[tuple[contracts.Asset, float]]:
    """Return the pipes within a distance of a place and how far each is, the nearest first. [m]"""
    box = geo.widened((lon, lat, lon, lat), least_m=within_m)
    here = shapely.Point(0, 0)
    found = []
    for one in _pipes_by_box(*box):
        if len(one.line) < 2:
            continue
        away = float(shapely.LineString(_flat(one.line, lon, lat)).distance(here))
        if away <= within_m:
            found.append((one, away))
    return sorted(found, key=lambda pair: (pair[1], pair[0].code))


def pipes_within(ring: Sequence[contracts.Place]) -> list[contracts.Asset]:
    """Return the pipes that lie inside an outline at least in part."""
    outline = shapely.make_valid(shapely.Polygon(ring))
    shapely.prepare(outline)
    return [
        one
        for one in _pipes_by_box(*outline.bounds)
        if len(one.line) > 1 and outline.intersects(shapely.LineString(one.line))
    ]


def things_on(codes: Iterable[str]) -> list[contracts.Asset]:
    """Return the valves and hydrants at the ends of pipes, by code."""
    ends: set[str] = set()
    for pipe in queries.assets(kinds=(Kind.PIPE,), codes=codes):
        ends |= {one for one in (pipe.start, pipe.end) if one}
    rows = queries.asset_rows().present()
    found: dict[str, contracts.Asset] = {}
    listed = sorted(ends)
    for at in range(0, len(listed), queries.CODES_AT_ONCE):
        part = listed[at : at + queries.CODES_AT_ONCE]
        at_ends = Q(kind=Kind.VALVE) & (Q(start__code__in=part) | Q(end__code__in=part))
        at_ends |= Q(kind=Kind.HYDRANT, code__in=part)
        found |= {row.code: queries.as_contract(row) for row in rows.filter(at_ends)}
    return [found[code] for code in sorted(found)]
