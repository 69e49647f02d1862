"""Ruff refuses, in the laboratory only, what ties an answer to the day or the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def complaints(line: str, folder: str) -> str:
    """Return what ruff says of a file with one line, as if it lay in ``folder``."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ruff")),
            *("check", "--no-cache", "--output-format=concise"),
            *("--stdin-filename", f"src/huoshui/{folder}/sample.py", "-"),
        ],
        cwd=ROOT,
        input=line + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("import datetime\n\nx = datetime.datetime.now(datetime.UTC)", "does not read the clock"),
        ("import time\n\nx = time.time()", "take the moment as an argument"),
        ("import numpy as np\n\nnp.random.seed(1)", "Generator as an argument"),
        ("import logging\n\nlogging.basicConfig()", "does not set up logging"),
    ],
)
class TestBannedNames:
    def test_are_refused_in_the_laboratory_with_the_reason(self, line, sentence):
        assert sentence in complaints(line, "lab/series")

    def test_are_allowed_elsewhere(self, line, sentence):
        assert sentence not in complaints(line, "cli")
