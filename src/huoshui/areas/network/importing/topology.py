"""Join what was drawn into a network: ends to nodes, points on pipes, valves between two nodes."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from huoshui.areas.network.contracts import ImportProblem, Kind
from huoshui.areas.network.importing import coordinates
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadLink, ReadNetwork, ReadNode

Array = NDArray[np.float64]
MADE_PREFIX = "N-"
POINTS_AT_ONCE = 64
PAIRS_PER_LINE = 50
"""A pipe has no more nodes near it; a file that says so has all its points in one place."""


@dataclass(slots=True)
class Drawn:
    """One thing of a layer: its code, kind, coordinates and where it stands in the file."""

    code: str
    kind: str
    xy: Array
    values: dict[str, Any]
    layer: str
    row: int
    start: str = ""
    end: str = ""


@dataclass
class Parts:
    """All that was drawn: points that are nodes, points that sit in a pipe, and lines."""

    nodes: list[Drawn] = field(default_factory=list)
    in_line: list[Drawn] = field(default_factory=list)
    lines: list[Drawn] = field(default_factory=list)


@dataclass(slots=True)
class Piece:
    """A line or a part of one, between two nodes by their place in the list of nodes."""

    drawn: Drawn
    code: str
    start: int
    end: int
    bends: Array
    share: float


def join(network: ReadNetwork, parts: Parts, *, tolerance_m: float, placement: Placement) -> None:
    """Fill nodes and links of a network; what cannot be joined is left out and named."""
    Joining(network, parts, tolerance_m, placement).join()


class Joining:
    """One joining of one file's parts."""

    def __init__(
        self, network: ReadNetwork, parts: Parts, tolerance_m: float, placement: Placement
    ) -> None:
        self.network, self.tolerance_m = network, tolerance_m
        seen: dict[str, Drawn] = {}
        self.nodes = self._once(parts.nodes, seen)
        in_line = self._once(parts.in_line, seen)
        self.lines = self._once(parts.lines, {})
        # Points that sit in a pipe are nodes until the pipes are cut at them.
        self.first_in_line = len(self.nodes)
        self.nodes += in_line
        self.first_made = len(self.nodes)
        self.xy = self._places(placement)
        self.at = {node.code: index for index, node in enumerate(self.nodes)}

    def tell(self, code: str, drawn: Drawn, *, fatal: bool = True, value: str = "") -> None:
        """Note a problem of one drawn thing."""
        self.network.problems.append(
            ImportProblem(
                code=code, fatal=fatal, section=drawn.layer, subject=drawn.code, line=drawn.row,
                value=value,
            )
        )  # fmt: skip

    def _once(self, drawn: list[Drawn], seen: dict[str, Drawn]) -> list[Drawn]:
        kept = []
        for one in drawn:
            if one.code in seen:
                self.tell(
                    "duplicate_code", one, value=f"{seen[one.code].layer} {seen[one.code].row}"
                )
                continue
            seen[one.code] = one
            kept.append(one)
        return kept

    def _places(self, placement: Placement) -> Array:
        """Return the nodes' places; sets how long a unit of the coordinates is."""
        points = [node.xy[0] for node in self.nodes] + [line.xy[0] for line in self.lines]
        sample = np.asarray(points, dtype=float).reshape(-1, 2)
        crs, _ = coordinates.choose(placement, self.network.crs, sample)
        unit = coordinates.unit_m(crs) if crs else 1.0
        narrow = 1.0
        if unit > 1000 and len(sample):
            narrow = float(np.cos(np.radians(np.clip(np.median(sample[:, 1]), -85, 85))))
        self.unit = np.array([unit * narrow, unit])
        places = [node.xy[0] for node in self.nodes]
        return np.asarray(places, dtype=float).reshape(-1, 2)

    def join(self) -> None:
        """Give every line two nodes, cut lines at nodes on them, and put valves in."""
        starts, ends = self._stated()
        self._snap(starts, ends)
        pieces = self._cut(starts, ends)
        if self.network.refused:
            return
        self._emit(self._valves_in(pieces))

    # -- ends

    def _stated(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the nodes that the file itself names for the ends of lines; -1 for none."""
        far = 50 * self.tolerance_m
        starts = np.full(len(self.lines), -1, dtype=np.int64)
        ends = starts.copy()
        for index, line in enumerate(self.lines):
            for which, name, place in ((starts, line.start, 0), (ends, line.end, -1)):
                node = self.at.get(name, -1) if name else -1
                if node < 0:
                    continue
                away = np.hypot(*((self.xy[node] - line.xy[place]) * self.unit))
                if away > far:
                    self.tell("end_far_from_node", line, fatal=False, value=f"{name} {away:.0f} m")
                which[index] = node
        return starts, ends

    def _snap(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Join ends without a node to the nearest within the tolerance, or make one for them."""
        open_ends = np.concatenate([np.flatnonzero(starts < 0), -1 - np.flatnonzero(ends < 0)])
        if not len(open_ends):
            return
        places = np.array(
            [
                self.lines[one].xy[0] if one >= 0 else self.lines[-1 - one].xy[-1]
                for one in open_ends
            ]
        )
        found = np.full(len(open_ends), -1, dtype=np.int64)
        if len(self.xy):
            away, nearest = cKDTree(self.xy * self.unit).query(
                places * self.unit, distance_upper_bound=self.tolerance_m
            )
            found = np.where(np.isfinite(away), nearest, -1)
        lost = np.flatnonzero(found < 0)
        if len(lost):
            found[lost] = self._make_nodes(places[lost])
        for one, node in zip(open_ends.tolist(), found.tolist(), strict=True):
            if one >= 0:
                starts[one] = node
            else:
                ends[-1 - one] = node

    def _make_nodes(self, places: Array) -> NDArray[np.int64]:
        """Make one node where ends meet within the tolerance; return the node of each end."""
        # Ends in one small cell are one: a thousand ends at one place have a million pairs.
        cells = np.floor(places * self.unit / (self.tolerance_m / 4))
        _, lone, cell = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        apart = places[lone] * self.unit
        pairs = cKDTree(apart).query_pairs(self.tolerance_m, output_type="ndarray")
        size = len(apart)
        graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        count, groups = connected_components(graph, directed=False)
        group = groups[np.ravel(cell)]
        # The node lies at the westernmost of the ends, so that it is the same in the next file.
        order = np.lexsort((places[:, 1], places[:, 0], group))
        first = order[np.unique(group[order], return_index=True)[1]]
        base = len(self.nodes)
        for index in first.tolist():
            code = made_code(places[index])
            while code in self.at:
                code += "a"
            self.at[code] = len(self.nodes)
            self.nodes.append(
                Drawn(code, str(Kind.JUNCTION), places[index].reshape(1, 2), {}, "", 0)
            )
        self.xy = np.concatenate([self.xy, places[first]])
        self.network.problems.append(
            ImportProblem(code="nodes_made", fatal=False, value=str(count))
        )
        return base + group

    # -- nodes on lines

    def _cut(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[Piece]:
        """Return the lines, cut where a node lies on them and is not their end."""
        shapes = np.empty(len(self.lines), dtype=object)
        sizes = np.array([len(line.xy) for line in self.lines])
        every = np.concatenate([line.xy for line in self.lines]) * self.unit
        shapes = shapely.linestrings(every, indices=np.repeat(np.arange(len(sizes)), sizes))
        points = shapely.points(self.xy * self.unit)
        tree = shapely.STRtree(shapes)
        node, line = self._near(tree, points)
        # A file that names both ends says how it is joined; it is not cut where lines only cross.
        is_pipe = np.array(
            [
                one.kind == Kind.PIPE and not (one.start in self.at and one.end in self.at)
                for one in self.lines
            ]
        )
        inner = (node != starts[line]) & (node != ends[line]) & is_pipe[line]
        node, line = node[inner], line[inner]
        along = shapely.line_locate_point(shapes[line], points[node])
        lengths = shapely.length(shapes)
        apart = (along > self.tolerance_m) & (along < lengths[line] - self.tolerance_m)
        cuts: dict[int, list[tuple[float, int]]] = {}
        for one, place, where in zip(
            line[apart].tolist(), along[apart].tolist(), node[apart].tolist(), strict=True
        ):
            cuts.setdefault(one, []).append((place, where))
        codes = {one.code for one in self.lines} | set(self.at)
        pieces = []
        for index, drawn in enumerate(self.lines):
            start, end = int(starts[index]), int(ends[index])
            if index not in cuts:
                pieces.append(Piece(drawn, drawn.code, start, end, drawn.xy[1:-1], 1.0))
                continue
            pieces += self._pieces(drawn, start, end, sorted(cuts[index]), codes, shapes[index])
        return pieces

    def _near(self, tree: shapely.STRtree, points: Any) -> tuple[Any, Any]:
        """Return pairs of node and line within the tolerance, as many as a city can have."""
        found: list[Any] = []
        count = 0
        for at in range(0, len(points), POINTS_AT_ONCE):
            part = tree.query(
                points[at : at + POINTS_AT_ONCE], predicate="dwithin", distance=self.tolerance_m
            )
            part[0] += at
            found.append(part)
            count += part.shape[1]
            if count > PAIRS_PER_LINE * len(self.lines) + POINTS_AT_ONCE:
                self.network.refuse("too_dense", value=str(len(self.lines)))
                break
        node, line = np.concatenate(found, axis=1) if found else np.empty((2, 0), dtype=int)
        return node, line

    def _pieces(
        self, drawn: Drawn, start: int, end: int, cuts: list[tuple[float, int]],
        codes: set[str], shape: Any,
    ) -> list[Piece]:  # fmt: skip
        """Cut one line at places along it; the first piece keeps the code."""
        steps = np.hypot(*(np.diff(drawn.xy, axis=0) * self.unit).T)
        course = np.concatenate([[0.0], np.cumsum(steps)])
        total = max(float(course[-1]), 1e-9)
        places = [0.0, *(place for place, _ in cuts), total]
        nodes = [start, *(node for _, node in cuts), end]
        pieces: list[Piece] = []
        for number, (low, high) in enumerate(itertools.pairwise(places)):
            if nodes[number] == nodes[number + 1]:
                continue
            code = drawn.code
            extra = 2
            while pieces and code in codes:
                code = f"{drawn.code}-{extra}"
                extra += 1
            codes.add(code)
            inside = (course > low + 1e-6) & (course < high - 1e-6)
            inside[0] = inside[-1] = False
            pieces.append(
                Piece(drawn, code, nodes[number], nodes[number + 1], drawn.xy[inside],
                      (high - low) / total)
            )  # fmt: skip
        names = ", ".join(self.nodes[node].code for _, node in cuts[:5])
        self.tell("pipe_cut", drawn, fatal=False, value=names)
        return pieces

    # -- valves

    def _valves_in(self, pieces: list[Piece]) -> list[Piece]:
        """Put each valve that was drawn as a point between two nodes of its own."""
        if self.first_in_line == self.first_made:
            return pieces
        touching: dict[int, list[tuple[Piece, bool]]] = {}
        for piece in pieces:
            for node, is_start in ((piece.start, True), (piece.end, False)):
                touching.setdefault(node, []).append((piece, is_start))
        near = cKDTree(self.xy * self.unit)
        for node in range(self.first_in_line, self.first_made):
            drawn = self.nodes[node]
            first = node
            if node not in touching:
                # The pipes meet in a node drawn at the same place.
                others = near.query_ball_point(self.xy[node] * self.unit, self.tolerance_m)
                first = next((one for one in sorted(others) if one in touching), node)
            found = touching.get(first, [])
            if not found:
                self.tell("valve_off_pipe", drawn)
                continue
            if len(found) > 2:
                self.tell("valve_at_branch", drawn, fatal=False, value=found[-1][0].code)
            # All pipes but the last keep the first node; the last begins behind the valve.
            second = self._second_node(drawn)
            piece, is_start = found[-1]
            if len(found) > 1:
                if is_start:
                    piece.start = second
                else:
                    piece.end = second
            valve = Drawn(drawn.code, drawn.kind, drawn.xy, drawn.values, drawn.layer, drawn.row)
            pieces.append(Piece(valve, drawn.code, first, second, drawn.xy[:0], 1.0))
            if first == node:
                self.nodes[node] = self._side(drawn, 1)
        return pieces

    def _side(self, drawn: Drawn, number: int) -> Drawn:
        code = f"{drawn.code}.{number}"
        while code in self.at:
            code += "a"
        return Drawn(code, str(Kind.JUNCTION), drawn.xy, {}, drawn.layer, drawn.row)

    def _second_node(self, drawn: Drawn) -> int:
        side = self._side(drawn, 2)
        self.at[side.code] = len(self.nodes)
        self.nodes.append(side)
        return len(self.nodes) - 1

    # -- out

    def _emit(self, pieces: list[Piece]) -> None:
        """Write nodes and links into the network."""
        network = self.network
        used = set()
        for piece in pieces:
            if piece.start == piece.end:
                self.tell("same_ends", piece.drawn, value=self.nodes[piece.start].code)
                continue
            used |= {piece.start, piece.end}
            values = piece.drawn.values
            if piece.share < 1.0 and values.get("length_m"):
                values = values | {"length_m": round(values["length_m"] * piece.share, 3)}
            network.links.append(
                ReadLink(
                    piece.code,
                    str(piece.drawn.kind),
                    self.nodes[piece.start].code,
                    self.nodes[piece.end].code,
                    tuple(map(tuple, piece.bends.tolist())),
                    values,
                    piece.drawn.row or None,
                )
            )
        for index, node in enumerate(self.nodes):
            is_in_line = self.first_in_line <= index < self.first_made
            if index not in used and (is_in_line or not node.layer):
                continue
            if index not in used:
                self.tell("unconnected_node", node, fatal=False)
            x, y = node.xy[0].tolist()
            network.nodes.append(
                ReadNode(node.code, str(node.kind), (x, y), node.values, node.row or None)
            )


def made_code(place: Array) -> str:
    """Return the code of a node that the file does not have: the same for the same place."""
    text = f"{place[0]:.6f},{place[1]:.6f}"
    digest = hashlib.blake2s(text.encode(), digest_size=5).digest()
    return MADE_PREFIX + base64.b32encode(digest).decode()
