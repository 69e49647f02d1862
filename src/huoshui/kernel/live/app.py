"""The ASGI application behind ``/live/NAME``: server-sent events for signed-in readers."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import orjson
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.utils.module_loading import import_string

from huoshui.kernel import errors, live
from huoshui.kernel.accounts import permissions, second_factor, sessions
from huoshui.kernel.live.hub import RETRY_MS, Client, Hub

logger = logging.getLogger("huoshui.live")

KEEP_ALIVE_S = 15.0
CHECK_S = 60.0
CLIENTS_MAX = 2000
KEYS_MAX = 5000
PREFIX = "/live/"


class LiveApp:
    """Serves streams; checks the session before a stream starts and each minute after."""

    def __init__(self, *, keep_alive_s: float = KEEP_ALIVE_S, check_s: float = CHECK_S) -> None:
        self.keep_alive_s = keep_alive_s
        self.check_s = check_s
        self.executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")
        self.hubs: dict[str, Hub] = {}

    @property
    def clients(self) -> int:
        """How many readers are connected now."""
        return sum(len(hub.clients) for hub in self.hubs.values())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope["path"].removeprefix(PREFIX).strip("/")
        stream = live.find(name)
        if scope["method"] != "GET" or stream is None:
            await _answer(send, 404, "live.unknown_stream", "There is no such stream.")
            return
        if self.clients >= CLIENTS_MAX:
            await _answer(send, 503, "live.full", "Too many readers are connected.")
            return
        refusal = await self._in_thread(self._refusal, scope, stream)
        if refusal is not None:
            await _answer(send, refusal.status, refusal.code, "You may not follow this stream.")
            return
        hub = self.hubs.setdefault(name, Hub(stream, self.executor))
        client = await hub.join(_keys(scope))
        try:
            await self._serve(scope, receive, send, client, stream)
        finally:
            hub.leave(client)

    async def _serve(
        self, scope: Any, receive: Any, send: Any, client: Client, stream: live.Stream
    ) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store, no-transform"),
                    # A proxy that collects the answer would hold every value back.
                    (b"x-accel-buffering", b"no"),
                    (b"x-content-type-options", b"nosniff"),
                ],
            }
        )
        await _body(send, b"retry: %d\n\n" % RETRY_MS)
        gone = asyncio.create_task(_until_gone(receive))
        checked_at = time.monotonic()
        try:
            while not gone.done():
                taking = asyncio.create_task(client.take(self.keep_alive_s))
                await asyncio.wait({taking, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    taking.cancel()
                    break
                await _body(send, taking.result() or b": still here\n\n")
                if time.monotonic() - checked_at >= self.check_s:
                    checked_at = time.monotonic()
                    if await self._in_thread(self._refusal, scope, stream) is not None:
                        await _body(send, b"event: ended\ndata: {}\n\n")
                        break
        finally:
            gone.cancel()
            with contextlib.suppress(OSError, RuntimeError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, function, *arguments)

    def _refusal(self, scope: Any, stream: live.Stream) -> errors.Refused | None:
        """Return why this reader may not follow, or nothing; runs in a thread."""
        close_old_connections()
        request = ASGIRequest(scope, io.BytesIO())
        try:
            request.get_host()
        except DisallowedHost:
            return errors.Refused("live.unknown_host", "", status=400)
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        try:
            request.session = session
            if session.get(sessions.MUST_SET_UP):
                return second_factor.SecondFactorNeeded()
            permissions.check(get_user(request), stream.permission)
        except errors.Refused as refused:
            return refused
        return None


def _keys(scope: Any) -> frozenset[str] | None:
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("keys", [])
    keys = [key for group in wanted for key in group.split(",") if key][:KEYS_MAX]
    return frozenset(keys) if wanted else None


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(send: Any, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Any, status: int, code: str, message: str) -> None:
    body = orjson.dumps({"code": code, "message": message, "data": {}, "next_step": ""})
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
