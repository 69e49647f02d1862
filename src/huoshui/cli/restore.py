"""Put a backup into an empty home folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("folder", type=Path, help=_("the backup"))


def run(options: argparse.Namespace) -> int:
    """Put the backup into the home folder of the settings, which must be empty."""
    speaking.begin()
    from huoshui.kernel import backup, settings

    manifest = backup.put_back(options.folder)
    sys.stdout.write(
        _("%(files)d files of %(moment)s are in %(home)s.")
        % {
            "files": len(manifest["files"]),
            "moment": manifest["taken_at"],
            "home": settings.get().home,
        }
        + "\n"
    )
    if not manifest["with_secrets"]:
        words = _("It held no secrets: run ./huoshui setup, and set the passwords again.")
        sys.stdout.write(f"{words}\n")
    return 0
