"""Write the network as a model of EPANET: the kept file with what changed since, or a new one.

The kept text is changed word by word and only where the register says something else than it:
curves, controls, demands and every digit of the rest stay as their author wrote them, so the
calculation stays the same. Without a kept file a plain model is made from the register.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huoshui.areas.network.contracts import Kind, Status
from huoshui.areas.network.exporting.making import Maker, Names, figure, standing
from huoshui.areas.network.exporting.placing import Placing
from huoshui.areas.network.exporting.rows import Row
from huoshui.areas.network.exporting.taking_out import REDRAWN, STANDS, TakingOut
from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing import inp_lines
from huoshui.areas.network.importing.inp_lines import Lines
from huoshui.areas.network.importing.model import ReadLink, ReadNode

CHANGED = 1e-6
"""Share by which a number must differ to be written anew; less is rounding of the reading."""
NODE_SECTIONS = {Kind.JUNCTION: "JUNCTIONS", Kind.HYDRANT: "JUNCTIONS",
                 Kind.TANK: "TANKS", Kind.RESERVOIR: "RESERVOIRS"}  # fmt: skip
LINK_SECTIONS = {Kind.PIPE: "PIPES", Kind.VALVE: "VALVES", Kind.PUMP: "PUMPS"}


@dataclass
class Exported:
    """A model and what had to be assumed for it."""

    text: str
    assumed: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    """Codes of the register by the model's names, and so of links."""
    links: dict[str, str] = field(default_factory=dict)


def write(rows: list[Row], *, kept: str, kept_crs: str, demands_lps: dict[str, float]) -> Exported:
    """Return the model of the rows; ``demands_lps`` by node serve where no file is kept."""
    in_use = [row for row in rows if row["status"] == Status.IN_USE]
    if not kept:
        return _anew(in_use, demands_lps)
    return Editing(kept, kept_crs, in_use).write()


