"""The web process: pages and API by WSGI threads, live streams by ASGI, in one server.

Django's own ASGI handler makes a new thread for each page and cannot keep database connections;
measured, it costs four milliseconds a page more than this.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")

from a2wsgi import WSGIMiddleware

from huoshui.kernel import settings
from huoshui.project import wsgi

# These need Django's apps, which the import above has made ready.
from huoshui.kernel.live.app import PREFIX, LiveApp  # isort: skip


class Site:
    """Sends live streams one way and everything else the other."""

    def __init__(self) -> None:
        self.live = LiveApp()
        pages: Any = wsgi.application
        self.pages = WSGIMiddleware(pages, workers=settings.get().web_threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live_and_let_die(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.live(scope, receive, send)
        elif scope["type"] == "http":
            await self.pages(scope, receive, send)


async def _live_and_let_die(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


application = Site()
