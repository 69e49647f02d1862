"""The figures of a kind of case: on time, time in each state, reopened, content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries, reading, statistics, ticking, words
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.web import addresses, seen, shown, ways
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import formats, kit
from huoshui.kernel.pages.kit import excel, filters

DAYS = 90
DAYS_MAX = 3660
BY = (
    ("month", _("Month")),
    ("week", _("Week")),
    ("day", pgettext_lazy("length of time", "Day")),
    ("unit", _("Unit")),
    ("owner", _("Responsible")),
    ("priority", _("Priority")),
    ("channel", _("How it came in")),
)
COLUMNS = (
    kit.Column("label", pgettext_lazy("cases", "Group")),
    kit.Column("opened", _("Opened"), format="d"),
    kit.Column("closed", _("Done"), format="d"),
    kit.Column("closed_on_time", _("Of these on time"), format="d"),
    kit.Column("on_time_frac", _("On time"), format="percent"),
    kit.Column("cancelled", _("Cancelled"), format="d"),
    kit.Column("reopened", _("Reopened"), format="d"),
    kit.Column("asked", _("Asked"), format="d"),
    kit.Column("content_frac", pgettext_lazy("call-back", "Content"), format="percent"),
    kit.Column("score_mean", _("Mean score"), format=".1f"),
)


def period(request: HttpRequest) -> tuple[datetime, datetime]:
    """Return the days asked for on the city's calendar; the last ninety by default."""
    zone = clock.local_zone()
    last = filters.asked_day(request.GET, "at_to") or clock.local(clock.now()).date()
    first = filters.asked_day(request.GET, "at_from") or last - timedelta(days=DAYS - 1)
    if not 0 <= (last - first).days <= DAYS_MAX:
        first = last - timedelta(days=DAYS - 1)
    return (
        datetime.combine(first, time(tzinfo=zone)),
        datetime.combine(last + timedelta(days=1), time(tzinfo=zone)),
    )


@permissions.signed_in
def figures(request: HttpRequest, type_code: str) -> HttpResponseBase:
    """Show the figures of a period, or return them as Excel; they tell of what the reader sees."""
    case_type = seen.type_or_refusal(request.user, type_code)
    from_at, until = period(request)
    asked = request.GET.get("by", "")
    by = asked if asked in dict(BY) else "month"
    rows = queries.readable(request.user, type_code)  # type: ignore[arg-type]
    groups = [
        _row(one, label)
        for one, label in _labelled(case_type, statistics.figures(rows, from_at, until, by), by)
    ]
    if request.GET.get("format") == "xlsx":
        heading = gettext("Figures: %(kind)s") % {"kind": case_type.name}
        return excel.write(heading, [one.asked for one in COLUMNS], groups)
    query = request.GET.copy()
    query["format"] = "xlsx"
    now = clock.now()
    context: dict[str, Any] = {
        "title": case_type.name,
        "ways": ways.bar(request, case_type, "figures"),
        "period": filters.PeriodFilter("at", _("Period")).controls(request.GET),
        "by": [(code, label, code == by) for code, label in BY],
        "from_at": from_at,
        "until": until - timedelta(seconds=1),
        "whole": _row(statistics.figures(rows, from_at, until)[0], ""),
        "columns": [(one.heading if n else dict(BY)[by], n > 0) for n, one in enumerate(COLUMNS)],
        "table_rows": [[one.cell(row) for one in COLUMNS] for row in groups],
        "chart": _chart(groups),
        "states": _states(case_type, rows, from_at, until),
        "deadlines": _deadlines(case_type, rows, from_at, until),
        "standing": _standing(case_type, statistics.standing(rows, now)),
        "excel_url": f"?{query.urlencode()}",
    }
    return render(request, "cases/figures.html", context)


def _row(one: statistics.Figures, label: str) -> dict[str, Any]:
    return {
        "label": label,
        "opened": one.opened,
        "closed": one.closed,
        "closed_on_time": one.closed_on_time,
        "late": one.closed - one.closed_on_time,
        "on_time_frac": one.on_time_frac,
        "cancelled": one.cancelled,
        "reopened": one.reopened,
        "asked": one.asked,
        "content_frac": one.content_frac,
        "score_mean": one.score_mean,
    }


def _labelled(
    case_type: CaseType, found: Sequence[statistics.Figures], by: str
) -> list[tuple[statistics.Figures, str]]:
    """Return the groups by what people call them."""
    nobody = gettext("Not said")
    if by in statistics.PERIODS:
        return [(one, _period_words(one.key, by)) for one in found]
    if by == "unit":
        names: dict[Any, str] = {pk: node.name for pk, node in tree.on().nodes.items()}
    elif by == "owner":
        names = dict(shown.people_named(one.key for one in found if one.key))
        nobody = gettext("Nobody responsible")
    elif by == "priority":
        names = {rank: str(words.PRIORITIES[code]) for rank, code in ticking.PRIORITY_CODES.items()}
    else:
        names = {
            one.key: str(reading.label_in(case_type.code, "channels", one.key)) for one in found
        }
    return [(one, names.get(one.key) or str(one.key or nobody)) for one in found]


def _period_words(begin: datetime, by: str) -> str:
    day = clock.local(begin).date()
    return f"{day:%Y-%m}" if by == "month" else formats.day(day)


def _chart(groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "labels": [one["label"] for one in groups],
        "series": [
            _series(gettext("Done on time"), "good", [one["closed_on_time"] for one in groups]),
            _series(gettext("Done late"), "bad", [one["late"] for one in groups]),
            _series(gettext("Cancelled"), "muted", [one["cancelled"] for one in groups]),
        ],
    }


def _series(name: str, colour: str, values: list[int]) -> dict[str, Any]:
    return {"name": name, "colour": colour, "values": values}


def _as_declared(codes: Iterable[str]) -> Callable[[str], int]:
    """Return the place of a code among those of its type; what it no longer has comes last."""
    places = {code: n for n, code in enumerate(codes)}
    return lambda code: places.get(code, len(places))


def _states(
    case_type: CaseType, rows: Any, from_at: datetime, until: datetime
) -> list[dict[str, Any]]:
    place = _as_declared(state.code for state in case_type.states)
    known = statistics.time_in_states(rows, from_at, until)
    return [
        {
            "label": reading.label_in(one.type_code, "states", one.state),
            "count": one.count,
            "mean_s": one.mean_s,
            "longest_s": one.longest_s,
        }
        for one in sorted(known, key=lambda one: place(one.state))
    ]


def _deadlines(
    case_type: CaseType, rows: Any, from_at: datetime, until: datetime
) -> list[dict[str, Any]]:
    place = _as_declared(one.code for one in case_type.clocks)
    known = statistics.deadlines_kept(rows, from_at, until)
    return [
        {
            "label": reading.label_in(one.type_code, "clocks", one.clock),
            "kept": one.kept,
            "missed": one.missed,
            "kept_frac": one.kept_frac,
        }
        for one in sorted(known, key=lambda one: place(one.clock))
    ]


def _standing(case_type: CaseType, found: Sequence[statistics.Standing]) -> list[dict[str, Any]]:
    place = _as_declared(state.code for state in case_type.states)
    return [
        {
            "label": reading.label_in(one.type_code, "states", one.state),
            "count": one.count,
            "overdue": one.overdue,
            "url": addresses.list_url(case_type.code, f"state={one.state}&show=open"),
        }
        for one in sorted(found, key=lambda one: place(one.state))
    ]
