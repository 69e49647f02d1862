"""Feed the historian with what an OPC UA server publishes.

The library works in an event loop of its own thread; notifications wait in a bounded queue and go
into the store by groups. A session that dies is made anew, with all its subscriptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

from asyncua import Client, ua

from huoshui.areas.telemetry.contracts import ConnectorHealth, Quality, to_us
from huoshui.connecting.columns import Collector
from huoshui.connecting.feed import Backoff, Feed, Store
from huoshui.connecting.health import Health
from huoshui.connecting.peers import PeerFailed, tell_lost
from huoshui.connectors.opcua import session
from huoshui.connectors.opcua.nodes import WantedNode, points_of, sample_of
from huoshui.kernel import clock

log = logging.getLogger(__name__)

WAITING_MAX = 50_000
ALIVE_EVERY_S = 2.0
GATHER_S = 0.2


class Connector:
    """One server feeding one historian; ``run`` works until ``stop``."""

    def __init__(
        self,
        name: str,
        options: session.Options,
        store: Store,
        report: Callable[[ConnectorHealth], None] = lambda health: None,
        *,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._name, self._options, self._store = name, options, store
        self.health = Health(name=name, address=options.url, connector="opcua")
        self._feed = Feed(store, self.health, report)
        self._backoff = backoff
        self._codes: dict[str, str] = {}
        # Nodes that have said nothing yet in this session, and when it began.
        self._unheard: set[str] = set()
        self._began_us = 0
        self._waiting: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(WAITING_MAX)

    def stop(self) -> None:
        """End ``run`` soon; every wait in it is short."""
        self._feed.stopping.set()

    def run(self) -> None:
        """Connect, subscribe, store; again after a failure."""
        try:
            asyncio.run(self._run())
        finally:
            self.health.state = "stopped"
            self._feed.publish_health(force=True)

    async def _run(self) -> None:
        backoff = self._backoff()
        while not self._feed.stopping.is_set():
            client: Client | None = None
            try:
                client = await session.connect(self._options)
                await self._work(client, backoff)
            except PeerFailed as failed:
                await self._failed(failed)
            except (ua.UaError, OSError, TimeoutError) as fault:
                await self._failed(PeerFailed("opcua.connection_ended", repr(fault)[:200]))
            finally:
                if client is not None:
                    await close(client)
            await self._rest(backoff.next_s())

    async def _work(self, client: Client, backoff: Backoff) -> None:
        """Receive until the session ends."""
        self._waiting = asyncio.Queue(WAITING_MAX)
        wanted = list(self._options.nodes)
        if not wanted:
            wanted = await session.browse(client, self._options.root)
        self._codes = points_of(wanted)
        self._unheard, self._began_us = set(self._codes), to_us(clock.now())
        subscription = await client.create_subscription(self._options.publish_ms, self)
        await self._subscribe(client, subscription, wanted)
        self.health.connected()
        backoff.reset()
        loop = asyncio.get_running_loop()
        looked_s = loop.time()
        while not self._feed.stopping.is_set():
            await self._store_waiting()
            if loop.time() - looked_s >= ALIVE_EVERY_S:
                # Also notices a network that was pulled: nothing else would for minutes.
                async with asyncio.timeout(self._options.timeout_s):
                    await client.check_connection()
                    await client.nodes.server_state.read_value()
                looked_s = loop.time()
            await asyncio.sleep(GATHER_S)

    async def _subscribe(
        self, client: Client, subscription: Any, wanted: Sequence[WantedNode]
    ) -> None:
        """Subscribe node by node in groups; a node the server has not is said, not fatal."""
        missing = Collector()
        for start in range(0, len(wanted), session.SUBSCRIBE_AT_ONCE):
            part = wanted[start : start + session.SUBSCRIBE_AT_ONCE]
            nodes = [client.get_node(one.node_id) for one in part]
            handles = await subscription.subscribe_data_change(nodes, queuesize=100)
            listed = handles if isinstance(handles, list) else [handles]
            for one, handle in zip(part, listed, strict=False):
                if isinstance(handle, ua.StatusCode):
                    missing.problem("opcua.node_absent", one.node_id[:120], handle.name)
        if missing.problems:
            await self._give(missing)

    # Called by the library for each notification, in our loop.

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        """Take a value in; what does not fit any more is lost by the server's own queue rules."""
        try:
            self._waiting.put_nowait((node.nodeid.to_string(), data.monitored_item.Value))
        except asyncio.QueueFull:
            self.health.problem("opcua.too_much", "", f"More than {WAITING_MAX} values wait.")

    def status_change_notification(self, status: Any) -> None:
        """Note that the server ended or changed the subscription; the next look reconnects."""
        log.info("%s: the subscription changed: %s", self._name, status)

    async def _store_waiting(self) -> None:
        found = Collector()
        self.health.waiting = self._waiting.qsize()
        for _number in range(self._waiting.qsize()):
            node, data = self._waiting.get_nowait()
            code = self._codes.get(node)
            sample = sample_of(data, clock.now()) if code is not None else None
            if code is None or sample is None:
                found.empty += 1
                continue
            number = self._store.id_of(self._name, code)
            found.row(number, code, sample.at_us, sample.value, sample.quality)
            if node in self._unheard:
                self._unheard.discard(node)
                # The first word of a session is the value as it is now, stamped with its latest
                # change. That may lie before the break, whose mark of silence would stand for ever
                # while a level or a state does not change.
                if sample.at_us <= self._began_us:
                    found.row(number, code, self._began_us, sample.value, sample.quality)
        if found.empty or len(found.columns()) or found.unknown:
            await self._give(found)
        await asyncio.to_thread(self._feed.publish_health)

    async def _give(self, found: Collector) -> None:
        # The store may wait for a disk; the session must go on answering meanwhile.
        await asyncio.to_thread(
            self._feed.give, self._name, found.columns(), where=self._options.url
        )

    async def _failed(self, failed: PeerFailed) -> None:
        if self.health.state == "connected":
            # Once, when it begins: from here on nothing is known of these points.
            found = Collector()
            for code in self._codes.values():
                number = self._store.id_of(self._name, code)
                found.row(number, code, to_us(clock.now()), math.nan, int(Quality.MISSING))
            await self._give(found)
        tell_lost(self._feed, failed, name=self._name, where=self._options.url)
        await asyncio.to_thread(self._feed.publish_health, force=True)

    async def _rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self._feed.stopping.is_set() and loop.time() < until:
            self._feed.publish_health()
            await asyncio.sleep(min(0.2, seconds))


async def close(client: Client) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(3):
            await client.disconnect()
