"""Give the network out as a file."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, time
from pathlib import Path

FORMS = ("inp", "gpkg", "geojson")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what may be given out."""
    chosen = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    network = chosen.add_parser("network", help="pipes, valves and nodes")
    network.add_argument("file", type=Path, help="the file to write")
    network.add_argument("--format", choices=FORMS, help="default: by the ending of the file")
    network.add_argument("--at", metavar="DAY", help="as it was at the end of this day, YYYY-MM-DD")


def run(options: argparse.Namespace) -> int:
    """Write one file; exit status 2 for a format or day that is not understood."""
    import django

    django.setup()
    from huoshui.areas.network import facade as network
    from huoshui.kernel import clock

    say = sys.stdout.write
    form = options.format or options.file.suffix.lstrip(".").lower()
    if form not in FORMS:
        sys.stderr.write(f"Say --format: {', '.join(FORMS)}.\n")
        return 2
    at = None
    if options.at:
        try:
            day = datetime.fromisoformat(options.at).date()
        except ValueError:
            sys.stderr.write("Say the day as YYYY-MM-DD.\n")
            return 2
        at = datetime.combine(day, time.max, tzinfo=clock.local_zone())
    assumed = network.export_network(options.file, form, at=at, by_id=None)
    say(f"{options.file}\n")
    for name, count in sorted(assumed.items()):
        say(f"{name}: assumed for {count} assets\n")
    return 0
