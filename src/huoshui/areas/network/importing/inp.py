"""Read an EPANET input file line by line, in our units, so that every problem has its line.

The engine's own reader stops after ten messages and gives nothing back once it has one. This one
reads on, leaves out what cannot be, and says so; `doctor` then lets the engine confirm the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huoshui.areas.network.contracts import ImportProblem, Kind, ValveKind
from huoshui.areas.network.importing import inp_lines, model
from huoshui.areas.network.importing.inp_lines import Line, Lines, matches, number
from huoshui.areas.network.importing.model import Point, ReadLink, ReadNetwork, ReadNode
from huoshui.lab import units

FORMAT = "inp"
MAX_BYTES = 200_000_000
LINES_AT_MOST = 5_000_000
PROBLEMS_AT_MOST = 100_000

US_FLOW_UNITS = ("CFS", "GPM", "MGD", "IMGD", "AFD")
METRIC_FLOW_UNITS = ("LPS", "LPM", "MLD", "CMH", "CMD", "CMS", "SI")
ROUGHNESS = {"H": "roughness_c", "D": "roughness_mm", "C": "roughness_n"}
VALVE_KIND = {
    "PRV": ValveKind.PRESSURE_REDUCING,
    "PSV": ValveKind.PRESSURE_SUSTAINING,
    "PBV": ValveKind.PRESSURE_BREAKER,
    "FCV": ValveKind.FLOW_CONTROL,
    "TCV": ValveKind.THROTTLE,
    "GPV": ValveKind.GENERAL_PURPOSE,
    "PCV": ValveKind.POSITIONAL,
}
NODE_SECTIONS = ("JUNCTIONS", "RESERVOIRS", "TANKS")
LINK_SECTIONS = ("PIPES", "PUMPS", "VALVES")
COLUMNS = frozenset(
    {
        "elevation_m", "level_m_min", "level_m_max", "tank_diameter_m", "diameter_mm",
        "length_m", "valve_kind", "tag", "normal_state", "has_check_valve",
    }
)  # fmt: skip
RESERVOIR_WORDS_MAX = 3
TANK_WORDS_MIN = 6
PIPE_WORDS_MIN = 6
VALVE_WORDS_MIN = 6
PUMP_WORDS_MIN = 4


CHECK_VALVE = "CV"


def status_of_pipe(words: list[str]) -> str | None:
    """Return "open", "closed" or "CV" as a pipe's line says it; None where it says nothing."""
    word = words[7] if len(words) > PIPE_WORDS_MIN + 1 else "".join(words[6:7])
    if word.upper() == CHECK_VALVE:
        return CHECK_VALVE
    return _open_or_closed(word)


def _open_or_closed(word: str) -> str | None:
    if matches(word, "CLOS"):
        return "closed"
    return "open" if matches(word, "OPEN") else None


def _standing(said: str | None) -> dict[str, Any]:
    return {"normal_state": "closed"} if said == "closed" else {"is_open": said == "open"}


def statuses(lines: Lines) -> dict[str, str]:
    """Return "open" or "closed" of the links of [STATUS]; a setting means open."""
    found: dict[str, str] = {}
    for line in lines.of("STATUS"):
        if len(line.words) > 1:
            word = line.words[1]
            said = _open_or_closed(word)
            if said is None and (matches(word, "ACTIV") or number(word) is not None):
                said = "open"
            if said:
                found[line.words[0]] = said
    return found


def read(raw: bytes) -> ReadNetwork:
    """Read a network file; problems are in the result, never raised."""
    network = ReadNetwork(format=FORMAT)
    if len(raw) > MAX_BYTES:
        return network.refuse("file_too_large", value=f"{len(raw) // 1_000_000} MB")
    network.text = inp_lines.decode(raw)
    if network.text.count("\n") + network.text.count("\r") > LINES_AT_MOST:
        return network.refuse("file_too_large", value=f"> {LINES_AT_MOST} lines")
    lines = network.lines = inp_lines.split(network.text)
    if not any(lines.of(section) for section in LINK_SECTIONS):
        return network.refuse("not_a_network")
    reader = Reader(lines, network)
    reader.read()
    if reader.untold:
        network.problems.append(
            ImportProblem(code="more_problems", fatal=True, value=str(reader.untold))
        )
    if not (network.nodes and network.links):
        network.refuse("not_a_network")
    return network


