"""How long and how far crews drive between many places along a graph of ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from huoshui.lab.planning import travel
from huoshui.lab.planning.roads import LEAST_S, Flags, Graph, Snapped
from huoshui.lab.planning.travel import Floats, Ints

JUNCTION_M = 0.1
"""A foot nearer than this to an end of an edge is that end, as bends so near are one place."""
AT_ONCE_CELLS = 8_000_000
"""So many distances are held at once: 64 MB, with as much again for the ways."""


@dataclass(frozen=True)
class Driving:
    """The ways between places.

    Parameters
    ----------
    time_s, way_m : ndarray, shape (n, n)
        From the place of the row to that of the column. [s], [m]
    by_line : ndarray of bool, shape (n, n)
        Whether it is the straight line times a factor, since the graph has no way.
    """

    time_s: Floats
    way_m: Floats
    by_line: Flags


def by_line(
    lon: Floats, lat: Floats, *, speed_kmh: float, factor: float = travel.DETOUR_FACTOR
) -> Driving:
    """Return the ways where no graph is known: the straight line times a factor, at one speed."""
    way_m = travel.by_line_m(lon, lat, factor=factor)
    by_line = ~np.eye(len(way_m), dtype=bool)
    return Driving(travel.duration_s(way_m, speed_kmh=speed_kmh), way_m, by_line)


def along(
    graph: Graph,
    lon: Floats,
    lat: Floats,
    *,
    off_speed_kmh: float,
    factor: float = travel.DETOUR_FACTOR,
    never_slower_than_line: bool = False,
) -> Driving:
    """Return the quickest ways between places along a graph (E. Dijkstra, 1959).

    A place is joined to the nearest point of the graph by the straight line times ``factor``, at
    ``off_speed_kmh``. So is a place to another one where the graph does not connect them, or where
    both are farther from the graph than from each other.

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        Places, WGS 84. [°]
    off_speed_kmh : float
        Speed beside the graph. [km h⁻¹]
    never_slower_than_line : bool
        For pipes, which are not in every street: take the straight line times ``factor`` where the
        way along the graph is slower. For roads a long way round, over a bridge, is true.

    References
    ----------
    .. [1] E. W. Dijkstra, "A note on two problems in connexion with graphs", Numerische
       Mathematik 1, 1959; here by the implementation of scipy.sparse.csgraph.
    """
    straight = by_line(lon, lat, speed_kmh=off_speed_kmh, factor=factor)
    if not len(lon) or not len(graph.length_m):
        return straight
    feet = graph.snap(lon, lat)
    off_m = feet.off_m * factor
    off_s = travel.duration_s(off_m, speed_kmh=off_speed_kmh)
    # Nothing slower than the straight line is looked for where that is taken instead.
    limit_s = float(np.max(straight.time_s)) if never_slower_than_line else np.inf
    time_s, way_m = _along(graph, feet, limit_s)
    time_s = time_s + off_s[:, None] + off_s[None, :]
    way_m = way_m + off_m[:, None] + off_m[None, :]
    takes_line = ~np.isfinite(time_s) | (straight.way_m <= off_m[:, None] + off_m[None, :])
    if never_slower_than_line:
        takes_line |= straight.time_s < time_s
    np.fill_diagonal(takes_line, False)
    time_s = np.where(takes_line, straight.time_s, time_s)
    way_m = np.where(takes_line, straight.way_m, way_m)
    np.fill_diagonal(time_s, 0.0)
    np.fill_diagonal(way_m, 0.0)
    return Driving(time_s, way_m, takes_line)


def _along(graph: Graph, feet: Snapped, limit_s: float) -> tuple[Floats, Floats]:
    """Return time and way from foot to foot; infinite where there is none. [s], [m]"""
    count, nodes = len(feet.edge), graph.nodes
    tail, head, arc_s, arc_m = graph.arcs
    # Each foot is a node after those of the graph, with an arc to either end of its edge.
    start, end = graph.start[feet.edge], graph.end[feet.edge]
    rest_m = graph.length_m[feet.edge] - feet.along_m
    pace = 3.6 / graph.speed_kmh[feet.edge]
    # A foot at a junction may be left and reached by every way that meets there.
    is_two_way = ~graph.one_way[feet.edge]
    back = is_two_way | (feet.along_m <= JUNCTION_M)
    from_end = is_two_way | (rest_m <= JUNCTION_M)
    own = nodes + np.arange(count)
    network = sparse.csr_matrix(
        (
            np.concatenate([arc_s, np.maximum(rest_m * pace, LEAST_S),
                            np.maximum((feet.along_m * pace)[back], LEAST_S)]),
            (np.concatenate([tail, own, own[back]]), np.concatenate([head, end, start[back]])),
        ),
        shape=(nodes + count, nodes + count),
    )  # fmt: skip
    lengths = sparse.csr_matrix(
        (
            np.concatenate([arc_m, rest_m, feet.along_m[back]]),
            (np.concatenate([tail, own, own[back]]), np.concatenate([head, end, start[back]])),
        ),
        shape=network.shape,
    )
    one_speed = bool(np.all(graph.speed_kmh == graph.speed_kmh[0]))
    time_s, way_m = np.empty((count, count)), np.empty((count, count))
    step = max(1, AT_ONCE_CELLS // (nodes + count))
    for begin in range(0, count, step):
        rows = slice(begin, min(begin + step, count))
        reached = csgraph.dijkstra(
            network, indices=own[rows], limit=limit_s, return_predecessors=not one_speed
        )
        if one_speed:
            reached_s, reached_m = reached, reached * (graph.speed_kmh[0] / 3.6)
        else:
            reached_s = reached[0]
            reached_m = _driven_m(lengths, reached[1], own[rows])
        # By the start of the foot's edge onwards, or by its end backwards where that is allowed.
        onwards = reached_s[:, start] + feet.along_m * pace
        backwards = np.where(from_end, reached_s[:, end] + rest_m * pace, np.inf)
        is_on = onwards <= backwards
        time_s[rows] = np.where(is_on, onwards, backwards)
        way_m[rows] = np.where(
            is_on, reached_m[:, start] + feet.along_m, reached_m[:, end] + rest_m
        )
    _on_one_edge(graph, feet, time_s, way_m)
    return time_s, way_m


def _driven_m(lengths: sparse.csr_matrix, before: Ints, sources: Ints) -> Floats:
    """Return how long the quickest ways are, from what comes before each node on them. [m]"""
    size = lengths.shape[0]
    rows = np.repeat(np.arange(size), np.diff(lengths.indptr))
    order = np.lexsort((lengths.indices, rows))
    keys = rows[order] * size + lengths.indices[order]
    arc_m = lengths.data[order]
    found = np.empty(before.shape)
    everything = np.arange(size)
    for number in range(len(sources)):
        previous = before[number].astype(np.int64)
        known = previous >= 0
        total = np.zeros(size)
        total[known] = arc_m[np.searchsorted(keys, previous[known] * size + everything[known])]
        pointer = np.where(known, previous, everything)
        # Each round doubles how far back is summed up.
        while True:
            further = pointer[pointer]
            if np.array_equal(further, pointer):
                break
            total = total + total[pointer]
            pointer = further
        found[number] = total
    return found


def _on_one_edge(graph: Graph, feet: Snapped, time_s: Floats, way_m: Floats) -> None:
    """Take the way along the edge itself between feet on the same one, where it may be driven."""
    order = np.argsort(feet.edge, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(feet.edge[order])) + 1)
    for group in groups:
        if len(group) < 2:
            continue
        edge = feet.edge[group[0]]
        apart_m = feet.along_m[group][None, :] - feet.along_m[group][:, None]
        allowed = apart_m >= 0 if graph.one_way[edge] else np.ones(apart_m.shape, bool)
        direct_s = np.abs(apart_m) * (3.6 / graph.speed_kmh[edge])
        cells = np.ix_(group, group)
        better = allowed & (direct_s < time_s[cells])
        time_s[cells] = np.where(better, direct_s, time_s[cells])
        way_m[cells] = np.where(better, np.abs(apart_m), way_m[cells])
