"""The health page for people, and two addresses for machines."""

from __future__ import annotations

from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from huoshui.kernel.accounts import permissions
from huoshui.kernel.health import checking, versions

LEVELS = {
    checking.OK: (_("In order"), "green", "circle-check"),
    checking.WARNING: (_("Needs a look"), "orange", "alert-triangle"),
    checking.FAILING: (_("Failing"), "red", "alert-octagon"),
}


@permissions.needs("health.read")
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Show what is late, full or failing, the worst first, each with what to do about it."""
    found = checking.run_all()
    checking.forget()  # the light in the frame shall not contradict the page for long
    level = checking.level_of(found)
    context = {
        "title": _("Health of the system"),
        "level": level,
        "state": LEVELS[level],
        "results": [(one, LEVELS[one.level]) for one in found],
        "levels": LEVELS,
    }
    response = render(request, "health/health.html", context)
    response["Cache-Control"] = "no-store"
    return response


@permissions.public
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Tell a machine that this process answers; nothing else is looked at."""
    return _short({"status": "ok"}, 200)


@permissions.public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Tell a machine whether this process can serve: the database answers and is of this version.

    Says no versions, names or paths: anybody may ask.
    """
    try:
        waiting = bool(versions.pending_migrations())
    except DatabaseError:
        return _short({"status": "unavailable", "reason": "database"}, 503)
    if waiting:
        return _short({"status": "unavailable", "reason": "migrations"}, 503)
    return _short({"status": "ok"}, 200)


def _short(content: dict[str, Any], status: int) -> JsonResponse:
    response = JsonResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response


def in_the_bar(request: HttpRequest, **_context: Any) -> SafeString:
    """Return the light of the top bar; its colour comes by the live stream."""
    return render_to_string("health/in_the_bar.html", request=request)


def poll(cursor: str | None) -> tuple[str, list[dict[str, Any]]]:
    """Return the overall level whenever it or the number of troubles changes."""
    level, counts = checking.summary()
    now = f"{level}:{counts}"
    if now == cursor:
        return now, []
    return now, [{"key": "health", "level": level, "counts": counts}]


urlpatterns = [
    path("system/health/", health, name="health"),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
]
