"""Verify the audit trail."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    parser.add_subparsers(dest="deed", required=True).add_parser(
        "verify", help="check every record and the end of the chain"
    )


def run(options: argparse.Namespace) -> int:
    """Check the chain; exit status 1 if anything was tampered with."""
    import django

    django.setup()
    from huoshui.kernel.audit import trail

    found = trail.verify()
    for problem in found.problems:
        sys.stdout.write(f"{problem}\n")
    if found.problems:
        sys.stdout.write(f"{len(found.problems)} problems in {found.records} records.\n")
        return 1
    sys.stdout.write(f"{found.records} records, unbroken. End of the chain: {found.head_hash}\n")
    return 0
