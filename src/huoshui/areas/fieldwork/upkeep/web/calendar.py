"""The calendar of maintenance: a month of what was due, what became of it, and what will be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_GET

from huoshui.areas.fieldwork.upkeep import queries, rules, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import workdays
from huoshui.kernel.pages import formats

DAY = timedelta(days=1)
SHOWN_A_DAY = 4
# Place in a day and tone, by the colour of a state; the rest is neutral.
RANKS = {"red": (0, "bad"), "orange": (1, "warning"), "yellow": (1, "warning"), "green": (3, "")}


@permissions.needs("fieldwork.read_jobs")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show one month, whole weeks of it."""
    today = queries.today()
    day = _asked(request, today)
    begin = day.replace(day=1)
    end = (begin + 32 * DAY).replace(day=1) - DAY
    first = begin - begin.weekday() * DAY
    last = end + (6 - end.weekday()) * DAY
    chinese = formats.chinese()
    context = {
        "title": gettext("Maintenance calendar"),
        "trail": ((gettext("Maintenance"), reverse("upkeep:plans")),),
        "heading": f"{day.year} 年 {day.month} 月" if chinese else f"{day:%B} {day.year}",
        "earlier": (begin - DAY).replace(day=1),
        "later": end + DAY,
        "weekdays": [_weekday(first + n * DAY) for n in range(7)],
        "days": _days(first, last, day.month, today),
    }
    return render(request, "fieldwork/upkeep_calendar.html", context)


def _asked(request: HttpRequest, today: date) -> date:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return day if day.year in formats.YEARS else today


def _weekday(day: date) -> str:
    names = (pgettext("weekday", "Mon"), pgettext("weekday", "Tue"), pgettext("weekday", "Wed"),
             pgettext("weekday", "Thu"), pgettext("weekday", "Fri"), pgettext("weekday", "Sat"),
             pgettext("weekday", "Sun"))  # fmt: skip
    return names[day.weekday()]


def _days(first: date, last: date, month: int, today: date) -> list[dict[str, Any]]:
    been, coming = queries.of_days(first, last)
    entries: dict[date, list[dict[str, Any]]] = {}
    for one in been:
        late = one.outcome == rules.Outcome.ASKED and one.due_date < today
        label, colour = (
            words.LATE if queries.is_late(one)
            else words.STANDINGS[rules.Standing.OVERDUE] if late
            else words.OUTCOMES[one.outcome]
        )  # fmt: skip
        entries.setdefault(one.due_date, []).append(
            _entry(one.plan.code, one.plan.name, label, colour)
        )
    for plan in coming:
        assert plan.due_date is not None
        label, colour = words.STANDINGS[queries.standing(plan, today)]
        entries.setdefault(plan.due_date, []).append(_entry(plan.code, plan.name, label, colour))
    local = workdays.local_days()
    found = []
    for ahead in range((last - first).days + 1):
        day = first + ahead * DAY
        # What went wrong stands first, so that a full day does not hide it.
        due = sorted(entries.get(day, ()), key=lambda one: one["rank"])
        found.append({
            "day": day, "due": due[:SHOWN_A_DAY], "more": max(0, len(due) - SHOWN_A_DAY),
            "is_free": not workdays.is_working_day(day, local), "is_other": day.month != month,
            "is_today": day == today, "rest": due[SHOWN_A_DAY:],
        })  # fmt: skip
    return found


def _entry(code: str, name: str, label: Any, colour: str) -> dict[str, Any]:
    rank, tone = RANKS.get(colour, (2, "none"))
    url = reverse("upkeep:plan", args=[code])
    return {"url": url, "name": name, "label": label, "tone": tone, "rank": rank}
