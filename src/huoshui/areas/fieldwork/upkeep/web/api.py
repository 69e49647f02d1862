"""The JSON API of maintenance, to read: plans and their past, signs of wear and suggestions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import queries, refusals
from huoshui.areas.fieldwork.upkeep.condition import queries as wear
from huoshui.areas.fieldwork.upkeep.condition import readings
from huoshui.kernel.accounts import permissions

router = Router()

READ = permissions.api("fieldwork.read_jobs")
PAGE_SIZE_MAX = 500
HISTORY_MAX = 200


class Plan(Schema):
    """One maintenance plan as it stands today; ``standing`` is a code of its state."""

    code: str
    name: str
    asset_code: str
    job_type: str
    crew: str
    every_days: int | None
    every_hours: int | None
    hours_now: float | None
    is_routine: bool
    done_date: date
    due_date: date | None
    due_by: str
    standing: str
    job: str
    trouble: str


class Done(Schema):
    """One time that a plan was due: asked, done, missed or skipped."""

    due_date: date
    outcome: str
    done_date: date | None
    done_hours: float | None
    job: str


class PlanDetail(Plan):
    """A plan with its instructions and its past, the latest first."""

    instructions: str
    history: list[Done]


class Plans(Schema):
    """A page of plans, and how many there are."""

    total: int
    items: list[Plan]


class Sign(Schema):
    """One sign of wear and where it leads; slopes are of a day, in ``unit``."""

    code: str
    name: str
    asset_code: str
    point: str
    how: str
    other_point: str
    unit: str
    limit: float
    is_upper: bool
    looked_at: datetime | None
    days: int
    level_now: float | None
    slope_a_day: float | None
    slope_a_day_min: float | None
    slope_a_day_max: float | None
    limit_date: date | None
    limit_date_min: date | None
    limit_date_max: date | None


class Suggestion(Schema):
    """Work that a sign of wear asked for, and what became of it."""

    number: int
    sign: str
    asset_code: str
    made_at: datetime
    due_date: date
    limit_date: date | None
    state: str
    reason: str
    verdict: str
    job: str


class Suggestions(Schema):
    """A page of suggestions; ``right`` and ``wrong`` count those of which it was said."""

    total: int
    right: int
    wrong: int
    items: list[Suggestion]


@router.get("/plans", response=Plans, auth=READ, url_name="upkeep-plans")
def list_plans(
    request: HttpRequest,
    asset: str = "",
    due_until: date | None = None,
    retired: bool = False,
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> Plans:
    """List maintenance plans, the soonest due first; those without a due date come last."""
    rows = queries.plans().filter(is_retired=retired)
    if asset:
        rows = rows.filter(asset_code=asset)
    if due_until is not None:
        rows = rows.filter(due_date__lte=due_until)
    today = queries.today()
    found = rows.order_by(queries.soonest_first(), "pk")[offset : offset + limit]
    return Plans(total=rows.count(), items=[Plan(**_plan(one, today)) for one in found])


@router.get("/plans/{code}", response=PlanDetail, auth=READ, url_name="upkeep-plan")
def one_plan(request: HttpRequest, code: str) -> PlanDetail:
    """Return one plan with its past. Refuses with `fieldwork.no_such_upkeep` (404)."""
    row = queries.plan(code)
    if row is None:
        raise refusals.NoSuchUpkeep(code)
    history = [
        Done(due_date=one.due_date, outcome=one.outcome, done_date=one.done_date,
             done_hours=one.done_hours, job=one.job.number if one.job else "")
        for one in queries.history(row.pk, limit=HISTORY_MAX)
    ]  # fmt: skip
    said = _plan(row, queries.today())
    return PlanDetail(**said, instructions=row.instructions, history=history)


@router.get("/signs", response=list[Sign], auth=READ, url_name="upkeep-signs")
def list_signs(request: HttpRequest, asset: str = "") -> list[Sign]:
    """List the signs of wear that are followed, by name."""
    rows = wear.indicators().filter(is_retired=False)
    if asset:
        rows = rows.filter(asset_code=asset)
    return [
        Sign(unit=readings.unit_of(one)[0],
             **{name: getattr(one, name) for name in Sign.model_fields if name != "unit"})
        for one in rows
    ]  # fmt: skip


@router.get("/suggestions", response=Suggestions, auth=READ, url_name="upkeep-suggestions")
def list_suggestions(
    request: HttpRequest,
    state: str = "",
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> Suggestions:
    """List what signs of wear asked for, the latest first, with how often it was right."""
    rows = wear.suggestions()
    if state:
        rows = rows.filter(state=state)
    record = wear.record_of()
    items = [
        Suggestion(
            number=one.pk, sign=one.indicator.code, asset_code=one.indicator.asset_code,
            made_at=one.made_at, due_date=one.due_date, limit_date=one.limit_date,
            state=one.state, reason=one.reason, verdict=one.verdict,
            job=one.job.number if one.job else "",
        )
        for one in rows[offset : offset + limit]
    ]  # fmt: skip
    return Suggestions(total=rows.count(), right=record.right, wrong=record.wrong, items=items)


def _plan(row: models.MaintenancePlan, today: date) -> dict[str, Any]:
    return {
        "code": row.code, "name": row.name, "asset_code": row.asset_code,
        "job_type": row.job_type.code, "crew": row.crew.code if row.crew else "",
        "every_days": row.every_days, "every_hours": row.every_hours, "hours_now": row.hours_now,
        "is_routine": row.is_routine, "done_date": row.done_date, "due_date": row.due_date,
        "due_by": row.due_by, "standing": str(queries.standing(row, today)),
        "job": row.job.number if row.job else "", "trouble": row.trouble,
    }  # fmt: skip
