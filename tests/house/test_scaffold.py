"""What the scaffold makes is green at once: its tests, types, style, imports and migrations.

Goal: a newcomer starts from a folder that follows every rule. Method: the product is copied to a
temporary folder, the scaffold runs there, and the checks run on what it made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checks import tree

NEEDED = ("src", "tools", "pyproject.toml", ".importlinter", "conftest.py", "tests/house/checks")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the product, without what is built, with an area and a connector added."""
    root = tmp_path_factory.mktemp("scaffold") / "huoshui"
    for path in tree.files():
        name = path.relative_to(tree.ROOT)
        if any(name.is_relative_to(one) for one in NEEDED):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, root / name)
    (root / "home").mkdir()
    # Pages need the built front end, which does not depend on the area.
    built = Path("src/huoshui/kernel/pages/static/dist")
    if (tree.ROOT / built).is_dir():
        shutil.copytree(tree.ROOT / built, root / built, dirs_exist_ok=True)
    area = ("area", "samples", "--thing=sample", "--title=Water samples", "--title-zh=水样")
    for words in (area, ("connector", "lines", "--title=Lines of text", "--title-zh=文本行")):
        run(root, sys.executable, "tools/scaffold.py", *words, "--root", str(root))
    return root


def run(root: Path, *command: str) -> str:
    """Run a command in the copy and return what it said; fail with it where it failed."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "HUOSHUI_HOME"))},
        "PYTHONPATH": str(root / "src"),
        "HUOSHUI_HOME": str(root / "home"),
    }
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


@pytest.mark.slow
class TestScaffold:
    def test_makes_tests_that_pass(self, copy):
        said = run(
            copy,
            *(str(BIN / "pytest"), "-q", "-p", "no:cacheprovider"),
            *("src/huoshui/areas/samples", "src/huoshui/connectors/lines"),
        )

        assert "passed" in said

    def test_keeps_the_import_rules(self, copy):
        said = run(copy, str(BIN / "lint-imports"), "--no-cache")

        assert "0 broken" in said

    def test_keeps_the_style(self, copy):
        folders = ("src/huoshui/areas/samples", "src/huoshui/connectors/lines")
        run(copy, str(BIN / "ruff"), "check", "--no-cache", *folders)
        run(copy, str(BIN / "ruff"), "format", "--no-cache", "--check", *folders)

    def test_makes_migrations_that_fit_its_models(self, copy):
        words = ("makemigrations", "samples", "--check", "--dry-run")
        run(copy, sys.executable, "-m", "huoshui.cli", "manage", *words)

    def test_speaks_chinese(self, copy):
        run(copy, sys.executable, "tools/i18n.py", "check", "--app", "samples")

    def test_introduces_itself(self, copy):
        text = (copy / "src/huoshui/areas/samples/README.md").read_text(encoding="utf-8")

        assert text.startswith("# Samples")
        assert "@" not in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("area", "network"), "exists already"),
            (("area", "Samples"), "not lower_snake"),
            (("area", "samples", "--above=nowhere"), "no area of rule R5"),
            (("connector", "mqtt"), "exists already"),
        ],
    )
    def test_change_nothing(self, words, sentence):
        done = subprocess.run(
            [sys.executable, "tools/scaffold.py", *words],
            cwd=tree.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 2
        assert sentence in done.stderr
