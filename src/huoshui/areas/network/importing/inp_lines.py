"""The lines of an EPANET input file: sections, words, numbers, as the engine reads them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

LINE_LENGTH_MAX = 1024
ID_LENGTH_MAX = 31

# The engine compares only the first letters of a section's name.
SECTIONS = {
    name[:4]: name
    for name in (
        "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "CONTROLS",
        "RULES", "DEMANDS", "SOURCES", "EMITTERS", "PATTERNS", "CURVES", "QUALITY", "STATUS",
        "ROUGHNESS", "ENERGY", "REACTIONS", "MIXING", "REPORT", "TIMES", "OPTIONS", "COORDINATES",
        "VERTICES", "LABELS", "BACKDROP", "TAGS", "LEAKAGE",
    )
}  # fmt: skip
WORD = re.compile(r'"([^"]*)"?|[^\s,"]+')


ASSUMED = ";assumed:"
"""Begins a comment of ours that names the columns of its line which nobody knows."""


def assumed(text: str) -> list[str]:
    """Return the columns that a line of an export says were assumed."""
    return text.partition(ASSUMED)[2].split()


@dataclass(slots=True)
class Line:
    """One line with content: its number as an editor shows it, and its words."""

    number: int
    words: list[str]
    text: str


@dataclass
class Lines:
    """A file taken apart: lines by section, and what could not be placed."""

    raw: list[str] = field(default_factory=list)
    sections: dict[str, list[Line]] = field(default_factory=dict)
    unknown: list[Line] = field(default_factory=list)
    """Headings of sections that the engine does not know."""
    unknown_body: list[int] = field(default_factory=list)
    stray: list[Line] = field(default_factory=list)
    """Lines before the first section."""
    long: list[Line] = field(default_factory=list)

    def of(self, section: str) -> list[Line]:
        """Return the lines of one section."""
        return self.sections.get(section, [])


def decode(raw: bytes) -> str:
    """Return the text of a file: UTF-8 or UTF-16 by its mark, GB 18030, else Latin-1."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace").replace("\x00", "")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").replace("\x00", "")


def words_of(text: str) -> list[str]:
    """Return the words of a line without its comment; blanks, tabs and commas separate."""
    body = text.partition(";")[0]
    if '"' not in body:
        return body.replace(",", " ").split()
    return [found[1] if found[1] is not None else found[0] for found in WORD.finditer(body)]


def split(text: str) -> Lines:
    """Take a file apart; like the engine it stops at [END]."""
    found = Lines(raw=re.split(r"\r\n|\n|\r", text))
    section: list[Line] | None = None
    before_first = True
    for number, raw in enumerate(found.raw, start=1):
        words = words_of(raw)
        if not words:
            continue
        line = Line(number, words, raw)
        if words[0].startswith("["):
            before_first = False
            name = words[0][1:5].upper()
            if name.startswith("END"):
                break
            known = SECTIONS.get(name)
            section = None
            if known is None:
                found.unknown.append(line)
            else:
                section = found.sections.setdefault(known, [])
            continue
        if len(raw) > LINE_LENGTH_MAX and len(raw.encode()) > LINE_LENGTH_MAX:
            found.long.append(line)
        elif section is not None:
            section.append(line)
        elif before_first:
            found.stray.append(line)
        else:
            found.unknown_body.append(number)
    return found


def number(word: str) -> float | None:
    """Return a finite number, or None; Python's own liberties are not taken."""
    if "_" in word:
        return None
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def matches(word: str, keyword: str) -> bool:
    """Tell whether a word begins with a keyword, in any case, as the engine compares."""
    return word.upper().startswith(keyword)
