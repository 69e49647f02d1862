"""Lists of leaks as BattLeDIM wrote them: what a method reports, and what truly ran.

# linkID, startTime                  link,start,end
p1, 2019-02-03 10:00                 p523,2019-01-15 23:00,2019-02-01 09:50
"""

from __future__ import annotations

import contextlib
import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from huoshui.lab.series.scada_files import UnreadableFile

HEADINGS = frozenset({"link", "linkid", "link_id", "pipe", "管段"})


@dataclass(frozen=True, slots=True)
class Report:
    """A leak as a method reports it: which link, and when the method knew of it."""

    link: str
    at_s: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak that truly ran, from its first to its last moment."""

    link: str
    start_s: float
    end_s: float


def read_reports(path: str | Path) -> list[Report]:
    """Read a results file: link and moment in each line; further columns are not looked at.

    Raises
    ------
    UnreadableFile
        If a line is no report, with its number and what stands there; of all such lines.
    """
    path = Path(path)
    wrong: list[UnreadableFile] = []
    found = []
    for line, cells in _rows(path, 2, wrong):
        with _taken_down(wrong):
            found.append(Report(cells[0], _moment(path, line, "start", cells[1]), line))
    if wrong:
        raise UnreadableFile.of_all(wrong)
    return found


def read_leaks(path: str | Path) -> list[Leak]:
    """Read the leaks that truly ran, ``link,start,end`` in each line; without an end they run on.

    Raises
    ------
    UnreadableFile
        If a line is no leak, or one ends before it starts.
    """
    path = Path(path)
    found = []
    wrong: list[UnreadableFile] = []
    for line, cells in _rows(path, 2, wrong):
        with _taken_down(wrong):
            start = _moment(path, line, "start", cells[1])
            said = cells[2] if len(cells) > 2 else ""
            end = _moment(path, line, "end", said) if said else math.inf
            if end < start:
                raise UnreadableFile(
                    "ends_before_start", path=path, line=line, column="end",
                    value=said,
                )  # fmt: skip
            found.append(Leak(cells[0], start, end))
    if wrong:
        raise UnreadableFile.of_all(wrong)
    return found


def written(reports: Iterable[Report]) -> str:
    """Return reports as a results file, the earliest first."""
    lines = ["# linkID, startTime"]
    for one in sorted(reports, key=lambda report: report.at_s):
        lines.append(f"{one.link}, {datetime.fromtimestamp(one.at_s, UTC):%Y-%m-%d %H:%M}")
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def _taken_down(wrong: list[UnreadableFile]) -> Iterator[None]:
    """Take a bad row down instead of stopping at it."""
    try:
        yield
    except UnreadableFile as problem:
        wrong.append(problem)


def _rows(path: Path, needed: int, wrong: list[UnreadableFile]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each row; passes over comments, blanks and a heading."""
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    for number, text in enumerate(lines, start=1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        separator = next((sign for sign in (",", ";", "\t") if sign in text), ",")
        cells = [cell.strip() for cell in next(csv.reader([text], delimiter=separator))]
        if cells[0].lower().replace(" ", "") in HEADINGS:
            continue
        if len(cells) < needed or not all(cells[:needed]):
            wrong.append(UnreadableFile("too_few_values", path=path, line=number, value=text[:80]))
            continue
        yield number, cells


def _moment(path: Path, line: int, column: str, cell: str) -> float:
    """Return a moment of the wall clock, counted as if it were UTC."""
    try:
        said = datetime.fromisoformat(cell.replace("/", "-"))
    except ValueError:
        raise UnreadableFile(
            "not_a_moment",
            path=path, line=line, column=column, value=cell[:80],
        ) from None  # fmt: skip
    return said.replace(tzinfo=UTC).timestamp()
