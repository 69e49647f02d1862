"""Readings as loggers send them: one JSON message for each block, over MQTT, acknowledged."""

from __future__ import annotations

import collections
import logging
import threading
import time

import numpy as np
import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from huoshui.democity.simulate.living import Block
from huoshui.kernel import errors, settings

log = logging.getLogger(__name__)

QUALITIES = ("good", "estimated", "doubtful")
IN_FLIGHT_MAX = 20
PATIENCE_S = 60.0


class BrokerSilent(errors.Unavailable):
    """The broker does not acknowledge what the city sends."""

    def __init__(self) -> None:
        super().__init__(
            "democity.broker_silent",
            "The broker does not acknowledge the demo city's measurements.",
            retry_after_s=10,
        )


def payload(block: Block) -> bytes:
    """Write a block in the columnar form of loggers; no reading is null."""
    message: dict[str, object] = {
        "at": {"from": block.from_at.isoformat(), "step_s": block.step_s},
        "values": {
            code: np.ascontiguousarray(row)
            for code, row in zip(block.codes, block.values, strict=True)
        },
    }
    flagged = {
        code: [QUALITIES[one] for one in row]
        for code, row in zip(block.codes, block.quality, strict=True)
        if row.any()
    }
    if flagged:
        message["quality"] = flagged
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)


def source(block: Block) -> str:
    """Return who sends a block: the control system's loggers or the customers' meters."""
    return "meters" if block.step_s == 3600 else "scada"


class Sender:
    """Publishes blocks with QoS 1 and knows which of them the broker has acknowledged."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._waiting: collections.deque[tuple[str, bytes, paho.MQTTMessageInfo]] = (
            collections.deque()
        )
        chosen = settings.get()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="democity")
        if chosen.mqtt_password is not None:
            self._client.username_pw_set(
                chosen.mqtt_username, chosen.mqtt_password.get_secret_value()
            )
        self._client.reconnect_delay_set(1, 5)
        self._client.connect_async(chosen.mqtt_host, chosen.mqtt_port, keepalive=30)
        self._client.loop_start()

    def send(self, block: Block) -> None:
        """Publish a block; waits while too many are not acknowledged yet."""
        self._publish(f"huoshui/{source(block)}/readings", payload(block))
        while len(self._waiting) > IN_FLIGHT_MAX:
            self._settle_first()

    def settle(self) -> None:
        """Wait until everything sent is acknowledged; raises `BrokerSilent` when it is not."""
        while self._waiting:
            self._settle_first()

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, message: bytes) -> None:
        self._wait(self._client.is_connected)
        info = self._client.publish(topic, message, qos=1)
        self._waiting.append((topic, message, info))

    def _settle_first(self) -> None:
        topic, message, info = self._waiting[0]
        try:
            self._wait(info.is_published)
        except RuntimeError:
            # The connection went away between our look and the sending. The same readings
            # twice are one reading to the store, so sending again is safe.
            log.warning("The broker was away; sending again")
            self._waiting.popleft()
            self._publish(topic, message)
            return
        self._waiting.popleft()

    def _wait(self, done: object) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not done():  # type: ignore[operator]
            if time.monotonic() > deadline or self._stop.wait(0.002):
                raise BrokerSilent
