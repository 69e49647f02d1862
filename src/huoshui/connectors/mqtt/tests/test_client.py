"""The connector against a real Mosquitto: nothing acknowledged is lost, nothing is counted twice.

The store here is the smallest one that keeps the promise the historian makes: when
``accept_many`` has returned, the reading is there, once for each point and moment.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence

import orjson
import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from huoshui.areas.telemetry.contracts import Batch, Receipt, Source, UnknownReadings
from huoshui.connectors.mqtt import entry
from huoshui.connectors.mqtt.client import Connector, Options

POINTS = {f"n{i}.pressure": i for i in range(2_000)}


class Store:
    """Readings by point and moment; can be told to fail or to hang before it stores."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], float] = {}
        self.commits = 0
        self.readings = 0
        self.failures: list[Exception] = []
        self.unknown: list[tuple[str, str, float, int]] = []
        self.before: Callable[[], None] = lambda: None

    def id_of(self, source: str, code: str) -> int:
        return POINTS.get(code, -1)

    def keep_unknown(self, readings: Sequence[UnknownReadings]) -> None:
        self.unknown += [(one.source, one.code, one.value[-1], len(one.value)) for one in readings]

    def accept_many(self, batches: Sequence[Batch]) -> list[Receipt]:
        self.before()
        if self.failures:
            raise self.failures.pop(0)
        self.commits += 1
        for batch in batches:
            keys = zip(batch.point_id.tolist(), batch.at_us.tolist(), strict=True)
            self.kept.update(zip(keys, batch.value.tolist(), strict=True))
            self.readings += len(batch)
        return [Receipt(self.commits, len(batch), 0) for batch in batches]


class Running:
    """A connector in a thread of its own."""

    def __init__(self, port: int, store: Store, **options: object) -> None:
        self.connector = Connector(
            Options(
                host="127.0.0.1",
                port=port,
                client_id="huoshui-test",
                retry_s_max=0.5,
                reconnect_s_max=1,
                **options,
            ),
            store,
        )
        self.thread = threading.Thread(target=self.connector.run)
        self.thread.start()

    def __enter__(self) -> Connector:
        eventually(lambda: self.connector.health.state == "connected")
        time.sleep(0.2)  # until the subscription has arrived as well
        return self.connector

    def __exit__(self, *exc: object) -> None:
        self.connector.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


def eventually(condition: Callable[[], bool], within_s: float = 20) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def message(*values: float, point: str = "n1.pressure", second: int = 0) -> bytes:
    return orjson.dumps(
        {
            "readings": [
                {"point": point, "at": f"2026-03-01T10:00:{second + i:02d}Z", "value": value}
                for i, value in enumerate(values)
            ]
        }
    )


class TestWithoutABroker:
    def test_takes_a_topic_that_is_not_utf_8(self):
        connector = Connector(Options(host="127.0.0.1", port=1), Store())
        sent = paho.MQTTMessage(mid=1, topic=b"huoshui/\xff/readings")
        sent.payload = message(1.5)

        connector._on_message(connector._client, None, sent)

        assert connector.work(timeout_s=1) == 1
        assert list(connector._store.kept.values()) == [1.5]

    @pytest.mark.parametrize(
        ("identifier", "note"), [(134, "broker.not_let_in"), (137, "broker.refused")]
    )
    def test_says_why_it_is_not_connected(self, identifier, note):
        connector = Connector(Options(host="127.0.0.1", port=1), Store())
        reason = ReasonCode(PacketTypes.CONNACK, identifier=identifier)

        connector._on_connect(connector._client, None, None, reason, None)
        connector._on_disconnect(connector._client, None, None, reason, None)

        assert connector.health.report().note == note


