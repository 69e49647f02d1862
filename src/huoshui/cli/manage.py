"""Django's own commands: migrate, makemigrations, check, shell."""

from __future__ import annotations

import argparse

from huoshui.kernel import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Leave every word to Django."""


def run(options: argparse.Namespace) -> int:
    """Pass all words through."""
    from django.core.management import execute_from_command_line

    settings.get().home.mkdir(parents=True, exist_ok=True)
    execute_from_command_line(["huoshui manage", *options.words])
    return 0
