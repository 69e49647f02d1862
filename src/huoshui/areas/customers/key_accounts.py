"""Key accounts: who they are, when somebody was there, and when somebody should go again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from huoshui.areas.customers import contracts, queries, rules, visit_types
from huoshui.areas.customers.models import Account, Estate
from huoshui.kernel import clock
from huoshui.kernel.cases.models import CaseLink

YEAR = timedelta(days=365)
ACCOUNT, ESTATE = "customers.account", "customers.estate"


def rows() -> list[dict[str, Any]]:
    """Return each key account with its use, its cases of a year and its visits.

    A key account has a manager of its own, or uses more than `rules.KEY_USE_M3` in a year. Who uses
    most comes first, so that of visits due on the same day theirs does.
    """
    found = list(
        Account.objects.exclude(state=contracts.AccountState.CLOSED)
        .filter(Q(key_manager__isnull=False) | Q(use_m3_year__gte=rules.KEY_USE_M3))
        .select_related("holder", "premises", "key_manager")
        .order_by(F("use_m3_year").desc(nulls_last=True), "code")
    )
    codes = [row.code for row in found]
    visits, raised = _visits(codes), _raised(codes)
    today = clock.local(clock.now()).date()
    return [_row(row, visits.get(row.code, []), raised.get(row.code, 0), today) for row in found]


def _row(row: Account, visits: list[dict[str, Any]], raised: int, today: date) -> dict[str, Any]:
    made = sorted(date.fromisoformat(one["day"]) for one in visits if one["day"])
    planned = next((one["number"] for one in visits if one["state"] == "planned"), "")
    first = row.opened_date or clock.local(row.added_at).date()
    every = rules.key_visit_every(row.use_m3_year)
    # Who waits since long before the first visit was ever recorded is due today, not years ago.
    due = (made[-1] + every) if made else max(first + every, today)
    return {
        "pk": row.pk,
        "code": row.code,
        "account": row,
        "address": row.premises.address,
        "manager": row.key_manager.name if row.key_manager else None,
        "use_m3_year": row.use_m3_year,
        "raised": raised,
        "visits": sum(1 for one in made if one.year == today.year),
        "visited_date": made[-1] if made else None,
        "due_date": due,
        "planned": planned,
        "promises": sum(1 for one in visits if one["state"] == "promised"),
        "standing": "planned" if planned else "due" if due <= today else "later",
    }


def _visits(codes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the visits of accounts, planned and made, by account."""
    found: dict[str, list[dict[str, Any]]] = {}
    for batch in queries.in_batches(codes):
        links = CaseLink.objects.filter(
            kind=ACCOUNT, code__in=batch, case__type_code=visit_types.KEY_VISIT
        ).exclude(case__state="cancelled")
        for code, number, state, values in links.values_list(
            "code", "case__number", "case__state", "case__values"
        ):
            day = values.get("visited_date") if state != "planned" else None
            found.setdefault(code, []).append({"number": number, "state": state, "day": day})
    return found


def _raised(codes: Iterable[str]) -> dict[str, int]:
    """Return how many other cases of a year are about accounts."""
    found: dict[str, int] = {}
    own = (visit_types.KEY_VISIT, visit_types.BUTLER)
    for batch in queries.in_batches(codes):
        links = CaseLink.objects.filter(
            kind=ACCOUNT, code__in=batch, case__opened_at__gte=clock.now() - YEAR
        ).exclude(case__type_code__in=own)
        found.update(links.order_by().values_list("code").annotate(Count("id")))
    return found


def estates_reached(since: date) -> set[int]:
    """Return the estates in which an event was held since a day."""
    links = CaseLink.objects.filter(
        kind=ESTATE, case__type_code=visit_types.OUTREACH, case__state__in=("held", "done")
    )
    held = [
        code
        for code, values in links.values_list("code", "case__values")
        if values.get("held_date", "") >= since.isoformat()
    ]
    return set(Estate.objects.filter(code__in=held).values_list("pk", flat=True))
