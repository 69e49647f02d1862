"""Copy everything an installation keeps, or look whether a copy is whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("folder", type=Path, help=_("where backups are kept, on another disk"))
    parser.add_argument(
        "--without-secrets", action="store_true", help=_("leave keys and passwords out")
    )
    parser.add_argument(
        "--verify", action="store_true", help=_("FOLDER is a backup: look whether it is whole")
    )


def run(options: argparse.Namespace) -> int:
    """Take a backup while all parts run, or verify one; exit status 1 for one that is not whole."""
    speaking.begin()
    from huoshui.kernel import backup, settings

    if options.verify:
        problems = backup.verify(options.folder)
        for one in problems:
            sys.stdout.write(f"{one}\n")
        whole = _("The backup is torn.") if problems else _("The backup is whole.")
        sys.stdout.write(f"{whole}\n")
        return 1 if problems else 0
    found = backup.take(options.folder, with_secrets=not options.without_secrets)
    megabytes = found.size_bytes / 1e6
    sys.stdout.write(
        _("%(folder)s: %(files)d files, %(megabytes).1f MB")
        % {"folder": found.folder, "files": found.files, "megabytes": megabytes}
        + "\n"
    )
    if settings.get().database_url:
        sys.stdout.write(
            _("The operational database lies on a server and is not in it: use pg_dump there.")
            + "\n"
        )
    return 0
