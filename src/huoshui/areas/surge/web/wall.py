"""The wall of a wave: figures large enough for the room, no personal data, live."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huoshui.areas.customers import facade as customers
from huoshui.areas.network import facade as network
from huoshui.areas.surge import models
from huoshui.areas.surge.queries import figures, snapshots, weather
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.web import shown
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

READ = "surge.read"
ESTATES_SHOWN = 9
# Many screens show the same wall: what was counted this lately is not counted again.
KEPT_S = 1.5
_kept: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


@permissions.needs(READ)
@require_GET
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """Show the wall; asked by the page itself it answers with the changing parts alone."""
    row = shown.surge_of(code)
    context = _context(row)
    if request.GET.get("parts"):
        response = render(request, "surge/wall_parts.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
    spots = context["spots"]
    middle = (spots[0]["lon"], spots[0]["lat"]) if spots else _middle()
    small = network.small_map_of(lon=middle[0], lat=middle[1])
    may_see_map = permissions.holds(request.user, "network.read")
    context["island"] = {
        "url": f"{reverse('surge:wall', args=[code])}?parts=1",
        "tiles": small["tiles"] if small and may_see_map else None,
        "middle": middle,
    }
    context["title"] = row.name
    return render(request, "surge/wall.html", context)


def _middle() -> tuple[float | None, float | None]:
    for one in customers.estates():
        if one.lon is not None and one.lat is not None:
            return one.lon, one.lat
    return None, None


def _context(row: models.Surge) -> dict[str, Any]:
    """Return what the wall shows, as counted a moment ago at the latest."""
    key = (row.code, get_language() or "")
    with _lock:
        at, context = _kept.get(key, (0.0, {}))
        if not context or time.monotonic() - at > KEPT_S or context["surge"].until != row.until:
            context = _counted(row)
            _kept.clear() if len(_kept) > 20 else None
            _kept[key] = (time.monotonic(), context)
        return dict(context)


def _counted(row: models.Surge) -> dict[str, Any]:
    now = clock.now()
    found = Gathered(row, now)
    until = found.until
    made = figures.figures(found)
    values = made.values
    waiting = figures.waiting(found)
    estates = figures.by_estate(found)
    names = snapshots.estate_names()
    oldest = waiting[0] if waiting else None
    patient = [one for one in estates if one["since"] is not None]
    longest = min(patient, key=lambda one: one["since"]) if patient else None
    topics = snapshots.topic_names()
    return {
        "surge": row,
        "kind": shown.kind_badge(row.kind),
        "now": until,
        "clock": f"{clock.local(until):%H:%M}",
        "day": formats.day(clock.local(until).date()),
        "is_over": row.until is not None,
        "lasts": formats.duration((until - row.from_at).total_seconds()),
        "temperature_c": weather.temperature_at(row, until),
        "ways": shown.ways(values),
        "values": {code: shown.value_text(code, value) for code, value in values.items()},
        "open_share": _share(values["cases_done"], values["cases"]),
        "out_share": _share(values["crews_out"], values["crews"]),
        "warned_share": _share(values["risk_warned"], values["risk_listed"]),
        "not_warned": int((values["risk_listed"] or 0) - (values["risk_warned"] or 0)),
        "bars": shown.bars(found.by_hour()[-24:]),
        "parts": shown.parts(figures.by_part(found)),
        "estates": shown.estates(estates[:ESTATES_SHOWN], until),
        "estates_more": max(0, len(estates) - ESTATES_SHOWN),
        "oldest": _waits(oldest.first.began_at, until, names.get(oldest.estate, ""),
                         topics.get(oldest.first.topic_code, ""), oldest.number)
        if oldest else None,
        "longest": _waits(longest["since"], until, names.get(longest["estate"], ""),
                          _("%(n)s open") % {"n": longest["open"]}, "")
        if longest else None,
        "spots": _spots(estates),
    }  # fmt: skip


def _waits(since: datetime, now: datetime, where: str, what: str, number: str) -> dict[str, Any]:
    return {
        "long": formats.duration((now - since).total_seconds()),
        "where": where or _("in no estate"),
        "what": what,
        "number": number,
    }


def _share(part: float | None, whole: float | None) -> int:
    return round(100 * (part or 0) / whole) if whole else 0


def _spots(estates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return where the estates with repairs lie: how many told, how many still wait."""
    at = {one.code: one for one in customers.estates()} if estates else {}
    found = []
    for row in estates:
        place = at.get(row["estate"])
        if place is not None and place.lon is not None and place.lat is not None:
            found.append(
                {"lon": place.lon, "lat": place.lat, "name": place.name,
                 "calls": row["calls"] + row["otherwise"],
                 "open": row["open"]}
            )  # fmt: skip
    return found
