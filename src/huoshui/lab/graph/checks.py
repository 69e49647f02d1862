"""Drawings that cannot be right, or are worth a look.

Each check takes the drawing in metres and answers with `Found` things: which nodes and
links, where, and the figures that made it speak. None of them changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import spatial

from huoshui.lab.graph.topology import Bools, Floats, Graph, Ints

NONE = -1

Number = int | np.integer[Any]


@dataclass(frozen=True)
class Drawing:
    """A network as it is drawn.

    Attributes
    ----------
    graph : Graph
        What is joined to what. ``passes`` counts closed valves as shut.
    x, y : ndarray, shape (n_nodes,)
        Places in one plane; NaN where a place is not known. [m]
    lines : ndarray of shapely.LineString, shape (n_links,)
        Courses in the same plane; None where not known.
    in_use : ndarray, shape (n_links,)
        Whether the link belongs to the working network, closed or not.
    is_pipe : ndarray, shape (n_links,)
    length_m, diameter_mm : ndarray, shape (n_links,)
        As stated; NaN where not known.
    """

    graph: Graph
    x: Floats
    y: Floats
    lines: NDArray[Any]
    in_use: Bools
    is_pipe: Bools
    length_m: Floats
    diameter_mm: Floats

    @property
    def drawn_pipes(self) -> Ints:
        """The pipes in use whose course is known."""
        return np.flatnonzero(self.is_pipe & self.in_use & ~shapely.is_missing(self.lines))


@dataclass(frozen=True)
class Found:
    """One thing a check found, by numbers of nodes and links; -1 where there is none."""

    link: int = NONE
    node: int = NONE
    other_link: int = NONE
    other_node: int = NONE
    value: float = float("nan")
    expected: float = float("nan")
    x: float = float("nan")
    y: float = float("nan")


def _at_node(drawing: Drawing, node: Number, **rest: Any) -> Found:
    return Found(node=int(node), x=float(drawing.x[node]), y=float(drawing.y[node]), **rest)


def _at_link(drawing: Drawing, link: Number, **rest: Any) -> Found:
    line = drawing.lines[link]
    if line is None:
        return Found(link=int(link), **rest)
    middle = line.interpolate(0.5, normalized=True)
    return Found(link=int(link), x=middle.x, y=middle.y, **rest)


def unlinked_nodes(drawing: Drawing) -> list[Found]:
    """Find nodes that no link meets."""
    return [_at_node(drawing, node) for node in np.flatnonzero(drawing.graph.degree() == 0)]


def cut_off_pieces(drawing: Drawing, *, even_when_open: bool) -> list[Found]:
    """Find pieces of the network that no source reaches; one answer for each piece.

    With ``even_when_open`` valves count as open: these pieces are joined to no source at all.
    Without, only pieces are found that closed valves part from the sources. ``value`` is how many
    nodes the piece has.
    """
    shut = drawing.graph
    opened = Graph(shut.nodes, shut.start, shut.end, drawing.in_use, shut.is_source)
    wanted = opened if even_when_open else shut
    lost = ~wanted.fed() & (shut.degree() > 0)
    if not even_when_open:
        lost &= opened.fed()
    # A node whose links are all out of use is no part of the working network.
    worked = np.zeros(shut.nodes, dtype=bool)
    worked[shut.start[drawing.in_use]] = True
    worked[shut.end[drawing.in_use]] = True
    lost &= worked
    pieces = wanted.pieces()
    _, first, sizes = np.unique(pieces[lost], return_index=True, return_counts=True)
    nodes = np.flatnonzero(lost)[first]
    return [
        _at_node(drawing, node, value=float(size)) for node, size in zip(nodes, sizes, strict=True)
    ]


def crossings(drawing: Drawing) -> list[Found]:
    """Find pipes that cross without a node: joined in the street, or one above the other?"""
    pipes = drawing.drawn_pipes
    lines = drawing.lines[pipes]
    tree = shapely.STRtree(lines)
    one, two = tree.query(lines, predicate="crosses")
    once = one < two
    one, two = one[once], two[once]
    where = shapely.point_on_surface(shapely.intersection(lines[one], lines[two]))
    return [
        Found(link=int(pipes[a]), other_link=int(pipes[b]), x=point.x, y=point.y)
        for a, b, point in zip(one, two, where, strict=True)
    ]


def close_nodes(drawing: Drawing, *, least_m: float, most_m: float) -> list[Found]:
    """Find pairs of nodes that lie nearer than ``most_m`` (from ``least_m``) and are not joined.

    ``value`` is how far apart they lie. [m]
    """
    known = np.flatnonzero(np.isfinite(drawing.x) & np.isfinite(drawing.y))
    if len(known) < 2:
        return []
    places = np.column_stack([drawing.x[known], drawing.y[known]])
    pairs = spatial.KDTree(places).query_pairs(most_m, output_type="ndarray")
    one, two = known[pairs[:, 0]], known[pairs[:, 1]]
    apart = np.hypot(drawing.x[one] - drawing.x[two], drawing.y[one] - drawing.y[two])
    joined = np.isin(
        _pair_keys(one, two, drawing.graph.nodes),
        _pair_keys(drawing.graph.start, drawing.graph.end, drawing.graph.nodes),
    )
    wanted = (apart >= least_m) & ~joined
    return [
        _at_node(drawing, a, other_node=int(b), value=float(distance))
        for a, b, distance in zip(one[wanted], two[wanted], apart[wanted], strict=True)
    ]


def _pair_keys(one: Ints, two: Ints, nodes: int) -> Ints:
    keys: Ints = np.minimum(one, two).astype(np.int64) * nodes + np.maximum(one, two)
    return keys


def ends_near_pipes(drawing: Drawing, *, within_m: float) -> list[Found]:
    """Find dead ends that lie on or beside a pipe they are not joined to.

    ``value`` is how far the end lies from the pipe. [m]
    """
    graph = drawing.graph
    ends = np.flatnonzero((graph.degree() == 1) & np.isfinite(drawing.x) & np.isfinite(drawing.y))
    pipes = drawing.drawn_pipes
    if not len(ends) or not len(pipes):
        return []
    points = shapely.points(drawing.x[ends], drawing.y[ends])
    lines = drawing.lines[pipes]
    at, near = shapely.STRtree(lines).query(points, predicate="dwithin", distance=within_m)
    node, pipe = ends[at], pipes[near]
    own = (graph.start[pipe] == node) | (graph.end[pipe] == node)
    distance = shapely.distance(points[at], lines[near])
    # Beside the end of another pipe it is that pipe's node which is near: `close_nodes` says so.
    inner = _inside_course(drawing, points[at], lines[near], within_m)
    return [
        _at_node(drawing, a, other_link=int(b), value=float(d))
        for a, b, d, is_own, is_inner in zip(node, pipe, distance, own, inner, strict=True)
        if not is_own and is_inner
    ]


def _inside_course(
    drawing: Drawing, points: NDArray[Any], lines: NDArray[Any], within_m: float
) -> Bools:
    along = shapely.line_locate_point(lines, points)
    found: Bools = (along > within_m) & (along < shapely.length(lines) - within_m)
    return found


def duplicates(drawing: Drawing, *, within_m: float) -> list[Found]:
    """Find pipes between the same two nodes whose courses lie within ``within_m``."""
    pipes = drawing.drawn_pipes
    graph = drawing.graph
    keys = _pair_keys(graph.start[pipes], graph.end[pipes], graph.nodes)
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(np.diff(keys[order]) == 0)
    one, two = pipes[order[same]], pipes[order[same + 1]]
    if not len(one):
        return []
    apart = shapely.hausdorff_distance(drawing.lines[one], drawing.lines[two])
    return [
        _at_link(drawing, b, other_link=int(a), value=float(distance))
        for a, b, distance in zip(one, two, apart, strict=True)
        if distance <= within_m
    ]


def loops_of_one(drawing: Drawing) -> list[Found]:
    """Find links that end at the node they start from."""
    graph = drawing.graph
    return [_at_link(drawing, one) for one in np.flatnonzero(graph.start == graph.end)]


def without_length(drawing: Drawing, *, least_m: float) -> list[Found]:
    """Find pipes whose stated length, or else drawn length, is practically nothing."""
    drawn = shapely.length(drawing.lines)
    length = np.where(np.isfinite(drawing.length_m), drawing.length_m, drawn)
    found = np.flatnonzero(drawing.is_pipe & drawing.in_use & (length < least_m))
    return [_at_link(drawing, one, value=float(length[one])) for one in found]


def lengths_that_differ(drawing: Drawing, *, by_frac: float, by_m: float) -> list[Found]:
    """Find pipes whose stated length differs from the drawn one by more than both limits.

    ``value`` is the stated length, ``expected`` the drawn one. [m]
    """
    drawn = shapely.length(drawing.lines)
    off = np.abs(drawing.length_m - drawn)
    known = drawing.is_pipe & drawing.in_use & np.isfinite(off)
    found = np.flatnonzero(known & (off > by_m) & (off > by_frac * np.maximum(drawn, 1e-9)))
    return [
        _at_link(drawing, one, value=float(drawing.length_m[one]), expected=float(drawn[one]))
        for one in found
    ]


def without_diameter(drawing: Drawing) -> list[Found]:
    """Find pipes in use whose diameter is not known."""
    found = drawing.is_pipe & drawing.in_use & ~np.isfinite(drawing.diameter_mm)
    return [_at_link(drawing, one) for one in np.flatnonzero(found)]


def diameter_jumps(drawing: Drawing, *, ratio: float) -> list[Found]:
    """Find nodes where exactly two pipes meet and one is ``ratio`` times as wide as the other.

    The answer names the narrower pipe; ``value`` is its diameter, ``expected`` the other's. [mm]
    """
    graph = drawing.graph
    pipes = np.flatnonzero(drawing.is_pipe & drawing.in_use)
    ends = np.concatenate([graph.start[pipes], graph.end[pipes]])
    links = np.concatenate([pipes, pipes])
    order = np.argsort(ends, kind="stable")
    ends, links = ends[order], links[order]
    degree = graph.degree()
    at = np.flatnonzero(np.diff(ends) == 0)
    at = at[degree[ends[at]] == 2]
    one, two = links[at], links[at + 1]
    wide = np.maximum(drawing.diameter_mm[one], drawing.diameter_mm[two])
    narrow = np.minimum(drawing.diameter_mm[one], drawing.diameter_mm[two])
    found = []
    for index in np.flatnonzero((one != two) & (wide >= ratio * narrow)):
        a, b = int(one[index]), int(two[index])
        thin, thick = (a, b) if drawing.diameter_mm[a] <= drawing.diameter_mm[b] else (b, a)
        node = ends[at[index]]
        found.append(
            Found(
                link=thin, other_link=thick, node=int(node),
                value=float(narrow[index]), expected=float(wide[index]),
                x=float(drawing.x[node]), y=float(drawing.y[node]),
            )
        )  # fmt: skip
    return found


def valves_against_the_source(drawing: Drawing, *, directed: Ints) -> list[Found]:
    """Find directed valves through which water could come only from their end side.

    A pressure-reducing or check valve lets water pass from its start to its end. If, with the valve
    out of the way, a source reaches the end side and none reaches the start side, it is drawn the
    wrong way round. Where both sides are fed, nothing is said.
    """
    graph = drawing.graph
    opened = Graph(graph.nodes, graph.start, graph.end, drawing.in_use, graph.is_source)
    # What hangs together without these valves is one node of a much smaller network.
    pieces = opened.without(links=directed).pieces()
    fed_pieces = np.zeros(pieces.max(initial=0) + 1, dtype=bool)
    fed_pieces[pieces[graph.is_source]] = True
    start, end = pieces[graph.start[directed]], pieces[graph.end[directed]]
    small = Graph(len(fed_pieces), start, end, drawing.in_use[directed], fed_pieces)
    found = []
    for index in np.flatnonzero((start != end) & small.passes):
        fed = small.without(links=np.array([index])).fed()
        if fed[end[index]] and not fed[start[index]]:
            found.append(_at_link(drawing, int(directed[index])))
    return found
