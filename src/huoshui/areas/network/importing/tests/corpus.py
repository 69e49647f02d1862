"""The public network files that the packages epyt and wntr carry; their code is never imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("epyt", "wntr")


def files() -> dict[str, Path]:
    """Return every network file by package and path inside it."""
    found = {}
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*.inp")):
                found[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return found
