"""One hub per followed stream: it polls once for everybody and never waits for a slow reader."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import orjson

from huoshui.kernel import live
from huoshui.kernel.live import Stream

logger = logging.getLogger("huoshui.live")

POLL_S = 0.25
QUEUE_MAX = 32
RETRY_MS = 3000


class Client:
    """One connected reader: a short queue that forgets the oldest when the reader is slow."""

    def __init__(self, keys: frozenset[str] | None) -> None:
        self.keys = keys
        self.dropped = 0
        self._waiting: deque[bytes] = deque()
        self._filled = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Queue a message; when the queue is full, its oldest message goes."""
        if len(self._waiting) >= QUEUE_MAX:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(message)
        self._filled.set()

    async def take(self, timeout_s: float) -> bytes | None:
        """Return everything that waits, or nothing after ``timeout_s``."""
        try:
            await asyncio.wait_for(self._filled.wait(), timeout_s)
        except TimeoutError:
            return None
        everything = b"".join(self._waiting)
        self._waiting.clear()
        self._filled.clear()
        return everything


def message_of(number: int, items: list[dict[str, Any]]) -> bytes:
    """Return one server-sent event carrying a list of items."""
    body = orjson.dumps(items, option=orjson.OPT_SERIALIZE_NUMPY, default=str)
    return b"id: %d\ndata: %b\n\n" % (number, body)


def chosen(items: list[dict[str, Any]], keys: frozenset[str] | None) -> list[dict[str, Any]]:
    """Keep the items a reader asked for; without keys, all of them."""
    if keys is None:
        return items
    return [item for item in items if str(item.get("key", "")) in keys]


class Hub:
    """Polls one stream while somebody follows it, and stops when the last one leaves."""

    def __init__(self, stream: Stream, executor: Executor) -> None:
        self.stream = stream
        self.clients: set[Client] = set()
        self._executor = executor
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    async def join(self, keys: frozenset[str] | None) -> Client:
        """Let a reader follow: first the state as it is now, then what changes."""
        client = Client(keys)
        self.clients.add(client)
        try:
            _cursor, items = await self._call(functools.partial(self.stream.poll, None))
        except BaseException:
            self.clients.discard(client)
            raise
        client.put(message_of(self._number, chosen(items, keys)))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"live {self.stream.name}")
        return client

    def leave(self, client: Client) -> None:
        """Let a reader go; the last one stops the polling."""
        self.clients.discard(client)
        if not self.clients and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _call(self, function: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function)

    async def _run(self) -> None:
        woken, loop = asyncio.Event(), asyncio.get_running_loop()
        stop = live.on_wake(
            self.stream.name, functools.partial(loop.call_soon_threadsafe, woken.set)
        )
        try:
            await self._look(woken)
        finally:
            stop()

    async def _look(self, woken: asyncio.Event) -> None:
        """Look at the stream again and again: every so often, and at once when woken."""
        cursor: Any = None
        started = False
        while True:
            woken.clear()
            try:
                cursor, items = await self._call(functools.partial(self.stream.poll, cursor))
            except Exception:
                # One failing look (a locked or restored database) must not end the stream.
                logger.exception("stream %s could not be read", self.stream.name)
                await asyncio.sleep(POLL_S * 8)
                continue
            # Readers received the state when they joined; the first look only sets the cursor, but
            # what it found may be newer than what an early reader saw, so it is told once more.
            if items or not started:
                self.tell(items)
            started = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), POLL_S)

    def tell(self, items: list[dict[str, Any]]) -> None:
        """Queue items for every reader, encoding once for all who want the same."""
        if not items:
            return
        self._number += 1
        encoded: dict[frozenset[str] | None, bytes] = {}
        for client in self.clients:
            if client.keys not in encoded:
                wanted = chosen(items, client.keys)
                encoded[client.keys] = message_of(self._number, wanted) if wanted else b""
            if encoded[client.keys]:
                client.put(encoded[client.keys])
