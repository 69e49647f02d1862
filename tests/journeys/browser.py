"""A real browser for journeys and screenshots: where it is, how it starts, what it must not see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Software WebGL for the map: no test machine has a graphics card.
ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
)
HOW = (
    "no browser found: install chromium, or name one in HUOSHUI_CHROMIUM "
    f"(looked for {', '.join(NAMES)})"
)


def find() -> str | None:
    """Return the path of a Chromium, or None where there is none."""
    named = os.environ.get("HUOSHUI_CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Watch:
    """Notes everything that a page of ours must never do."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []

    def follow(self, page: Any) -> None:
        """Watch a page from now on."""
        page.on("request", lambda request: self._request(request.url))
        page.on("console", self._console)
        page.on("pageerror", lambda problem: self.faults.append(f"script threw: {problem}"))
        page.on("response", self._response)

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"a request left the house: {url}")

    def _console(self, message: Any) -> None:
        text = message.text
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.faults.append(f"the security policy was broken: {text}")
        elif message.type == "error" and "Failed to load resource" not in text:
            self.faults.append(f"console error: {text}")

    def _response(self, response: Any) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.faults.append(f"{response.status} at {response.url}")


@contextmanager
def started(executable: str) -> Iterator[Any]:
    """Start the browser and stop it afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