class Editing:
    """One rewriting of one kept text."""

    def __init__(self, text: str, crs: str, rows: list[Row]) -> None:
        self.lines: Lines = inp_lines.split(text)
        self.out = list(self.lines.raw)
        self.outs = TakingOut(self.lines, self.out)
        self.read = reader.read(text.encode())
        self.scale = reader.Scale(self.lines)
        self.assumed: dict[str, int] = {}
        self.added: dict[str, list[str]] = {}
        self.placing = Placing.of(crs)
        self.redrawn: set[str] = set()
        # The register may call a link otherwise than its file does; a node never.
        self.nodes = {row["model_id"] or row["code"]: row for row in rows if not row["start"]}
        self.links = {row["model_id"] or row["code"]: row for row in rows if row["start"]}
        # What is new has no name that is known to fit, so it gets one before a line names it.
        file_names = [one.model_id for one in self.read.nodes]
        file_names += [one.model_id for one in self.read.links]
        self.names = Names(file_names)
        known = {node.model_id for node in self.read.nodes}
        self.node_name = {
            row["code"]: name if name in known else self.names.of(row["code"])
            for name, row in self.nodes.items()
        }

    def write(self) -> Exported:
        """Return the text with every difference put in."""
        file_nodes = {node.model_id: node for node in self.read.nodes}
        file_links = {link.model_id: link for link in self.read.links}
        gone_nodes = file_nodes.keys() - self.nodes.keys()
        gone_links = {
            name for name, link in file_links.items()
            if name not in self.links or {link.start, link.end} & gone_nodes
        }  # fmt: skip
        self._change(file_nodes, file_links, gone_links)
        if self.placing is not None:
            self._replace(self.placing, file_nodes)
            self._redraw(self.placing, {
                name: link for name, link in file_links.items() if name not in gone_links
            })  # fmt: skip
        self.outs.take_out(gone_nodes, gone_links)
        self._add(file_nodes, file_links)
        nodes = {self.node_name[row["code"]]: row["code"] for row in self.nodes.values()}
        links = {name: row["code"] for name, row in self.links.items() if name in file_links}
        links |= {self.names.by_code[row["code"]]: row["code"] for name, row in self.links.items()
                  if name not in links and row["code"] in self.names.by_code}  # fmt: skip
        return Exported(self._text(), self.assumed, nodes, links)

    # -- changed

    def _change(
        self, nodes: dict[str, ReadNode], links: dict[str, ReadLink], gone: set[str]
    ) -> None:
        for name, node in nodes.items():
            if name in self.nodes:
                self._change_node(node, self.nodes[name])
        for name, link in links.items():
            if name in self.links and name not in gone:
                self._change_link(link, self.links[name])

    def _differs(self, read: float | None, known: Any) -> bool:
        if known is None or read is None:
            return known is not None and known != read
        return abs(read - known) > CHANGED * max(1.0, abs(read))

    def _set_word(self, line: int, place: int, value: float) -> None:
        """Write one word of a line anew; the rest of the line keeps its form."""
        raw = self.out[line - 1]
        body, mark, comment = raw.partition(";")
        found = list(inp_lines.WORD.finditer(body))
        if place < len(found):
            start, end = found[place].span()
            self.out[line - 1] = f"{body[:start]}{figure(value)}{body[end:]}{mark}{comment}"

    def _state(self, line: int, column: str) -> None:
        """Take a column from what the line says was assumed: the register states it now."""
        body, mark, comment = self.out[line - 1].partition(inp_lines.ASSUMED)
        if mark:
            left = [word for word in comment.split() if word != column]
            self.out[line - 1] = f"{body}{mark} {' '.join(left)}" if left else body.rstrip()

    def _change_node(self, node: ReadNode, row: Row) -> None:
        metre = self.scale.length_m
        columns = {"elevation_m": 1}
        if node.kind == Kind.TANK:
            columns |= {"level_m_min": 3, "level_m_max": 4, "tank_diameter_m": 5}
        for column, place in columns.items():
            if node.line and self._differs(node.values.get(column), row[column]):
                self._set_word(node.line, place, row[column] / metre)
                self._state(node.line, column)

    def _change_link(self, link: ReadLink, row: Row) -> None:
        if link.line is None:
            return
        scale = self.scale
        ends = (self.node_name.get(row["start"], ""), self.node_name.get(row["end"], ""))
        if (link.start, link.end) != ends and all(ends):
            words = self.out[link.line - 1].partition(";")[0].split()
            self.out[link.line - 1] = " ".join([words[0], *ends, *words[3:]])
        if link.kind == Kind.PIPE:
            columns = {
                "length_m": (3, scale.length_m),
                "diameter_mm": (4, scale.diameter_mm),
                scale.roughness: (5, scale.rough),
            }
        elif link.kind == Kind.VALVE:
            columns = {"diameter_mm": (3, scale.diameter_mm)}
        else:
            columns = {}
        for column, (place, unit) in columns.items():
            known = row[column]
            if known and self._differs(link.values.get(column), known):
                self._set_word(link.line, place, known / unit)
                self._state(link.line, column)
        self._change_standing(link, row)

    def _change_standing(self, link: ReadLink, row: Row) -> None:
        """Close or open a link of the file where the register says the opposite."""
        is_check = bool((row["details"] or {}).get("has_check_valve"))
        was, now = link.values.get("normal_state") == "closed", row["stands"] == "closed"
        same = was == now or not row["stands"]
        if link.kind == Kind.PIPE:
            same = same and is_check == bool(link.values.get("has_check_valve"))
        if same or link.line is None or link.kind == Kind.PUMP:
            return
        for line in self.lines.of("STATUS"):
            if line.words[0] == link.model_id:
                self.outs.comment(line, STANDS)
        if link.kind == Kind.PIPE:
            body, mark, comment = self.out[link.line - 1].partition(";")
            words = body.split()
            has_loss = len(words) > 6 and inp_lines.number(words[6]) is not None
            parts = [*words[:6], words[6] if has_loss else "0", standing(row)]
            self.out[link.line - 1] = f" {' '.join(parts)}" + (f" {mark}{comment}" if mark else "")
        elif now:
            self.added.setdefault("STATUS", []).append(f" {link.model_id} Closed")

    # -- moved

    def _replace(self, placing: Placing, nodes: dict[str, ReadNode]) -> None:
        """Write the places of nodes that were moved."""
        drawn = [
            (name, node.place) for name, node in nodes.items()
            if node.place is not None and name in self.nodes and self.nodes[name]["lon"] is not None
        ]  # fmt: skip
        were = placing.lonlat([place for _, place in drawn])
        moved = {
            name for (name, _), was in zip(drawn, were, strict=True)
            if placing.is_elsewhere(was, (self.nodes[name]["lon"], self.nodes[name]["lat"]))
        }  # fmt: skip
        for line in self.lines.of("COORDINATES"):
            name = line.words[0]
            if name in moved:
                row = self.nodes[name]
                x, y = placing.xy([(row["lon"], row["lat"])])[0]
                self.out[line.number - 1] = f" {name} {x:.4f} {y:.4f}"

    def _redraw(self, placing: Placing, links: dict[str, ReadLink]) -> None:
        """Write the bends of links whose course is another one."""
        were = iter(placing.lonlat([bend for link in links.values() for bend in link.bends]))
        for name, link in links.items():
            old = [next(were) for _ in link.bends]
            line = self.links[name]["line"]
            if line is None:
                continue
            now = [(lon, lat) for lon, lat in line[1:-1]]
            if len(old) != len(now) or any(map(placing.is_elsewhere, old, now)):
                self.redrawn.add(name)
                self._bends(name, now)
        for one in self.lines.of("VERTICES"):
            if one.words[0] in self.redrawn:
                self.outs.comment(one, REDRAWN)

    def _bends(self, name: str, bends: list[tuple[float, float]]) -> None:
        if self.placing is not None and bends:
            self.added.setdefault("VERTICES", []).extend(
                f" {name} {x:.4f} {y:.4f}" for x, y in self.placing.xy(bends)
            )

    # -- new

    def _add(self, nodes: dict[str, ReadNode], links: dict[str, ReadLink]) -> None:
        maker = Maker(self.scale, self.assumed)
        fresh = [row for name, row in self.nodes.items() if name not in nodes]
        for row in fresh:
            name = self.node_name[row["code"]]
            self.added.setdefault(NODE_SECTIONS[row["kind"]], []).append(maker.node(name, row, 0))
            self._place(name, row)
        for name, row in self.links.items():
            ends = [self.node_name.get(row[end], "") for end in ("start", "end")]
            if name in links or not all(ends):
                continue
            fresh_name = self.names.of(row["code"])
            line = maker.link(fresh_name, row, ends[0], ends[1])
            if line:
                self.added.setdefault(LINK_SECTIONS[row["kind"]], []).append(line)
                if row["kind"] == Kind.VALVE and row["stands"] == "closed":
                    self.added.setdefault("STATUS", []).append(f" {fresh_name} Closed")
                self._bends(fresh_name, [(lon, lat) for lon, lat in (row["line"] or [])[1:-1]])

    def _place(self, name: str, row: Row) -> None:
        if row["lon"] is None or self.placing is None:
            return
        x, y = self.placing.xy([(row["lon"], row["lat"])])[0]
        self.added.setdefault("COORDINATES", []).append(f" {name} {x:.4f} {y:.4f}")

    def _text(self) -> str:
        """Return the lines, what is new in sections of its own.

        Nodes stand before all links: the engine must know a node before a line names it.
        """
        if not self.added:
            return "\n".join(self.out)
        end = self._heading("[END", len(self.out))
        first = min(self._heading(f"[{name[:4]}", end) for name in reader.LINK_SECTIONS)
        nodes = self._sections(*reader.NODE_SECTIONS)
        others = self._sections(*reader.LINK_SECTIONS, "STATUS", "COORDINATES", "VERTICES")
        return "\n".join(
            [*self.out[:first], *nodes, *self.out[first:end], *others, *self.out[end:]]
        )

    def _heading(self, start: str, otherwise: int) -> int:
        headings = (n for n, raw in enumerate(self.out) if raw.strip().upper().startswith(start))
        return next(headings, otherwise)

    def _sections(self, *names: str) -> list[str]:
        found: list[str] = []
        for name in names:
            if name in self.added:
                found += [f"[{name}]", *self.added[name], ""]
        return found


