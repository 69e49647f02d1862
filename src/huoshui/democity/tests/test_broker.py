"""The demo's broker: nobody without the password, and nothing lost when the receiver falls."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

broker = pytest.importorskip("huoshui.democity.broker", reason="the demo extra is not installed")

TOPIC = "huoshui/test/readings"


@pytest.fixture
def port() -> Iterator[int]:
    """A running broker, user ``huoshui``, password ``right``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    command = (
        "from huoshui.democity import broker; "
        f"broker.run(host='127.0.0.1', port={number}, username='huoshui', password='right')"
    )
    served = subprocess.Popen([sys.executable, "-c", command])
    try:
        eventually(lambda: socket.create_connection(("127.0.0.1", number), 0.2).close() is None)
        yield number
    finally:
        served.terminate()
        assert served.wait(10) == 0


def eventually(condition: Callable[[], bool], within_s: float = 10) -> None:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


class Client:
    """A client that acknowledges only when told to."""

    def __init__(self, port: int, name: str, password: str = "right") -> None:
        self.got: list[paho.MQTTMessage] = []
        self.answer: list[bool] = []
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, manual_ack=True
        )
        self.client.max_inflight_messages_set(500)
        if password:
            self.client.username_pw_set("huoshui", password)
        self.client.on_connect = lambda c, u, flags, reason, p: (
            self.answer.append(not reason.is_failure),
            c.subscribe(TOPIC, 1),
        )
        self.client.on_message = lambda c, u, message: self.got.append(message)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        eventually(lambda: bool(self.answer))

    def publish(self, *payloads: bytes) -> None:
        for one in [self.client.publish(TOPIC, payload, 1) for payload in payloads]:
            one.wait_for_publish(10)

    def acknowledge(self) -> None:
        for message in self.got:
            self.client.ack(message.mid, 1)

    def fall(self) -> None:
        """Go without a word, as a killed process does."""
        self.client.loop_stop()
        self.client.socket().close()
        self.client._sock = None

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class TestBroker:
    @pytest.mark.parametrize("password", ["", "wrong"])
    def test_lets_nobody_in_without_the_password(self, port, password):
        stranger = Client(port, "stranger", password)

        assert stranger.answer[0] is False
        stranger.leave()

    def test_sends_again_what_was_not_acknowledged_when_the_receiver_fell(self, port):
        receiver = Client(port, "receiver")
        time.sleep(0.2)
        sender = Client(port, "sender")
        sender.client.unsubscribe(TOPIC)
        sender.publish(b"one", b"two")
        eventually(lambda: len(receiver.got) == 2)
        receiver.fall()
        time.sleep(0.3)
        sender.publish(b"three")

        again = Client(port, "receiver")
        eventually(lambda: {m.payload for m in again.got} == {b"one", b"two", b"three"})
        again.acknowledge()
        time.sleep(0.3)
        again.leave()

        last = Client(port, "receiver")
        time.sleep(0.3)
        assert last.got == []
        last.leave()
        sender.leave()

    def test_waits_for_a_slow_receiver_longer_than_five_seconds(self, port):
        receiver = Client(port, "receiver")
        time.sleep(0.2)
        sender = Client(port, "sender")
        sender.publish(b"slow")
        eventually(lambda: len(receiver.got) == 1)
        time.sleep(5.5)
        receiver.acknowledge()
        time.sleep(0.2)
        receiver.fall()

        again = Client(port, "receiver")
        time.sleep(0.5)
        assert again.got == []
        again.leave()
        sender.leave()

    def test_keeps_more_than_may_be_in_flight_at_once(self, port):
        receiver = Client(port, "receiver")
        time.sleep(0.2)
        sender = Client(port, "sender")
        count = broker.IN_FLIGHT_MAX + 500
        sender.publish(*[b"%d" % i for i in range(count)])
        eventually(lambda: len(receiver.got) == broker.IN_FLIGHT_MAX)
        receiver.acknowledge()
        eventually(lambda: len(receiver.got) == count)

        assert [m.payload for m in receiver.got] == [b"%d" % i for i in range(count)]
        receiver.leave()
        sender.leave()
