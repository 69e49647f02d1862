"""From one place through the network: what is joined, which way the water comes, what depends.

No flow is computed. In a meshed network water may come by several ways at once; what is said here
is what the drawing proves (`dependents`, `enclosed`) and what is likely by resistance (`ways`,
`likely_below`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from huoshui.lab.graph.topology import Bools, Floats, Graph, Ints

LEAST_RESISTANCE = 1e-9


@dataclass(frozen=True)
class Reach:
    """A part of the network: its nodes, its links, and the shut links at its edge."""

    nodes: Ints
    links: Ints
    walls: Ints


def enclosed(graph: Graph, *, nodes: Ints, walls: Bools) -> Reach:
    """Return what is joined to ``nodes`` without passing a wall.

    Parameters
    ----------
    graph : Graph
        The network; links that do not pass are walls too.
    nodes : ndarray
        Where to begin.
    walls : ndarray, shape (n_links,)
        Links that end the search, such as all valves that can be closed.

    Returns
    -------
    Reach
        ``walls`` of the result are the links at its edge that ended the search.
    """
    opened = graph.passes & ~walls
    inner = Graph(graph.nodes, graph.start, graph.end, opened, graph.is_source)
    pieces = inner.pieces()
    inside = np.isin(pieces, np.unique(pieces[nodes]))
    start_in, end_in = inside[graph.start], inside[graph.end]
    return Reach(
        nodes=np.flatnonzero(inside),
        links=np.flatnonzero(opened & start_in & end_in),
        walls=np.flatnonzero(~opened & (start_in | end_in)),
    )


def dependents(graph: Graph, *, links: Ints, nodes: Ints) -> Bools:
    """Return the nodes that have water now and none when these assets are shut.

    Proven by the drawing: every way from every source to them passes one of the assets. The nodes
    that are shut themselves count.
    """
    found: Bools = graph.fed() & ~graph.without(links=links, nodes=nodes).fed()
    return found


@dataclass(frozen=True)
class Routes:
    """The ways of least resistance from the sources to every node.

    Attributes
    ----------
    cost : ndarray, shape (n_nodes,)
        Resistance from the nearest source; infinite where none reaches.
    before : ndarray, shape (n_nodes,)
        The node before on the way; negative at sources and where none reaches.
    by : ndarray, shape (n_nodes,)
        The link by which the way arrives; negative likewise.
    """

    cost: Floats
    before: Ints
    by: Ints


def routes(graph: Graph, *, resistance: Floats, origins: Ints | None = None) -> Routes:
    """Return the way of least resistance from the sources, or from ``origins``, to every node.

    Parameters
    ----------
    graph : Graph
        The network; only links that pass are used, in the ways in which they pass.
    resistance : ndarray, shape (n_links,)
        What decides between two ways, such as length over diameter to the fifth. Not negative.
    origins : ndarray, optional
        Where the ways begin; the sources by default.
    """
    begin = np.flatnonzero(graph.is_source) if origins is None else origins
    lost = np.full(graph.nodes, -1, dtype=np.int64)
    if not len(begin):
        return Routes(np.full(graph.nodes, np.inf), lost, lost.copy())
    apart = graph.start != graph.end
    forth, back = np.flatnonzero(graph.passes & apart), np.flatnonzero(graph.back & apart)
    link = np.concatenate([forth, back])
    start = np.concatenate([graph.start[forth], graph.end[back]])
    end = np.concatenate([graph.end[forth], graph.start[back]])
    weight = np.maximum(np.nan_to_num(resistance[link], nan=1.0), LEAST_RESISTANCE)
    # Of parallel links only the easiest counts; a sparse matrix would add them up.
    order = np.lexsort((weight, end, start))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)
    best = order[first]
    matrix = sparse.csr_array(
        (weight[best], (start[best], end[best])), shape=(graph.nodes, graph.nodes)
    )
    cost, before, _origin = sparse.csgraph.dijkstra(
        matrix, indices=begin, min_only=True, return_predecessors=True
    )
    before = before.astype(np.int64)
    by = lost.copy()
    arrived = np.flatnonzero(before >= 0)
    wanted = before[arrived] * graph.nodes + arrived
    by[arrived] = link[best][np.searchsorted(start[best] * graph.nodes + end[best], wanted)]
    return Routes(cost=cost, before=np.where(before >= 0, before, -1), by=by)


def way(found: Routes, node: int) -> tuple[list[int], list[int]]:
    """Return nodes and links of the way to ``node``, the node itself first."""
    nodes, links = [int(node)], []
    while found.before[nodes[-1]] >= 0:
        links.append(int(found.by[nodes[-1]]))
        nodes.append(int(found.before[nodes[-1]]))
    return nodes, links


def likely_below(found: Routes, *, links: Ints, nodes: Ints) -> Bools:
    """Return the nodes whose way of least resistance passes one of these assets.

    Likely served through them, not surely: in a meshed network water comes by other ways as well.
    """
    chosen = set(np.asarray(links).tolist())
    below = np.zeros(len(found.cost), dtype=bool)
    below[nodes] = True
    reached = np.flatnonzero(np.isfinite(found.cost))
    order = reached[np.argsort(found.cost[reached], kind="stable")].tolist()
    before, by = found.before.tolist(), found.by.tolist()
    passed = below.tolist()
    for node in order:
        if before[node] >= 0 and (passed[before[node]] or by[node] in chosen):
            passed[node] = True
    return np.asarray(passed, dtype=bool)


def links_among(graph: Graph, nodes: Bools) -> Ints:
    """Return the links that pass and have an end among these nodes."""
    return np.flatnonzero(graph.passes & (nodes[graph.start] | nodes[graph.end]))
