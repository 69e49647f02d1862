"""The child that lets EPANET open a model and writes down what it said.

    python -m huoshui.areas.network.importing.engine_child MODEL.inp REPORT.txt ANSWER.json

The answer is ``{"opened": bool, "messages": [[number, words, line], ...]}``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from huoshui.areas.network.importing import limited

ERROR_LINE = re.compile(r"^\s*Error (\d+):\s*(.*?)\s*$")
SUMMARY = 200
"""EPANET's number for "one or more errors": it says nothing of its own."""


def messages_in(report: str) -> list[list[object]]:
    """Return number, words and the line it is about, of every message of a report."""
    found: list[list[object]] = []
    lines = report.splitlines()
    for index, line in enumerate(lines):
        said = ERROR_LINE.match(line)
        if said and int(said[1]) != SUMMARY:
            culprit = lines[index + 1].strip() if index + 1 < len(lines) else ""
            found.append([int(said[1]), said[2], culprit])
    return found


def main(source: str, report: str, answer: str) -> int:
    """Open the model, close it, and write the answer."""
    limited.bind()
    from epanet import toolkit

    project = toolkit.createproject()
    opened = True
    try:
        toolkit.openX(project, source, report, "")
    except MemoryError:
        return limited.MEMORY_EXIT
    except Exception:  # the toolkit knows no other class; its words are in the report
        opened = False
    try:
        toolkit.close(project)  # only closing writes the report out
    except Exception:
        opened = False
    said = Path(report).read_text("utf-8", "replace") if Path(report).exists() else ""
    found = {"opened": opened, "messages": messages_in(said)}
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
