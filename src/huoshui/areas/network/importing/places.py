"""Longitude and latitude of everything in a read network, and what is wrong with them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np

from huoshui.areas.network.contracts import ImportProblem
from huoshui.areas.network.importing import coordinates
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import Point, ReadNetwork

Bounds = tuple[float, float, float, float]


@dataclass
class Places:
    """Where nodes lie and links run, by code; ``crs`` is the system they were read by."""

    crs: str = ""
    nodes: dict[str, Point] = field(default_factory=dict)
    bends: list[list[Point]] = field(default_factory=list)
    """Of each link, in the order of the network."""
    left_out: set[str] = field(default_factory=set)
    """Nodes whose place is none."""


def of(network: ReadNetwork, placement: Placement, register: Bounds | None) -> Places:
    """Place a network; adds to its problems, and refuses it where no place can be right."""
    found = Places()
    placed = [node for node in network.nodes if node.place is not None]
    own = np.array([node.place for node in placed], dtype=float).reshape(-1, 2)
    crs, problems = coordinates.choose(placement, network.crs, own)
    if not len(own) and not placement.crs:
        crs, problems = coordinates.WGS84, []
    bends = [bend for link in network.links for bend in link.bends]
    lonlat = bends_lonlat = np.empty((0, 2))
    if crs:
        lonlat, wrong = coordinates.lonlat_of(placement, crs, own)
        problems += wrong
        if not wrong:
            every = np.array(bends, dtype=float).reshape(-1, 2)
            bends_lonlat, _ = coordinates.lonlat_of(placement, crs, every)
            problems += coordinates.sanity(lonlat, register=register, anywhere=placement.anywhere)
    network.problems += problems
    if any(problem.fatal for problem in problems):
        network.refused = True
        return found
    found.crs = crs
    for node, place in zip(placed, lonlat.tolist(), strict=True):
        if math.isnan(place[0]):
            found.left_out.add(node.model_id)
            network.problems.append(
                ImportProblem(
                    code="bad_place", fatal=True, subject=node.model_id, line=node.line,
                    value=", ".join(f"{one:g}" for one in node.place or ()),
                )
            )  # fmt: skip
        else:
            found.nodes[node.model_id] = (place[0], place[1])
    listed = [(one[0], one[1]) for one in bends_lonlat.tolist()]
    used = 0
    for link in network.links:
        own_bends = listed[used : used + len(link.bends)]
        used += len(link.bends)
        found.bends.append([one for one in own_bends if not math.isnan(one[0])])
    return found


def halfway(line: list[Point]) -> Point:
    """Return the point half-way along a line of places."""
    if len(line) == 2:
        (a, b), (c, d) = line
        return (round((a + c) / 2, 7), round((b + d) / 2, 7))
    # Over the length of a pipe a degree of longitude has one width.
    width = math.cos(math.radians(line[0][1]))
    steps = [math.hypot((c - a) * width, d - b) for (a, b), (c, d) in itertools.pairwise(line)]
    left = sum(steps) / 2
    for (a, b), (c, d), step in zip(line, line[1:], steps, strict=False):
        if left <= step and step > 0:
            part = left / step
            return (round(a + (c - a) * part, 7), round(b + (d - b) * part, 7))
        left -= step
    return (round(line[0][0], 7), round(line[0][1], 7))