class Deaf:
    """A broker of MQTT 3.1.1 that lets everybody in and grants no topic."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        # MQTT 3.1.1: CONNACK 3.2, SUBACK 3.9 with the return code 0x80, "Failure".
        with contextlib.suppress(OSError):
            while True:
                peer, _address = self._server.accept()
                with peer:
                    peer.recv(4096)
                    peer.sendall(b"\x20\x02\x00\x00")
                    asked = peer.recv(4096)
                    peer.sendall(b"\x90\x03" + asked[2:4] + b"\x80")
                    while peer.recv(4096):
                        pass

    def __enter__(self) -> Deaf:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)


class TestRefusedTopics:
    def test_are_no_working_connection_and_are_named(self):
        with Deaf() as deaf:
            connector = Connector(Options(host="127.0.0.1", port=deaf.port), Store())
            thread = threading.Thread(target=connector.run)
            thread.start()
            try:
                eventually(lambda: connector.health.report().note == "broker.not_subscribed")
            finally:
                connector.stop()
                thread.join(10)

        problem = connector.health.report().problems[0]
        assert (problem.code, problem.where) == ("broker.not_subscribed", "huoshui/+/readings")

    def test_fail_a_trial_of_the_source(self):
        given = {"host": "127.0.0.1", "form": "plain", "topic": ""}
        with Deaf() as deaf:
            one = Source("gw", "mqtt", "Gateway", {**given, "port": deaf.port}, True, None)
            found = entry.check_source(one)

        assert (found.is_good, found.code) == (False, "broker.not_subscribed")


class TestConnector:
    def test_stores_a_message_that_comes_twice_once(self, broker):
        store = Store()
        with Running(broker.port, store) as connector:
            broker.publish(message(1.5), message(1.5))
            eventually(lambda: connector.health.report().readings_accepted == 2)

        assert list(store.kept.values()) == [1.5]

    def test_gets_again_what_it_had_not_stored_when_it_was_killed(self, broker):
        killed = threading.Event()
        hanging = Store()

        def die() -> None:
            # As by kill -9: the message has arrived, the store has not begun, no word is sent.
            killed.set()
            connector.stop()
            connector._client.socket().close()
            raise OSError("killed")

        hanging.before = die
        with Running(broker.port, hanging) as connector:
            broker.publish(message(1, 2, 3))
            assert killed.wait(10)
        assert hanging.kept == {}

        store = Store()
        with Running(broker.port, store) as connector:
            eventually(lambda: len(store.kept) == 3)
            assert connector.health.report().messages_again == 1

        assert store.readings == 3

    def test_receives_what_was_sent_while_it_was_away(self, broker):
        with Running(broker.port, Store()):
            pass
        broker.publish(*[message(i, second=i) for i in range(50)])

        store = Store()
        with Running(broker.port, store):
            eventually(lambda: len(store.kept) == 50)

    def test_comes_back_after_the_broker_restarted(self, broker):
        store = Store()
        with Running(broker.port, store) as connector:
            broker.publish(message(1))
            eventually(lambda: len(store.kept) == 1)
            broker.stop()
            eventually(lambda: connector.health.state == "disconnected")
            broker.start()
            eventually(lambda: connector.health.state == "connected")
            broker.publish(message(2, second=5))
            eventually(lambda: len(store.kept) == 2)

    def test_acknowledges_nothing_while_the_store_fails_and_loses_nothing(self, broker):
        store = Store()
        store.failures = [OSError("disk full"), OSError("disk full")]
        with Running(broker.port, store) as connector:
            broker.publish(message(1, 2))
            eventually(lambda: len(store.kept) == 2)
            health = connector.health.report()

        assert health.store_failures == 2
        assert health.problems[0].code == "historian.not_stored"
        assert (health.messages, health.readings_accepted) == (1, 2)

    def test_survives_bad_messages_and_says_what_was_wrong(self, broker):
        store = Store()
        with Running(broker.port, store) as connector:
            broker.publish(b"\xff\x00", b"[]", b"", message(5, point="ghost"), message(9, second=9))
            eventually(lambda: len(store.kept) == 1)
            eventually(lambda: connector.health.report().messages == 5)
            health = connector.health.report()

        assert health.messages_refused == 3
        assert {one.code for one in health.problems} == {
            "payload.not_json",
            "payload.not_an_object",
        }
        assert (health.readings_refused, health.readings_unknown) == (3, 1)
        assert store.unknown == [("test", "ghost", 5.0, 1)]
        # They were acknowledged: a second connector with the same session gets nothing.
        again = Store()
        with Running(broker.port, again) as connector:
            time.sleep(0.3)
            assert connector.health.report().messages == 0

    def test_shares_one_commit_among_many_messages_of_2000_points(self, broker):
        store = Store()
        with Running(broker.port, store):
            broker.publish(*[message(1.0, point=code) for code in POINTS])
            eventually(lambda: len(store.kept) == 2_000)

        assert store.commits < 500

    def test_takes_logger_batches_of_a_day(self, broker):
        store = Store()
        day = orjson.dumps(
            {
                "at": {"from": "2026-03-01T00:00:00Z", "step_s": 300},
                "values": {f"n{i}.pressure": [20.125 + i] * 288 for i in range(120)},
            }
        )
        assert len(day) > 250_000
        with Running(broker.port, store):
            broker.publish(day, day)
            eventually(lambda: store.readings == 2 * 288 * 120)

        assert len(store.kept) == 288 * 120

    def test_keeps_its_memory_small_while_the_store_is_slow(self, broker):
        store = Store()
        go = threading.Event()
        store.before = lambda: go.wait(10)
        with Running(broker.port, store, inbox_messages=5) as connector:
            broker.publish(*[message(i, second=i % 60, point=f"n{i}.pressure") for i in range(100)])
            time.sleep(0.5)
            assert len(connector._inbox) <= 5
            go.set()
            eventually(lambda: len(store.kept) == 100)
