"""The demo's MQTT broker: amqtt, on loopback, for one user name and password.

A real city has a broker of its own. This one exists so that the demo needs no other program.
It keeps its queue in memory: a message survives every restart of the receiver, not one of the
broker itself.

amqtt gives a message up when the receiver has not acknowledged it within five seconds or went
away meanwhile. Our receiver acknowledges after its commit, so a slow disk or a killed process
would lose what the sender believes delivered. ``KeepingHandler`` keeps it and sends it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import signal
from dataclasses import dataclass
from typing import Any, cast

import amqtt.broker
from amqtt.mqtt.constants import QOS_1
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.mqtt.puback import PubackPacket
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import (
    OUTGOING,
    ApplicationMessage,
    IncomingApplicationMessage,
    OutgoingApplicationMessage,
    Session,
)

log = logging.getLogger(__name__)

# Sent and not yet acknowledged, for each receiver; the rest waits in the broker. MQTT has 65,535
# numbers for them, and amqtt drops a message when it finds none free.
IN_FLIGHT_MAX = 2_000


class OnePassword(BaseAuthPlugin):
    """Lets in whoever knows the one user name and password; nobody else, nobody unnamed."""

    @dataclass
    class Config:
        """The only way in."""

        username: str = ""
        password: str = ""

    async def authenticate(self, *, session: Session) -> bool:
        given = (session.username or "", session.password or "")
        known = (self.config.username, self.config.password)
        return bool(known[1]) and all(
            hmac.compare_digest(one.encode(), other.encode())
            for one, other in zip(given, known, strict=True)
        )


class KeepingHandler(BrokerProtocolHandler):
    """Keeps a message of QoS 1 until it is acknowledged, over reconnects, however long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = asyncio.Event()
        self._ended = False

    async def mqtt_publish(
        self,
        topic: str,
        data: bytes | bytearray,
        qos: int | None,
        retain: bool,
        ack_timeout: int | None = None,
    ) -> OutgoingApplicationMessage:
        session = self.session
        if qos == QOS_1 and session is not None:
            while len(session.inflight_out) >= IN_FLIGHT_MAX and not self._ended:
                self._room.clear()
                await self._room.wait()
            if self._ended:
                # The receiver went away while this one waited for room: it is sent first thing
                # after the next connect.
                await session.retained_messages.put(
                    ApplicationMessage(None, topic, qos, data, retain)
                )
                return OutgoingApplicationMessage(None, topic, qos, data, retain)
        return await super().mqtt_publish(topic, data, qos, retain, ack_timeout)

    async def _handle_qos1_message_flow(
        self, app_message: OutgoingApplicationMessage | IncomingApplicationMessage
    ) -> None:
        session = self.session
        if app_message.direction != OUTGOING or session is None:
            await super()._handle_qos1_message_flow(app_message)
            return
        message = cast("OutgoingApplicationMessage", app_message)
        again = message.publish_packet is not None
        if message.packet_id is not None:
            session.inflight_out[message.packet_id] = message
        message.publish_packet = message.build_publish_packet(dup=again)
        await self._send_packet(message.publish_packet)

    async def handle_puback(self, puback: PubackPacket) -> None:
        if self.session is not None and puback.variable_header is not None:
            self.session.inflight_out.pop(puback.variable_header.packet_id, None)
            self._room.set()

    async def stop(self) -> None:
        self._ended = True
        self._room.set()
        await super().stop()


async def serve(
    *, host: str, port: int, username: str, password: str, until: asyncio.Event | None = None
) -> None:
    """Run the broker until ``until`` is set, or for ever."""
    # The library names its handler class in this one place and offers no other way to choose it.
    amqtt.broker.BrokerProtocolHandler = KeepingHandler  # type: ignore[misc]
    broker = amqtt.broker.Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {
                f"{__name__}.{OnePassword.__name__}": {"username": username, "password": password}
            },
        }
    )
    await broker.start()
    log.info("The MQTT broker listens on %s:%d", host, port)
    try:
        await (until or asyncio.Event()).wait()
    finally:
        await broker.shutdown()


def run(*, host: str, port: int, username: str, password: str) -> None:
    """Run the broker in this process until it is told to stop (SIGTERM or Ctrl-C)."""

    async def main() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
                loop.add_signal_handler(one, stopped.set)
        await serve(host=host, port=port, username=username, password=password, until=stopped)

    asyncio.run(main())
