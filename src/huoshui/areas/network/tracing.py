"""From any asset through the network: where its water comes from, and what depends on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Sum

from huoshui.areas.network import contracts, drawing
from huoshui.areas.network.contracts import Kind, TraceDirection, TraceProblem
from huoshui.areas.network.drawing import Part, Register
from huoshui.areas.network.models import Connection
from huoshui.lab.graph import trace as graph_trace
from huoshui.lab.graph.topology import Bools, Ints

IDS_AT_ONCE = 500


@dataclass(frozen=True)
class _Place:
    """Where a trace begins: the asset as links and nodes of the graph."""

    links: Ints
    nodes: Ints
    ends: Ints


def trace(
    code: str, direction: TraceDirection, *, at: datetime | None = None
) -> contracts.Trace | None:
    """Return one trace from an asset, or None if the register of that moment has no such asset."""
    register = drawing.read(at)
    place = _place_of(register, code)
    if place is None:
        return None
    problems = tuple(_problems(register, place))
    find = {
        TraceDirection.UP: _up,
        TraceDirection.DOWN: _down,
        TraceDirection.LIKELY: _likely,
        TraceDirection.SEGMENT: _segment,
    }[direction]
    nodes, links, walls = find(register, place)
    return _answer(register, code, direction, at, nodes, links, walls, problems)


def _place_of(register: Register, code: str) -> _Place | None:
    none: Ints = np.array([], dtype=np.int64)
    for index, link in enumerate(register.links):
        if link.code == code:
            ends = np.array([register.graph.start[index], register.graph.end[index]])
            return _Place(np.array([index]), none, ends)
    for index, node in enumerate(register.nodes):
        if node.code == code:
            return _Place(none, np.array([index]), np.array([index]))
    return None


def _problems(register: Register, place: _Place) -> Iterable[TraceProblem]:
    """Say which rule of the trace failed, and on which assets."""
    graph = register.graph
    if not graph.is_source.any():
        yield TraceProblem(code="no_source")
        return
    if not graph.fed()[place.ends].any():
        yield TraceProblem(code="not_fed")
    for index in place.links:
        if register.is_closed[index]:
            yield TraceProblem(code="is_closed")
        elif not register.in_use[index]:
            yield TraceProblem(code="not_in_use")


Found = tuple[Bools, Ints, Ints]


def _up(register: Register, place: _Place) -> Found:
    """The way of least resistance from each source that reaches the asset."""
    graph = register.graph
    found = graph_trace.routes(graph.turned(), resistance=register.resistance, origins=place.ends)
    nodes = np.zeros(graph.nodes, dtype=bool)
    links: set[int] = set()
    for source in np.flatnonzero(graph.is_source):
        if np.isfinite(found.cost[source]):
            way_nodes, way_links = graph_trace.way(found, int(source))
            nodes[way_nodes] = True
            links.update(way_links)
    chosen = np.array(sorted(links | set(place.links.tolist())), dtype=np.int64)
    return nodes, chosen, _closed_beside(register, nodes)


def _down(register: Register, place: _Place) -> Found:
    """What loses all water when the asset is shut."""
    lost = graph_trace.dependents(register.graph, links=place.links, nodes=place.nodes)
    return _with_links(register, place, lost)


def _likely(register: Register, place: _Place) -> Found:
    """What gets its water through the asset, by the way of least resistance."""
    routes = graph_trace.routes(register.graph, resistance=register.resistance)
    below = graph_trace.likely_below(routes, links=place.links, nodes=place.nodes)
    return _with_links(register, place, below)


def _with_links(register: Register, place: _Place, nodes: Bools) -> Found:
    """Return nodes with the links wholly among them, and the asset itself."""
    graph = register.graph
    inner = np.flatnonzero(graph.passes & nodes[graph.start] & nodes[graph.end])
    return nodes, np.union1d(inner, place.links), _closed_beside(register, nodes)


def _segment(register: Register, place: _Place) -> Found:
    """What is joined to the asset without passing a valve that can be closed."""
    graph = register.graph
    # Of a valve, which is a wall itself, this is what lies on both of its sides.
    reach = graph_trace.enclosed(graph, nodes=place.ends, walls=register.walls)
    inside = np.zeros(graph.nodes, dtype=bool)
    inside[reach.nodes] = True
    valves = reach.walls[register.in_use[reach.walls]]
    return inside, reach.links, valves


def _closed_beside(register: Register, nodes: Bools) -> Ints:
    graph = register.graph
    beside = nodes[graph.start] != nodes[graph.end]
    return np.flatnonzero(register.is_closed & register.in_use & beside)


def _answer(
    register: Register,
    code: str,
    direction: TraceDirection,
    at: datetime | None,
    nodes: Bools,
    links: Ints,
    walls: Ints,
    problems: tuple[TraceProblem, ...],
) -> contracts.Trace:
    parts = [register.nodes[index] for index in np.flatnonzero(nodes)]
    parts += [register.links[index] for index in links]
    pipes = [part for part in parts if part.kind == Kind.PIPE]
    customers = _customers([pipe.id for pipe in pipes])
    return contracts.Trace(
        code=code,
        direction=direction,
        at=at,
        codes=tuple(part.code for part in parts),
        counts=dict(Counter(part.kind for part in parts)),
        pipes_length_m=float(sum(pipe.length_m or 0.0 for pipe in pipes)),
        connections=customers["connections"],
        customers=customers["customers"],
        annual_use_m3=customers["annual_use_m3"],
        sources=tuple(
            register.nodes[index].code for index in np.flatnonzero(nodes & register.graph.is_source)
        ),
        stops=tuple(
            contracts.TraceStop(
                code=register.links[index].code,
                is_closed=bool(register.is_closed[index]),
                operability=register.operabilities.get(register.links[index].id, "unknown"),
            )
            for index in walls
        ),
        problems=problems,
        features=_features(parts, [register.links[index] for index in walls]),
    )


def _customers(pipe_ids: Sequence[int]) -> dict[str, Any]:
    connections, customers, use = 0, 0, 0.0
    for at in range(0, len(pipe_ids), IDS_AT_ONCE):
        rows = Connection.objects.filter(
            pipe_id__in=pipe_ids[at : at + IDS_AT_ONCE],
            status=contracts.ConnectionStatus.IN_USE,
        )
        found = rows.aggregate(
            n=Count("id"), c=Count("customer_code", distinct=True), u=Sum("annual_use_m3")
        )
        connections += found["n"]
        customers += found["c"]
        use += found["u"] or 0.0
    return {"connections": connections, "customers": customers, "annual_use_m3": use}


def _features(parts: Sequence[Part], stops: Sequence[Part]) -> tuple[dict[str, Any], ...]:
    """Return the assets as GeoJSON; what ended the trace has the role "stop"."""
    return tuple(
        drawing.feature(part, {"role": role})
        for role, some in (("found", parts), ("stop", stops))
        for part in some
        if part.lon is not None
    )
