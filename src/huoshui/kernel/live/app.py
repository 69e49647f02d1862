"""The ASGI application behind ``/live/NAME``: server-sent events for signed-in readers."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
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
# A browser shares one connection among its tabs; several browsers and wall screens of one account
# are usual, a program that opens streams and forgets them is not.
STREAMS_OF_ONE_MAX = 20
TRY_AGAIN_S = 30
KEYS_MAX = 5000
PREFIX = "/live/"


class LiveApp:
    """Serves streams; checks the session before a stream starts and each minute after."""

    def __init__(self, *, keep_alive_s: float = KEEP_ALIVE_S, check_s: float = CHECK_S) -> None:
        self.keep_alive_s = keep_alive_s
        self.check_s = check_s
        self.executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")
        self.hubs: dict[str, Hub] = {}
        self.followed: Counter[int] = Counter()

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
        reader, refusal = await self._in_thread(self._reader, scope, stream)
        if refusal is not None:
            await _answer(send, refusal.status, refusal.code, "You may not follow this stream.")
            return
        if not await self._has_room(send, reader):
            return
        self.followed[reader] += 1
        try:
            hub = self.hubs.setdefault(name, Hub(stream, self.executor))
            client = await hub.join(_keys(scope))
            try:
                await self._serve(scope, receive, send, client, stream)
            finally:
                hub.leave(client)
        finally:
            self.followed[reader] -= 1
            self.followed += Counter()  # forgets who follows nothing any more

    async def _has_room(self, send: Any, reader: int) -> bool:
        """Tell whether one more stream fits, and answer where it does not."""
        if self.followed.total() >= CLIENTS_MAX:
            what = f"Too many readers are connected: {CLIENTS_MAX}."
            step = f"Try again in {TRY_AGAIN_S} seconds, or ask the administrator."
            await _answer(send, 503, "live.full", what, step, {"most": CLIENTS_MAX})
            return False
        if self.followed[reader] >= STREAMS_OF_ONE_MAX:
            what = f"Your account follows {STREAMS_OF_ONE_MAX} streams already."
            step = "Close pages or programs of this account that you do not need."
            most = {"most": STREAMS_OF_ONE_MAX}
            await _answer(send, 429, "live.too_many_of_one", what, step, most)
            return False
        return True

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
                    if (await self._in_thread(self._reader, scope, stream))[1] is not None:
                        await _body(send, b"event: ended\ndata: {}\n\n")
                        break
        finally:
            gone.cancel()
            with contextlib.suppress(OSError, RuntimeError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, function, *arguments)

    def _reader(self, scope: Any, stream: live.Stream) -> tuple[int, errors.Refused | None]:
        """Return who asks, and why they may not follow, or nothing; runs in a thread."""
        close_old_connections()
        request = ASGIRequest(scope, io.BytesIO())
        try:
            request.get_host()
        except DisallowedHost:
            return 0, errors.Refused("live.unknown_host", "", status=400)
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        try:
            request.session = session
            if session.get(sessions.MUST_SET_UP):
                return 0, second_factor.SecondFactorNeeded()
            user = get_user(request)
            permissions.check(user, stream.permission)
        except errors.Refused as refused:
            return 0, refused
        return user.pk or 0, None


def _keys(scope: Any) -> frozenset[str] | None:
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("keys", [])
    keys = [key for group in wanted for key in group.split(",") if key][:KEYS_MAX]
    return frozenset(keys) if wanted else None


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(send: Any, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(
    send: Any,
    status: int,
    code: str,
    message: str,
    next_step: str = "",
    data: Mapping[str, int] = MappingProxyType({}),
) -> None:
    body = {"code": code, "message": message, "data": dict(data), "next_step": next_step}
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if status in {429, 503}:
        headers.append((b"retry-after", b"%d" % TRY_AGAIN_S))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
