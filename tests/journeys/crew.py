"""A crew with a phone in the street: what it taps, and how its phone dies."""

from __future__ import annotations

import io
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

from tests.journeys import browser
from tests.journeys.shift import PASSWORD, Line

PATIENCE_MS = 60_000
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",
    "has_touch": True,
    "is_mobile": True,
    "geolocation": {"longitude": 117.003, "latitude": 36.651},
    "permissions": ["geolocation"],
    "reduced_motion": "reduce",
}


def picture(seed: int, width: int = 1200, height: int = 900) -> bytes:
    """Return a photograph that no other seed gives, too rough to be packed small."""
    noise = random.Random(seed).randbytes(width * height // 16)
    rough = Image.frombytes("L", (width // 4, height // 4), noise)
    out = io.BytesIO()
    rough.resize((width, height), Image.Resampling.BILINEAR).save(out, "JPEG", quality=90)
    return out.getvalue()


class Carrier:
    """Somebody who carries the app; with a ``profile`` the phone keeps what it has when it dies."""

    def __init__(
        self, chromium: Any, line: Line, name: str = "chen", *, profile: Path | None = None,
        clock_at: Any = None,
    ) -> None:  # fmt: skip
        self.line = line
        self.name = name
        self.profile = profile
        self.watch = browser.Watch(line.address)
        self._chromium = chromium
        self._clock_at = clock_at
        self.switch_on()

    def switch_on(self) -> None:
        """Start the phone's browser."""
        if self.profile:
            self.context = self._chromium.browser_type.launch_persistent_context(
                str(self.profile), executable_path=self._chromium.browser_type.executable_path
                if not browser.find() else browser.find(),
                args=list(browser.ARGUMENTS), **PHONE,
            )  # fmt: skip
        else:
            self.context = self._chromium.new_context(**PHONE)
        self.context.set_default_timeout(PATIENCE_MS)
        if self._clock_at:
            self.context.clock.install(time=self._clock_at)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.watch.follow(self.page)

    def kill(self) -> None:
        """Take the battery out: the browser of this profile gets no time to say goodbye."""
        mark = f"--user-data-dir={self.profile}".encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError):
                if mark in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            with suppress(OSError):
                (Path(str(self.profile)) / name).unlink()

    def sign_in(self) -> None:
        """Sign in, and wait until everything for a shift is on the phone."""
        self.page.goto(f"{self.line.address}/sign-in/?next=/phone/")
        self.page.fill("[name=username]", self.name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.locator("form button.btn-primary").first.click()
        self.page.wait_for_url("**/phone/**")
        self.page.locator("[data-job]").first.wait_for()
        self.page.locator("[data-offline=ready]").wait_for(state="attached")

    def open(self, where: str = "#/jobs") -> None:
        """Open a screen of the app."""
        self.page.goto(f"{self.line.address}/phone/{where}", wait_until="domcontentloaded")

    def open_job(self, number: str) -> None:
        self.open(f"#/job/{number}")
        self.page.locator(".ph-deeds").wait_for()

    def tap(self, deed: str) -> None:
        self.page.locator(f'[data-deed="{deed}"]').click()

    def keep(self) -> None:
        """Keep what was filled in, and wait until the phone has it."""
        self.page.locator(".ph-sheet [type=submit]").click()
        self.page.locator(".ph-sheet").wait_for(state="detached")

    def photograph(self, content: bytes, shows: str = "damage") -> None:
        self.tap("photo")
        self.page.set_input_files(
            f"[data-shows={shows}]",
            {"name": "pit.jpg", "mimeType": "image/jpeg", "buffer": content},
        )
        self.page.locator('.ph-sheet[data-sheet="photo"]').wait_for(state="detached")

    def note(self, text: str) -> None:
        self.tap("note")
        self.page.fill(".ph-sheet [name=text]", text)
        self.keep()

    def exchange_meter(self, old: str, new: str) -> None:
        self.tap("meter")
        self.page.fill("[name=old_number]", old)
        self.page.fill("[name=old_reading_m3]", "1234.5")
        self.page.fill("[name=new_number]", new)
        self.keep()

    def sign(self, name: str) -> None:
        self.tap("signature")
        self.page.fill(".ph-sheet [name=name]", name)
        box = self.page.locator(".ph-pad").bounding_box()
        self.page.mouse.move(box["x"] + 30, box["y"] + 60)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 100 + 10 * len(name), box["y"] + 90, steps=4)
        self.page.mouse.up()
        self.page.locator(".ph-sheet .btn-primary").click()
        self.page.locator(".ph-sheet").wait_for(state="detached")

    def finish(self, found: str = "no_leak_found", note: str = "") -> None:
        self.tap("finish")
        self.page.locator(f".ph-sheet [value={found}]").click()
        self.page.fill(".ph-sheet [name=note]", note)
        self.keep()

    def begin(self) -> None:
        """Accept the job and arrive."""
        self.tap("accept")
        self.tap("arrive")
        self.page.locator('[data-deed="finish"]').wait_for()

    def waiting(self) -> int:
        """Return how many entries and pictures the phone says are not sent yet."""
        bar = self.page.locator(".ph-bar[data-waiting]")
        return int(bar.get_attribute("data-waiting") or 0)

    def wait_until_sent(self, within_s: float = 90) -> None:
        """Wait until nothing waits, asking the phone to try now and again."""
        deadline = time.monotonic() + within_s
        self.open("#/sent")
        while time.monotonic() < deadline:
            if self.page.locator('.ph-bar[data-line="signed_out"]').count():
                # A browser writes its cookies half a minute late; the battery may be faster.
                self.sign_in()
                self.open("#/sent")
            with suppress(Exception):
                self.page.locator('[data-deed="send"]').click(timeout=5000)
                self.page.locator('.ph-bar[data-waiting="0"][data-line="reached"]').wait_for(
                    timeout=5000
                )
                return
        raise AssertionError(f"{self.waiting()} things still wait on the phone")

    def count_the_day(self) -> str:
        """Count together with the server; returns whether both agree."""
        self.open("#/sent")
        self.tap("reckon")
        self.page.locator("[data-agreed]").wait_for()
        return str(self.page.locator("[data-agreed]").get_attribute("data-agreed"))

    def leave(self) -> None:
        """Close the phone, and fail for anything that the pages must never do."""
        self.context.close()
        faults = list(dict.fromkeys(self.watch.faults))
        assert not faults, "\n".join(faults[:20])
