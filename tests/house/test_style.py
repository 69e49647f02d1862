"""Style and types, with the settings of `pyproject.toml`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checks import tree

BIN = Path(sys.executable).parent


def said(*command: str) -> str:
    """Return what a checker complains of; nothing where it is content."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=tree.ROOT,
        env={**os.environ, "PYTHONPATH": str(tree.ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"\n{done.stdout}{done.stderr}"


class TestStyle:
    def test_has_no_complaints(self):
        assert not said("ruff", "check", "--output-format=concise", ".")

    def test_is_laid_out_by_the_formatter(self):
        assert not said("ruff", "format", "--check", "--output-format=concise", ".")

    @pytest.mark.slow
    def test_has_types_that_fit(self):
        assert not said("mypy", "src/huoshui")
