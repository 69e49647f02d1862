"""What listening to calls says of the agents who took them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count

from huoshui.areas.hotline import rules
from huoshui.areas.hotline.models import Call, Listening
from huoshui.kernel import clock


def by_agent(begin: datetime | None, end: datetime | None) -> list[dict[str, Any]]:
    """Return for each agent how many of a period's calls were heard, and how they were judged.

    The period is when the calls began. A call that two leaders judged counts once as heard, and
    both its sheets count in the means. ``share`` is heard of answered calls, in per cent; a mean
    is None where nothing was judged. Two queries.
    """
    period: dict[str, Any] = {}
    if begin:
        period["began_at__gte"] = begin
    if end:
        period["began_at__lt"] = end
    taken = Call.objects.filter(agent__isnull=False, answered_at__isnull=False, **period)
    found = {
        row["agent"]: {
            "pk": row["agent"],
            "agent": row["agent__name"] or row["agent__username"],
            "answered": row["n"],
        }
        for row in taken.order_by()
        .values("agent", "agent__name", "agent__username")
        .annotate(n=Count("pk"))
    }
    sheets: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    judged = Listening.objects.filter(
        call__agent__in=found, **{f"call__{name}": value for name, value in period.items()}
    ).values("call_id", "call__agent", "scores", "mean", "improvement", "due_date", "done_at")
    for sheet in judged:
        sheets[sheet["call__agent"]].append(sheet)
    return [{**row, **_judged(sheets[pk], row["answered"])} for pk, row in found.items()]


def _judged(sheets: list[Mapping[str, Any]], answered: int) -> dict[str, Any]:
    heard = len({sheet["call_id"] for sheet in sheets})
    waiting = [one for one in sheets if one["improvement"] and one["done_at"] is None]
    today = clock.local(clock.now()).date()
    return {
        "heard": heard,
        "share": 100.0 * heard / answered,
        "mean": _mean([sheet["mean"] for sheet in sheets]),
        **{code: _mean([sheet["scores"][code] for sheet in sheets]) for code in rules.SCORES},
        "open": len(waiting),
        "late": sum(1 for one in waiting if one["due_date"] and one["due_date"] < today),
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
