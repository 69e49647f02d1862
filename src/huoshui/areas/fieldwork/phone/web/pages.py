"""The page of the app, and what a browser needs to keep it: manifest, service worker, icons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import assets, strings

ISLAND = "src/huoshui/areas/fieldwork/islands/phone.ts"
WORKER = "src/huoshui/areas/fieldwork/islands/phone/worker.ts"
MAP_WORKER = "maplibre-gl-worker"
LOOSE = ("pages/theme.js", "pages/icons.svg", "pages/mark.svg")
ICONS = ((192, "any"), (512, "any"), (512, "maskable"))
COLOUR = "#0e2a40"


def own_files() -> list[str]:
    """Return the built files that the app needs, below ``dist``; each carries its hash."""
    built = assets.manifest()
    found: dict[str, None] = {}
    seen: set[str] = set()

    def gather(name: str, *, lazily: bool) -> None:
        if name in seen:
            return
        seen.add(name)
        chunk = built.get(name)
        if chunk is None:
            return
        found.update(
            dict.fromkeys((chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ())))
        )
        for one in chunk.get("imports", ()):
            gather(one, lazily=False)
        if lazily:
            for one in chunk.get("dynamicImports", ()):
                gather(one, lazily=True)

    gather(assets.ENTRY, lazily=False)
    gather(ISLAND, lazily=True)
    return list(found)


def map_worker_file() -> str:
    """Return the built file in which the map's engine works beside the page."""
    return next(name for name in own_files() if MAP_WORKER in name)


def kept_files() -> list[str]:
    """Return the addresses of everything but the page itself that works without signal."""
    words = [strings.url(language) for language in strings.LANGUAGES]
    icons = [_icon_address(size, purpose) for size, purpose in ICONS]
    return [
        *(static(f"dist/{name}") for name in own_files() if MAP_WORKER not in name),
        *(static(name) for name in LOOSE),
        *icons,
        *words,
        reverse("phone:map_worker", args=[Path(map_worker_file()).name]),
        reverse("phone:manifest"),
    ]


def version() -> str:
    """Return one hash of the whole app; it changes whenever any of its files does."""
    digest = hashlib.sha256()
    for address in kept_files():
        digest.update(address.encode() + b"\0")
    for content in _loose_contents():
        digest.update(content)
    digest.update(_worker_text().encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _loose_contents() -> tuple[bytes, ...]:
    """Return what lies under addresses without a hash; a process serves what it began with."""

    def read() -> Iterator[bytes]:
        for name in (*LOOSE, *(_icon_name(size, purpose) for size, purpose in ICONS)):
            path = finders.find(name)
            if isinstance(path, str):
                yield Path(path).read_bytes()

    return tuple(read())


@lru_cache(maxsize=1)
def _worker_text() -> str:
    return (assets.DIST / assets.manifest()[WORKER]["file"]).read_text("utf-8")


def _icon_name(size: int, purpose: str) -> str:
    return f"fieldwork/phone-{size}{'-maskable' if purpose == 'maskable' else ''}.png"


def _icon_address(size: int, purpose: str) -> str:
    return static(_icon_name(size, purpose))


@permissions.needs("fieldwork.report_job")
def app(request: HttpRequest) -> HttpResponse:
    """Give the page of the app; it holds nothing of its reader, because the phone keeps it."""
    props = {
        "day_url": reverse("api:fieldwork-phone-day"),
        "entries_url": reverse("api:fieldwork-phone-entries"),
        "photo_url": reverse("api:fieldwork-phone-photo", args=["HASH"]),
        "reckoning_url": reverse("api:fieldwork-phone-reckoning"),
        "rounds_url": reverse("api:fieldwork-patrol-rounds"),
        "checks_url": reverse("api:fieldwork-checks-phone"),
        "place_url": reverse("api:fieldwork-phone-place"),
        "worker_url": reverse("phone:worker"),
        "scope": reverse("phone:app"),
        "map_worker_url": reverse("phone:map_worker", args=[Path(map_worker_file()).name]),
        "icons_url": static("pages/icons.svg"),
        "sign_in_url": f"{reverse('accounts:sign_in')}?next={reverse('phone:app')}",
        "sign_out_url": reverse("accounts:sign_out"),
        "language_url": reverse("pages:language"),
        "desk_url": reverse("fieldwork:jobs"),
    }
    response = render(request, "fieldwork/phone.html", {"props": props, "colour": COLOUR})
    response["Cache-Control"] = "no-store"
    return response


@permissions.public
def worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker: the list of the app's files, then what it does with them."""
    given = {"version": version(), "shell": reverse("phone:app"), "files": kept_files()}
    text = f"self.HUOSHUI_PHONE = {json.dumps(given)};\n{_worker_text()}"
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@permissions.public
def map_worker(request: HttpRequest, name: str) -> HttpResponse:
    """Give the map's own worker below the app's address, so that the app may keep it."""
    if name != Path(map_worker_file()).name:
        raise Http404
    content = (assets.DIST / map_worker_file()).read_bytes()
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@permissions.public
def manifest(request: HttpRequest) -> HttpResponse:
    """Say how the app is called and drawn once it is installed."""
    response = JsonResponse(
        {
            "id": reverse("phone:app"),
            "name": _("Huoshui for crews"),
            "short_name": _("Crew"),
            "start_url": reverse("phone:app"),
            "scope": reverse("phone:app"),
            "display": "standalone",
            "orientation": "portrait",
            "background_color": COLOUR,
            "theme_color": COLOUR,
            "icons": [
                {
                    "src": _icon_address(size, purpose),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for size, purpose in ICONS
            ],
        },
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "no-cache"
    return response
