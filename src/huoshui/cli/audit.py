"""Verify the audit trail."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    verify = parser.add_subparsers(dest="deed", required=True).add_parser(
        "verify", help="check every record and the end of the chain"
    )
    verify.add_argument(
        "--kept",
        metavar="NUMBER:HASH",
        help="an end of the chain that an earlier check printed and somebody kept elsewhere",
    )


def run(options: argparse.Namespace) -> int:
    """Check the chain; exit status 1 if anything was tampered with."""
    import django

    django.setup()
    from huoshui.kernel.audit import trail, witness

    try:
        kept = witness.Note.parse(options.kept) if options.kept else None
    except ValueError:
        sys.stdout.write("--kept takes NUMBER:HASH as printed by an earlier check.\n")
        return 2
    found = trail.verify(kept=kept)
    for problem in found.problems:
        sys.stdout.write(f"{problem}\n")
    if found.problems:
        sys.stdout.write(f"{len(found.problems)} problems in {found.records} records.\n")
        return 1
    sys.stdout.write(f"{found.records} records, unbroken. End of the chain: {found.head_hash}\n")
    noted = f"up to record {found.noted}" if found.noted else "nothing yet"
    sys.stdout.write(f"The file beside the database confirms {noted}.\n")
    sys.stdout.write(f"To keep elsewhere: {found.records}:{found.head_hash}\n")
    return 0
