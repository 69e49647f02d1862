"""The import rules of `.importlinter` are tried on a skeleton of our own tree.

Goal: a rule that never refused anything is a decoration. Method: one small package with every
floor, area and room is written to a temporary folder; into a copy of it we plant one import after
another and read the linter's report. The order of the areas comes from `.importlinter` itself, so
that the skeleton follows it when an area is added.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house.checks.order import areas_from_lowest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / ".importlinter"
ROOMS = ("contracts", "rules", "models", "queries", "actions", "facade", "tasks", "apps", "store")
CONNECTORS = ("mqtt", "files")
LOWEST, SECOND, *_, HIGHEST = areas_from_lowest()


def write(folder: Path, module: str, text: str = "") -> None:
    """Append ``text`` to a module of the skeleton, making it first where it does not exist."""
    path = folder.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def package(folder: Path, name: str) -> None:
    path = folder.joinpath(*name.split("."))
    path.mkdir(parents=True, exist_ok=True)
    (path / "__init__.py").touch()


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty tree of the right shape: floors, areas with all their rooms, two connectors."""
    folder = tmp_path_factory.mktemp("skeleton")
    package(folder, "huoshui")
    floors = ("lab", "kernel", "areas", "connecting", "connectors", "project", "democity", "cli")
    for floor in floors:
        package(folder, f"huoshui.{floor}")
    for module in (
        "lab.series",
        "kernel.clock",
        "kernel.events",
        "project.urls",
        "project.settings",
    ):
        write(folder, f"huoshui.{module}")
    write(folder, "huoshui.kernel.translated", "import django")
    write(folder, "huoshui.democity.worlds", f"import huoshui.areas.{LOWEST}.facade")
    for name in areas_from_lowest():
        package(folder, f"huoshui.areas.{name}")
        package(folder, f"huoshui.areas.{name}.web")
        package(folder, f"huoshui.areas.{name}.tests")
        for page in ("pages", "urls"):
            write(folder, f"huoshui.areas.{name}.web.{page}")
        for room in ROOMS:
            write(folder, f"huoshui.areas.{name}.{room}")
    for name in CONNECTORS:
        package(folder, f"huoshui.connectors.{name}")
    return folder


