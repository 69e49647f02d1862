"""How much the alarms ask of a control room, beside what the standards hold to be bearable."""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import queries_kpi
from huoshui.areas.telemetry.web import alarm_words, words
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import excel, filters
from huoshui.lab.series import alarm_load

DAYS_MAX = 366
VERDICTS: dict[str, tuple[Any, str]] = {
    "good": (_("acceptable"), "green"),
    "bearable": (_("can be managed"), "yellow"),
    "too_much": (_("too much"), "red"),
    "unknown": (_("nothing to judge"), "secondary"),
}


def _period(request: HttpRequest) -> tuple[datetime, datetime]:
    """Return the days asked for on the city's calendar; the last seven by default."""
    midnight = time(tzinfo=clock.local_zone())
    now = clock.now()
    last = filters.asked_day(request.GET, "at_to")
    first = filters.asked_day(request.GET, "at_from")
    # The hours that are still to come have no alarms, and would make every rate look better.
    until = min(datetime.combine(last + timedelta(days=1), midnight), now) if last else now
    from_at = datetime.combine(first, midnight) if first else until - timedelta(days=7)
    if not timedelta(0) < until - from_at <= timedelta(days=DAYS_MAX):
        from_at = until - timedelta(days=7)
    return from_at, until


def _operators(request: HttpRequest) -> float:
    asked = request.GET.get("operators", "1")
    return float(min(max(int(asked), 1), 50)) if asked.isdecimal() and len(asked) < 4 else 1.0


def _rows(found: queries_kpi.Figures) -> list[dict[str, Any]]:
    """Return the figures beside their bench marks."""
    load = found.load
    values = (
        ("per_hour", _("Alarms per operator and hour"), load.per_hour, ".1f"),
        ("per_day", _("Alarms per operator and day"), load.per_day, ".0f"),
        ("peak_10_min", _("Most alarms in ten minutes"), float(load.peak_10_min), ".0f"),
        ("flood_frac", _("Share of the time in a flood of alarms"), load.flood_frac, "percent"),
        ("top_ten_frac", _("Share of the ten most frequent"), load.top_ten_frac, "percent"),
        ("chattering", _("Chattering alarms"), float(len(load.chattering)), ".0f"),
        ("stale", _("Standing longer than 24 hours"), float(len(load.stale)), ".0f"),
    )
    return [
        {
            "name": name,
            "value": None if math.isnan(value) else value,
            "format": how,
            "good": alarm_load.BENCHES[code].good,
            "most": alarm_load.BENCHES[code].most,
            "verdict": kit.badge(*VERDICTS[alarm_load.verdict(code, value)]),
        }
        for code, name, value, how in values
    ]


@permissions.needs("telemetry.read")
def alarm_kpi(request: HttpRequest) -> HttpResponseBase:
    """Show the figures of a period, or return them as Excel."""
    from_at, until = _period(request)
    operators = _operators(request)
    found = queries_kpi.figures(from_at, until, operators)
    zones = network.zone_names()
    top = [
        {
            "name": alarm_words.place_name(one.alarm, zones),
            "rule": words.RULES.get(one.alarm.rule, one.alarm.rule),
            "priority": alarm_words.priority_badge(one.alarm),
            "count": one.count,
            "share": one.count / found.load.count,
            "chatters": gettext("Yes") if one.chatters else "",
            "url": alarm_words.alarm_url(one.alarm),
        }
        for one in found.top
    ]
    if request.GET.get("format") == "xlsx":
        return _excel(top)
    load = found.load
    period = filters.PeriodFilter("at", _("Period"))
    context = {
        "title": gettext("Figures of the alarms"),
        "trail": ((gettext("Alarms"), reverse("telemetry:alarms")),),
        "period": period.controls(request.GET),
        "operators": int(operators),
        "from_at": from_at,
        "until": until,
        "count": load.count,
        "rows": _rows(found),
        "acknowledge_mean_s": _known(load.acknowledge_mean_s),
        "acknowledge_p95_s": _known(load.acknowledge_p95_s),
        "peak_at": None
        if math.isnan(load.peak_at_s)
        else datetime.fromtimestamp(load.peak_at_s, tz=clock.local_zone()),
        "floods": [
            {
                "from_at": datetime.fromtimestamp(begin, tz=clock.local_zone()),
                "until": datetime.fromtimestamp(end, tz=clock.local_zone()),
                "count": count,
            }
            for begin, end, count in load.floods
        ],
        "top": top,
        "stale": [
            {
                "name": alarm_words.place_name(one, zones),
                "rule": words.RULES.get(one.rule, one.rule),
                "raised_at": one.raised_at,
                "url": alarm_words.alarm_url(one),
            }
            for one in found.stale[:50]
        ],
        "priorities": [
            {
                "label": words.PRIORITIES[code][0],
                "sign": alarm_words.SIGNS[code],
                "count": count,
                "share": _known(share),
                "bench": alarm_load.PRIORITY_FRACS.get(code),
            }
            for code, count, share in found.priorities
        ],
        "shifts": found.shifts,
        "shift_names": ("0–8", "8–16", "16–24"),
        "excel_url": f"?{_with_excel(request)}",
    }
    return render(request, "telemetry/alarm_kpi.html", context)


def _with_excel(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["format"] = "xlsx"
    return query.urlencode()


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _excel(top: list[dict[str, Any]]) -> HttpResponseBase:
    columns = (
        kit.Column("name", _("Where")),
        kit.Column("rule", _("What is wrong")),
        kit.Column("priority", _("Priority")),
        kit.Column("count", _("Alarms"), format=".0f"),
        kit.Column("share", _("Share"), format="percent"),
        kit.Column("chatters", _("Chattering")),
    )
    return excel.write(gettext("Most frequent alarms"), [one.asked for one in columns], top)
