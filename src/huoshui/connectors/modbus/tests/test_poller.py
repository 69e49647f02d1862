"""The connector against a real Modbus TCP server, and against peers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from huoshui.areas.telemetry.contracts import Quality, Source
from huoshui.connecting.feed import Backoff
from huoshui.connecting.tests.keeping import Store, Working, eventually
from huoshui.connectors.modbus import entry, poller
from huoshui.connectors.modbus.registers import Register

MAP = (
    Register("p.pressure", "holding", 0, "float32", every_s=0.1),
    Register("p.flow", "holding", 2, "int16", every_s=0.1, scale=0.1),
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Device:
    """A Modbus server of the library in a thread: float 31.25 at 0, -125 at 2, nothing else."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._up = threading.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        values = [
            SimData(0, values=31.25, datatype=DataType.FLOAT32),
            SimData(2, values=-125, datatype=DataType.INT16),
        ]
        server = ModbusTcpServer(SimDevice(1, values), address=("127.0.0.1", self.port))
        await server.serve_forever(background=True)
        self._up.set()
        await self._stop.wait()
        await server.shutdown()

    def __enter__(self) -> Device:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


def connector(port: int, store: Store, **more: Any) -> poller.Connector:
    options = poller.Options(
        "127.0.0.1", port, more.pop("registers", MAP), timeout_s=0.5,
        backoff=lambda: Backoff(0.1, 0.2), **more,
    )  # fmt: skip
    return poller.Connector("plc", options, store, store.report)


