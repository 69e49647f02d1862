"""Which connections lose their water together: those between the same valves, and beyond.

    R --p1-- a --v1-- b --p2-- c --v2-- d --p3-- e

Shutting off a connection at p2 closes v1 and v2. Its segment is p2; p3 hangs only from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huoshui.areas.network import drawing, queries, remembered
from huoshui.areas.network.contracts import Kind
from huoshui.lab.graph import trace as graph_trace
from huoshui.lab.graph.topology import Graph, Ints

BEYOND_MAX = 2_000
"""With more connections beyond it a segment is a trunk of the city: what hangs from it is left out,
because then nearly everybody would share its fate."""


@dataclass(frozen=True)
class _Segments:
    """The network in its segments; the arrays are by link and node of the graph."""

    graph: Graph
    piece_of_node: Ints
    piece_of_pipe: dict[str, int]
    pipe_at: dict[int, str]
    is_inside: np.ndarray


def _read() -> _Segments:
    register = drawing.read()
    graph = register.graph
    inside = graph.passes & ~register.walls
    pieces = Graph(graph.nodes, graph.start, graph.end, inside, graph.is_source).pieces()
    pipe_at = {
        index: link.code
        for index, link in enumerate(register.links)
        if link.kind == Kind.PIPE and inside[index]
    }
    return _Segments(
        graph=graph,
        piece_of_node=pieces,
        piece_of_pipe={code: int(pieces[graph.start[at]]) for at, code in pipe_at.items()},
        pipe_at=pipe_at,
        is_inside=inside,
    )


def connections_together(code: str) -> frozenset[str]:
    """Return the connections in use that lose their water with this one, itself among them.

    Those of its segment, and those that are fed through it only, unless they are very many. Empty
    where the connection or its pipe is not in the network. Costly once for each revision.
    """
    pipe = queries.pipe_of_connection(code)
    if pipe is None:
        return frozenset()
    known = remembered.of_revision("segments", _read)
    piece = known.piece_of_pipe.get(pipe)
    if piece is None:
        return frozenset()
    within = known.piece_of_node == piece
    links = np.flatnonzero(known.is_inside & within[known.graph.start])
    own = queries.connections_on(_pipes(known, links))
    lost = graph_trace.dependents(known.graph, links=links, nodes=np.flatnonzero(within))
    graph = known.graph
    beyond = np.flatnonzero(graph.passes & lost[graph.start] & lost[graph.end])
    further = queries.connections_on(_pipes(known, np.setdiff1d(beyond, links)))
    return frozenset(own if len(further) > BEYOND_MAX else (*own, *further))


def _pipes(known: _Segments, links: Ints) -> list[str]:
    return [known.pipe_at[at] for at in links.tolist() if at in known.pipe_at]