def lint(folder: Path) -> str:
    """Return the linter's report on ``folder``, headed by PASSED or REFUSED."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("lint-imports")),
            *("--config", str(CONFIG), "--no-cache"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    head = "PASSED" if done.returncode == 0 else "REFUSED"
    return f"{head}\n{done.stdout}\n{done.stderr}"


def planted(skeleton: Path, tmp_path: Path, imports: Iterable[tuple[str, str]]) -> str:
    """Return the report on a copy of the skeleton with ``(module, line of code)`` added."""
    copy = tmp_path / "tree"
    shutil.copytree(skeleton, copy)
    for module, line in imports:
        write(copy, f"huoshui.{module}", line)
    return lint(copy)


# Rule, module that breaks it, the line, what the report must show.
VIOLATIONS = [
    ("R1", "kernel.clock", "import huoshui.areas", "huoshui.kernel"),
    ("R1", "lab.series", "import huoshui.kernel.clock", "huoshui.lab"),
    ("R1", f"areas.{HIGHEST}.actions", "import huoshui.project.settings", "huoshui.areas"),
    ("R1", f"areas.{LOWEST}.actions", "import huoshui.connectors.mqtt", "huoshui.connectors"),
    ("R1", "project.settings", "import huoshui.democity.worlds", "huoshui.democity"),
    ("R1", "connectors.mqtt", "def late():\n    import huoshui.cli", "huoshui.connectors"),
    ("R2", "lab.series", "import django", "django"),
    ("R2", "lab.series", "def quietly():\n    import sqlite3", "sqlite3"),
    ("R2", "lab.series", "import subprocess", "subprocess"),
    ("R3", f"areas.{HIGHEST}.actions", f"import huoshui.areas.{LOWEST}.models", f"{LOWEST}"),
    ("R3", f"areas.{HIGHEST}.facade", f"from huoshui.areas.{LOWEST} import store", f"{LOWEST}"),
    (
        "R3",
        f"areas.{HIGHEST}.queries",
        "from typing import TYPE_CHECKING\n"
        f"if TYPE_CHECKING:\n    from huoshui.areas.{SECOND} import queries as theirs",
        f"{SECOND}",
    ),
    ("R4", "connectors.mqtt", f"import huoshui.areas.{SECOND}.actions", f"{SECOND}.actions"),
    ("R4", "democity.worlds", f"import huoshui.areas.{LOWEST}.models", f"{LOWEST}.models"),
    ("R4", "project.settings", f"import huoshui.areas.{LOWEST}.web.urls", f"{LOWEST}.web"),
    ("R4", "cli", f"import huoshui.areas.{SECOND}.store", f"{SECOND}.store"),
    ("R5", f"areas.{LOWEST}.actions", f"import huoshui.areas.{HIGHEST}.facade", f"{HIGHEST}"),
    ("R5", f"areas.{SECOND}.contracts", f"import huoshui.areas.{HIGHEST}.contracts", f"{SECOND}"),
    ("R6", f"areas.{LOWEST}.queries", f"import huoshui.areas.{LOWEST}.actions", "queries"),
    ("R6", f"areas.{LOWEST}.models", f"import huoshui.areas.{LOWEST}.web.pages", "models"),
    ("R6", f"areas.{LOWEST}.contracts", f"import huoshui.areas.{LOWEST}.models", "contracts"),
    ("R6", f"areas.{HIGHEST}.tasks", f"import huoshui.areas.{HIGHEST}.web.pages", "tasks"),
    ("R7", f"areas.{LOWEST}.contracts", "import django.db", "django"),
    ("R7", f"areas.{LOWEST}.rules", "import huoshui.kernel.translated", "translated"),
    ("R8", "connectors.mqtt", "import huoshui.connectors.files", "files"),
]

LEGITIMATE = [
    (f"areas.{HIGHEST}.actions", f"from huoshui.areas.{LOWEST} import facade as below"),
    (f"areas.{HIGHEST}.contracts", f"from huoshui.areas.{SECOND} import contracts as below"),
    (f"areas.{HIGHEST}.web.pages", f"from huoshui.areas.{HIGHEST} import actions, queries"),
    (f"areas.{HIGHEST}.rules", "import huoshui.lab.series"),
    (f"areas.{HIGHEST}.models", "import django, huoshui.kernel.events"),
    ("connectors.mqtt", f"from huoshui.areas.{SECOND} import facade as store"),
    ("project.urls", f"import huoshui.areas.{LOWEST}.web.urls"),
    ("democity.worlds", f"from huoshui.areas.{LOWEST} import facade, contracts"),
    ("cli", "import huoshui.democity.worlds, huoshui.project.settings"),
    (f"areas.{HIGHEST}.tests.test_actions", "from huoshui.democity import worlds"),
]


def section(report: str, rule: str) -> str:
    """Return the part of a report that explains the failure of one rule."""
    lines = report.splitlines()
    starts = [
        number
        for number, line in enumerate(lines[:-1])
        if line.startswith(rule) and set(lines[number + 1]) == {"-"}
    ]
    if not starts:
        return ""
    rest = lines[starts[0] + 2 :]
    ends = [n for n, line in enumerate(rest[1:], 1) if line and set(line) == {"-"}]
    return "\n".join(rest[: ends[0] - 1] if ends else rest)


class TestImportRules:
    def test_hold_in_our_own_tree(self):
        report = lint(ROOT / "src")

        assert report.startswith("PASSED"), report

    def test_know_every_area_of_the_tree(self):
        folders = {path.parent.name for path in (ROOT / "src/huoshui/areas").glob("*/__init__.py")}

        assert folders <= set(areas_from_lowest()), "place each area in rule R5 of .importlinter"

    def test_let_legitimate_imports_pass(self, skeleton, tmp_path):
        report = planted(skeleton, tmp_path, LEGITIMATE)

        assert report.startswith("PASSED"), report

    @pytest.mark.parametrize("rule", sorted({row[0] for row in VIOLATIONS}))
    def test_refuse_each_planted_violation_of(self, rule, skeleton, tmp_path):
        rows = [row for row in VIOLATIONS if row[0] == rule]
        report = planted(skeleton, tmp_path, [(module, line) for _, module, line, _ in rows])
        broken = section(report, rule)

        for _, module, line, shown in rows:
            assert f"huoshui.{module} -> " in broken, (
                f"{module}: {line!r} was let through:\n{report}"
            )
            assert shown in broken, f"{module}: {line!r} does not show {shown}:\n{broken}"

    def test_refuse_an_area_that_has_no_place_in_the_order(self, skeleton, tmp_path):
        report = planted(skeleton, tmp_path, [("areas.unplaced", "")])

        assert report.startswith("REFUSED")
        assert "unplaced" in report
