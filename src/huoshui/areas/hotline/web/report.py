"""The figures on the wall, and the report of a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from huoshui.areas.hotline import queries, words
from huoshui.areas.hotline.contracts import SeatState
from huoshui.areas.hotline.models import Call, Incident, Topic
from huoshui.areas.hotline.queries import rota
from huoshui.areas.hotline.web.calls import FIGURES
from huoshui.areas.hotline.web.popped import address
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries as case_queries
from huoshui.kernel.pages import formats, kit
from huoshui.kernel.pages.kit import excel

READ = "hotline.read_calls"
REPORT_HOUR = 17


def bounds(request: HttpRequest) -> tuple[datetime, datetime]:
    """Return which stretch of time is asked for: today until now, or until 17:00 of a day."""
    zone, now = clock.local_zone(), clock.now()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = clock.local(now).date()
    if day.year not in formats.YEARS:
        day = clock.local(now).date()
    try:
        until = time.fromisoformat(request.GET.get("until", "") or f"{REPORT_HOUR}:00")
    except ValueError:
        until = time(REPORT_HOUR)
    begin = datetime.combine(day, time(), tzinfo=zone)
    end = datetime.combine(day, until, tzinfo=zone)
    if until == time():
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return begin, end


def calls_url(begin: datetime, end: datetime, **more: str) -> str:
    """Return the list of the very calls that a figure counts."""
    form = "%Y-%m-%dT%H:%M"
    query = {
        "at_from": clock.local(begin).strftime(form),
        "at_until": clock.local(end).strftime(form),
        **more,
    }
    return f"{reverse('hotline:calls')}?{urlencode(query)}"


def lines(begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return every figure of a stretch of time with the list that it opens."""
    counts = queries.day_figures(begin, end).counts
    found = [{"label": _("Calls in all"), "count": counts["all"], "url": calls_url(begin, end)}]
    found += [
        {"label": str(label), "count": counts[code], "url": calls_url(begin, end, figure=code)}
        for code, label in FIGURES.items()
    ]
    return found


def by_topic(begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return how many calls each topic had, most first."""
    rows = (
        Call.objects.filter(began_at__gte=begin, began_at__lt=end, topic__isnull=False)
        .values("topic_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "topic_id")
    )
    topics = Topic.objects.in_bulk([row["topic_id"] for row in rows])
    return [
        {
            "label": words.topic_name(topics[row["topic_id"]]),
            "kind": kit.badge(*words.KIND_BADGES[topics[row["topic_id"]].kind]),
            "kind_words": str(words.KINDS[topics[row["topic_id"]].kind]),
            "count": row["n"],
            "url": calls_url(begin, end, topic=topics[row["topic_id"]].code),
        }
        for row in rows
    ]


def by_estate(begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return from which estates most calls about repairs came."""
    from huoshui.areas.customers import facade as customers

    rows = (
        Call.objects.filter(began_at__gte=begin, began_at__lt=end, kind="repair")
        .exclude(estate_code="")
        .values("estate_code")
        .annotate(n=Count("pk"))
        .order_by("-n", "estate_code")
    )
    names = customers.estate_names() if rows else {}
    return [
        {
            "label": names.get(row["estate_code"], row["estate_code"]),
            "count": row["n"],
            "url": calls_url(begin, end, figure="repair", estate=row["estate_code"]),
        }
        for row in rows
    ]


@permissions.needs(READ)
@require_GET
def report(request: HttpRequest) -> HttpResponseBase:
    """Show the report of a day until an hour, 17:00 if none is named; or give it as Excel."""
    begin, end = bounds(request)
    shown, topics, estates = lines(begin, end), by_topic(begin, end), by_estate(begin, end)
    if request.GET.get("format") == "xlsx":
        columns = (kit.Column("group", pgettext("report", "Part")), kit.Column("label", _("What")),
                   kit.Column("count", _("Count"), format="d"))  # fmt: skip
        rows = [
            *({"group": _("Figures"), **one} for one in shown),
            *({"group": one["kind_words"], **one} for one in topics),
            *({"group": _("Repairs by estate"), **one} for one in estates),
        ]
        name = _("Hotline")
        return excel.write(f"{name} {begin:%Y-%m-%d}", columns, iter(rows))
    figures = queries.day_figures(begin, end)
    context = {
        "title": _("Report of the day"),
        "lines": shown,
        "topics": topics,
        "estates": estates,
        "in_time": figures.in_time_frac,
        "begin": begin,
        "end": end,
        "day": begin.date().isoformat(),
        "until": request.GET.get("until") or f"{REPORT_HOUR}:00",
        "excel_url": f"?{urlencode({**request.GET.dict(), 'format': 'xlsx'})}",
    }
    return render(request, "hotline/report.html", context)


def _open_cases(user: Any) -> list[dict[str, Any]]:
    rows = case_queries.readable(user).filter(type_code__startswith="hotline.")
    opened = case_queries.standing(rows)
    now = clock.now()
    return [
        {"label": _("Open cases"), "count": opened.count()},
        {"label": _("Late cases"), "count": opened.filter(next_due_at__lt=now).count()},
        {"label": _("Call-backs due"), "count": opened.filter(state="call_back").count()},
    ]


@permissions.needs(READ)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Show the figures of today until now, for everybody in the room; it loads itself again."""
    now = clock.now()
    begin = clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    end = now + timedelta(minutes=1)
    figures = queries.day_figures(begin, end)
    seats = [
        {"who": str(seat.user), "extension": seat.extension, "state": words.SEAT_STATES[seat.state],
         "since_at": seat.since_at}
        for seat in queries.seats().exclude(state=SeatState.AWAY)
    ]  # fmt: skip
    big = [
        {"label": _("Calls today"), "count": figures.counts["all"], "url": calls_url(begin, end)},
        *(
            {"label": str(FIGURES[code]), "count": figures.counts[code],
             "url": calls_url(begin, end, figure=code)}
            for code in ("enquiry", "repair", "complaint", "abandoned", "unsorted")
        ),
        {"label": _("Ringing now"), "count": figures.counts["ringing"],
         "url": calls_url(begin, end, figure="ringing")},
        *({**one, "url": address("cases:list")} for one in _open_cases(request.user)),
        {"label": _("Open incidents"), "url": f"{reverse('hotline:incidents')}?standing=open",
         "count": Incident.objects.filter(closed_at__isnull=True).count()},
    ]  # fmt: skip
    context = {
        "title": _("Hotline today"),
        "big": big,
        "in_time": figures.in_time_frac,
        "seats": seats,
        "on_duty": [str(shift.user) for shift in rota.on_duty(now)],
        "topics": by_topic(begin, end)[:10],
        "now": now,
    }
    template = "hotline/wall_body.html" if request.headers.get("HX-Request") else (
        "hotline/wall.html"
    )  # fmt: skip
    return render(request, template, context)
