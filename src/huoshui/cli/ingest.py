"""Receive measurements: the one process that writes the historian."""

from __future__ import annotations

import argparse
import logging
import threading
from typing import TYPE_CHECKING

from huoshui.cli import running
from huoshui.kernel import settings

if TYPE_CHECKING:
    from huoshui.connectors.mqtt import client

STOP_S = 10.0

logger = logging.getLogger("huoshui.ingest")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: the broker's address and password are settings."""


def run(options: argparse.Namespace) -> int:
    """Store what connectors receive until told to stop; then put everything safely to disk.

    Refuses while another process writes the same historian.
    """
    import django

    django.setup()
    from huoshui.areas.telemetry import facade as telemetry
    from huoshui.connectors.mqtt import client

    chosen = settings.get()
    password = chosen.mqtt_password.get_secret_value() if chosen.mqtt_password else ""
    options_of_mqtt = client.Options(
        host=chosen.mqtt_host,
        port=chosen.mqtt_port,
        username=chosen.mqtt_username,
        password=password,
    )
    stop = running.stop_on_signals()
    historian = telemetry.open_historian()
    try:
        connector = client.Connector(options_of_mqtt, historian, report=telemetry.report_connector)
        died: list[BaseException] = []
        receiving = threading.Thread(target=_receive, args=(connector, stop, died), name="mqtt")
        receiving.start()
        try:
            telemetry.run_ingest(historian, stop.wait)
        finally:
            stop.set()
            connector.stop()
            receiving.join(STOP_S)
    finally:
        historian.close()
    return 1 if died else 0


def _receive(connector: client.Connector, stop: threading.Event, died: list[BaseException]) -> None:
    """Run the connector; if it dies of something unexpected, end the whole process.

    Going on without it would look healthy while every reading is lost; a supervisor starts us anew.
    """
    try:
        connector.run()
    except Exception as problem:
        logger.exception("the connector stopped by itself")
        died.append(problem)
    finally:
        stop.set()
