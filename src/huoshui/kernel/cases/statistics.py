"""How cases went: on time, time in each state, reopened, content, by whatever is asked.

Every function takes the cases that count, such as `queries.readable`, so that figures never tell
more than the lists they lead to. A duplicate is counted as opened and never as closed, because its
original is. Periods are from a moment until another, which is excluded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, BooleanField, Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from huoshui.kernel import clock
from huoshui.kernel.cases import queries

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case

PERIODS: dict[str, Callable[..., Any]] = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}
# By what figures are divided, and the column of a case that says it; empty for periods and none.
GROUPS = {
    "none": "",
    "type": "type_code",
    "unit": "unit_id",
    "owner": "owner_id",
    "priority": "priority",
    "channel": "channel",
    **dict.fromkeys(PERIODS, ""),
}


@dataclass
class Figures:
    """What happened to the cases of one group in a period.

    ``closed_on_time`` are those of ``closed`` that missed no deadline; ``asked`` were reached by a
    call-back, ``content`` of them were.
    """

    key: Any
    opened: int = 0
    closed: int = 0
    closed_on_time: int = 0
    cancelled: int = 0
    reopened: int = 0
    asked: int = 0
    content: int = 0
    score_mean: float | None = None

    @property
    def on_time_frac(self) -> float | None:
        """The share of closed cases that missed no deadline; None where none was closed."""
        return self.closed_on_time / self.closed if self.closed else None

    @property
    def content_frac(self) -> float | None:
        """The share of those asked who were content; None where nobody was."""
        return self.content / self.asked if self.asked else None


def figures(
    rows: QuerySet[Case], from_at: datetime, until_at: datetime, by: str = "none"
) -> list[Figures]:
    """Return what happened in a period, divided by one of `GROUPS`; four queries.

    A period's key is the moment it begins in the city. Groups are ordered by their key.
    """
    from huoshui.kernel.cases.models import CaseCallBack, CaseClockRun, CaseStep

    span = (from_at, until_at)
    late = CaseClockRun.objects.filter(case=OuterRef("pk"), late=True)
    ended = _within(rows.filter(merged_into__isnull=True), "closed_at", span)
    asked = _within(CaseCallBack.objects.filter(_of(rows, span), reached=True), "at", span)
    again = _within(CaseStep.objects.filter(_of(rows, span), _literal("reopened")), "at", span)
    found: dict[Any, Figures] = {}
    parts = (
        _grouped(_within(rows, "opened_at", span), "opened_at", by, "", opened=Count("pk")),
        _grouped(
            ended.annotate(missed=Exists(late)),
            "closed_at",
            by,
            "",
            closed=Count("pk", filter=Q(state_kind="done")),
            closed_on_time=Count("pk", filter=Q(state_kind="done", missed=False)),
            cancelled=Count("pk", filter=Q(state_kind="cancelled")),
        ),
        _grouped(again, "at", by, "case__", reopened=Count("pk")),
        _grouped(
            asked,
            "at",
            by,
            "case__",
            asked=Count("pk"),
            content=Count("pk", filter=Q(content=True)),
            score_mean=Avg("score"),
        ),
    )
    for part in parts:
        for row in part:
            key = row.pop("key")
            one = found.setdefault(key, Figures(key))
            for name, value in row.items():
                setattr(one, name, value)
    if by == "none":
        return [found.get("", Figures(""))]
    # What belongs to nobody stands last.
    return sorted(found.values(), key=lambda one: (one.key in (None, ""), one.key or 0))


LONG = timedelta(days=400)
# Said with the value in the statement, so that a database sees which small index holds them all.
LITERALS = {
    "late": '"cases_caseclockrun"."late"',
    "reopened": '"cases_casestep"."kind" = \'reopened\'',
}


def _literal(name: str) -> Q:
    return Q(RawSQL(LITERALS[name], (), output_field=BooleanField()))


def _of(rows: QuerySet[Case], span: tuple[datetime, datetime]) -> Q:
    """Keep what belongs to some cases.

    A short period holds few of a million, each looked at by itself; over years it is quicker to
    begin with the cases.
    """
    if span[1] - span[0] > LONG:
        return Q(case__in=rows)
    return Q(Exists(rows.filter(pk=OuterRef("case_id"))))


def _within(rows: QuerySet[Any], field: str, span: tuple[datetime, datetime]) -> QuerySet[Any]:
    return rows.filter(**{f"{field}__gte": span[0], f"{field}__lt": span[1]})


def _grouped(
    rows: QuerySet[Any], moment: str, by: str, through: str, **counts: Any
) -> list[dict[str, Any]]:
    """Return counts by group; ``through`` leads from a row to its case."""
    if by == "none":
        return [{"key": "", **rows.order_by().aggregate(**counts)}]
    if by in PERIODS:
        rows = rows.annotate(key=PERIODS[by](moment, tzinfo=clock.local_zone()))
        return list(rows.order_by().values("key").annotate(**counts))
    field = f"{through}{GROUPS[by]}"
    found = list(rows.order_by().values(field).annotate(**counts))
    return [{"key": row.pop(field), **row} for row in found]


@dataclass(frozen=True)
class StateTime:
    """How long cases stood in one state before they left it."""

    type_code: str
    state: str
    count: int
    mean_s: float
    longest_s: float


def time_in_states(rows: QuerySet[Case], from_at: datetime, until_at: datetime) -> list[StateTime]:
    """Return how long cases stood in each state that they left in a period; one query."""
    from huoshui.kernel.cases.models import CaseStep

    span = (from_at, until_at)
    left = CaseStep.objects.filter(_of(rows, span), stayed_s__isnull=False)
    found = (
        _within(left, "at", span)
        .order_by()
        .values("case__type_code", "from_state")
        .annotate(count=Count("pk"), mean_s=Avg("stayed_s"), longest_s=Max("stayed_s"))
    )
    times = [
        StateTime(
            row["case__type_code"],
            row["from_state"],
            row["count"],
            row["mean_s"],
            row["longest_s"],
        )
        for row in found
    ]
    return sorted(times, key=lambda one: (one.type_code, -one.mean_s, one.state))


@dataclass(frozen=True)
class ClockFigures:
    """How often one deadline was kept and missed."""

    type_code: str
    clock: str
    kept: int
    missed: int

    @property
    def kept_frac(self) -> float | None:
        """The share that was kept; None where none came to an end."""
        total = self.kept + self.missed
        return self.kept / total if total else None


def deadlines_kept(
    rows: QuerySet[Case], from_at: datetime, until_at: datetime
) -> list[ClockFigures]:
    """Return how each deadline was kept: clocks that ended, or passed, in a period; one query.

    A clock that is missed and still runs counts as missed when its deadline passed; what was
    overtaken, as by a cancelling, counts as neither.
    """
    from huoshui.kernel.cases.models import CaseClockRun

    span = (from_at, until_at)
    runs = CaseClockRun.objects.filter(_of(rows, span), overtaken=False)
    ended = Q(stopped_at__gte=from_at, stopped_at__lt=until_at, late=False)
    passed = _literal("late") & Q(due_at__gte=from_at, due_at__lt=until_at)
    found = (
        runs.filter(ended | passed)
        .order_by()
        .values("case__type_code", "clock")
        .annotate(kept=Count("pk", filter=Q(late=False)), missed=Count("pk", filter=Q(late=True)))
    )
    kept = [
        ClockFigures(row["case__type_code"], row["clock"], row["kept"], row["missed"])
        for row in found
    ]
    return sorted(kept, key=lambda one: (one.type_code, one.clock))


@dataclass(frozen=True)
class Standing:
    """The open cases that stand in one state now."""

    type_code: str
    state: str
    count: int
    overdue: int


def standing(rows: QuerySet[Case], now: datetime) -> list[Standing]:
    """Return how many open cases stand where, and how many of them are overdue; one query."""
    found = (
        queries.standing(rows)
        .order_by()
        .values("type_code", "state")
        .annotate(count=Count("pk"), overdue=Count("pk", filter=Q(next_due_at__lt=now)))
    )
    now_there = [
        Standing(row["type_code"], row["state"], row["count"], row["overdue"]) for row in found
    ]
    return sorted(now_there, key=lambda one: (one.type_code, one.state))
