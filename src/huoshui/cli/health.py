"""Say what is late, full or failing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _
from huoshui.cli.speaking import mark

if TYPE_CHECKING:
    from huoshui.kernel import health

MARKS = {"ok": mark("in order"), "warning": mark("needs a look"), "failing": mark("FAILING")}
STATUSES = {"ok": 0, "warning": 1, "failing": 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--json", action="store_true", help=_("for programs: one JSON document"))


def run(options: argparse.Namespace) -> int:
    """Run every check; exit status 0 in order, 1 needs a look, 2 failing."""
    speaking.begin()
    from huoshui.kernel import health

    found = health.run_all()
    level = health.level_of(found)
    if options.json:
        sys.stdout.write(json.dumps(as_json(level, found), ensure_ascii=False, indent=1) + "\n")
    else:
        for one in found:
            sys.stdout.write(f"{_(MARKS[one.level]):<13} {one.label}\n")
            for finding in one.findings:
                sys.stdout.write(f"{'':<14}{finding.text}\n")
                if finding.remedy:
                    sys.stdout.write(f"{'':<14}-> {finding.remedy}\n")
        sys.stdout.write(_("Over all:") + f" {_(MARKS[level])}\n")
    return STATUSES[level]


def as_json(level: str, found: Sequence[health.Result]) -> dict[str, object]:
    """Return the findings as a program reads them."""
    return {
        "level": level,
        "checks": [
            {
                "code": one.code,
                "label": str(one.label),
                "level": one.level,
                "took_s": round(one.took_s, 4),
                "findings": [
                    {
                        "level": finding.level,
                        "text": str(finding.text),
                        "remedy": str(finding.remedy),
                        "url": finding.url,
                    }
                    for finding in one.findings
                ],
            }
            for one in found
        ],
    }
