"""The calendar of a kind of case: what is due on which day, with days off as people know them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Count, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries, workdays
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, seen, shown, ways
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit import filters

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
SHOWN_A_DAY = {"month": 4, "week": 40}
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


@permissions.signed_in
def calendar(request: HttpRequest, type_code: str) -> HttpResponse:
    """Show a month or a week; weeks begin on Monday."""
    case_type = seen.type_or_refusal(request.user, type_code)
    span = "week" if request.GET.get("span") == "week" else "month"
    today = workdays.day_of(clock.now())
    day = filters.asked_day(request.GET, "day") or today
    first, last = _bounds(day, span)
    days = _days(request, case_type, first, last, day.month if span == "month" else 0, span)
    context: dict[str, Any] = {
        "title": case_type.name,
        "buttons": ways.buttons(request, case_type),
        "ways": ways.bar(request, case_type, "calendar"),
        "span": span,
        "heading": _heading(day, first, last, span),
        "weekdays": WEEKDAYS,
        "days": days,
        "is_empty": not any(one["due"] for one in days),
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
    counts, shown_on = _first_of_days(rows, first, last, SHOWN_A_DAY[span])
    due: dict[date, list[dict[str, Any]]] = {}
    for row in seen.with_all(Case.objects.filter(pk__in=shown_on)).order_by("due_order_at", "pk"):
        assert row.next_due_at is not None
        left = shown.left_of(row)
        due.setdefault(workdays.day_of(row.next_due_at), []).append(
            {
                "number": row.number,
                "title": row.title,
                "at": f"{clock.local(row.next_due_at):%H:%M}",
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


def _first_of_days(
    rows: QuerySet[Case], first: date, last: date, most: int
) -> tuple[dict[date, int], list[int]]:
    """Return how many are due on each day, and the keys of the first ones of each; one query.

    The days are told apart by the moments at which they begin, which a database compares far
    quicker than it turns each moment into a day of the city.
    """
    zone = clock.local_zone()
    days = [first + n * DAY for n in range((last - first).days + 1)]
    whens = [
        When(due_order_at__lt=datetime.combine(day + DAY, time(tzinfo=zone)), then=Value(n))
        for n, day in enumerate(days)
    ]
    numbered = rows.annotate(on=Case_(*whens, output_field=IntegerField())).annotate(
        nth=Window(RowNumber(), partition_by="on", order_by=("due_order_at", "pk")),
        of_day=Window(Count("pk"), partition_by="on"),
    )
    counts, keys = {}, []
    for key, on, of_day in numbered.filter(nth__lte=most).values_list("pk", "on", "of_day"):
        counts[days[on]] = of_day
        keys.append(key)
    return counts, keys


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
