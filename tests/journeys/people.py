"""People of the demo in front of a browser: what they do with pages, language by language."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from tests.journeys.browser import Watch
from tests.journeys.city import City

Answer = TypeVar("Answer")
PATIENCE_S = 120.0


class Person:
    """Somebody with a browser window of their own, signed in by one click with their post."""

    def __init__(self, browser: Any, city: City, post: str, *, language: str = "en") -> None:
        self.city = city
        self.watch = Watch(city.address)
        self.context = browser.new_context(
            locale="zh-CN" if language.startswith("zh") else "en-GB",
            timezone_id="Asia/Shanghai",
            viewport={"width": 1280, "height": 720},
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(90_000)
        self.page = self.context.new_page()
        self.watch.follow(self.page)
        self.go("/sign-in/")
        self.page.locator(f'[data-post="{post}"]').first.click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        if "/phone/" in self.page.url:
            # The phone app has its languages on a screen of its own.
            self.go("/fieldwork/jobs/")
        self.speak(language)

    def speak(self, language: str) -> None:
        """Switch the language by the button that every page has."""
        button = self.page.locator(f'.hs-top button[name="language"][value="{language}"]').first
        if button.get_attribute("aria-current") != "true":
            button.click()
            self.page.locator(f'html[lang="{language}"]').wait_for(state="attached")

    def go(self, path: str) -> None:
        """Open an address of the product."""
        self.page.goto(f"{self.city.address}{path}", wait_until="domcontentloaded")

    def text(self, selector: str = "main") -> str:
        """Return the words a reader sees in a part of the page."""
        return str(self.page.locator(selector).first.inner_text())

    def wait(self, what: str, look: Callable[[], Answer | None], within_s: float = PATIENCE_S):
        """Look again and again until there is an answer.

        The security policy forbids evaluating text as code, so Playwright's own waiting for a
        function cannot be used.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            answer = look()
            if answer:
                return answer
            self.page.wait_for_timeout(400)
        raise AssertionError(f"waited {within_s:.0f} s for {what}\n{self.city.said()}")

    def reload_until(self, what: str, selector: str, within_s: float = PATIENCE_S) -> Any:
        """Load the page again until it has ``selector``."""

        def look() -> Any:
            found = self.page.locator(selector)
            if found.count():
                return found.first
            self.page.wait_for_timeout(800)
            self.page.reload(wait_until="domcontentloaded")
            return None

        return self.wait(what, look, within_s)

    def leave(self) -> None:
        """Close the window, and fail for anything that the pages must never do."""
        self.context.close()
        faults = list(dict.fromkeys(self.watch.faults))
        assert not faults, "\n".join(faults[:20])
