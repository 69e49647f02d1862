"""The page of network files: what comes in, by which names, and what the public files give."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Table = Callable[[Iterable[str], Iterable[Iterable[Any]]], str]
PACKAGES = ("epyt", "wntr")
ALTERNATIVES = re.compile(r"\|(?![^(]*\))")
"""The bars of a pattern that are not inside brackets."""

INTRODUCTION = """
`./huoshui import network FILE` and the page *Imports* read the same files in the same way. Nothing
in a file is ever an exception: each problem has its object, line, value and remedy. What cannot be
is left out and named; the rest goes in. A second import of the same file changes nothing.

GDAL and EPANET read untrusted files in a child process with bounds on memory and time. EPANET files
are read line by line by ourselves; EPANET then confirms the text. Lines that it cannot take become
comments, and the calculation goes on without them.
""".strip()

FORMATS = (
    ("EPANET 2.0 to 2.3", ".inp", "all eleven flow units; UTF-8, GB 18030, UTF-16"),
    ("GeoPackage", ".gpkg", "every layer"),
    (
        "Shapefile",
        ".zip",
        "all shapefiles of an archive; on the server also .shp beside its parts",
    ),
    ("GeoJSON", ".geojson", "properties of features are fields"),
    ("DXF", ".dxf", "lines are pipes, points and inserts are nodes or valves, by layer"),
)

COORDINATES = """
Order: what is said (`--crs`), what the file declares, what the numbers look like. A guess is said.
What cannot be guessed is refused, never assumed:

| Numbers | Taken as |
|---|---|
| east 73 to 136, north 3 to 54 | longitude and latitude, WGS 84 |
| eastings of 8 digits that begin with 25 to 45 | CGCS2000, three-degree zone (EPSG 4513 to 4533) |
| eastings of 8 digits that begin with 13 to 23 | CGCS2000, six-degree zone (EPSG 4491 to 4501) |
| eastings of 6 digits | refused until the central meridian is said (EPSG 4534 to 4554) |
| north before east | refused until `--swap-axes` says so |
| GCJ-02, BD-09 | refused: not coordinates of a survey |
| a local grid | `--origin LON,LAT`, or `--crs` with `--offset E,N` and `--rotation DEGREES` |

A network more than two degrees from the register is refused until `--anywhere` says that it is
right.
""".strip()

EXIT = """
| Exit status | Meaning |
|---|---|
| 0 | imported, or with `--check` importable |
| 1 | nothing can be imported: the file is wrong, or `--strict` and something is left out |
| 2 | the command was not understood |
""".strip()


def page(table: Table) -> str:
    """Return the whole page."""
    from huoshui.areas.network.importing import sniff

    limits = {"GeoPackage": sniff.GPKG, "Shapefile": sniff.ZIP, "GeoJSON": sniff.GEOJSON,
              "DXF": sniff.DXF, "EPANET 2.0 to 2.3": sniff.INP}  # fmt: skip
    formats = [
        (name, ending, what, f"{sniff.BYTES_AT_MOST[limits[name]] // 1_000_000} MB")
        for name, ending, what in FORMATS
    ]
    parts = (
        INTRODUCTION,
        "## Formats\n\n" + table(("Format", "Ending", "Read", "At most"), formats),
        "## Coordinates\n\n" + COORDINATES,
        "## Exit status\n\n" + EXIT,
        "## Names of layers and fields\n\n" + _names(table),
        "## Problems\n\n" + _problems(table),
        "## What the public files give\n\n" + _corpus(table),
    )
    return "\n\n".join(parts)


def _names(table: Table) -> str:
    from huoshui.areas.network import attributes, choices
    from huoshui.areas.network.importing import layers

    held = [
        (
            str(choices.KINDS.get(kind, "not used")),
            " ".join(f"`{one}`" for one in ALTERNATIVES.split(pattern)),
        )
        for pattern, kind in layers.NAMED
    ]
    fields = [(role, ", ".join(names)) for role, names in layers.STRUCTURE.items()]
    fields += [(one.code, ", ".join(one.accepted)) for one in attributes.TABLE if one.accepted]
    return (
        "The first line whose pattern is found in a layer's name decides; `--layers` overrules.\n\n"
        + table(("Layer holds", "Name holds one of"), held)
        + "\n\nA field is known by its code or by one of these names, without case, blanks and "
        "units in brackets.\n\n" + table(("Field", "Names"), fields)
    )


def _problems(table: Table) -> str:
    from huoshui.areas.network.importing import problems

    rows = [(f"`network.{code}`", one.words, one.remedy) for code, one in problems.TABLE.items()]
    return table(("Code", "What is wrong", "What to do"), rows)


def _corpus(table: Table) -> str:
    from huoshui.areas.network.importing import doctor, inp

    rows = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*.inp")):
                network = inp.read(path.read_bytes())
                if any(one.line is not None for one in network.problems):
                    doctor.mend(network)
                said = Counter(one.code for one in network.problems)
                words = ", ".join(f"`{code}`" + (f" × {n}" if n > 1 else "")
                                  for code, n in said.items())  # fmt: skip
                name = f"{package}: {path.relative_to(folder).as_posix()}"
                mended = len(network.mends) or ""
                rows.append((name, len(network.nodes), len(network.links), words, mended))
    return (
        f"All {len(rows)} files of the packages epyt and wntr. A test reads each of them, and "
        "EPANET opens each of them, those with lines left out without these lines.\n\n"
        + table(("File", "Nodes", "Links", "Said of it", "Lines left out"), rows)
    )
