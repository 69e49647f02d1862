"""Receive readings by MQTT and acknowledge each message only when it is stored for good.

    broker -- PUBLISH, QoS 1 --> network thread --> inbox --> commit loop --> historian (durable)
    broker <------------------------ PUBACK ------------------------------------- |

The session is persistent: what was not acknowledged comes again after a break, on either side.
A message that comes twice is stored twice and counted once, because the historian keeps one
reading for each point and moment. A message that cannot be read is acknowledged as well, noted
in the health report and dropped: it would come again for ever and say the same.
"""

from __future__ import annotations

import functools
import logging
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from huoshui.areas.telemetry.contracts import Batch, ConnectorHealth, UnknownReadings
from huoshui.connecting.columns import Columns
from huoshui.connecting.feed import Feed, Store, unknown_of
from huoshui.connecting.health import Health
from huoshui.connectors.mqtt.inbox import Arrival, Inbox
from huoshui.connectors.mqtt.reading import PlainReader, Reader

log = logging.getLogger(__name__)

# How long a broker of MQTT 5 keeps what we have not fetched.
SESSION_S = 7 * 86_400
# Bad user name or password, and not authorized: a person can act on these.
NOT_LET_IN = {134, 135}
NOT_SUBSCRIBED = "broker.not_subscribed"


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the broker and how much to take at a time."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    client_id: str = "huoshui-ingest"
    topics: tuple[str, ...] = ("huoshui/+/readings",)
    version: str = "3.1.1"
    tls: ssl.SSLContext | None = None
    reader: Callable[[], Reader] = field(default=PlainReader)
    keepalive_s: int = 30
    reconnect_s_min: float = 1
    reconnect_s_max: float = 30
    # How long a message may wait for others to share its commit. With the 20 messages that a
    # Mosquitto leaves unacknowledged by default this still takes a thousand messages a second.
    linger_s: float = 0.02
    group_messages: int = 2_000
    group_bytes: int = 4 * 1024 * 1024
    inbox_messages: int = 5_000
    inbox_bytes: int = 32 * 1024 * 1024
    retry_s_max: float = 30.0


