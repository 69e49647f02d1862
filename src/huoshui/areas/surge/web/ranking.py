"""Waiting repairs ranked by need, and their priorities given to the dispatcher's board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import contracts, rules, words
from huoshui.areas.surge.actions import priorities
from huoshui.areas.surge.queries import ranking, snapshots, weather
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.web import shown, waves
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

RANK = "surge.rank"


@permissions.needs(RANK)
@require_GET
def ranked(request: HttpRequest, code: str) -> HttpResponse:
    """Show the waiting repairs, the one that presses most first, with every term of the rank.

    With ``look=1`` only those whose priority would change, each to be ticked: the second look.
    """
    row = shown.surge_of(code)
    found = Gathered(row, clock.now())
    every = ranking.ranked(found)
    changes = [one for one in every if one.job_number and one.priority != one.proposed]
    second = request.GET.get("look") == "1"
    names = snapshots.estate_names()
    crews = {one.code: one.name for one in fieldwork.crew_facts()}
    context = {
        "title": _("Give these priorities to the board?") if second else _("Ranked by need"),
        "trail": (
            (waves.TITLE, reverse("surge:surges")),
            (row.name, waves.surge_url(row)),
            *(((_("Ranked by need"), request.path),) if second else ()),
        ),
        "surge": row,
        "second": second,
        "rows": [_shown(one, found, names, crews) for one in (changes if second else every)],
        "changes": len(changes),
        "waiting": len(every),
        "temperature_c": weather.temperature_at(row, found.until),
        "is_cold": row.kind == contracts.Kind.COLD,
        "terms": {
            "care": f"{rules.CARE_POINTS:g}",
            "doubling": f"{rules.DOUBLING_POINTS:g}",
            "households_max": f"{rules.HOUSEHOLD_POINTS_MAX:g}",
            "hour": f"{rules.HOUR_POINTS:g}",
            "waiting_max": f"{rules.WAITING_POINTS_MAX:g}",
            "degree": f"{rules.DEGREE_POINTS:g}",
            "temperature_max": f"{rules.TEMPERATURE_POINTS_MAX:g}",
            "cold": formats.number(rules.COLD_BELOW_C, ".0f"),
            "heat": formats.number(rules.HEAT_ABOVE_C, ".0f"),
            "urgent": f"{rules.URGENT_FROM:g}",
            "high": f"{rules.HIGH_FROM:g}",
        },
        "url": request.path,
    }
    return render(request, "surge/ranking.html", context)


def _shown(
    one: contracts.Ranked, found: Gathered, names: Mapping[str, str], crews: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "case": one.case_number,
        "case_url": shown.page_of(f"case:{one.case_number}"),
        "job": one.job_number,
        "title": one.title,
        "estate": names.get(one.estate_code, one.estate_code),
        "waits": formats.duration((found.until - one.waiting_since_at).total_seconds()),
        "crew": crews.get(one.crew_code, one.crew_code),
        "priority": kit.badge(*words.PRIORITY_BADGES[one.priority]),
        "proposed": kit.badge(*words.PRIORITY_BADGES[one.proposed]),
        "changes": one.priority != one.proposed and bool(one.job_number),
        "points": round(one.points),
        "terms": [
            {"label": words.TERMS[term.code], "points": formats.number(term.points, ".0f"),
             "value": _value(term)}
            for term in one.terms
        ],
    }  # fmt: skip


def _value(term: contracts.Term) -> str:
    if term.code == "care":
        return _("yes") if term.value else _("no")
    if term.code == "waiting":
        return formats.duration(term.value * 3600)
    if term.code == "temperature":
        return f"{formats.number(term.value, '.0f')} °C"
    return formats.number(int(term.value), "d")


@permissions.needs(RANK)
@require_POST
def give(request: HttpRequest, code: str) -> HttpResponse:
    """Give the ticked jobs the priorities that the ranking proposes now."""
    try:
        given, passed = priorities.give_priorities(
            code, request.POST.getlist("job"), by_id=request.user.pk or 0
        )
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
        return HttpResponseRedirect(f"{reverse('surge:ranking', args=[code])}?look=1")
    said = _("%(given)s jobs have a new priority on the board.") % {"given": given}
    if passed:
        said += " " + _("%(n)s had changed meanwhile and were passed over.") % {"n": passed}
    messages.success(request, said)
    return HttpResponseRedirect(reverse("surge:ranking", args=[code]))
