"""The page of the rehearsals."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.rehearsals import actions
from huoshui.kernel.rehearsals.models import Rehearsal

RUN = "rehearsals.run"
REFRESH_S = 2
# Nobody plays where the player has not been seen for so long.
ALIVE = timedelta(seconds=30)
# While everybody gets ready its player says nothing.
PREPARES_FOR = timedelta(minutes=10)
STATES = {
    "idle": (pgettext_lazy("rehearsal", "Ready"), "secondary"),
    "preparing": (pgettext_lazy("rehearsal", "Being prepared"), "orange"),
    "running": (pgettext_lazy("rehearsal", "Running"), "blue"),
    "held": (pgettext_lazy("rehearsal", "On hold"), "orange"),
    "over": (pgettext_lazy("rehearsal", "Over"), "green"),
    "stopped": (pgettext_lazy("rehearsal", "Stopped"), "secondary"),
}


def _said(zh: str, en: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en or zh


def _shown(row: Rehearsal) -> dict[str, Any]:
    silent_for = None if row.seen_at is None else clock.real_now() - row.seen_at
    seen = silent_for is not None and silent_for < ALIVE
    is_open = row.state in ("preparing", "running", "held")
    patience = PREPARES_FOR if row.state == "preparing" else ALIVE
    # Its player died: once it lives again it says so itself, until then nothing goes on here.
    is_lost = is_open and (silent_for is None or silent_for > patience)
    may = () if row.wanted or is_lost else actions.MAY[row.state]
    return {
        "code": row.code,
        "name": _said(row.name_zh, row.name_en),
        "text": _said(row.text_zh, row.text_en),
        "state": kit.badge(*STATES["stopped" if is_lost else row.state]),
        "is_open": is_open,
        "is_waiting": bool(row.wanted),
        "is_alive": seen,
        "may": may,
        "speed": f"{row.speed:g}",
        "speeds": [f"{one:g}" for one in reversed(actions.SPEEDS)],
        "parts": [
            {"code": code, "label": _said(zh, en), "is_played": code in row.played_by_person}
            for code, zh, en in row.parts
        ],
        "percent": round(100 * row.done_frac),
        "begins_at": row.begins_at,
        "figures": [
            {"label": _said(one["zh"], one["en"]), "said": one["said"], "there": one["there"],
             "differs": one["said"] is not None and one["there"] != one["said"]}
            for one in row.figures
        ],
        "told": [
            {"at": datetime.fromisoformat(one["at"]), "text": _said(one["zh"], one["en"])}
            for one in row.told
        ],
        "links": [{"url": url, "label": _said(zh, en)} for url, zh, en in row.links],
    }  # fmt: skip


@permissions.needs(RUN)
@require_GET
def rehearsals(request: HttpRequest) -> HttpResponse:
    """Show every rehearsal and how far it is; it loads itself again while one is played."""
    rows = [_shown(row) for row in Rehearsal.objects.all()]
    is_open = any(one["is_open"] or one["is_waiting"] for one in rows)
    context = {
        "title": _("Rehearsals"),
        "rows": rows,
        "refresh_s": REFRESH_S if is_open else 0,
    }
    is_part = bool(request.headers.get("HX-Request"))
    return render(
        request, "rehearsals/body.html" if is_part else "rehearsals/rehearsals.html", context
    )


@permissions.needs(RUN)
@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Start a rehearsal, hold it, let it go on, or stop it."""
    speed = request.POST.get("speed", "60")
    try:
        actions.ask(
            code,
            request.POST.get("wanted", ""),
            speed=float(speed) if speed.isdecimal() and len(speed) < 9 else 0.0,
            played=request.POST.getlist("played"),
            by_id=request.user.pk,
        )
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("rehearsals:rehearsals"))


urlpatterns = [
    path("rehearsals/", rehearsals, name="rehearsals"),
    path("rehearsals/<slug:code>/", ask, name="ask"),
]
