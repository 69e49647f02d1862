"""What we depend on may be used in a product under Apache-2.0."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest

from tests.house.checks import tree

ALLOWED = re.compile(
    r"\b(?:MIT|BSD|0BSD|Apache|Zlib|CC0|ISC|MPL-2\.0|PSF|Python Software Foundation)\b",
    re.IGNORECASE,
)
REFUSED = re.compile(r"(?<!L)\b(?:A?GPL|SSPL|Commons Clause|BUSL|non-?commercial)\b", re.IGNORECASE)
# Only the demo reads a data file of it, in its own process, unchanged; see NOTICE.
DATA_ONLY = {"epyt"}
# Under the LGPL: installed beside us by an extra of its own, imported as it is, never built in, so
# that whoever has Huoshui may replace it. Named in NOTICE.
REPLACEABLE = {"asyncua"}
# Says its licence only in a file: MIT, OWA-EPANET 2.3 and its Python wrapper.
IN_A_FILE = {"owa-epanet"}


def dependencies() -> list[str]:
    """Return the names of what an installation and the demo need."""
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    lines = project["dependencies"] + [line for extra in extras for line in extra]
    return [re.split(r"[^\w.-]", line)[0] for line in lines]


def licence(name: str) -> str:
    """Return what a package says of its licence: its expression, its words, its classifiers."""
    about = metadata.metadata(name)
    classes = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    first = (about.get("License") or "")[:200]
    return " ".join([about.get("License-Expression") or "", first, *classes])


@pytest.mark.parametrize("name", sorted(set(dependencies()) - DATA_ONLY - IN_A_FILE - REPLACEABLE))
def test_a_dependency_may_be_used(name):
    said = licence(name)

    assert ALLOWED.search(said), f"{name} says of its licence: {said!r}"
    assert not REFUSED.search(said), f"{name} says of its licence: {said!r}"


@pytest.mark.parametrize("name", sorted(REPLACEABLE))
def test_a_replaceable_library_stays_apart(name):
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert not any(line.startswith(name) for line in project["dependencies"])
    assert name in (tree.ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "Lesser" in licence(name)


@pytest.mark.parametrize("name", sorted(DATA_ONLY))
def test_code_of_a_data_package_is_never_imported(name):
    found = [
        tree.place(path)
        for path, text in tree.texts(".py", under=tree.ROOT / "src")
        if re.search(rf"^\s*(?:import|from) {name}\b", text, re.MULTILINE)
    ]

    assert not found


def test_our_own_licence_is_apache():
    assert "Apache License" in (tree.ROOT / "LICENSE").read_text(encoding="utf-8")[:200]
