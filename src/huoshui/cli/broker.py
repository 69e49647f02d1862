"""Run the demo's MQTT broker; a real city brings its own."""

from __future__ import annotations

import argparse
import logging

from huoshui.kernel import errors, settings


class BrokerRefused(errors.Refused):
    """The broker would be open to others; it is meant for the demo on this computer."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "broker.not_started",
            reason,
            next_step="Use a broker such as Mosquitto, and set mqtt_host and mqtt_port.",
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options: address and password are settings."""


def run(options: argparse.Namespace) -> int:
    """Serve until stopped. Refuses any address beyond loopback and a missing password."""
    chosen = settings.get()
    if chosen.mqtt_host not in {"127.0.0.1", "::1", "localhost"}:
        raise BrokerRefused(f"The demo's broker listens on loopback only, not {chosen.mqtt_host}.")
    if chosen.mqtt_password is None:
        raise BrokerRefused("The demo's broker has no password yet; `setup` makes one.")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")

    from huoshui.democity import broker

    broker.run(
        host="127.0.0.1" if chosen.mqtt_host == "localhost" else chosen.mqtt_host,
        port=chosen.mqtt_port,
        username=chosen.mqtt_username,
        password=chosen.mqtt_password.get_secret_value(),
    )
    return 0
