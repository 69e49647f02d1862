"""A graph of ways: lines that meet at their bends and ends, and the places that lie beside them.

The lines are roads, or the pipes under the streets where no roads are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from huoshui.lab.planning.travel import Floats, Ints
from huoshui.lab.units import earth

Flags = NDArray[np.bool_]

SAME_PLACE_DEG = 1e-6
"""Bends nearer than this are one place: 0.1 m, less than any survey of roads is good for."""


LEAST_S = 1e-3
"""How long an arc lasts at least: a sparse matrix takes one without length for none."""


@dataclass(frozen=True)
class Snapped:
    """Where places meet the graph: on which edge, how far along it, and how far off.

    Parameters
    ----------
    edge : ndarray, shape (n,)
        Number of the nearest edge.
    along_m : ndarray, shape (n,)
        From the start of the edge to the foot. [m]
    off_m : ndarray, shape (n,)
        From the place to the foot, straight. [m]
    """

    edge: Ints
    along_m: Floats
    off_m: Floats


@dataclass(frozen=True)
class Graph:
    """Edges between places where lines meet or end, each with its course.

    Parameters
    ----------
    nodes : int
        How many places lines meet or end at.
    start, end : ndarray, shape (n_edges,)
        Nodes.
    length_m : ndarray, shape (n_edges,)
        [m]
    speed_kmh : ndarray, shape (n_edges,)
        [km h⁻¹]
    one_way : ndarray of bool, shape (n_edges,)
        Whether it is driven from start to end only.
    edge_of_piece : ndarray, shape (n_pieces,)
        The edge that each straight piece belongs to; ``before_m`` is how far along it begins. [m]
    ends_deg : ndarray, shape (n_pieces, 4)
        Longitude and latitude of both ends of each piece, WGS 84. [°]
    """

    nodes: int
    start: Ints
    end: Ints
    length_m: Floats
    speed_kmh: Floats
    one_way: Flags
    edge_of_piece: Ints
    before_m: Floats
    ends_deg: Floats

    @property
    def time_s(self) -> Floats:
        """How long it takes to drive each edge. [s]"""
        found: Floats = self.length_m / (self.speed_kmh / 3.6)
        return found

    @cached_property
    def arcs(self) -> tuple[Ints, Ints, Floats, Floats]:
        """What may be driven: from, to, how long, how far; of several between two the quickest."""
        both = ~self.one_way
        tail = np.concatenate([self.start, self.end[both]])
        head = np.concatenate([self.end, self.start[both]])
        time_s = np.maximum(np.concatenate([self.time_s, self.time_s[both]]), LEAST_S)
        way_m = np.concatenate([self.length_m, self.length_m[both]])
        order = np.lexsort((time_s, head, tail))
        tail, head, time_s, way_m = tail[order], head[order], time_s[order], way_m[order]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
        first &= tail != head
        return tail[first], head[first], time_s[first], way_m[first]

    @cached_property
    def _flat(self) -> tuple[Floats, float, float]:
        """The pieces on a plane that is true at the middle of the graph, and its scales. [m]"""
        per_lat = earth.M_PER_DEGREE
        middle = float(np.mean(self.ends_deg[:, 1])) if len(self.ends_deg) else 0.0
        per_lon = per_lat * float(np.cos(np.radians(middle)))
        return self.ends_deg * np.array([per_lon, per_lat] * 2), per_lon, per_lat

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.linestrings(self._flat[0].reshape(-1, 2, 2)))

    def snap(self, lon: Floats, lat: Floats) -> Snapped:
        """Return where places meet the graph; the graph must have an edge."""
        flat, per_lon, per_lat = self._flat
        x, y = lon * per_lon, lat * per_lat
        place, piece = self._tree.query_nearest(shapely.points(x, y), all_matches=False)
        order = np.argsort(place)
        piece = piece[order]
        from_x, from_y, to_x, to_y = flat[piece].T
        run_x, run_y = to_x - from_x, to_y - from_y
        square = run_x**2 + run_y**2
        frac = np.clip(
            ((x - from_x) * run_x + (y - from_y) * run_y) / np.maximum(square, 1e-9), 0, 1
        )
        off_m = np.hypot(x - from_x - frac * run_x, y - from_y - frac * run_y)
        edge = self.edge_of_piece[piece]
        # Along the piece by its true length: the plane is true in the middle of the graph only.
        piece_m = _lengths_m(self.ends_deg[piece])
        along_m = np.minimum(self.before_m[piece] + frac * piece_m, self.length_m[edge])
        return Snapped(edge, along_m, off_m)


def of_lines(
    *,
    lon: Floats,
    lat: Floats,
    offsets: Ints,
    speed_kmh: Floats,
    one_way: Flags | None = None,
) -> Graph:
    """Return the graph of lines that meet wherever two of them have a bend or an end in common.

    Lines that only cross, as on a bridge, do not meet.

    Parameters
    ----------
    lon, lat : ndarray, shape (n_bends,)
        Bends of all lines, one line after the other, ends included. WGS 84. [°]
    offsets : ndarray, shape (n_lines + 1,)
        Line ``k`` has the bends from ``offsets[k]`` until ``offsets[k + 1]``; at least two.
    speed_kmh : ndarray, shape (n_lines,)
        Greater than zero. [km h⁻¹]
    one_way : ndarray of bool, shape (n_lines,), optional
        Whether a line is driven in the order of its bends only.

    Raises
    ------
    ValueError
        If a line has fewer than two bends, or a speed is not greater than zero.
    """
    counts = np.diff(offsets)
    if np.any(counts < 2):
        msg = f"a line needs two bends; line {int(np.argmax(counts < 2))} has fewer"
        raise ValueError(msg)
    if not np.all(speed_kmh > 0):
        msg = f"a speed must be greater than zero; the smallest given is {np.min(speed_kmh)}"
        raise ValueError(msg)
    line = np.repeat(np.arange(len(counts)), counts)
    keys = np.round(np.column_stack([lon, lat]) / SAME_PLACE_DEG).astype(np.int64)
    _unique, spot = np.unique(keys, axis=0, return_inverse=True)
    spot = spot.reshape(-1)
    meets = np.bincount(spot) > 1
    is_end = np.zeros(len(lon), bool)
    is_end[offsets[:-1]] = is_end[offsets[1:] - 1] = True
    meets[spot[is_end]] = True
    pieces = np.flatnonzero(line[:-1] == line[1:])
    begins = meets[spot[pieces]]
    edge_of_piece = np.cumsum(begins) - 1
    ends_deg = np.column_stack([lon[pieces], lat[pieces], lon[pieces + 1], lat[pieces + 1]])
    piece_m = _lengths_m(ends_deg)
    last = np.append(np.flatnonzero(begins)[1:] - 1, len(pieces) - 1)
    reached = np.concatenate([[0.0], np.cumsum(piece_m)])
    first_m = reached[:-1][begins]
    node_of = np.cumsum(meets) - 1
    of_line = line[pieces[begins]]
    return Graph(
        nodes=int(np.sum(meets)),
        start=node_of[spot[pieces[begins]]],
        end=node_of[spot[pieces[last] + 1]],
        length_m=reached[last + 1] - first_m,
        speed_kmh=np.asarray(speed_kmh, float)[of_line],
        one_way=np.zeros(len(of_line), bool) if one_way is None else one_way[of_line],
        edge_of_piece=edge_of_piece,
        before_m=reached[:-1] - first_m[edge_of_piece],
        ends_deg=ends_deg,
    )


def _lengths_m(ends_deg: Floats) -> Floats:
    """Return the great-circle length of each straight piece."""
    x, y, to_x, to_y = np.radians(ends_deg).T
    half = np.sin((to_y - y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin((to_x - x) / 2) ** 2
    found: Floats = 2 * earth.EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return found
