"""``huoshui city``: make, fill and run the demo city. Started by ``huoshui demo``."""

from __future__ import annotations

import argparse
import sys

from huoshui.cli import demo, running
from huoshui.kernel import errors, settings


class DemoOnly(errors.Refused):
    """The demo city must never be built into a real installation."""

    def __init__(self) -> None:
        super().__init__(
            "city.demo_only",
            "The demo city can only be made in a demo.",
            next_step="Run ./huoshui demo, with a HUOSHUI_HOME of its own if you have one already.",
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", choices=("prepare", "fill", "judge", "live"))
    parser.add_argument("--history-days", type=int, default=365)


def tell(text: str) -> None:
    """Say how far a stage is, for the supervisor to show."""
    sys.stdout.write(f"{demo.PROGRESS}{text}\n")
    sys.stdout.flush()


def run(options: argparse.Namespace) -> int:
    if not settings.get().demo:
        raise DemoOnly
    if options.stage == "prepare":
        _prepare(options.history_days)
        return 0
    stop = running.stop_on_signals()
    import django

    django.setup()
    from huoshui.democity import city, publisher

    if options.stage == "fill":
        publisher.fill(tell)
    elif options.stage == "judge":
        city.judge_history(tell)
    else:
        publisher.follow(stop)
    return 0


def _prepare(history_days: int) -> None:
    """Secrets, tables, the city's things; each only where missing."""
    from huoshui.cli import setup

    setup.make_secrets(settings.get().home)
    settings.get.cache_clear()
    import django
    from django.core.management import call_command

    django.setup()
    tell("tables")
    call_command("migrate", interactive=False, verbosity=0)
    from huoshui.democity import city

    city.build(history_days=history_days, tell=tell)
