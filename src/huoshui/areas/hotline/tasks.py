"""Work of the hotline that no person starts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max

from huoshui.areas.fieldwork import contracts as fieldwork
from huoshui.areas.hotline import case_types
from huoshui.areas.hotline.actions import city_line, crews, folding, telling
from huoshui.areas.hotline.models import CallEvent
from huoshui.kernel import cases

CHANGES_MAX = 200


def end_silent_calls(_due_at: datetime) -> None:
    """End the calls of which nothing was heard for hours."""
    telling.end_silent_calls()


def changed_calls(cursor: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return what was told of calls since ``cursor``, for the desks of the agents.

    An item says which call and where, never who calls: the desk asks for that itself.
    """
    newest = CallEvent.objects.aggregate(id=Max("id"))["id"] or 0
    if cursor is None or newest <= cursor:
        return newest, []
    rows = (
        CallEvent.objects.filter(pk__gt=cursor, pk__lte=newest)
        .select_related("call")
        .order_by("-pk")[:CHANGES_MAX]
    )
    items: dict[int, dict[str, Any]] = {}
    for row in rows:
        agent = row.call.agent_id
        items.setdefault(
            row.call_id,
            {"key": f"agent:{agent}" if agent else "calls", "call": row.call_id,
             "state": row.call.state},
        )  # fmt: skip
    return newest, list(items.values())


def case_moved(event: cases.CaseMoved) -> None:
    """Ask for a job when a repair is sent to a crew; keep a city ticket up to date."""
    if event.type_code == case_types.REPAIR and event.to_state == "sent":
        crews.ask_for_job(event.number, by_id=event.by_id)
    if event.type_code == case_types.CITY:
        city_line.follow_case(event.number, at=event.at)


def case_placed(event: cases.CasePlaced) -> None:
    """Ask for the job of a repair that could not be asked for before, for want of a place."""
    if event.type_code == case_types.REPAIR and event.state == "sent":
        crews.ask_for_job(event.number, by_id=event.by_id)


def case_closed(event: cases.CaseClosed) -> None:
    """End the incident that a closed case led."""
    if event.type_code in case_types.OURS:
        folding.follow_case_end(event.number)
    if event.type_code == case_types.CITY:
        city_line.follow_case(event.number, at=event.at)


def case_reopened(event: cases.CaseReopened) -> None:
    """Take the incident up again with its case."""
    if event.type_code in case_types.OURS:
        folding.follow_case_again(event.number)


def job_begun(event: fieldwork.JobBegun) -> None:
    """Say on the case of a job that somebody is there."""
    crews.job_begun(event.origin)


def job_closed(event: fieldwork.JobClosed) -> None:
    """Say on the case of a job what was found."""
    crews.job_closed(event.origin, event.result, event.by_id)


def job_cancelled(event: fieldwork.JobCancelled) -> None:
    """Note on the case of a job that it will not be done."""
    crews.job_cancelled(event.origin, event.reason)
