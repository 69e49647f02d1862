"""Take the pictures of the documents from a running demo, in both languages.

    ./huoshui demo                                        # in another window
    .venv/bin/python scripts/screenshots.py               # writes docs/images/*.png

Each picture is the page as it is: nothing is drawn in afterwards. Pictures above the limit are
reduced to 256 colours, which maps and charts bear well.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs/images"
BYTES_MAX = 500_000
DESK = (1280, 720)
PHONE = (390, 844)
WALL = (1600, 900)
TALL = (1400, 1000)


@dataclass(frozen=True)
class Picture:
    """One picture: where, as whom, what must be there first."""

    name: str
    path: str
    ready: str
    post: str = "leakage_engineer"
    size: tuple[int, int] = DESK
    dark: bool = False
    # The page is below the first of these links, where its number differs from demo to demo.
    link: str = ""
    below: str = ""


PICTURES = (
    Picture("map", "/map/", '[data-island="network/map"][data-ready="true"]'),
    Picture("map-dark", "/map/", '[data-island="network/map"][data-ready="true"]', dark=True),
    # The line of the point stands in the table once its curve is drawn.
    Picture("sensor", "/telemetry/points/n1.pressure/", "main tbody td:has-text('n1')"),
    Picture("night-flow", "/leakage/", "main canvas"),
    Picture("trends", "/telemetry/trends/?points=p227.flow,p235.flow,PUMP_1.flow", "main canvas"),
    Picture("mimic", "/telemetry/mimics/l-town/", "main svg", post="dispatcher"),
    # The second draft of the demo city; the first set waits for approval.
    Picture("drawing", "/map/?change=4", ".nw-edit-steps li"),
    Picture("checks", "/network/checks/", "main table"),
    Picture("alarms", "/telemetry/alarms/", "main", post="dispatcher"),
    Picture("alarm-figures", "/telemetry/alarms/figures/", "main", post="manager"),
    Picture("import", "/imports/1/", "main", post="manager"),
    Picture("health", "/system/health/", "main", post="administrator"),
    Picture("matrix", "/system/posts/matrix/", "main table", post="administrator"),
    Picture("board", "/fieldwork/board/", "main .fw-lane [data-job]", post="dispatcher", size=TALL),
    # The wave that was declared last: the rehearsal's, while it runs.
    Picture(
        "wave-wall",
        "/surges/",
        ".sg-wall-map canvas",
        post="dispatcher",
        size=WALL,
        link="main tbody a",
        below="wall/",
    ),
    Picture("rehearsal", "/rehearsals/", "main table", post="dispatcher"),
    Picture("maintenance", "/upkeep/", "main table", post="dispatcher"),
    Picture("patrol", "/patrol/walks/3/", "main canvas", post="dispatcher"),
    Picture("phone", "/phone/", "[data-job]", post="crew", size=PHONE),
    Picture("jobs-phone", "/fieldwork/jobs/", "main", post="crew", size=PHONE),
    Picture("map-phone", "/map/", '[data-island="network/map"][data-ready="true"]', size=PHONE),
)
LANGUAGES = {"en": "", "zh-hans": ".zh"}


def small(png: bytes) -> bytes:
    """Return a picture that keeps to the limit."""
    if len(png) <= BYTES_MAX:
        return png
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def take(browser: Any, address: str, picture: Picture, language: str) -> bytes:
    """Sign in by one click, open the page in one language, and return it as PNG."""
    context = browser.new_context(
        locale="zh-CN" if language.startswith("zh") else "en-GB",
        timezone_id="Asia/Shanghai",
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        extra_http_headers={"Accept-Language": language},
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/sign-in/")
    page.locator(f'button[name="language"][value="{language}"]').first.click()
    page.locator(f'[data-post="{picture.post}"]').first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{address}{picture.path}", wait_until="domcontentloaded")
    if page.locator("html").get_attribute("lang") != language:
        # A person's own language goes before the browser's. On a phone the button is in a menu.
        press = "words => document.querySelector(`button[name=language][value=${words}]`).click()"
        page.evaluate(press, language)
        page.locator(f'html[lang="{language}"]').wait_for(state="attached")
    if picture.link:
        found = page.locator(picture.link).first.get_attribute("href")
        page.goto(f"{address}{found}{picture.below}", wait_until="domcontentloaded")
    page.locator(picture.ready).first.wait_for()
    page.wait_for_timeout(2500)  # tiles, charts and the first live values settle
    png: bytes = page.screenshot()
    context.close()
    return png


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="http://127.0.0.1:8700", help="where the demo runs")
    parser.add_argument("--only", action="append", help="name of a picture; may be repeated")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.journeys import browser as browsers

    executable = browsers.find()
    if executable is None:
        sys.stderr.write(f"{browsers.HOW}\n")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    with browsers.started(executable) as browser:
        for picture in PICTURES:
            if given.only and picture.name not in given.only:
                continue
            for language, ending in LANGUAGES.items():
                png = small(take(browser, given.address.rstrip("/"), picture, language))
                path = IMAGES / f"{picture.name}{ending}.png"
                path.write_bytes(png)
                sys.stdout.write(f"{path.relative_to(ROOT)}  {len(png) // 1000} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
