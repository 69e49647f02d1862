"""Pipes as they lie, without hydraulics: which joins which, how long, how wide.

    id;from;to;length_m;diameter_mm;kind
    p1;works;n1;120;200;                      an empty kind is a pipe
    v1;n1;n2;;;regulator                      pressure behind it is its own: from is upstream

Read from a table, or from an INP file of which only the pipes are used.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from huoshui.lab.graph import nearness
from huoshui.lab.hydraulics.epanet import EpanetProject
from huoshui.lab.series.scada_files import UnreadableFile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HEADINGS = {
    "id": "id", "pipe": "id", "link": "id", "name": "id", "编号": "id", "管段编号": "id",
    "from": "from", "start": "from", "node1": "from", "起点": "from", "起点编号": "from",
    "to": "to", "end": "to", "node2": "to", "终点": "to", "终点编号": "to",
    "length": "length", "length_m": "length", "长度": "length", "管长": "length",
    "diameter": "diameter", "diameter_mm": "diameter", "dn": "diameter", "管径": "diameter",
    "口径": "diameter", "kind": "kind", "type": "kind", "类型": "kind",
}  # fmt: skip
NEEDED = ("id", "from", "to", "length")
PIPE, BORDER, CLOSED = "pipe", "border", "closed"
KINDS = {
    "": PIPE, "pipe": PIPE, "管段": PIPE, "管道": PIPE, "valve": PIPE, "阀门": PIPE,
    "pump": BORDER, "regulator": BORDER, "prv": BORDER, "psv": BORDER, "fcv": BORDER,
    "水泵": BORDER, "减压阀": BORDER, "closed": CLOSED, "关闭": CLOSED,
}  # fmt: skip
BORDER_TYPES = (2, 3, 4, 6)  # as EPANET numbers pumps and PRV, PSV, FCV
CELLS = 4_000_000  # of a table of ways that is held at once
USUAL_M = 0.1
MM_PER_M = 1000.0


@dataclass(frozen=True)
class PipePlan:
    """Links and nodes.

    Attributes
    ----------
    names, nodes : tuple of str
        Of links and of nodes.
    ends : ndarray of int, shape (n_links, 2)
        Numbers of the nodes at both ends.
    lengths_m : ndarray, shape (n_links,)
        Zero for what has none, which is no place for a leak. [m]
    diameters_m : ndarray, shape (n_links,)
        NaN where it is not known. [m]
    is_border : ndarray of bool, shape (n_links,)
        Pumps and regulators: pressures on both sides are not joined; water goes from the first
        end to the second.
    sources : tuple of int
        Nodes whose head the zone's use does not move: works, reservoirs, inlets.
    """

    names: tuple[str, ...]
    nodes: tuple[str, ...]
    ends: Ints
    lengths_m: Floats
    diameters_m: Floats
    is_border: Bools
    sources: tuple[int, ...] = ()

    def number(self, node: str) -> int:
        """Return the number of a node, refusing unknown names."""
        if node not in self.nodes:
            raise UnknownNode(node)
        return self.nodes.index(node)

    def with_sources(self, names: Sequence[str]) -> PipePlan:
        """Return the same with other sources, refusing unknown names."""
        return replace(self, sources=tuple(self.number(name) for name in names))

    @property
    def pipes(self) -> Ints:
        """Numbers of the links that have a length."""
        return np.flatnonzero(self.lengths_m > 0)

    def parts(self) -> NDArray[np.int32]:
        """Return the number of the part in which each node lies; pumps and regulators part."""
        start, end = self.ends[~self.is_border].T
        joined = sparse.coo_matrix(
            (np.ones(start.size), (start, end)), shape=(len(self.nodes), len(self.nodes))
        )
        found: NDArray[np.int32] = csgraph.connected_components(joined, directed=False)[1]
        return found

    def is_fed(self) -> Bools:
        """Tell which nodes a source reaches, by itself or through pumps and regulators."""
        part = self.parts()
        fed = set(part[list(self.sources)].tolist())
        doors = part[self.ends[self.is_border]].reshape(-1, 2)
        for _round in range(len(doors)):
            fed |= {int(behind) for before, behind in doors if before in fed}
        return np.isin(part, list(fed))

    def unfed_m(self) -> float:
        """Return how much pipe no source reaches. [m]"""
        pipes = self.pipes
        return float(self.lengths_m[pipes][~self.is_fed()[self.ends[pipes]].all(axis=1)].sum())

    def ways_m(self, nodes: Sequence[int]) -> Floats:
        """Return the way along pipes from each pipe's centre to nodes; (n_pipes, n_nodes). [m]"""
        network = nearness.weighted(
            start=self.ends[:, 0], end=self.ends[:, 1], length_m=self.lengths_m,
            nodes=len(self.nodes),
        )  # fmt: skip
        far = csgraph.dijkstra(network, directed=False, indices=list(nodes)).T
        length = self.lengths_m[self.pipes]
        ways: Floats = far[self.ends[self.pipes]].min(axis=1) + length[:, None] / 2
        return ways

    def near(self, reach_m: float) -> sparse.csr_matrix:
        """Tell which pipes lie within reach of which, as `battle.centre_distances` measures it.

        Shape (n_pipes, n_pipes). Open valves join what lies on both sides; pumps and regulators do
        not. No way is followed beyond the reach, so that a city is done too.
        """
        pipes, rows = self.pipes, []
        ends, length = self.ends[pipes], self.lengths_m[pipes]
        passed = ~self.is_border
        start, end = self.ends[passed].T
        network = nearness.weighted(
            start=start, end=end, length_m=self.lengths_m[passed], nodes=len(self.nodes)
        )
        block = max(1, CELLS // max(len(self.nodes), 1))
        for first in range(0, pipes.size, block):
            here = slice(first, first + block)
            sources, back = np.unique(ends[here], return_inverse=True)
            far = csgraph.dijkstra(network, directed=False, indices=sources, limit=reach_m)
            from_pipe = far[back.reshape(-1, 2)].min(axis=1)
            way = from_pipe[:, ends].min(axis=2) + (length[here, None] + length[None, :]) / 2
            inside = way <= reach_m
            inside[np.arange(inside.shape[0]), np.arange(first, first + inside.shape[0])] = True
            rows.append(sparse.csr_matrix(inside.astype(float)))
        return sparse.vstack(rows, format="csr")


class UnknownNode(KeyError):
    """A sensor or a source stands at a node that no pipe has."""


def from_inp(text: str) -> PipePlan:
    """Take the pipes of an INP file; reservoirs and tanks are its sources, closed links left out.

    Raises
    ------
    EpanetRefused
        If EPANET cannot read the file.
    """
    with EpanetProject(text) as project:
        is_open = project.raw_links("INITSTATUS") > 0
        kinds = project.link_types()
        is_border = np.isin(kinds, BORDER_TYPES)
        # A valve's first status says how it works, not whether it lets water pass.
        kept = np.flatnonzero(is_open | is_border)
        return PipePlan(
            names=tuple(project.link_ids[link] for link in kept),
            nodes=tuple(project.node_ids),
            ends=np.asarray(project.link_nodes, np.int64)[kept],
            lengths_m=np.where(is_border, 0.0, project.lengths_m())[kept],
            diameters_m=np.where(is_border, np.nan, project.diameters_m())[kept],
            is_border=is_border[kept],
            sources=tuple(int(node) for node in np.flatnonzero(project.node_types() > 0)),
        )


def read(path: str | Path, *, sources: Sequence[str] = ()) -> PipePlan:
    """Read a table of pipes.

    Parameters
    ----------
    path : path
        Comma, semicolon or tab between cells; UTF-8 or GBK; columns in any order, further ones
        are passed over. Length in m, diameter in mm.
    sources : sequence of str
        Nodes where water comes in.

    Raises
    ------
    UnreadableFile
        With every line that is wrong.
    UnknownNode
        If no pipe has a source's node.
    """
    path = Path(path)
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    if not text.strip():
        raise UnreadableFile("empty", path=path)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = next((sign for sign in (";", "\t") if sign in first), ",")
    decimal = "," if separator != "," else "."
    rows = list(csv.reader(text.splitlines(), delimiter=separator))
    heading = {HEADINGS.get(cell.strip().lower(), ""): place for place, cell in enumerate(rows[0])}
    lacking = [name for name in NEEDED if name not in heading]
    if lacking:
        raise UnreadableFile("no_column", path=path, line=1, value=", ".join(lacking))
    links, wrong = _links(rows, heading, decimal, path)
    if wrong:
        raise UnreadableFile.of_all(wrong)
    if not links:
        raise UnreadableFile("no_rows", path=path, line=1)
    nodes = tuple(dict.fromkeys(node for link in links for node in (link.start, link.end)))
    place = {node: number for number, node in enumerate(nodes)}
    plan = PipePlan(
        names=tuple(link.name for link in links),
        nodes=nodes,
        ends=np.array([[place[link.start], place[link.end]] for link in links], np.int64),
        lengths_m=np.array([link.length_m for link in links]),
        diameters_m=np.array([link.diameter_m for link in links]),
        is_border=np.array([link.is_border for link in links]),
    )
    return plan.with_sources(sources)


@dataclass(frozen=True)
class _Link:
    name: str
    start: str
    end: str
    length_m: float
    diameter_m: float
    is_border: bool


def _links(
    rows: Sequence[Sequence[str]], heading: dict[str, int], decimal: str, path: Path
) -> tuple[list[_Link], list[UnreadableFile]]:
    """Return the links that are not closed, and what is wrong with the rows."""
    found: list[_Link] = []
    wrong: list[UnreadableFile] = []
    seen: set[str] = set()
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue

        def cell(name: str, row: Sequence[str] = row) -> str:
            place = heading.get(name, len(row))
            return row[place].strip() if place < len(row) else ""

        def refuse(why: str, column: str, value: str, line: int = line) -> None:
            # By its heading in the file: that is what is looked for.
            shown = rows[0][heading[column]].strip() if column in heading else column
            wrong.append(UnreadableFile(why, path=path, line=line, column=shown, value=value[:80]))

        kind = KINDS.get(cell("kind").lower())
        if kind is None:
            refuse("no_kind", "kind", cell("kind"))
            continue
        for name in ("id", "from", "to"):
            if not cell(name):
                refuse("no_name", name, "")
        if cell("id") in seen:
            refuse("pipe_twice", "id", cell("id"))
        seen.add(cell("id"))
        length = _number(cell("length"), decimal)
        must_be_long = kind == PIPE and cell("kind").lower() not in ("valve", "阀门")
        if must_be_long and (length is None or not length > 0):
            refuse("not_a_length", "length", cell("length"))
            continue
        diameter = _number(cell("diameter"), decimal) if cell("diameter") else math.nan
        if diameter is None or diameter <= 0:
            refuse("not_a_length", "diameter", cell("diameter"))
            continue
        if kind == CLOSED:
            continue
        found.append(
            _Link(
                cell("id"), cell("from"), cell("to"),
                0.0 if kind == BORDER else max(length or 0.0, 0.0),
                diameter / MM_PER_M, kind == BORDER,
            )
        )  # fmt: skip
    return found, wrong


def _number(cell: str, decimal: str) -> float | None:
    try:
        value = float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
