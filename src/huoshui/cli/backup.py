"""Copy everything an installation keeps, or look whether a copy is whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("folder", type=Path, help="where backups are kept, on another disk")
    parser.add_argument(
        "--without-secrets", action="store_true", help="leave keys and passwords out"
    )
    parser.add_argument(
        "--verify", action="store_true", help="FOLDER is a backup: look whether it is whole"
    )


def run(options: argparse.Namespace) -> int:
    """Take a backup while all parts run, or verify one; exit status 1 for one that is not whole."""
    import django

    django.setup()
    from huoshui.kernel import backup, settings

    if options.verify:
        problems = backup.verify(options.folder)
        for one in problems:
            sys.stdout.write(f"{one}\n")
        sys.stdout.write("The backup is whole.\n" if not problems else "The backup is torn.\n")
        return 1 if problems else 0
    found = backup.take(options.folder, with_secrets=not options.without_secrets)
    megabytes = found.size_bytes / 1e6
    sys.stdout.write(f"{found.folder}: {found.files} files, {megabytes:.1f} MB\n")
    if settings.get().database_url:
        sys.stdout.write(
            "The operational database lies on a server and is not in it: use pg_dump there.\n"
        )
    return 0
