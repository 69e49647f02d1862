"""Read an EPANET network file with the EPANET toolkit, in our units, with every problem named.

The toolkit reads numbers, units and topology exactly as the calculation will. It has no reliable
call for tags in Python, so that one section is read here.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epanet import toolkit

from huoshui.areas.network.contracts import ImportProblem, Kind, ValveKind

MAX_BYTES = 50_000_000

# The toolkit stops after this many messages and says nothing about it.
ENGINE_STOPS_AFTER = 10

NODE_KIND = {
    toolkit.JUNCTION: Kind.JUNCTION,
    toolkit.RESERVOIR: Kind.RESERVOIR,
    toolkit.TANK: Kind.TANK,
}
VALVE_KIND = {
    toolkit.PRV: ValveKind.PRESSURE_REDUCING,
    toolkit.PSV: ValveKind.PRESSURE_SUSTAINING,
    toolkit.PBV: ValveKind.PRESSURE_BREAKER,
    toolkit.FCV: ValveKind.FLOW_CONTROL,
    toolkit.TCV: ValveKind.THROTTLE,
    toolkit.GPV: ValveKind.GENERAL_PURPOSE,
    toolkit.PCV: ValveKind.POSITIONAL,
}
ROUGHNESS_FIELD = {toolkit.HW: "roughness_c", toolkit.DW: "roughness_mm", toolkit.CM: "roughness_n"}

PROBLEM_OF_ENGINE_ERROR = {
    201: "syntax", 202: "bad_number", 203: "undefined_node", 204: "undefined_link",
    205: "undefined_pattern", 206: "undefined_curve", 209: "bad_number", 211: "bad_number",
    213: "bad_number", 214: "line_too_long", 215: "duplicate_code", 216: "undefined_link",
    219: "bad_valve", 220: "bad_valve", 222: "same_ends", 223: "not_a_network", 224: "no_source",
    225: "bad_tank", 226: "bad_pump", 227: "bad_pump", 230: "bad_curve", 231: "bad_curve",
    233: "unconnected_node", 234: "unconnected_node", 299: "unknown_section",
}  # fmt: skip
NOT_FATAL = {"unknown_section", "unconnected_node"}

ERROR_LINE = re.compile(r"^\s*Error (\d+):\s*(.*?)\s*$")
SECTION = re.compile(r"\[([A-Z]+)\]")

Point = tuple[float, float]


@dataclass(frozen=True)
class ReadNode:
    """A node as the file gives it; ``place`` in the file's own coordinates."""

    model_id: str
    kind: Kind
    place: Point | None
    values: dict[str, Any]


@dataclass(frozen=True)
class ReadLink:
    """A link as the file gives it; ``bends`` lie between its two ends."""

    model_id: str
    kind: Kind
    start: int
    end: int
    bends: tuple[Point, ...]
    values: dict[str, Any]


@dataclass
class ReadNetwork:
    """All that was read, and all that is wrong with it."""

    text: str = ""
    nodes: list[ReadNode] = field(default_factory=list)
    links: list[ReadLink] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)

    @property
    def fatal(self) -> bool:
        """Tell whether the file must not be imported."""
        return any(problem.fatal for problem in self.problems)


def read(raw: bytes) -> ReadNetwork:
    """Read a network file; problems are in the result, never raised."""
    network = ReadNetwork()
    if len(raw) > MAX_BYTES:
        network.problems.append(ImportProblem(code="file_too_large", fatal=True))
        return network
    network.text = decode(raw)
    # The engine opens files by name only and takes the place of its report from us.
    with tempfile.TemporaryDirectory(prefix="huoshui-inp-") as folder:
        source, report = Path(folder, "network.inp"), Path(folder, "network.rpt")
        source.write_text(network.text, encoding="utf-8")
        project = toolkit.createproject()
        try:
            opened = _quiet(toolkit.openX, project, os.fspath(source), os.fspath(report), "")
            if opened:
                _read_parts(project, network)
            # Only closing flushes the report.
            _quiet(toolkit.close, project)
        finally:
            toolkit.deleteproject(project)
        network.problems.extend(problems_in(report.read_text("utf-8", "replace")))
    if not network.fatal and not (network.nodes and network.links):
        network.problems.append(ImportProblem(code="not_a_network", fatal=True))
    return network


