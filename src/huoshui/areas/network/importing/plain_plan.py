"""The pipes of a file as a plan of links, for who has no register: joined, long, open or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from huoshui.areas.network import geo
from huoshui.areas.network.contracts import FileLink, FilePlan, Kind, Status
from huoshui.areas.network.contracts import ValveKind as Valve
from huoshui.areas.network.importing import places, source
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadLink, ReadNetwork
from huoshui.lab.units import earth

HOLDING = frozenset({Valve.PRESSURE_REDUCING, Valve.PRESSURE_SUSTAINING, Valve.FLOW_CONTROL})
ENTRANCES = frozenset({Kind.RESERVOIR, Kind.TANK})
NEAR_M = 50.0
"""A point beside the pipes belongs to the nearest node within this; farther it is a slip."""


def read(path: Path, *, name: str, crs: str = "") -> FilePlan:
    """Read the pipes of a file of any kind; problems are in the answer, never raised."""
    placement = Placement(crs=crs)
    network = source.read(path, source.Options(placement=placement), name=name)
    placed = places.Places()
    if not network.refused:
        placed = places.of(network, placement, None)
    if network.refused:
        return FilePlan(moved={}, problems=tuple(network.problems), refused=True)
    links = _links(network, placed)
    if not any(link.length_m > 0 for link in links):
        network.refuse("no_pipes")
        return FilePlan(moved={}, problems=tuple(network.problems), refused=True)
    return FilePlan(
        links=links,
        entrances=tuple(one.model_id for one in network.nodes if one.kind in ENTRANCES),
        moved=_moved(links, placed),
        # A point beside the pipes is no fault of a plan: hydrants and sensors often stand there.
        problems=tuple(one for one in network.problems if one.code != "unconnected_node"),
    )


def _links(network: ReadNetwork, placed: places.Places) -> tuple[FileLink, ...]:
    """Return the links that let water pass; one whose end has no place is named and left out."""
    found = []
    for link, bends in zip(network.links, placed.bends, strict=True):
        lost = next((end for end in (link.start, link.end) if end in placed.left_out), None)
        if lost is not None:
            network.leave_out(link, lost)
            continue
        if not _passes(link):
            continue
        course = [placed.nodes[link.start], *bends, placed.nodes[link.end]]
        is_pipe = link.kind == Kind.PIPE
        stated = link.values.get("length_m") or geo.length_m(course)
        found.append(
            FileLink(
                code=link.model_id,
                start=link.start,
                end=link.end,
                length_m=stated if is_pipe else 0.0,
                diameter_mm=link.values.get("diameter_mm") if is_pipe else None,
                parts_heads=link.kind == Kind.PUMP or link.values.get("valve_kind") in HOLDING,
            )
        )
    return tuple(found)


def _passes(link: ReadLink) -> bool:
    in_use = link.values.get("status") in (None, Status.IN_USE)
    return in_use and link.values.get("normal_state") != "closed"


def _moved(links: tuple[FileLink, ...], placed: places.Places) -> dict[str, tuple[str, float]]:
    """Return points that no link ends at, each with the nearest node that one ends at."""
    joined = list(dict.fromkeys(end for link in links for end in (link.start, link.end)))
    lone = [node for node in placed.nodes if node not in set(joined)]
    if not lone:
        return {}
    at = np.array([placed.nodes[node] for node in [*joined, *lone]])
    narrow = np.cos(np.radians(np.median(at[:, 1])))
    ground = at * np.array([narrow, 1.0]) * earth.M_PER_DEGREE
    away, nearest = cKDTree(ground[: len(joined)]).query(
        ground[len(joined) :], distance_upper_bound=NEAR_M
    )
    return {
        node: (joined[index], float(far))
        for node, index, far in zip(lone, nearest.tolist(), away.tolist(), strict=True)
        if np.isfinite(far)
    }
