"""Every address of the product: the kernel's pages, then those of each area that has some."""

from __future__ import annotations

import importlib.util

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from huoshui.project.api import api

KERNEL = (
    "accounts",
    "organisation",
    "audit",
    "clock",
    "events",
    "jobs",
    "cases",
    "files",
    "intake",
    "pages",
    "notices",
    "health",
    "rehearsals",
)


def _mounted(module: str) -> list[URLPattern | URLResolver]:
    return [path("", include(module))] if importlib.util.find_spec(module) else []


def _patterns() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = [path("api/v1/", api.urls)]
    for app in KERNEL:
        if importlib.util.find_spec(f"huoshui.kernel.{app}"):
            found += _mounted(f"huoshui.kernel.{app}.urls")
    for area in settings.AREAS:
        if importlib.util.find_spec(f"huoshui.areas.{area}.web"):
            found += _mounted(f"huoshui.areas.{area}.web.urls")
    return found


urlpatterns = _patterns()

handler400 = "huoshui.kernel.errors.web.bad_request"
handler403 = "huoshui.kernel.errors.web.forbidden"
handler404 = "huoshui.kernel.errors.web.not_found"
handler500 = "huoshui.kernel.errors.web.broken"
