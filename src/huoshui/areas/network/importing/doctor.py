"""Mend a model's text until EPANET reads it, and keep a list of what was changed.

Lines that cannot be are turned into comments, so nothing of the file is lost from sight and line
numbers stay. The engine is asked again until it is content: it stops after ten messages each time.
"""

from __future__ import annotations

import functools
import json
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huoshui.areas.network.contracts import ImportProblem
from huoshui.areas.network.importing import engine_child, inp_lines, limited
from huoshui.areas.network.importing.inp_lines import Lines
from huoshui.areas.network.importing.model import Mend, ReadNetwork

ROUNDS = 40
SECONDS = 120
LEFT_OUT = ";left out ({code}): "
SECTION = re.compile(r"\[([A-Z]+)\]")

CODE_OF_ENGINE = {
    201: "syntax", 202: "bad_number", 203: "undefined_node", 204: "undefined_link",
    205: "undefined_pattern", 206: "undefined_curve", 207: "bad_control", 208: "undefined_node",
    209: "bad_number", 210: "undefined_link", 211: "bad_number", 212: "undefined_node",
    213: "bad_number", 214: "line_too_long", 215: "duplicate_code", 216: "undefined_link",
    217: "bad_pump", 219: "bad_valve", 220: "bad_valve", 221: "bad_control", 222: "same_ends",
    223: "too_few_nodes", 224: "no_source", 225: "bad_tank", 226: "bad_pump", 227: "bad_pump",
    230: "bad_curve", 231: "bad_curve", 233: "unconnected_node", 234: "unconnected_node",
    299: "unknown_section",
}  # fmt: skip
# What the calculation does not use: losing a line of it changes no result.
WITHOUT_EFFECT = frozenset({"TAGS", "LABELS", "BACKDROP", "COORDINATES", "VERTICES", "REPORT", ""})
NOTICES = frozenset({"unknown_section", "unconnected_node", "no_source"})
NODE_IN_FIRST = ("DEMANDS", "EMITTERS", "QUALITY", "SOURCES", "MIXING", "COORDINATES")


@dataclass
class Answer:
    """What the engine said of a text."""

    opened: bool
    messages: list[tuple[int, str, str]]
    befell: str = ""
    solved: bool = False
    """Whether it calculated the first period, if it was asked to."""
    unsolved: tuple[str, ...] = ()
    """Nodes at which the calculation failed."""
    negative: bool = False
    """Whether it found negative pressures."""


def ask_engine(text: str, *, solve: bool = False) -> Answer:
    """Let EPANET open a text in a child process, and calculate its first period if asked."""
    with tempfile.TemporaryDirectory(prefix="huoshui-inp-") as folder:
        source, report = Path(folder, "network.inp"), Path(folder, "network.rpt")
        answer = Path(folder, "answer.json")
        source.write_text(text, encoding="utf-8")
        befell = limited.run(
            engine_child.__name__, str(source), str(report), str(answer),
            *(["solve"] if solve else []), seconds=SECONDS,
        )  # fmt: skip
        if befell or not answer.exists():
            return Answer(opened=False, messages=[], befell=befell or limited.CRASHED)
        found = json.loads(answer.read_text(encoding="utf-8"))
    messages = [(int(number), str(words), str(line)) for number, words, line in found["messages"]]
    return Answer(
        opened=bool(found["opened"]),
        messages=messages,
        solved=bool(found["solved"]),
        unsolved=tuple(found["unsolved"]),
        negative=bool(found["negative"]),
    )


