"""Work of the hotline that no person starts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max

from huoshui.areas.hotline.actions import telling
from huoshui.areas.hotline.models import CallEvent

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
