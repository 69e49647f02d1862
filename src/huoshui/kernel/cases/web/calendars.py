"""The calendar of a kind of case: what is due on which day, with days off as people know them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries, workdays
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.web import addresses, seen, shown, ways
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit import filters

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
SHOWN_A_DAY = {"month": 4, "week": 40}
ROWS_MAX = 2000
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


@permissions.signed_in
def calendar(request: HttpRequest, type_code: str) -> HttpResponse:
    """Show a month or a week; weeks begin on Monday."""
    case_type = seen.type_or_refusal(request.user, type_code)
    span = "week" if request.GET.get("span") == "week" else "month"
    today = workdays.day_of(clock.now())
    day = filters.asked_day(request.GET, "day") or today
    first, last = _bounds(day, span)
    context: dict[str, Any] = {
        "title": case_type.name,
        "buttons": ways.buttons(request, case_type),
        "ways": ways.bar(request, case_type, "calendar"),
        "span": span,
        "heading": _heading(day, first, last, span),
        "weekdays": WEEKDAYS,
        "days": _days(request, case_type, first, last, day.month if span == "month" else 0, span),
        "earlier": _moved(day, span, back=True),
        "later": _moved(day, span, back=False),
        "today": today,
        "day": day,
        "provisional": workdays.is_provisional(last.year),
        "year": last.year,
    }
    return render(request, "cases/calendar.html", context)


def _bounds(day: date, span: str) -> tuple[date, date]:
    """Return the Monday and the Sunday between which a month or a week lies."""
    if span == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + 6 * DAY
    begin = day.replace(day=1)
    end = (begin + 32 * DAY).replace(day=1) - DAY
    return begin - timedelta(days=begin.weekday()), end + timedelta(days=6 - end.weekday())


def _moved(day: date, span: str, *, back: bool) -> date:
    if span == "week":
        return day - WEEK if back else day + WEEK
    begin = day.replace(day=1)
    return (begin - DAY).replace(day=1) if back else (begin + 32 * DAY).replace(day=1)


def _heading(day: date, first: date, last: date, span: str) -> str:
    if span == "week":
        return f"{formats.day(first)} – {formats.day(last)}"
    if formats.chinese():
        return f"{day.year} 年 {day.month} 月"
    return f"{day:%B} {day.year}"


def _days(
    request: HttpRequest, case_type: CaseType, first: date, last: date, month: int, span: str
) -> list[dict[str, Any]]:
    """Return every day with what is due on it; three queries whatever there is."""
    zone = clock.local_zone()
    begin = datetime.combine(first, time(tzinfo=zone))
    end = datetime.combine(last + DAY, time(tzinfo=zone))
    readable = queries.readable(request.user, case_type.code)  # type: ignore[arg-type]
    # By the order as well, which is the deadline of what is open: the small index leads by it.
    rows = queries.standing(readable).filter(due_order_at__gte=begin, due_order_at__lt=end)
    counted = (
        rows.order_by()
        .annotate(due_day=TruncDate("next_due_at", tzinfo=zone))
        .values("due_day")
        .annotate(count=Count("pk"))
    )
    counts = {one["due_day"]: one["count"] for one in counted}
    most, shown_on = SHOWN_A_DAY[span], Counter[date]()
    due: dict[date, list[dict[str, Any]]] = {}
    for row in seen.with_all(rows).order_by("due_order_at", "pk")[:ROWS_MAX]:
        assert row.next_due_at is not None
        on = workdays.day_of(row.next_due_at)
        shown_on[on] += 1
        if shown_on[on] <= most:
            left = shown.left_of(row)
            at = f"{clock.local(row.next_due_at):%H:%M}"
            due.setdefault(on, []).append(
                {
                    "number": row.number,
                    "title": row.title,
                    "at": at,
                    "tone": left.tone,
                    "left": left.text,
                    "url": addresses.case_url(row.number),
                }
            )
    local, today = workdays.local_days(), workdays.day_of(clock.now())
    found = []
    for ahead in range((last - first).days + 1):
        day = first + ahead * DAY
        more = counts.get(day, 0) - len(due.get(day, ()))
        query = f"due_from={day}&due_to={day}&show=open"
        found.append(
            {
                "day": day,
                "due": due.get(day, []),
                "more": max(more, 0),
                "more_url": addresses.list_url(case_type.code, query),
                "is_free": not workdays.is_working_day(day, local),
                "note": day_note(day, local),
                "is_other": bool(month) and day.month != month,
                "is_today": day == today,
            }
        )
    return found


def day_note(day: date, local: Any) -> str:
    """Return what is special about a day: a holiday, a swapped Saturday, or a local word."""
    works = workdays.is_working_day(day, local)
    if day in local:
        return gettext("works here") if works else gettext("off here")
    if works and day.weekday() >= 5:
        return gettext("swapped, people work")
    return workdays.name_of(day)


@permissions.signed_in
def on_map(request: HttpRequest, type_code: str) -> HttpResponse:
    """Show the cases of a kind on the map that an area draws."""
    from django.urls import reverse

    from huoshui.kernel import slots
    from huoshui.kernel.cases.web import lists

    case_type = seen.type_or_refusal(request.user, type_code)
    asked = request.GET.get("show", "")
    show = asked if asked in dict(lists.SHOWN) else "open"
    url = f"{reverse('api:cases-map')}?type={case_type.code}&show={show}"
    context = {
        "title": case_type.name,
        "buttons": ways.buttons(request, case_type),
        "ways": ways.bar(request, case_type, "map"),
        "choices": [(code, label, code == show) for code, label in lists.SHOWN],
        "map_html": slots.render("cases.map", request, spots_url=url),
        "list_url": addresses.list_url(case_type.code, f"show={show}"),
    }
    return render(request, "cases/map.html", context)
