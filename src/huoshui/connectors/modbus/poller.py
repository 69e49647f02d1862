"""Poll a device: few questions, each with a time limit, and a fresh connection after a failure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException

from huoshui.areas.telemetry.contracts import ConnectorHealth, Quality, to_us
from huoshui.connecting.columns import Collector
from huoshui.connecting.feed import Backoff, Feed, Store
from huoshui.connecting.health import Health
from huoshui.connecting.peers import PeerFailed, tell_lost
from huoshui.connectors.modbus.registers import Block, Register, blocks, values_of
from huoshui.kernel import clock

# Answers of a device that understood us and has no such register, function or value.
NOT_THERE = {1, 2, 3}


class DeviceFailed(PeerFailed):
    """One device said that it cannot, or a gateway that it does not answer; others may."""


class NotThere(Exception):
    """The device answered that it has no such registers."""


@dataclass(frozen=True)
class Options:
    """How to reach a device, and what to ask."""

    host: str
    port: int
    registers: Sequence[Register]
    device: int = 1
    timeout_s: float = 3.0
    backoff: Callable[[], Backoff] = Backoff


class Peer:
    """One connection to one device; every question ends within its time limit."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._client: Any = None

    def open(self) -> None:
        """Connect, or raise `PeerFailed`."""
        options = self._options
        self.close()
        client = ModbusTcpClient(
            options.host, port=options.port, timeout=options.timeout_s, retries=0
        )
        try:
            connected = client.connect()
        except (ModbusException, OSError) as fault:
            raise PeerFailed("modbus.no_answer", str(fault)[:200]) from fault
        if not connected:
            raise PeerFailed("modbus.no_answer")
        self._client = client

    def close(self) -> None:
        """End the connection, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def ask(self, block: Block) -> Sequence[int | bool]:
        """Return the words or bits of a block; raises `PeerFailed` or `NotThere`."""
        read = {
            "holding": self._client.read_holding_registers,
            "input": self._client.read_input_registers,
            "coil": self._client.read_coils,
            "discrete": self._client.read_discrete_inputs,
        }[block.function]
        device = self._options.device if block.device is None else block.device
        try:
            answer = read(block.address, count=block.count, device_id=device)
        except (ModbusException, OSError) as fault:
            raise PeerFailed("modbus.no_usable_answer", str(fault)[:200]) from fault
        except (ValueError, IndexError, KeyError, AttributeError, TypeError) as fault:
            # What the library makes of an answer that is no Modbus at all.
            raise PeerFailed("modbus.no_usable_answer", repr(fault)[:200]) from fault
        if answer.isError():
            if getattr(answer, "exception_code", None) in NOT_THERE:
                raise NotThere
            raise DeviceFailed("modbus.device_failed", str(answer)[:200])
        words: Sequence[int | bool] = answer.bits if block.registers[0].is_bit else answer.registers
        if len(words) < block.count:
            raise PeerFailed("modbus.no_usable_answer", f"{len(words)} of {block.count} words")
        return words


class Connector:
    """Polls one device and feeds one historian; ``run`` works until ``stop``."""

    def __init__(
        self,
        name: str,
        options: Options,
        store: Store,
        report: Callable[[ConnectorHealth], None] = lambda health: None,
    ) -> None:
        self._name, self._options, self._store = name, options, store
        self.health = Health(
            name=name, address=f"{options.host}:{options.port}", connector="modbus"
        )
        self._feed = Feed(store, self.health, report)
        self._peer = Peer(options)
        ordered = sorted(options.registers, key=lambda one: one.every_s)
        self._groups = {
            every_s: blocks(list(members))
            for every_s, members in groupby(ordered, key=lambda one: one.every_s)
        }
        # Registers the device says it has not: asked for alone, and no more than once a minute.
        self._absent: dict[str, float] = {}
        # Behind a gateway there are several devices, and one may be dead.
        self._devices = {self._device_of(one.device) for one in options.registers}
        self._down: set[int] = set()

    def _device_of(self, number: int | None) -> int:
        return self._options.device if number is None else number

    def stop(self) -> None:
        """End ``run`` after the question under way."""
        self._feed.stopping.set()

    def run(self) -> None:
        """Connect, poll, store; connect again after a failure."""
        backoff = self._options.backoff()
        try:
            while not self._feed.stopping.is_set():
                try:
                    self._peer.open()
                    self._poll(backoff)
                except PeerFailed as failed:
                    self._failed(failed)
                    if self._feed.rest(backoff.next_s()):
                        return
        finally:
            self._peer.close()
            self.health.state = "stopped"
            self._feed.publish_health(force=True)

    def _poll(self, backoff: Backoff) -> None:
        due = dict.fromkeys(self._groups, time.monotonic())
        while not self._feed.stopping.is_set():
            now_s = time.monotonic()
            for every_s, group in self._groups.items():
                if due[every_s] <= now_s:
                    if not self._read_group(group):
                        return
                    self.health.connected()
                    backoff.reset()
                    # Skip what was missed: a slow device is asked less often, never in a burst.
                    missed = max(0, math.floor((time.monotonic() - due[every_s]) / every_s))
                    due[every_s] += every_s * (missed + 1)
            self._feed.rest(max(0.0, min(due.values()) - time.monotonic()))

    def _read_group(self, group: Iterable[Block]) -> bool:
        found = Collector()
        failed: dict[int, DeviceFailed] = {}
        try:
            for block in group:
                device = self._device_of(block.device)
                if device in failed:
                    continue
                try:
                    self._read_block(block, found)
                    self._down.discard(device)
                except DeviceFailed as fault:
                    failed[device] = fault
                    self._fail_device(device, fault, found)
            if failed and self._down >= self._devices:
                raise next(iter(failed.values()))
        finally:
            # What was read before a failure is kept.
            kept = self._feed.give(self._name, found.columns(), where=self.health.address)
        return kept

    def _fail_device(self, device: int, fault: DeviceFailed, found: Collector) -> None:
        """Say that one device fails, and once that nothing is known of its points any more."""
        where = f"{self.health.address} / {device}"
        found.problem(fault.code, where, fault.detail, readings=0)
        # Where it was the last one, `_failed` says it of all points.
        if device not in self._down and len(self._devices) > 1:
            for one in self._options.registers:
                if self._device_of(one.device) == device:
                    self._row(one, float("nan"), found)
        self._down.add(device)

    def _read_block(self, block: Block, found: Collector) -> None:
        asked = [one for one in block.registers if not self._is_absent(one)]
        parts = [block] if len(asked) == len(block.registers) else blocks(asked)
        for part in parts:
            try:
                answer = self._peer.ask(part)
            except NotThere:
                self._read_singly(part, found)
            else:
                self._keep(part, answer, found)

    def _read_singly(self, block: Block, found: Collector) -> None:
        """Ask one by one, so that one wrong line of the map does not silence its neighbours."""
        for one in block.registers:
            single = Block(block.function, block.device, one.address, one.count, (one,))
            try:
                self._keep(single, self._peer.ask(single), found)
                self._absent.pop(one.point, None)
            except NotThere:
                self._absent[one.point] = time.monotonic()
                found.problem("modbus.register_absent", one.point, f"{one.function} {one.address}")
                self._row(one, float("nan"), found)

    def _is_absent(self, one: Register) -> bool:
        since = self._absent.get(one.point)
        return since is not None and time.monotonic() - since < 60

    def _keep(self, block: Block, answer: Sequence[int | bool], found: Collector) -> None:
        for one, value in values_of(block, answer):
            self._row(one, value, found)

    def _row(self, one: Register, value: float, found: Collector) -> None:
        quality = Quality.GOOD if math.isfinite(value) else Quality.MISSING
        point_id = self._store.id_of(self._name, one.point)
        found.row(point_id, one.point, to_us(clock.now()), value, int(quality))

    def _failed(self, failed: PeerFailed) -> None:
        self._peer.close()
        self._down.clear()
        if self.health.state == "connected":
            # Once, when it begins: from here on nothing is known of these points.
            found = Collector()
            for one in self._options.registers:
                self._row(one, float("nan"), found)
            self._feed.give(self._name, found.columns(), where=self.health.address)
        tell_lost(self._feed, failed, name=self._name, where=self.health.address)
        self._feed.publish_health(force=True)