def decode(raw: bytes) -> str:
    """Return the text of a file: UTF-8, else the Chinese Windows encoding, else Latin-1."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").replace("\x00", "")


def problems_in(report: str) -> list[ImportProblem]:
    """Return the problems that the engine wrote into its report, with the lines they are about."""
    problems = []
    lines = report.splitlines()
    for number, line in enumerate(lines):
        found = ERROR_LINE.match(line)
        if not found or found[1] == "200":
            continue
        code = PROBLEM_OF_ENGINE_ERROR.get(int(found[1]), "other")
        section = SECTION.search(found[2])
        culprit = lines[number + 1].strip() if number + 1 < len(lines) else ""
        culprit = re.sub(r"\s+", " ", culprit.partition(";")[0]).strip()
        problems.append(
            ImportProblem(
                code=code,
                fatal=code not in NOT_FATAL,
                section=section[1] if section else "",
                text=culprit or found[2],
            )
        )
    if len(problems) >= ENGINE_STOPS_AFTER:
        problems.append(ImportProblem(code="more_not_read", fatal=True))
    return problems


def _quiet(call: Callable[..., Any], *arguments: Any) -> bool:
    """Call the toolkit and tell whether it was content; its words are in the report."""
    try:
        call(*arguments)
    except Exception:  # the toolkit knows no other class
        return False
    return True


def _read_parts(project: Any, network: ReadNetwork) -> None:
    """Fill nodes and links from an opened project, in metres, millimetres and cubic metres."""
    toolkit.setflowunits(project, toolkit.CMH)
    tags = tags_in(network.text)
    roughness = ROUGHNESS_FIELD[int(toolkit.getoption(project, toolkit.HEADLOSSFORM))]
    for index in range(1, toolkit.getcount(project, toolkit.NODECOUNT) + 1):
        network.nodes.append(_read_node(project, index, tags))
    for index in range(1, toolkit.getcount(project, toolkit.LINKCOUNT) + 1):
        network.links.append(_read_link(project, index, tags, roughness))

    lost = [node.model_id for node in network.nodes if node.place is None]
    if lost:
        network.problems.append(problem_about("no_coordinates", lost))
    unknown = [
        link.model_id
        for link in network.links
        if link.kind == Kind.PIPE and link.values["diameter_mm"] is None
    ]
    if unknown:
        network.problems.append(problem_about("no_diameter", unknown))
    if not any(node.kind in (Kind.TANK, Kind.RESERVOIR) for node in network.nodes):
        network.problems.append(ImportProblem(code="no_source", fatal=False))
    node_codes = {node.model_id for node in network.nodes}
    twice = [link.model_id for link in network.links if link.model_id in node_codes]
    if twice:
        network.problems.append(problem_about("code_twice", twice))


def problem_about(code: str, subjects: list[str], *, fatal: bool = False) -> ImportProblem:
    """Make one problem about many things, naming the first of them and counting all."""
    named = ", ".join(subjects[:8])
    more = f" … ({len(subjects)})" if len(subjects) > 8 else ""
    return ImportProblem(code=code, fatal=fatal, text=named + more)


def _read_node(project: Any, index: int, tags: dict[tuple[str, str], str]) -> ReadNode:
    model_id = toolkit.getnodeid(project, index)
    kind = NODE_KIND[toolkit.getnodetype(project, index)]
    values: dict[str, Any] = {
        "elevation_m": round(toolkit.getnodevalue(project, index, toolkit.ELEVATION), 4),
        "tag": tags.get(("NODE", model_id), ""),
    }
    if kind == Kind.TANK:
        for name, quantity in (
            ("level_m_min", toolkit.MINLEVEL),
            ("level_m_max", toolkit.MAXLEVEL),
            ("tank_diameter_m", toolkit.TANKDIAM),
        ):
            values[name] = round(toolkit.getnodevalue(project, index, quantity), 4)
    try:
        x, y = toolkit.getcoord(project, index)
    except Exception:  # error 254, node with no coordinates; the toolkit knows no other class
        return ReadNode(model_id, kind, None, values)
    return ReadNode(model_id, kind, (x, y), values)


def _read_link(
    project: Any, index: int, tags: dict[tuple[str, str], str], roughness: str
) -> ReadLink:
    model_id = toolkit.getlinkid(project, index)
    engine_kind = toolkit.getlinktype(project, index)
    start, end = toolkit.getlinknodes(project, index)
    bends = tuple(
        tuple(toolkit.getvertex(project, index, vertex))
        for vertex in range(1, toolkit.getvertexcount(project, index) + 1)
    )
    values: dict[str, Any] = {"tag": tags.get(("LINK", model_id), "")}
    kind = Kind.PIPE
    if engine_kind in VALVE_KIND:
        kind = Kind.VALVE
        values["valve_kind"] = str(VALVE_KIND[engine_kind])
    elif engine_kind == toolkit.PUMP:
        kind = Kind.PUMP
    if kind != Kind.PUMP:
        diameter_mm = round(toolkit.getlinkvalue(project, index, toolkit.DIAMETER), 3)
        values["diameter_mm"] = diameter_mm if diameter_mm > 0 else None
    if kind == Kind.PIPE:
        values["length_m"] = round(toolkit.getlinkvalue(project, index, toolkit.LENGTH), 4)
        values[roughness] = round(toolkit.getlinkvalue(project, index, toolkit.ROUGHNESS), 5)
    return ReadLink(model_id, kind, start - 1, end - 1, bends, values)


def tags_in(text: str) -> dict[tuple[str, str], str]:
    """Return the tags of a file by ("NODE" or "LINK", id)."""
    tags = {}
    inside = False
    for raw in text.splitlines():
        line = raw.partition(";")[0].strip()
        if line.startswith("["):
            inside = line.upper().startswith("[TAGS")
        elif inside and len(parts := line.split(None, 2)) == 3:
            tags[parts[0].upper(), parts[1]] = parts[2]
    return tags
