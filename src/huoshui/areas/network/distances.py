"""How far assets are from each other along the pipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from huoshui.areas.network import queries
from huoshui.areas.network.contracts import LINK_KINDS, Kind
from huoshui.areas.network.models import Asset
from huoshui.lab.graph import nearness


@dataclass(frozen=True)
class _Lengths:
    mark: str
    place_of: dict[int, int]
    network: sparse.csr_matrix
    from_source_m: nearness.Floats


_known: list[_Lengths] = []


def _lengths() -> _Lengths:
    """Return the present network as lengths; read again when any asset has changed."""
    present = Asset.objects.filter(retired_at__isnull=True)
    mark = queries.revision()
    if _known and _known[0].mark == mark:
        return _known[0]
    links = list(
        present.filter(kind__in=LINK_KINDS, start__isnull=False, end__isnull=False).values_list(
            "start_id", "end_id", "length_m"
        )
    )
    ends = np.array([row[:2] for row in links], np.int64).reshape(-1, 2)
    length_m = np.array([np.nan if row[2] is None else row[2] for row in links], np.float64)
    ids, places = np.unique(ends, return_inverse=True)
    places = places.reshape(-1, 2)
    network = nearness.weighted(
        start=places[:, 0], end=places[:, 1], length_m=length_m, nodes=len(ids)
    )
    place_of = {number: place for place, number in enumerate(ids.tolist())}
    sources = present.filter(kind__in=(Kind.RESERVOIR, Kind.TANK)).values_list("id", flat=True)
    fed = np.array([place_of[one] for one in sources if one in place_of], np.int64)
    made = _Lengths(mark, place_of, network, nearness.from_sources(network, sources=fed))
    _known[:] = [made]
    return made


def between(codes: Sequence[str], reach_m: float) -> tuple[nearness.Floats, nearness.Floats]:
    """Return the distances between assets, and of each from the nearest tank or reservoir.

    Infinite where there is no way of at most ``reach_m``, or the asset is not in the network.
    """
    lengths = _lengths()
    rows = Asset.objects.filter(code__in=set(codes)).values_list("code", "id", "start_id")
    number_of = {code: start if start is not None else own for code, own, start in rows}
    places = [lengths.place_of.get(number_of.get(code, -1), -1) for code in codes]
    distance = np.full((len(codes), len(codes)), np.inf)
    source = np.full(len(codes), np.inf)
    known = np.flatnonzero(np.array(places, np.int64) >= 0)
    if len(known):
        inside = np.array(places, np.int64)[known]
        found = nearness.distances(lengths.network, places=inside, reach_m=reach_m)
        distance[np.ix_(known, known)] = found
        source[known] = lengths.from_source_m[inside]
    return distance, source
