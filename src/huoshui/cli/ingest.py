"""Receive measurements: the one process that writes the historian."""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from huoshui.cli import running

if TYPE_CHECKING:
    from huoshui.areas.telemetry.contracts import Source
    from huoshui.connecting.supervisor import Supervisor

STOP_S = 15.0
FOLLOW_EVERY_S = 1.0

logger = logging.getLogger("huoshui.ingest")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: sources are set up on their page, the first broker in the settings."""


def run(options: argparse.Namespace) -> int:
    """Store what the sources bring until told to stop; then put everything safely to disk.

    Refuses while another process writes the same historian.
    """
    import django

    django.setup()
    from huoshui.areas.telemetry import facade as telemetry
    from huoshui.connecting.supervisor import Supervisor

    stop = running.stop_on_signals()
    historian = telemetry.open_historian()
    try:
        receiving = telemetry.open_receiving(historian)
        supervisor = Supervisor(receiving, telemetry.report_connector, telemetry.openers())
        died: list[BaseException] = []
        following = threading.Thread(
            target=_follow, args=(supervisor, receiving, stop, died), name="sources"
        )
        following.start()
        try:
            telemetry.run_ingest(historian, stop.wait)
        finally:
            stop.set()
            following.join(STOP_S)
            receiving.unadopted.close()
    finally:
        historian.close()
    return 1 if died else 0


def _follow(
    supervisor: Supervisor, receiving: Any, stop: threading.Event, died: list[BaseException]
) -> None:
    """Keep the sources as they are set up; if this dies, end the whole process.

    Going on without it would look healthy while readings are lost; a supervisor starts us anew.
    """
    from django.db import close_old_connections

    from huoshui.areas.telemetry import facade as telemetry

    follower = telemetry.name_follower(receiving)
    known: list[Source] = []
    try:
        while not stop.is_set():
            close_old_connections()
            known = _tried(lambda: telemetry.sources(with_secrets=True), known)
            supervisor.follow(known)
            _tried(follower.step, 0)
            stop.wait(FOLLOW_EVERY_S)
    except Exception as problem:
        logger.exception("the keeper of the sources stopped by itself")
        died.append(problem)
    finally:
        supervisor.close()
        stop.set()


def _tried(do: Callable[[], Any], otherwise: Any) -> Any:
    """Do something that may fail for a moment, such as a busy database; keep what was known."""
    try:
        return do()
    except Exception:
        logger.exception("the sources could not be looked up; trying again")
        return otherwise
