"""The board of a kind of case: one column for each state, cards that move by its steps."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, queries
from huoshui.kernel.cases.declaring import CaseType, State
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, offers, seen, shown, ways

CARDS_MAX = 30
DONE_DAYS = 7


@permissions.signed_in
def board(request: HttpRequest, type_code: str) -> HttpResponse:
    """Show the board; what is done stays on it for a week."""
    case_type = seen.type_or_refusal(request.user, type_code)
    rows = queries.readable(request.user, type_code)  # type: ignore[arg-type]
    whose = request.GET.get("whose", "")
    if whose == "me":
        rows = rows.filter(owner_id=request.user.pk)
    elif whose == "nobody":
        rows = rows.filter(owner__isnull=True)
    counts = _counts(case_type, rows)
    columns = [_column(request, case_type, state, rows, counts) for state in case_type.states]
    context: dict[str, Any] = {
        "title": case_type.name,
        "buttons": ways.buttons(request, case_type),
        "ways": ways.bar(request, case_type, "board"),
        "columns": columns,
        "whose": whose,
        "here": request.get_full_path(),
        "done_days": DONE_DAYS,
        "props": json.dumps(
            {"type": case_type.code, "act_url": reverse("api:cases-act", args=["NUMBER"])}
        ),
    }
    fragment = request.headers.get("HX-Request") == "true"
    response = render(
        request, "cases/board_columns.html" if fragment else "cases/board.html", context
    )
    response["Vary"] = "HX-Request, Cookie"
    response["Cache-Control"] = "private, no-cache"
    return response


def _of_state(rows: QuerySet[Case], state: State) -> QuerySet[Case]:
    """Return the cases of a column: those that still stand there, or ended lately."""
    if state.kind in declaring.CLOSED_KINDS:
        since = clock.now() - timedelta(days=DONE_DAYS)
        return rows.filter(state=state.code, closed_at__gte=since)
    standing = queries.standing(rows)
    return standing.filter(state__in=(state.code, *state.was), state_kind=state.kind)


def _counts(case_type: CaseType, rows: QuerySet[Case]) -> dict[str, int]:
    """Return how many cases the columns hold: those open now, those that ended lately."""
    since = clock.now() - timedelta(days=DONE_DAYS)
    found: dict[str, int] = {}
    # Not by the plain column: its index would lead through years of closed cases.
    there = Coalesce("state", Value(""))
    for part in (queries.standing(rows), rows.filter(closed_at__gte=since)):
        counted = part.order_by().annotate(there=there).values("there")
        for row in counted.annotate(count=Count("pk")):
            found[row["there"]] = found.get(row["there"], 0) + row["count"]
    return found


def _column(
    request: HttpRequest,
    case_type: CaseType,
    state: State,
    rows: QuerySet[Case],
    counts: dict[str, int],
) -> dict[str, Any]:
    there = _of_state(rows, state)
    is_end = state.kind in declaring.CLOSED_KINDS
    order = ("-closed_at", "-pk") if is_end else ("due_order_at", "pk")
    cards = list(seen.with_all(there).select_related("private").order_by(*order)[:CARDS_MAX])
    total = sum(counts.get(one, 0) for one in {state.code, *(() if is_end else state.was)})
    show = "closed" if is_end else "open"
    return {
        "code": state.code,
        "label": state.label,
        "is_end": is_end,
        "count": total,
        "cards": [_card(request, one) for one in cards],
        "more_url": addresses.list_url(case_type.code, f"state={state.code}&show={show}")
        if total > len(cards)
        else "",
    }


def _card(request: HttpRequest, row: Case) -> dict[str, Any]:
    moves = offers.moves(request.user, row)
    urgent = row.priority < declaring.PRIORITIES["normal"]
    return {
        "number": row.number,
        "url": addresses.case_url(row.number),
        "title": row.title,
        "owner": row.owner,
        "left": shown.left_of(row).html,
        "priority": shown.PRIORITY_BADGES[row.priority] if urgent else None,
        "revision": row.revision,
        "moves": moves,
        "moves_json": json.dumps(
            [
                {
                    "code": one.code,
                    "label": one.label,
                    "to": one.to,
                    "url": one.url,
                    "direct": one.direct,
                }
                for one in moves
            ],
            ensure_ascii=False,
        ),
    }
