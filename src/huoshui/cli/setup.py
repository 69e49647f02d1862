"""Make what an installation needs before its first start."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

from huoshui.cli.speaking import gettext as _
from huoshui.kernel import settings

SECRETS = ("secret_key", "mqtt_password", "telephony_secret")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--administrator", default="admin", help=_("user name of the first one"))
    parser.add_argument(
        "--secrets-only", action="store_true", help=_("make missing secrets and do nothing else")
    )


def make_secrets(home: Path) -> list[str]:
    """Make the secrets that are missing, readable by their owner only; return their names."""
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    made = []
    for name in SECRETS:
        if (folder / name).exists():
            continue
        # Whole or not at all: a secret cut short by a crash would keep everything from starting.
        fresh = folder / f"{name}.{os.getpid()}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(fresh, folder / name)  # never over the secret of a set-up at the same time
            made.append(name)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return made


def make_database() -> None:
    """Bring the operational database to this version."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def run(options: argparse.Namespace) -> int:
    """Make secrets, database and the first administrator; what exists already stays."""
    home = settings.get().home
    home.mkdir(parents=True, exist_ok=True)
    made = make_secrets(home)
    settings.get.cache_clear()
    if made:
        words = _("Secrets made in %(folder)s: %(names)s")
        sys.stdout.write(words % {"folder": home / "secrets", "names": ", ".join(made)} + "\n")
    if options.secrets_only:
        return 0
    make_database()
    sys.stdout.write(_("Database ready:") + f" {settings.get().database_path}\n")

    from huoshui.kernel import clock
    from huoshui.kernel.accounts import actions

    if not actions.administrators(clock.now()):
        user, password = actions.add_user(
            options.administrator, options.administrator, posts=("administrator",)
        )
        sys.stdout.write(_("First administrator:") + f" {user.username}\n")
        sys.stdout.write(_("Password:") + f" {password}\n")
        sys.stdout.write(
            _("It is shown only now; for a new one: ./huoshui users password %(name)s")
            % {"name": user.username}
            + "\n"
        )
    return 0
