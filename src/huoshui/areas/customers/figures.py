"""Figures of grids and supervisors, and the choices of their forms."""

from __future__ import annotations

import statistics
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min

from huoshui.areas.customers import case_types, queries
from huoshui.areas.customers.models import Estate, Grid, Supervisor
from huoshui.kernel import clock
from huoshui.kernel.cases.models import Case, CaseLink, CaseStep
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import formats

WINDOW = timedelta(days=90)
QUARTERS = 8


def grid_choices() -> list[tuple[str, str]]:
    """Return each grid's name by code, for a filter."""
    return list(Grid.objects.order_by("code").values_list("code", "name"))


def estates_with_grid() -> list[tuple[str, str]]:
    """Return each estate by code with the grid it belongs to, for a choice."""
    rows = Estate.objects.select_related("grid").order_by("name")
    return [(row.code, f"{row.name} · {row.grid.name if row.grid else '–'}") for row in rows]


def unit_names() -> dict[int, str]:
    """Return what each unit is called today, by its number."""
    return {pk: node.name for pk, node in tree.on().nodes.items()}


def unit_choices() -> list[tuple[str, str]]:
    """Return each unit by code, drawn in by its depth, for a form."""
    walked = tree.on().walk()
    units = [(node.code, f"{'　' * depth}{node.name}") for depth, node in walked]
    return [("", formats.NOTHING), *units]


def grid_figures() -> list[dict[str, Any]]:
    """Return each grid with people, load, and how soon residents were answered."""
    rows = list(Grid.objects.select_related("specialist", "deputy").order_by("code"))
    counts = queries.accounts_by_estate()
    estates: dict[int, list[int]] = {}
    for pk, grid_id in Estate.objects.filter(grid__isnull=False).values_list("pk", "grid_id"):
        estates.setdefault(grid_id, []).append(counts.get(pk, 0))
    mean = sum(map(sum, estates.values())) / max(len(rows), 1)
    since = clock.now() - WINDOW
    links = CaseLink.objects.filter(kind="customers.grid", case__opened_at__gte=since)
    reports = dict(links.order_by().values_list("code").annotate(Count("id")))
    responses = first_responses(since)
    return [
        {
            "code": row.code,
            "name": row.name,
            "specialist": row.specialist.name if row.specialist else "",
            "deputy": row.deputy.name if row.deputy else "",
            "estates": len(estates.get(row.pk, ())),
            "accounts": sum(estates.get(row.pk, ())),
            "load_frac": sum(estates.get(row.pk, ())) / mean if mean else None,
            "reports": reports.get(row.code, 0),
            "response_s": statistics.median(responses[row.code]) if row.code in responses else None,
        }
        for row in rows
    ]


def first_responses(since: datetime) -> dict[str, list[float]]:
    """Return after how many seconds somebody first did something with each case, by grid."""
    links = CaseLink.objects.filter(kind="customers.grid", case__opened_at__gte=since)
    cases = {one["case_id"]: one for one in links.values("case_id", "code", "case__opened_at")}
    steps = (
        CaseStep.objects.filter(case__in=links.values("case_id"), by__isnull=False)
        .exclude(kind="opened")
        .order_by()
        .values("case_id")
        .annotate(first=Min("at"))
    )
    found: dict[str, list[float]] = {}
    for step in steps:
        case = cases[step["case_id"]]
        took = (step["first"] - case["case__opened_at"]).total_seconds()
        found.setdefault(case["code"], []).append(took)
    return found


def quarters() -> list[tuple[str, str]]:
    """Return the latest quarters, the present one first: 2026-1 and how it is written."""
    today = clock.local(clock.now()).date()
    year, quarter = today.year, (today.month - 1) // 3 + 1
    found = []
    for _ in range(QUARTERS):
        found.append((f"{year}-{quarter}", f"{year} Q{quarter}"))
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return found


def bounds_of(quarter: str) -> tuple[datetime, datetime]:
    """Return the first moment of a quarter and the one after its end; by default of the present."""
    known = dict(quarters())
    name = quarter if quarter in known else next(iter(known))
    year, number = map(int, name.split("-"))
    begin = date(year, 3 * number - 2, 1)
    end = date(year + number // 4, 3 * number % 12 + 1, 1)
    midnight = time(tzinfo=clock.local_zone())
    return datetime.combine(begin, midnight), datetime.combine(end, midnight)


def supervisor_figures(quarter: str = "") -> list[dict[str, Any]]:
    """Return each supervisor with what came of the findings of a quarter."""
    begin, end = bounds_of(quarter)
    links = CaseLink.objects.filter(
        kind="customers.supervisor", case__type_code=case_types.FINDING,
        case__opened_at__gte=begin, case__opened_at__lt=end,
    )  # fmt: skip
    found: dict[str, list[Case]] = {}
    for link in links.select_related("case").prefetch_related("case__clocks"):
        found.setdefault(link.code, []).append(link.case)
    rows = []
    for row in Supervisor.objects.order_by("name"):
        mine = found.get(str(row.pk), [])
        scores = [one.score for one in mine if one.score is not None]
        rows.append(
            {
                "pk": row.pk,
                "name": row.name,
                "organisation": row.organisation,
                "kind": row.kind,
                "phone": row.phone,
                "until_date": row.until_date,
                "findings": len(mine),
                "replied": sum(1 for one in mine if one.state in ("replied", "rated")),
                "late": sum(1 for one in mine if _is_late(one)),
                "rating": sum(scores) / len(scores) if scores else None,
            }
        )
    return rows


def _is_late(case: Case) -> bool:
    """Say whether a finding was answered after its deadline, or waits beyond it."""
    now = clock.now()
    return any(
        run.late or (run.stopped_at is None and run.due_at is not None and now > run.due_at)
        for run in case.clocks.all()
        if run.clock == "reply"
    )