class Doctor:
    """One mending of one text."""

    def __init__(self, network: ReadNetwork) -> None:
        self.network = network
        self.lines: Lines = network.lines or inp_lines.split(network.text)
        self.text = list(self.lines.raw)
        self.out: set[int] = set()
        self.links = {link.model_id for link in network.links}

    @functools.cached_property
    def nodes_at(self) -> dict[str, list[int]]:
        """The lines of nodes by their code; only a file with problems needs them."""
        return self._first_words(("JUNCTIONS", "RESERVOIRS", "TANKS"))

    @functools.cached_property
    def mentions_at(self) -> dict[str, list[int]]:
        """The lines that speak of a node, by its code."""
        return self._first_words(NODE_IN_FIRST)

    def _first_words(self, sections: Iterable[str]) -> dict[str, list[int]]:
        """Return the numbers of the lines of some sections by the word they begin with."""
        found: dict[str, list[int]] = {}
        for section in sections:
            for line in self.lines.of(section):
                found.setdefault(line.words[0], []).append(line.number)
        return found

    def leave_out(self, number: int, code: str) -> None:
        """Turn a line into a comment."""
        if number in self.out or not 0 < number <= len(self.text):
            return
        self.out.add(number)
        before = self.text[number - 1]
        after = LEFT_OUT.format(code=code) + before
        self.text[number - 1] = after
        self.network.mends.append(Mend(number, before, after, code))

    def mend(self) -> None:
        """Leave out what the reader refused, then what the engine refuses, until it is content."""
        self._leave_out_what_was_read_as_wrong()
        until = time.monotonic() + SECONDS
        for _ in range(ROUNDS):
            if time.monotonic() > until:
                break
            answer = ask_engine("\n".join(self.text))
            if answer.opened:
                self.network.text = "\n".join(self.text) if self.out else self.network.text
                return
            if answer.befell:
                self.network.problems.append(ImportProblem(code=answer.befell, fatal=False))
                break
            if not self._leave_out_what_the_engine_named(answer):
                break
        self.network.problems.append(ImportProblem(code="no_model", fatal=False))
        self.network.text = ""

    def _leave_out_what_was_read_as_wrong(self) -> None:
        for problem in list(self.network.problems):
            if problem.line is None or problem.code == "bad_tank":
                continue
            if problem.code == "unknown_section":
                self.leave_out(problem.line, problem.code)
            elif problem.code == "unconnected_node":
                self._leave_out_node(problem.subject)
            elif problem.fatal:
                self.leave_out(problem.line, problem.code)
        for number in self.lines.unknown_body:
            self.leave_out(number, "unknown_section")
        left = {one.subject for one in self.network.problems if one.fatal and one.subject}
        known = {node.model_id for node in self.network.nodes}
        for subject in left - known:
            self._leave_out_mentions(subject)

    def _leave_out_node(self, code: str) -> None:
        for number in self.nodes_at.get(code, ()):
            self.leave_out(number, "unconnected_node")
        self._leave_out_mentions(code)

    def _leave_out_mentions(self, code: str) -> None:
        """Leave out what speaks of a node that is not in the model."""
        if code in self.links:
            return
        for number in self.mentions_at.get(code, ()):
            self.leave_out(number, "undefined_node")

    def _leave_out_what_the_engine_named(self, answer: Answer) -> bool:
        """Leave out the lines that the engine could not take; tell whether any was found."""
        before = len(self.out)
        by_text: dict[str, list[int]] = {}
        for number, raw in enumerate(self.text, start=1):
            if number not in self.out:
                by_text.setdefault(raw.partition(";")[0].strip(), []).append(number)
        for number, words, culprit in answer.messages:
            code = CODE_OF_ENGINE.get(number, "engine_refuses")
            found = by_text.get(culprit.partition(";")[0].strip(), [])
            section = SECTION.search(words)
            name = section[1] if section else ""
            for line in found:
                self.leave_out(line, code)
            if code == "unconnected_node" and not found:
                continue
            self.network.problems.append(
                ImportProblem(
                    code=code,
                    fatal=bool(found) and name not in WITHOUT_EFFECT and code not in NOTICES,
                    section=name,
                    text=" ".join(culprit.split())[:200] if found else words,
                    line=found[0] if found else None,
                    subject=(culprit.split() or [""])[0] if found else "",
                )
            )
        return len(self.out) > before


def mend(network: ReadNetwork) -> ReadNetwork:
    """Make a read network's text one that EPANET opens, or empty; says what was done."""
    if not network.refused:
        Doctor(network).mend()
    network.lines = None  # as large as the file, and of no use any more
    return network


def difference(network: ReadNetwork) -> str:
    """Return what was changed in the text, as lines with their numbers."""
    parts = []
    for mend_ in sorted(network.mends, key=lambda one: one.line):
        parts.append(f"@@ line {mend_.line} @@\n-{mend_.before}\n+{mend_.after}")
    return "\n".join(parts) + ("\n" if parts else "")
