"""Put a backup into an empty home folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("folder", type=Path, help="the backup")


def run(options: argparse.Namespace) -> int:
    """Put the backup into the home folder of the settings, which must be empty."""
    import django

    django.setup()
    from huoshui.kernel import backup, settings

    manifest = backup.put_back(options.folder)
    sys.stdout.write(
        f"{len(manifest['files'])} files of {manifest['taken_at']} are in {settings.get().home}.\n"
    )
    if not manifest["with_secrets"]:
        sys.stdout.write("It held no secrets: run ./huoshui setup, and set the passwords again.\n")
    return 0
