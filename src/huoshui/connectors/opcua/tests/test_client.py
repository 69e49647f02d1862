"""The connector against a real OPC UA server of the library, and against peers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import Server, ua

from huoshui.areas.telemetry.contracts import Quality, Source, to_us
from huoshui.connecting.feed import Backoff
from huoshui.connecting.tests.keeping import NOW, Store, Working, eventually
from huoshui.connectors.opcua import client, entry, session
from huoshui.connectors.opcua.nodes import WantedNode
from huoshui.kernel import clock

# The library leaves sockets and tasks to the garbage collector when a peer is cut off.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
STAMP = datetime(2026, 2, 28, 10, tzinfo=UTC)
FLOW = WantedNode("p.flow", "ns=2;s=Pump1.Flow")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peer:
    """An OPC UA server in a thread: pump 1 with a flow of 12.5 and a state of text."""

    def __init__(self, port: int, *, unchanged: float | None = None) -> None:
        self._unchanged = unchanged
        self.url = f"opc.tcp://127.0.0.1:{port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._up = threading.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = Server()
        await server.init()
        server.set_endpoint(self.url)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await server.register_namespace("urn:plant")
        pump = await server.nodes.objects.add_object(ua.NodeId("Pump1", 2), "2:Pump1")
        self.flow = await pump.add_variable(ua.NodeId("Pump1.Flow", 2), "2:Flow", 12.5)
        await pump.add_variable(ua.NodeId("Pump1.State", 2), "2:State", "running")
        if self._unchanged is not None:
            old = ua.DataValue(ua.Variant(self._unchanged), SourceTimestamp=STAMP)
            await server.write_attribute_value(self.flow.nodeid, old)
        async with server:
            self._server = server
            self._up.set()
            await self._stop.wait()

    def write(self, value: float, status: int = ua.StatusCodes.Good, at: datetime = STAMP) -> None:
        data = ua.DataValue(
            ua.Variant(value, ua.VariantType.Double), ua.StatusCode(status), SourceTimestamp=at
        )
        asyncio.run_coroutine_threadsafe(
            self._server.write_attribute_value(self.flow.nodeid, data), self._loop
        ).result(10)

    def __enter__(self) -> Peer:
        self._thread.start()
        assert self._up.wait(20)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)


def connector(url: str, store: Store, *nodes: WantedNode) -> client.Connector:
    options = session.Options(url, nodes, publish_ms=50, timeout_s=1.5)
    return client.Connector(
        "scada", options, store, store.report, backoff=lambda: Backoff(0.1, 0.2)
    )


@contextlib.contextmanager
def rubbish(answer: bytes) -> Iterator[str]:
    """A server that answers everything with the same bytes, or with nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    connection, _address = server.accept()
                    with connection:
                        connection.settimeout(0.2)
                        while not stop.is_set():
                            with contextlib.suppress(TimeoutError):
                                if not connection.recv(4096):
                                    break
                                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"opc.tcp://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join(10)


class TestSubscribing:
    def test_stores_values_with_the_sources_moment_and_quality(self):
        store = Store("p.flow")
        with Peer(free_port()) as peer, Working(connector(peer.url, store, FLOW)) as work:
            eventually(lambda: work.connector.health.state == "connected")
            peer.write(20.0)
            peer.write(21.0, ua.StatusCodes.UncertainLastUsableValue, STAMP + timedelta(seconds=1))
            eventually(lambda: 21.0 in store.values("p.flow"))

        rows = {value: (at, quality) for _code, at, value, quality in store.rows}
        assert rows[20.0] == (to_us(STAMP), int(Quality.GOOD))
        assert rows[21.0] == (to_us(STAMP + timedelta(seconds=1)), int(Quality.DOUBTFUL))

    def test_looks_for_variables_itself_and_keeps_them_for_adoption(self):
        store = Store()
        with Peer(free_port()) as peer, Working(connector(peer.url, store)):
            eventually(lambda: store.unknown)

        assert {one.code for one in store.unknown} == {"Pump1.Flow"}
        assert store.unknown[0].value[0] == 12.5

    def test_says_which_node_the_server_has_not_and_goes_on_with_the_others(self):
        store = Store("p.flow", "ghost")
        ghost = WantedNode("ghost", "ns=2;s=Ghost")
        with Peer(free_port()) as peer, Working(connector(peer.url, store, FLOW, ghost)) as work:
            eventually(lambda: store.values("p.flow"))
            problems = work.connector.health.report().problems

        assert [(one.code, "Ghost" in one.where) for one in problems] == [
            ("opcua.node_absent", True)
        ]

    def test_comes_back_after_the_server_was_restarted(self):
        store = Store("p.flow")
        port = free_port()
        with Working(connector(f"opc.tcp://127.0.0.1:{port}", store, FLOW)) as work:
            eventually(lambda: work.connector.health.report().note == "opcua.no_answer")
            with Peer(port):
                eventually(lambda: work.connector.health.state == "connected")
            eventually(lambda: work.connector.health.state == "disconnected")
            # Nothing is known any more, and the history says so.
            assert math.isnan(store.values("p.flow")[-1])
            with Peer(port):
                eventually(lambda: store.latest("p.flow") == 12.5)

    def test_knows_an_unchanged_value_again_after_a_break(self):
        store = Store("p.flow")
        port = free_port()
        later = NOW + timedelta(minutes=5)
        with Working(connector(f"opc.tcp://127.0.0.1:{port}", store, FLOW)) as work:
            with Peer(port, unchanged=20.0):
                eventually(lambda: 20.0 in store.values("p.flow"))
            eventually(lambda: work.connector.health.state == "disconnected")
            assert math.isnan(store.values("p.flow")[-1])
            with clock.frozen(later), Peer(port, unchanged=20.0):
                eventually(lambda: max(row[1] for row in store.rows) == to_us(later))

        newest = max(store.rows, key=lambda row: row[1])
        assert newest[2:] == (20.0, int(Quality.GOOD))


class TestPeersThatMisbehave:
    @pytest.mark.parametrize(
        "answer", [b"", b"HTTP/1.1 400 Bad\r\n\r\n", b"ACKF" + b"\xff" * 60, bytes(range(256))]
    )
    def test_never_hang_us_and_are_reported(self, answer):
        store = Store("p.flow")
        with rubbish(answer) as url, Working(connector(url, store, FLOW)) as work:
            eventually(lambda: work.connector.health.report().problems)
            asked = time.monotonic()
            work.connector.stop()
            work.thread.join(15)

            assert time.monotonic() - asked < 10
            assert work.connector.health.report().problems[0].code.startswith("opcua.")
        assert store.rows == []


class TestEntry:
    def source(self, url: str, **options: Any) -> Source:
        return Source("scada", "opcua", "SCADA", {"url": url, **options}, True, None)

    def test_tries_a_connection_and_shows_samples(self):
        with Peer(free_port()) as peer:
            found = entry.check_source(self.source(peer.url, timeout_s=2))

        assert found.is_good
        assert ("Pump1.Flow", "12.5") in found.samples

    def test_says_that_nobody_answers(self):
        url = f"opc.tcp://127.0.0.1:{free_port()}"

        assert entry.check_source(self.source(url, timeout_s=1)).code == "opcua.no_answer"

    def test_names_what_is_wrong_with_the_options(self):
        faults = entry.faults_of(
            self.source("http://x", nodes="a, b", policy="Basic256Sha256", certificate="x")
        )

        assert {one.option for one in faults} == {"url", "nodes", "certificate"}
