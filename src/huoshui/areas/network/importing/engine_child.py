"""The child that lets EPANET open a model and writes down what it said.

    python -m huoshui.areas.network.importing.engine_child MODEL.inp REPORT.txt ANSWER.json [solve]

The answer is ``{"opened": bool, "solved": bool, "messages": [[number, words, line], ...],
"unsolved": [node, ...], "negative": bool}``; with ``solve`` the first period is calculated too.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from pathlib import Path

from huoshui.areas.network.importing import limited

ERROR_LINE = re.compile(r"^\s*Error (\d+):\s*(.*?)\s*$")
UNSOLVED = re.compile(r"(?:ill-conditioned at node|WARNING: Node) (\S+)")
NEGATIVE = "WARNING: Negative pressures"
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


def unsolved_in(report: str) -> list[str]:
    """Return the nodes at which the calculation failed, each once."""
    return list(dict.fromkeys(UNSOLVED.findall(report)))


def main(source: str, report: str, answer: str, solve: str = "") -> int:
    """Open the model, calculate it if asked, close it, and write the answer."""
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
    solved = bool(solve) and opened
    try:
        if solved:
            toolkit.openH(project)
            toolkit.initH(project, 0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # negative pressures and the like: in the report
                toolkit.runH(project)
    except MemoryError:
        return limited.MEMORY_EXIT
    except Exception:
        solved = False
    try:
        toolkit.close(project)  # only closing writes the report out
    except Exception:
        opened = False
    said = Path(report).read_text("utf-8", "replace") if Path(report).exists() else ""
    found = {
        "opened": opened,
        "solved": solved,
        "messages": messages_in(said),
        "unsolved": unsolved_in(said),
        "negative": NEGATIVE in said,
    }
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
