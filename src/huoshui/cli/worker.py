"""Deliver events, run schedules and background tasks."""

from __future__ import annotations

import argparse

from huoshui.cli import running
from huoshui.kernel import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options."""


def run(options: argparse.Namespace) -> int:
    """Work until told to stop."""
    import django

    with running.only_one(settings.get().home / "run" / "worker.lock", "worker"):
        django.setup()
        from huoshui.kernel.health import versions
        from huoshui.kernel.jobs import worker

        versions.require()
        worker.run(running.stop_on_signals())
    return 0
