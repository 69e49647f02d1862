"""The one form into which every network file is read, whatever program wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huoshui.areas.network.contracts import ImportProblem
from huoshui.areas.network.importing.inp_lines import Lines

Point = tuple[float, float]


@dataclass(slots=True)
class ReadNode:
    """A node as the file gives it; ``place`` in the file's own coordinates."""

    model_id: str
    kind: str
    place: Point | None
    values: dict[str, Any]
    line: int | None = None
    lonlat: Point | None = None


@dataclass(slots=True)
class ReadLink:
    """A link as the file gives it, between two nodes; ``bends`` lie between its two ends."""

    model_id: str
    kind: str
    start: str
    end: str
    bends: tuple[Point, ...]
    values: dict[str, Any]
    line: int | None = None
    bends_lonlat: tuple[Point, ...] = ()
    stands_open: bool = False
    """A model says so. It goes without saying, unless the register says the opposite."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One change that was made to a model's text so that EPANET can read it."""

    line: int
    before: str
    after: str
    code: str


@dataclass
class ReadNetwork:
    """All that was read, all that is wrong with it, and what it needs to be placed.

    Attributes
    ----------
    text
        The text that EPANET calculates from, mended; empty if the file is no model of EPANET.
    columns
        Attributes that the file states at all. What it does not state, an import leaves alone.
    layers
        Of files with layers: what each was taken for, for the reader to correct.
    crs
        The coordinate system that the file itself declares, or "".
    """

    format: str = ""
    text: str = ""
    crs: str = ""
    nodes: list[ReadNode] = field(default_factory=list)
    links: list[ReadLink] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    mends: list[Mend] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    layers: list[dict[str, Any]] = field(default_factory=list)
    lines: Lines | None = None
    """The text taken apart, from reading to mending."""
    refused: bool = False
    """Whether nothing of the file can be used."""

    @property
    def fatal(self) -> bool:
        """Tell whether something of the file is left out."""
        return any(problem.fatal for problem in self.problems)

    def leave_out(self, link: ReadLink, lost: str) -> None:
        """Note that a link is left out because one of its ends is."""
        self.problems.append(
            ImportProblem(
                code="end_left_out", fatal=True, subject=link.model_id, line=link.line, value=lost
            )
        )

    def refuse(self, code: str, text: str = "", **more: Any) -> ReadNetwork:
        """Say that nothing of the file can be used, and why."""
        self.refused = True
        self.problems.append(ImportProblem(code=code, fatal=True, text=text, **more))
        return self


def about(code: str, subjects: list[str], *, fatal: bool = False) -> ImportProblem:
    """Make one problem about many things, naming the first of them and counting all."""
    named = ", ".join(subjects[:8])
    more = f" … ({len(subjects)})" if len(subjects) > 8 else ""
    return ImportProblem(code=code, fatal=fatal, text=named + more)