class Scale:
    """What the file's numbers are multiplied by to be metres and millimetres."""

    def __init__(self, lines: Lines) -> None:
        self.metric = False
        self.roughness = "roughness_c"
        for line in lines.of("OPTIONS"):
            words = line.words
            if len(words) < 2:
                continue
            value = words[1].upper()
            if matches(words[0], "UNITS"):
                self.metric = value.startswith(METRIC_FLOW_UNITS)
            elif matches(words[0], "HEADL"):
                self.roughness = ROUGHNESS.get(value[:1], self.roughness)
        self.length_m = 1.0 if self.metric else units.M_PER_FOOT
        self.diameter_mm = 1.0 if self.metric else 25.4
        # Darcy-Weisbach: thousandths of a foot, or millimetres. The others have no unit.
        darcy = self.roughness == "roughness_mm" and not self.metric
        self.rough = units.M_PER_FOOT if darcy else 1.0


class Reader:
    """One reading of one file."""

    def __init__(self, lines: Lines, network: ReadNetwork) -> None:
        self.lines = lines
        self.network = network
        self.scale = Scale(lines)
        self.places: dict[str, Point] = {}
        self.bends: dict[str, list[Point]] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self.statuses = statuses(lines)
        self.seen: dict[str, int] = {}
        self.lost: list[str] = []
        self.thin: list[str] = []
        self.untold = 0

    def read(self) -> None:
        """Fill the network."""
        network = self.network
        network.columns = COLUMNS | {self.scale.roughness}
        self._strays()
        self._geometry()
        for section in NODE_SECTIONS:
            for line in self.lines.of(section):
                self._node(section, line)
        nodes, self.seen = self.seen, {}
        for section in LINK_SECTIONS:
            for line in self.lines.of(section):
                self._link(section, line, nodes)
        self._whole(nodes)

    # -- telling

    def tell(
        self, code: str, line: Line, *, section: str = "", column: str = "", value: str = "",
        subject: str = "", fatal: bool = True,
    ) -> None:  # fmt: skip
        """Note a problem of one line."""
        if len(self.network.problems) >= PROBLEMS_AT_MOST:
            self.untold += 1
            return
        self.network.problems.append(
            ImportProblem(
                code=code,
                fatal=fatal,
                section=section,
                text=" ".join(line.words)[:200],
                subject=subject,
                line=line.number,
                column=column,
                value=value[:80],
            )
        )

    def _strays(self) -> None:
        for line in self.lines.unknown:
            self.tell("unknown_section", line, value=line.words[0], fatal=False)
        for line in self.lines.long:
            self.tell("line_too_long", line)
        if self.lines.stray and self.lines.sections:
            self.tell("before_sections", self.lines.stray[0], fatal=False)

    # -- parts

    def _geometry(self) -> None:
        for line in self.lines.of("COORDINATES"):
            place = self._point("COORDINATES", line)
            if place:
                self.places[line.words[0]] = place
        for line in self.lines.of("VERTICES"):
            place = self._point("VERTICES", line)
            if place:
                self.bends.setdefault(line.words[0], []).append(place)
        for line in self.lines.of("TAGS"):
            if len(line.words) > 2:
                body = line.text.partition(";")[0]
                parts = body.split(None, 2)
                self.tags[parts[0].upper()[:4], parts[1]] = parts[2].strip()[:200]

    def _point(self, section: str, line: Line) -> Point | None:
        words = line.words
        if len(words) < 3:
            self.tell("syntax", line, section=section, subject=words[0])
            return None
        x, y = number(words[1]), number(words[2])
        if x is None or y is None:
            wrong = words[1] if x is None else words[2]
            column = "x" if x is None else "y"
            self.tell("bad_number", line, section=section, column=column, value=wrong,
                      subject=words[0])  # fmt: skip
            return None
        return (x, y)

    def _new_code(self, section: str, line: Line) -> str | None:
        code = line.words[0]
        if len(code.encode()) > inp_lines.ID_LENGTH_MAX:
            self.tell("code_too_long", line, section=section, value=code, subject=code)
            return None
        if code in self.seen:
            self.tell("duplicate_code", line, section=section, value=str(self.seen[code]),
                      subject=code)  # fmt: skip
            return None
        return code

    def _numbers(
        self, section: str, line: Line, wanted: dict[str, int], *, above_zero: frozenset[str]
    ) -> dict[str, float] | None:
        """Return the numbers at some words of a line; tells what is wrong with any."""
        found: dict[str, float] = {}
        for column, place in wanted.items():
            word = line.words[place]
            value = number(word)
            if value is None or (column in above_zero and value <= 0):
                code = "bad_number" if value is None else "not_above_zero"
                self.tell(code, line, section=section, column=column, value=word,
                          subject=line.words[0])  # fmt: skip
                continue
            found[column] = value
        return found if len(found) == len(wanted) else None

    def _node(self, section: str, line: Line) -> None:
        code = self._new_code(section, line)
        if code is None:
            return
        words, scale = line.words, self.scale
        kind = Kind.JUNCTION
        wanted = {"elevation": 1} if len(words) > 1 else {}
        if section != "JUNCTIONS":
            kind = Kind.RESERVOIR if len(words) <= RESERVOIR_WORDS_MAX else Kind.TANK
            if len(words) < 2 or (kind == Kind.TANK and len(words) < TANK_WORDS_MIN):
                self.tell("syntax", line, section=section, subject=code)
                return
            if kind == Kind.TANK:
                wanted |= {"initial level": 2, "lowest level": 3, "highest level": 4, "diameter": 5}
        numbers = self._numbers(section, line, wanted, above_zero=frozenset())
        if numbers is None:
            return
        self.seen[code] = line.number
        values: dict[str, Any] = {
            "elevation_m": round(numbers.get("elevation", 0.0) * scale.length_m, 4),
            "tag": self.tags.get(("NODE", code), ""),
        }
        if kind == Kind.TANK:
            low, high = numbers["lowest level"], numbers["highest level"]
            values["level_m_min"] = round(low * scale.length_m, 4)
            values["level_m_max"] = round(high * scale.length_m, 4)
            values["tank_diameter_m"] = round(numbers["diameter"] * scale.length_m, 4)
            if not low <= numbers["initial level"] <= high:
                self.tell("bad_tank", line, section=section, subject=code, fatal=False)
        for column in inp_lines.assumed(line.text):
            values.pop(column, None)
        place = self.places.get(code)
        if place is None:
            self.lost.append(code)
        self.network.nodes.append(ReadNode(code, str(kind), place, values, line.number))

    def _link(self, section: str, line: Line, nodes: dict[str, int]) -> None:
        words = line.words
        code = self._new_code(section, line)
        least = {"PIPES": PIPE_WORDS_MIN, "PUMPS": PUMP_WORDS_MIN, "VALVES": VALVE_WORDS_MIN}
        if code is None:
            return
        if len(words) < least[section]:
            self.tell("syntax", line, section=section, subject=code)
            return
        bad_ends = [end for end in (words[1], words[2]) if end not in nodes]
        for end in bad_ends:
            self.tell("undefined_node", line, section=section, column="node", value=end,
                      subject=code)  # fmt: skip
        if not bad_ends and words[1] == words[2]:
            self.tell("same_ends", line, section=section, value=words[1], subject=code)
            bad_ends = [words[1]]
        values = self._link_values(section, line)
        if values is None or bad_ends:
            return
        self.seen[code] = line.number
        values["tag"] = self.tags.get(("LINK", code), "")
        kind = {"PIPES": Kind.PIPE, "PUMPS": Kind.PUMP, "VALVES": Kind.VALVE}[section]
        bends = tuple(self.bends.get(code, ()))
        stands_open = values.pop("is_open", False)
        for column in inp_lines.assumed(line.text):
            values.pop(column, None)
        self.network.links.append(
            ReadLink(
                code, str(kind), words[1], words[2], bends, values, line.number,
                stands_open=stands_open,
            )
        )  # fmt: skip

    def _link_values(self, section: str, line: Line) -> dict[str, Any] | None:
        scale, words = self.scale, line.words
        if section == "PUMPS":
            return {}
        if section == "PIPES":
            numbers = self._numbers(
                section,
                line,
                {"length": 3, "diameter": 4, "roughness": 5},
                above_zero=frozenset({"length", "diameter", "roughness"}),
            )
            # Some files give metres where millimetres are meant; then nothing is left of it.
            diameter_mm = numbers and round(numbers["diameter"] * scale.diameter_mm, 3)
            if numbers and not diameter_mm:
                self.thin.append(line.words[0])
            return numbers and {
                "diameter_mm": diameter_mm or None,
                "length_m": round(numbers["length"] * scale.length_m, 4),
                scale.roughness: round(numbers["roughness"] * scale.rough, 5),
                **self._passing(words),
            }
        valve_kind = VALVE_KIND.get(words[4].upper()[:3])
        if valve_kind is None:
            self.tell("bad_valve_kind", line, section=section, column="type", value=words[4],
                      subject=words[0])  # fmt: skip
            return None
        numbers = self._numbers(section, line, {"diameter": 3}, above_zero=frozenset({"diameter"}))
        return numbers and {
            "diameter_mm": round(numbers["diameter"] * scale.diameter_mm, 3),
            "valve_kind": str(valve_kind),
            **_standing(self.statuses.get(words[0])),
        }

    def _passing(self, words: list[str]) -> dict[str, Any]:
        """Return what a pipe's line and [STATUS] say of how it lets water pass."""
        own = status_of_pipe(words)
        if own == CHECK_VALVE:
            return {"has_check_valve": True}
        return _standing(self.statuses.get(words[0], own))

    def _whole(self, nodes: dict[str, int]) -> None:
        """Tell what is wrong with the network as a whole."""
        network = self.network
        if not network.nodes or not network.links:
            return
        if self.lost:
            network.problems.append(model.about("no_coordinates", self.lost))
        if self.thin:
            network.problems.append(model.about("no_diameter", self.thin))
        used = {end for link in network.links for end in (link.start, link.end)}
        for node in network.nodes:
            if node.model_id not in used:
                network.problems.append(
                    ImportProblem(
                        code="unconnected_node", fatal=False, subject=node.model_id, line=node.line
                    )
                )
        if not any(node.kind in (Kind.TANK, Kind.RESERVOIR) for node in network.nodes):
            network.problems.append(ImportProblem(code="no_source", fatal=False))
        twice = [link.model_id for link in network.links if link.model_id in nodes]
        if twice:
            network.problems.append(model.about("code_twice", twice))
        for section, known in (("COORDINATES", nodes), ("VERTICES", self.seen)):
            for line in self._unknown_in(section, known):
                self.tell("place_of_nothing", line, section=section, value=line.words[0],
                          fatal=False, subject=line.words[0])  # fmt: skip

    def _unknown_in(self, section: str, known: dict[str, int]) -> Iterator[Line]:
        told = set()
        for line in self.lines.of(section):
            if line.words[0] not in known and line.words[0] not in told:
                told.add(line.words[0])
                yield line
