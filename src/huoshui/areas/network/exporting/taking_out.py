"""Take nodes and links out of a model's text: their lines, and every line that names them."""

from __future__ import annotations

import itertools

from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing.inp_lines import Line, Lines

GONE = ";no longer in use: "
REDRAWN = ";drawn anew: "
STANDS = ";stands otherwise now: "
UNREACHED = ";joined to no source: "
MARKS = (GONE, REDRAWN, STANDS, UNREACHED)
NAMED_FIRST = (
    "DEMANDS", "EMITTERS", "QUALITY", "SOURCES", "MIXING", "COORDINATES", "STATUS", "VERTICES",
    "LEAKAGE",
)  # fmt: skip
OF_LINKS = frozenset({"STATUS", "VERTICES", "LEAKAGE"})


class TakingOut:
    """What is taken out of one text; lines become comments, so nothing is lost from sight."""

    def __init__(self, lines: Lines, out: list[str]) -> None:
        self.lines, self.out = lines, out

    def take_out(self, nodes: set[str], links: set[str], why: str = GONE) -> None:
        """Turn the lines of nodes and links, and every line that names them, into comments."""
        if not nodes and not links:
            return
        for section, names in (
            *((one, nodes) for one in reader.NODE_SECTIONS),
            *((one, links) for one in reader.LINK_SECTIONS),
            *((one, links if one in OF_LINKS else nodes) for one in NAMED_FIRST),
        ):
            for line in self.lines.of(section):
                if line.words[0] in names:
                    self.comment(line, why)
        for line in self.lines.of("TAGS"):
            names = nodes if line.words[0].upper().startswith("NODE") else links
            if len(line.words) > 1 and line.words[1] in names:
                self.comment(line, why)
        self._take_out_controls(nodes, links, why)

    def _take_out_controls(self, nodes: set[str], links: set[str], why: str) -> None:
        for line in self.lines.of("CONTROLS"):
            words = line.words
            names_node = any(
                word.upper() == "NODE" and after in nodes
                for word, after in itertools.pairwise(words)
            )
            if names_node or (len(words) > 1 and words[1] in links):
                self.comment(line, why)
        rule: list[Line] = []
        for line in [*self.lines.of("RULES"), Line(0, ["RULE"], "")]:
            if line.words[0].upper() == "RULE":
                if any(len(one.words) > 2 and one.words[2] in nodes | links for one in rule):
                    for one in rule:
                        self.comment(one, why)
                rule = []
            rule.append(line)

    def comment(self, line: Line, why: str = GONE) -> None:
        """Turn one line into a comment that says why."""
        raw = self.out[line.number - 1]
        if not raw.startswith(MARKS):
            self.out[line.number - 1] = why + raw
