"""Receive readings by MQTT and acknowledge each message only when it is stored for good.

    broker -- PUBLISH, QoS 1 --> network thread --> inbox --> commit loop --> historian (durable)
    broker <------------------------ PUBACK ------------------------------------- |

The session is persistent: what was not acknowledged comes again after a break, on either side.
A message that comes twice is stored twice and counted once, because the historian keeps one
reading for each point and moment. A message that cannot be read is acknowledged as well, noted
in the health report and dropped: it would come again for ever and say the same.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import paho.mqtt.client as paho
from numpy.typing import NDArray
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from huoshui.areas.telemetry.contracts import Batch, ConnectorHealth, Receipt
from huoshui.connectors.mqtt import payload
from huoshui.connectors.mqtt.columns import Columns
from huoshui.connectors.mqtt.health import Health
from huoshui.connectors.mqtt.inbox import Arrival, Inbox
from huoshui.kernel import errors

log = logging.getLogger(__name__)

REPORT_EVERY_S = 1.0
# Bad user name or password, and not authorized: a person can act on these.
NOT_LET_IN = {134, 135}


class Store(Protocol):
    """What the connector needs of the historian."""

    def ids(self, codes: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of each point, negative for a code nobody declared."""
        ...

    def note_unknown(
        self, source: str, code: str, at_us: int, value: float, count: int = 1
    ) -> None:
        """Count readings of a code nobody declared."""
        ...

    def accept_many(self, batches: Sequence[Batch]) -> Sequence[Receipt]:
        """Store batches and return when they are safe on disk."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the broker and how much to take at a time."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    client_id: str = "huoshui-ingest"
    topic: str = "huoshui/+/readings"
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
    ) -> None:
        self._options = options
        self._store = store
        self._report = report
        self._reported_s = 0.0
        self._stopping = threading.Event()
        self._inbox = Inbox(messages=options.inbox_messages, size_bytes=options.inbox_bytes)
        # Counts connections. A PUBACK belongs to the connection its message came in: the same
        # message number may mean another message after a reconnect.
        self._session = 0
        self._session_lock = threading.Lock()
        self.health = Health(name="mqtt", address=f"{options.host}:{options.port}")
        self._client = self._make_client()

    def run(self) -> None:
        """Connect, then receive, store and acknowledge until ``stop`` is called."""
        options = self._options
        self._client.connect_async(options.host, options.port, options.keepalive_s)
        self._client.loop_start()
        try:
            while not self._stopping.is_set():
                self.work(timeout_s=0.5)
        finally:
            self._inbox.close()
            self._client.disconnect()
            self._client.loop_stop()
            self.health.state = "stopped"
            self._publish_health(force=True)

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
        self._publish_health()
        return len(group)

    def _commit(self, group: Sequence[Arrival]) -> bool:
        """Store a group, however long the store refuses; False only when stopped meanwhile."""
        batches = self._read(group)
        wait_s = 0.25
        while batches:
            try:
                receipts = self._store.accept_many(batches)
            except (errors.Unavailable, OSError, sqlite3.OperationalError) as error:
                # Disk full, locked, gone. Nothing is acknowledged, so nothing is lost: the
                # broker keeps the rest, and this group is tried until it is stored.
                log.exception("The historian did not take %d batches; trying again", len(batches))
                self.health.store_failed(error)
                self._publish_health(force=True)
                if self._stopping.wait(wait_s):
                    return False
                wait_s = min(wait_s * 2, self._options.retry_s_max)
            else:
                self.health.stored(receipts)
                return True
        return True

    def _read(self, group: Sequence[Arrival]) -> list[Batch]:
        """Read the messages of a group; one batch for each source, in order of arrival."""
        columns_of: dict[str, list[Columns]] = {}
        for arrival in group:
            columns = self._read_one(arrival)
            self.health.arrived(arrival, columns)
            if len(columns):
                columns_of.setdefault(_source(arrival.topic), []).append(columns)
        return [
            Batch(
                source=source,
                point_id=np.concatenate([one.point_id for one in parts]),
                at_us=np.concatenate([one.at_us for one in parts]),
                value=np.concatenate([one.value for one in parts]),
                quality=np.concatenate([one.quality for one in parts]),
            )
            for source, parts in columns_of.items()
        ]

    def _read_one(self, arrival: Arrival) -> Columns:
        columns = payload.read(arrival.payload, self._id_of)
        source = _source(arrival.topic)
        for code, unknown in columns.unknown.items():
            self._store.note_unknown(source, code, unknown.at_us, unknown.value, unknown.count)
        return columns

    def _id_of(self, code: str) -> int:
        return int(self._store.ids((code,))[0])

    def _acknowledge(self, arrival: Arrival) -> None:
        if arrival.qos == 0:
            return
        with self._session_lock:
            if arrival.session == self._session:
                self._client.ack(arrival.message_id, arrival.qos)

    def _publish_health(self, *, force: bool = False) -> None:
        now_s = self.health.monotonic_s()
        if not force and now_s - self._reported_s < REPORT_EVERY_S:
            return
        self._reported_s = now_s
        self.health.waiting = len(self._inbox)
        try:
            self._report(self.health.report())
        except OSError:
            # A report that cannot be written must not stop readings from being stored.
            log.exception("The health report of the connector could not be written")

    def _make_client(self) -> paho.Client:
        options = self._options
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=options.client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if options.username:
            client.username_pw_set(options.username, options.password)
        client.reconnect_delay_set(
            max(1, int(options.reconnect_s_min)), max(1, int(options.reconnect_s_max))
        )
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

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
        client.subscribe(self._options.topic, qos=1)
        self.health.connected()
        log.info("Connected to %s", self.health.address)

    def _on_connect_fail(self, client: paho.Client, userdata: Any) -> None:
        self.health.lost("broker.no_answer")

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


def _topic_of(message: paho.MQTTMessage) -> str:
    """Return the topic; empty where it is not UTF-8, which no sender may use to stop us."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""


def _source(topic: str) -> str:
    """Return who sent it: the second level of ``huoshui/<source>/readings``."""
    levels = topic.split("/")
    return levels[1][:80] if len(levels) > 1 else topic[:80]
