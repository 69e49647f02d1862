"""Calls, seats, and the figures of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import contracts as announcements
from huoshui.areas.hotline import refusals, rules, words
from huoshui.areas.hotline.contracts import CallState, TopicKind
from huoshui.areas.hotline.models import AgentSeat, Call


def calls() -> QuerySet[Call]:
    """Return all calls with their topics and agents."""
    return Call.objects.select_related("topic", "agent")


def call(call_id: int) -> Call:
    """Return one call, or refuse with `hotline.no_such_call`."""
    found = calls().filter(pk=call_id).first()
    if found is None:
        raise refusals.NoSuch("call", call_id)
    return found


def of_accounts(_reader: Any, since: datetime, until: datetime) -> Iterator[announcements.Happened]:
    """Yield the calls of a stretch of time whose account is known, and what each was about."""
    rows = Call.objects.filter(began_at__gte=since, began_at__lt=until).exclude(account_code="")
    for row in rows.select_related("topic").order_by("began_at", "pk"):
        yield announcements.Happened(
            account_code=row.account_code,
            at=row.began_at,
            matter=row.topic.code if row.topic else "",
            matter_label=words.topic_name(row.topic) if row.topic else str(_("not noted yet")),
            number=row.ref,
            url=reverse("hotline:call", args=[row.pk]),
        )


def seats() -> QuerySet[AgentSeat]:
    """Return all seats with who sits there."""
    return AgentSeat.objects.select_related("user").order_by("extension")


def seat_of(user_id: int) -> AgentSeat | None:
    """Return where somebody sits, or None."""
    return AgentSeat.objects.filter(user_id=user_id).first()


# What one figure of a day counts; the list of calls narrows by the very same words.
COUNTED: dict[str, Q] = {
    "all": Q(),
    **{str(kind): Q(kind=str(kind)) for kind in TopicKind},
    "unsorted": Q(kind="", answered_at__isnull=False),
    "answered": Q(answered_at__isnull=False),
    "answered_in_time": Q(wait_s__lte=rules.ANSWER_WITHIN_S),
    "abandoned": Q(state=CallState.ABANDONED),
    "transferred": Q(transfers__gt=0),
    "with_case": ~Q(case_number=""),
    "ringing": Q(state=CallState.RINGING),
}


@dataclass(frozen=True)
class DayFigures:
    """The calls of a stretch of time, counted in one question."""

    from_at: datetime
    until: datetime
    counts: dict[str, int]

    @property
    def in_time_frac(self) -> float | None:
        """Share of the calls that did not ring in vain or too long; None without calls."""
        finished = self.counts["all"] - self.counts["ringing"]
        return self.counts["answered_in_time"] / finished if finished else None


def day_figures(from_at: datetime, until: datetime) -> DayFigures:
    """Count the calls that began in a stretch of time, by what people ask of a day."""
    rows = Call.objects.filter(began_at__gte=from_at, began_at__lt=until)
    counts = rows.aggregate(
        **{f"n_{name}": Count("pk", filter=wanted) for name, wanted in COUNTED.items() if wanted},
        n_all=Count("pk"),
    )
    return DayFigures(from_at, until, {name: counts[f"n_{name}"] for name in COUNTED})
