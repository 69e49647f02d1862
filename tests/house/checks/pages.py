"""H3, H4: what templates, islands and the kernel may speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.house.checks import tree

PULLED_IN = re.compile(r"{%\s*(?:extends|include)\s+[\"']([^\"'/]+)/[^\"']*[\"']")
IMPORTED = re.compile(r"(?:\bfrom|\bimport)\s*\(?\s*[\"']([^\"']+)[\"']")

# Singular and plural; whole words only, so that "parameter" and "pipeline" pass.
TRADE = """
    pipe valve hydrant meter tariff sewer leak pump reservoir burst junction aquifer chlorine
    turbidity hydraulic epanet waterworks wastewater plumbing
"""
WATER_WORDS = frozenset(word + ending for word in TRADE.split() for ending in ("", "s")) | {
    "leakage",
    "sewage",
    "drainage",
    "piping",
    "metering",
}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# subprocess.PIPE is the operating system's pipe.
NOT_OURS = re.compile(r"subprocess\.PIPE")


def foreign_templates(path: Path, text: str, areas: Iterable[str]) -> list[str]:
    """Return complaints about a template that pulls in a template of another area."""
    own, others = tree.area_of(path), set(areas)
    return [
        f"{tree.place(path)} pulls in a template of {name}; offer or fill a slot instead"
        for name in PULLED_IN.findall(text)
        if name in others and name != own
    ]


def foreign_imports(path: Path, text: str) -> list[str]:
    """Return complaints about an island that imports from outside its folder and ``ui``.

    Packages of npm are not ours and pass.
    """
    complaints = []
    for name in IMPORTED.findall(text):
        outside = name.startswith(".") and ".." in name.split("/")
        alias = name.startswith(("@/", "~", "/", "@areas", "@kernel"))
        if outside or alias:
            complaints.append(f"{tree.place(path)} imports {name}; only ./ and @ui/ are open to it")
    return complaints


def water_words(path: Path, text: str) -> list[str]:
    """Return complaints about words of the trade in the kernel."""
    complaints = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in WORD.findall(NOT_OURS.sub("", line)):
            if word.lower() in WATER_WORDS:
                complaints.append(
                    f'{tree.place(path, number)} says "{word}"; the kernel serves any trade, '
                    "so an area or the project must say it"
                )
    return complaints