@contextlib.contextmanager
def peer(answer: Any) -> Iterator[int]:
    """A server that does what ``answer(connection)`` says, for each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    connection, _address = server.accept()
                    with connection:
                        connection.settimeout(0.2)
                        with contextlib.suppress(OSError):
                            answer(connection, stop)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join(10)


class TestPolling:
    def test_stores_scaled_values_of_the_right_types(self):
        store = Store("p.pressure", "p.flow")
        with Device(free_port()) as device, Working(connector(device.port, store)) as work:
            eventually(lambda: len(store.values("p.flow")) >= 3)
            assert work.connector.health.state == "connected"

        assert store.latest("p.pressure") == 31.25
        assert store.latest("p.flow") == pytest.approx(-12.5)
        assert {row[3] for row in store.rows} == {int(Quality.GOOD)}

    def test_keeps_readings_of_points_that_nobody_declared(self):
        store = Store("p.flow")
        with Device(free_port()) as device, Working(connector(device.port, store)):
            eventually(lambda: store.unknown)

        assert store.unknown[0].code == "p.pressure"
        assert list(store.unknown[0].value) == [31.25]

    def test_does_not_let_one_wrong_register_silence_its_neighbours(self):
        store = Store("p.pressure", "p.flow", "ghost")
        registers = (*MAP, Register("ghost", "holding", 5, "int16", every_s=0.1))
        with (
            Device(free_port()) as device,
            Working(connector(device.port, store, registers=registers)) as work,
        ):
            eventually(lambda: len(store.values("p.flow")) >= 3)
            problems = work.connector.health.report().problems

        assert store.latest("p.pressure") == 31.25
        assert math.isnan(store.values("ghost")[0])
        assert [one.code for one in problems] == ["modbus.register_absent"]

    def test_does_not_let_one_dead_device_of_a_gateway_silence_the_others(self):
        """Device 1 is dead, says the gateway with code 11; device 2 has 7 in every register."""

        def gateway(connection: socket.socket, stop: threading.Event) -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    asked = connection.recv(260)
                    if not asked:
                        return
                    number, device = asked[:4], asked[6]
                    count = int.from_bytes(asked[10:12], "big")
                    body = bytes([2 * count]) + b"\x00\x07" * count
                    said = bytes([0x83, 11]) if device == 1 else b"\x03" + body
                    size = (len(said) + 1).to_bytes(2, "big")
                    connection.sendall(number + size + bytes([device]) + said)

        store = Store("p.dead", "p.alive")
        registers = (
            Register("p.dead", "holding", 0, "int16", every_s=0.1),
            Register("p.alive", "holding", 0, "int16", every_s=0.2, device=2),
        )
        with peer(gateway) as port, Working(connector(port, store, registers=registers)) as work:
            eventually(lambda: len(store.values("p.alive")) >= 5)
            assert work.connector.health.state == "connected"
            problems = work.connector.health.report().problems

        assert set(store.values("p.alive")) == {7.0}
        assert len(store.values("p.dead")) == 1
        assert math.isnan(store.values("p.dead")[0])
        assert {one.code for one in problems} == {"modbus.device_failed"}

    def test_says_so_when_the_device_goes_and_comes_back(self):
        store = Store("p.pressure", "p.flow")
        port = free_port()
        with Working(connector(port, store)) as work:
            eventually(lambda: work.connector.health.state == "disconnected")
            assert work.connector.health.report().note == "modbus.no_answer"
            with Device(port):
                eventually(lambda: store.latest("p.flow") is not None)
            eventually(lambda: work.connector.health.state == "disconnected")
            # Nothing is known any more, and the history says so once.
            missing = [row for row in store.rows if row[3] == Quality.MISSING]
            assert sorted(row[0] for row in missing) == ["p.flow", "p.pressure"]
            with Device(port):
                before = len(store.rows)
                eventually(lambda: len(store.rows) > before + 2)
            assert store.reports


class TestPeersThatMisbehave:
    def silent(self, connection: socket.socket, stop: threading.Event) -> None:
        stop.wait(5)

    def garbage(self, connection: socket.socket, stop: threading.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                if not connection.recv(300):
                    return
                connection.sendall(bytes(range(256)) * 8)

    def dripping(self, connection: socket.socket, stop: threading.Event) -> None:
        while not stop.is_set():
            connection.sendall(b"\x00")
            time.sleep(0.05)

    def hanging_up(self, connection: socket.socket, stop: threading.Event) -> None:
        with contextlib.suppress(TimeoutError):
            connection.recv(300)

    def short(self, connection: socket.socket, stop: threading.Event) -> None:
        """Answer each question with one word, whatever was asked for."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                question = connection.recv(300)
                if not question:
                    return
                connection.sendall(question[:4] + b"\x00\x05\x01\x03\x02\x00\x07")

    @pytest.mark.parametrize("how", ["silent", "garbage", "dripping", "hanging_up", "short"])
    def test_never_hang_us_and_are_reported(self, how):
        store = Store("p.pressure", "p.flow")
        with peer(getattr(self, how)) as port, Working(connector(port, store)) as work:
            eventually(lambda: work.connector.health.report().problems)
            asked = time.monotonic()
            work.connector.stop()
            work.thread.join(10)

            assert time.monotonic() - asked < 5
            assert work.connector.health.report().problems[0].code.startswith("modbus.")
        assert all(math.isnan(row[2]) for row in store.rows)


class TestEntry:
    def source(self, port: int, registers: str = "p.pressure, holding, 0, float32") -> Source:
        options = {"host": "127.0.0.1", "port": port, "timeout_s": 0.5, "registers": registers}
        return Source("plc", "modbus", "PLC", options, True, None)

    def test_tries_a_connection_and_shows_samples(self):
        with Device(free_port()) as device:
            found = entry.check_source(self.source(device.port))

        assert (found.is_good, found.samples) == (True, (("p.pressure", "31.25"),))

    def test_says_that_nobody_answers(self):
        found = entry.check_source(self.source(free_port()))

        assert (found.is_good, found.code) == (False, "modbus.no_answer")

    def test_names_the_lines_of_a_map_that_are_wrong(self):
        faults = entry.faults_of(self.source(1, "a, holding, x"))

        assert [(one.option, one.code, one.line) for one in faults] == [
            ("registers", "map.address_wrong", 1)
        ]