class Connector:
    """One subscription to one broker, feeding one historian.

    ``run`` works in the calling thread until ``stop``; the network has a thread of its own.
    """

    def __init__(
        self,
        options: Options,
        store: Store,
        *,
        report: Callable[[ConnectorHealth], None] = lambda health: None,
        name: str = "mqtt",
    ) -> None:
        self._options = options
        self._store = store
        self._reader = options.reader()
        self._inbox = Inbox(messages=options.inbox_messages, size_bytes=options.inbox_bytes)
        # Counts connections. A PUBACK belongs to the connection its message came in: the same
        # message number may mean another message after a reconnect.
        self._session = 0
        self._session_lock = threading.Lock()
        self.health = Health(name=name, address=f"{options.host}:{options.port}", connector="mqtt")
        self._feed = Feed(store, self.health, report, retry_s_max=options.retry_s_max)
        self._stopping = self._feed.stopping
        self._client = self._make_client()

    def run(self) -> None:
        """Connect, then receive, store and acknowledge until ``stop`` is called."""
        options = self._options
        self._client.connect_async(
            options.host, options.port, options.keepalive_s, **self._session_of_version()
        )
        self._client.loop_start()
        try:
            while not self._stopping.is_set():
                self.work(timeout_s=0.5)
        finally:
            self._inbox.close()
            self._client.disconnect()
            self._client.loop_stop()
            self.health.state = "stopped"
            self._feed.publish_health(force=True)

    def stop(self) -> None:
        """End ``run`` after the commit that is under way; safe from any thread and twice."""
        self._stopping.set()

    def work(self, *, timeout_s: float) -> int:
        """Take one group of messages, store it, acknowledge it; return how many there were."""
        options = self._options
        group = self._inbox.take(
            timeout_s=timeout_s,
            linger_s=options.linger_s,
            messages=options.group_messages,
            size_bytes=options.group_bytes,
        )
        if group and self._commit(group):
            for arrival in group:
                self._acknowledge(arrival)
        for topic, body in self._reader.wanted():
            self._client.publish(topic, body, qos=0)
        self.health.waiting = len(self._inbox)
        self._feed.publish_health()
        return len(group)

    def _commit(self, group: Sequence[Arrival]) -> bool:
        """Store a group, however long the store refuses; False only when stopped meanwhile."""
        parts: dict[str, list[Columns]] = {}
        unknown: list[UnknownReadings] = []
        for arrival in group:
            source = self._reader.source(arrival.topic)
            columns = self._reader.read(
                arrival.topic, arrival.payload, functools.partial(self._store.id_of, source)
            )
            self.health.arrived(columns, where=arrival.topic, again=arrival.again)
            unknown += unknown_of(source, columns)
            if len(columns):
                parts.setdefault(source, []).append(columns)
        return self._feed.commit([_joined(by, many) for by, many in parts.items()], unknown)

    def _acknowledge(self, arrival: Arrival) -> None:
        if arrival.qos == 0:
            return
        with self._session_lock:
            if arrival.session == self._session:
                self._client.ack(arrival.message_id, arrival.qos)

    def _make_client(self) -> paho.Client:
        options = self._options
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=options.client_id,
            clean_session=None if self._is_v5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self._is_v5 else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if options.tls is not None:
            client.tls_set_context(options.tls)
        if options.username:
            client.username_pw_set(options.username, options.password)
        client.reconnect_delay_set(
            max(1, int(options.reconnect_s_min)), max(1, int(options.reconnect_s_max))
        )
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    @property
    def _is_v5(self) -> bool:
        return self._options.version == "5"

    def _session_of_version(self) -> dict[str, Any]:
        if not self._is_v5:
            return {}
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_S
        return {"clean_start": False, "properties": properties}

    # What follows is called by the network thread.

    def _on_pre_connect(self, client: paho.Client, userdata: Any) -> None:
        with self._session_lock:
            self._session += 1

    def _on_connect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        properties: Any,
    ) -> None:
        if reason.is_failure:
            self.health.lost(
                "broker.not_let_in" if reason.value in NOT_LET_IN else "broker.refused"
            )
            log.warning("The broker refused the connection: %s", reason)
            return
        # Again even when the broker remembers the session: a broker that lost its disk does not.
        client.subscribe([(topic, 1) for topic in self._options.topics])
        log.info("Connected to %s", self.health.address)

    def _on_subscribe(
        self,
        client: paho.Client,
        userdata: Any,
        message_id: int,
        reasons: Sequence[ReasonCode],
        properties: Any,
    ) -> None:
        """Count as connected only who is subscribed: nothing would come otherwise."""
        refused = refused_topics(self._options.topics, reasons)
        if not refused:
            self.health.connected()
            return
        for topic, why in refused:
            self.health.problem(NOT_SUBSCRIBED, topic, why)
        self.health.lost(NOT_SUBSCRIBED)
        log.warning("%s refuses to send %s", self.health.address, refused)

    def _on_connect_fail(self, client: paho.Client, userdata: Any) -> None:
        # The library calls this while it deals with what went wrong, and does not say it.
        self.health.lost(unreached(sys.exc_info()[1]))

    def _on_disconnect(
        self, client: paho.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        with self._session_lock:
            self._session += 1
        log.info("The connection to %s ended: %s", self.health.address, reason)
        if self.health.state != "disconnected":  # then we know better why
            self.health.lost("broker.connection_ended")

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        # Waits while the inbox is full; see the note on back-pressure there.
        self._inbox.put(
            Arrival(
                topic=_topic_of(message),
                payload=bytes(message.payload),
                message_id=message.mid,
                qos=message.qos,
                session=self._session,
                again=message.dup,
            )
        )


def unreached(fault: BaseException | None) -> str:
    """Return the word for a connection that was not made: nobody there, or no trust."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "broker.not_trusted"
    return "broker.no_tls" if isinstance(fault, ssl.SSLError) else "broker.no_answer"


def refused_topics(topics: Sequence[str], reasons: Sequence[ReasonCode]) -> list[tuple[str, str]]:
    """Return the topics that a broker will not send, each with what it says about that."""
    pairs = zip(topics, reasons, strict=False)
    return [(topic, str(reason)) for topic, reason in pairs if reason.is_failure]


def _topic_of(message: paho.MQTTMessage) -> str:
    """Return the topic; empty where it is not UTF-8, which no sender may use to stop us."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""


def _joined(source: str, parts: Sequence[Columns]) -> Batch:
    """Return the readings of several messages of one source as one batch, in order of arrival."""
    return Batch(
        source=source,
        point_id=np.concatenate([one.point_id for one in parts]),
        at_us=np.concatenate([one.at_us for one in parts]),
        value=np.concatenate([one.value for one in parts]),
        quality=np.concatenate([one.quality for one in parts]),
    )
