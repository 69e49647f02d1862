"""Give the network out as a file."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, time
from pathlib import Path

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _

FORMS = ("inp", "gpkg", "geojson")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what may be given out."""
    chosen = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    network = chosen.add_parser("network", help=_("pipes, valves and nodes"))
    network.add_argument("file", type=Path, help=_("the file to write"))
    network.add_argument("--format", choices=FORMS, help=_("default: by the ending of the file"))
    network.add_argument(
        "--at", metavar="DAY", help=_("as it was at the end of this day, YYYY-MM-DD")
    )
    network.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Write one file; exit status 1 for a model that EPANET cannot calculate, 2 for bad words."""
    speaking.begin()
    from huoshui.areas.network import facade as network
    from huoshui.kernel import clock
    from huoshui.kernel.intake import report

    say = sys.stdout.write
    form = options.format or options.file.suffix.lstrip(".").lower()
    if form not in FORMS:
        sys.stderr.write(_("Say --format: %(formats)s.") % {"formats": ", ".join(FORMS)} + "\n")
        return 2
    at = None
    if options.at:
        try:
            day = datetime.fromisoformat(options.at).date()
        except ValueError:
            sys.stderr.write(_("Say the day as YYYY-MM-DD.") + "\n")
            return 2
        at = datetime.combine(day, time.max, tzinfo=clock.local_zone())
    outcome = network.export_network(options.file, form, at=at, by_id=None)
    calculates = outcome.opened and outcome.solved
    if options.json:
        answer = {"file": str(options.file), **outcome.as_json()}
        say(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
        return 0 if calculates else 1
    say(f"{options.file}\n")
    for what, count in outcome.assumed_words():
        say(_("%(what)s: assumed for %(count)d assets") % {"what": what, "count": count} + "\n")
    if outcome.problems:
        say(report.text(outcome.problems) + "\n")
    if form == "inp":
        say((_("EPANET opens the model and calculates it.") if calculates
             else _("EPANET cannot calculate this model.")) + "\n")  # fmt: skip
    return 0 if calculates else 1