def _anew(rows: list[Row], demands_lps: dict[str, float]) -> Exported:
    """Make a plain model: metric, Hazen-Williams, one constant demand at each node."""
    lines = inp_lines.split("[OPTIONS]\n UNITS LPS\n HEADLOSS H-W\n")
    assumed: dict[str, int] = {}
    maker = Maker(reader.Scale(lines), assumed)
    node_names, link_names = Names(), Names()
    parts: dict[str, list[str]] = {
        name: []
        for name in ("JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES",
                     "STATUS", "COORDINATES", "VERTICES")
    }  # fmt: skip
    linked = {row[end] for row in rows for end in ("start", "end") if row["start"]}
    for row in rows:
        if row["start"]:
            ends = [node_names.by_code.get(row[end], "") for end in ("start", "end")]
            if not all(ends):
                continue
            name = link_names.of(row["code"])
            parts[LINK_SECTIONS[row["kind"]]].append(maker.link(name, row, ends[0], ends[1]))
            if row["kind"] == Kind.VALVE and row["stands"] == "closed":
                parts["STATUS"].append(f" {name} Closed")
            parts["VERTICES"] += [
                f" {name} {lon:.7f} {lat:.7f}" for lon, lat in (row["line"] or [])[1:-1]
            ]
        elif row["code"] in linked:
            name = node_names.of(row["code"])
            demand = demands_lps.get(row["code"], 0.0)
            parts[NODE_SECTIONS[row["kind"]]].append(maker.node(name, row, demand))
            if row["lon"] is not None:
                parts["COORDINATES"].append(f" {name} {row['lon']:.7f} {row['lat']:.7f}")
    parts["OPTIONS"] = [" UNITS LPS", " HEADLOSS H-W", " TRIALS 200", " ACCURACY 0.001"]
    text = "".join(
        f"[{name}]\n" + "".join(f"{line}\n" for line in listed) + "\n"
        for name, listed in parts.items()
        if listed
    )
    nodes = {name: code for code, name in node_names.by_code.items()}
    links = {name: code for code, name in link_names.by_code.items()}
    return Exported(text + "[END]\n", assumed, nodes, links)
