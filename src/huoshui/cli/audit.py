"""Verify the audit trail."""

from __future__ import annotations

import argparse
import sys

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    verify = parser.add_subparsers(dest="deed", required=True).add_parser(
        "verify", help=_("check every record and the end of the chain")
    )
    verify.add_argument(
        "--kept",
        metavar="NUMBER:HASH",
        help=_("an end of the chain that an earlier check printed and somebody kept elsewhere"),
    )


def run(options: argparse.Namespace) -> int:
    """Check the chain; exit status 1 if anything was tampered with."""
    speaking.begin()
    from huoshui.kernel.audit import trail, witness

    try:
        kept = witness.Note.parse(options.kept) if options.kept else None
    except ValueError:
        sys.stdout.write(_("--kept takes NUMBER:HASH as printed by an earlier check.") + "\n")
        return 2
    found = trail.verify(kept=kept)
    for problem in found.problems:
        sys.stdout.write(f"{problem}\n")
    if found.problems:
        words = _("%(problems)d problems in %(records)d records.")
        counts = {"problems": len(found.problems), "records": found.records}
        sys.stdout.write(words % counts + "\n")
        return 1
    facts = {"records": found.records, "hash": found.head_hash, "noted": found.noted}
    for words in (
        _("%(records)d records, unbroken. End of the chain: %(hash)s"),
        _("The file beside the database confirms up to record %(noted)d.")
        if found.noted
        else _("The file beside the database confirms nothing yet."),
        _("To keep elsewhere: %(records)d:%(hash)s"),
    ):
        sys.stdout.write(words % facts + "\n")
    return 0
