"""The rest of the JSON API of cases: responsibility, pauses, call-back, reopening, relations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.kernel import cases
from huoshui.kernel.cases.web import api, schemas, seen

router = Router()


class Assignment(Schema):
    """Who is responsible from now on; what is not given stays, an empty ``owner`` is nobody."""

    owner: str | None = None
    unit: str | None = None
    due_at: datetime | None = None
    note: str = Field("", max_length=2000)
    revision: int | None = None
    key: str = Field("", max_length=80)


class Edit(Schema):
    """What is written of a case; what is not given stays."""

    title: str | None = Field(None, max_length=200)
    fields: dict[str, Any] = {}
    place: str | None = Field(None, max_length=200)
    spot: schemas.Spot | None = None
    priority: str | None = None
    note: str = Field("", max_length=2000)
    revision: int | None = None
    key: str = Field("", max_length=80)


class PauseAsked(Schema):
    """Why the clocks stop: a reason that the kind of case declares."""

    reason: str
    note: str = Field("", max_length=2000)
    key: str = Field("", max_length=80)


class Resumption(Schema):
    """That the clocks go on."""

    note: str = Field("", max_length=2000)
    key: str = Field("", max_length=80)


class Answer(Schema):
    """What was said at a call-back; neither ``content`` nor ``score``: nobody was reached."""

    content: bool | None = None
    score: int | None = None
    note: str = Field("", max_length=5000)
    due_at: datetime | None = None
    revision: int | None = None
    key: str = Field("", max_length=80)


class Reopening(Schema):
    """Why a closed case is taken up again, and until when."""

    note: str = Field(max_length=2000)
    due_at: datetime | None = None
    revision: int | None = None
    key: str = Field("", max_length=80)


class Relation(Schema):
    """How a case hangs together with another: duplicate_of, caused_by or part_of."""

    how: str
    other: str
    note: str = Field("", max_length=2000)


@router.post(
    "/cases/{number}/edit",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-edit",
)
def edit(request: HttpRequest, number: str, body: Edit) -> schemas.CaseDetail:
    """Change what is written of an open case, and where it is.

    Refuses with `cases.not_usable` (422), `cases.already_closed` or `cases.changed_meanwhile`.
    """
    row = seen.case_or_refusal(request.user, number)
    cases.edit(
        row.number,
        by_id=request.user.pk,
        title=body.title,
        fields=body.fields,
        place=body.place,
        lon=body.spot.lon if body.spot else None,
        lat=body.spot.lat if body.spot else None,
        priority=body.priority,
        note=body.note,
        revision=body.revision,
        key=body.key,
    )
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/assign",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-assign",
)
def assign(request: HttpRequest, number: str, body: Assignment) -> schemas.CaseDetail:
    """Give an open case its responsible person, unit or agreed deadline.

    Refuses with `cases.not_usable` (422), `cases.already_closed` or `cases.changed_meanwhile`.
    """
    row = seen.case_or_refusal(request.user, number)
    cases.assign(
        row.number,
        by_id=request.user.pk,
        owner_id=api.person_id(body.owner),
        to_nobody=body.owner == "",
        unit=body.unit,
        due_at=body.due_at,
        note=body.note,
        revision=body.revision,
        key=body.key,
    )
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/pause",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-pause",
)
def pause(request: HttpRequest, number: str, body: PauseAsked) -> schemas.CaseDetail:
    """Stop the clocks of a case. Refuses with `cases.pause_not_possible` (409)."""
    row = seen.case_or_refusal(request.user, number)
    cases.pause(row.number, body.reason, by_id=request.user.pk, note=body.note, key=body.key)
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/resume",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-resume",
)
def resume(request: HttpRequest, number: str, body: Resumption) -> schemas.CaseDetail:
    """Let the clocks go on. Refuses with `cases.pause_not_possible` (409)."""
    row = seen.case_or_refusal(request.user, number)
    cases.resume(row.number, by_id=request.user.pk, note=body.note, key=body.key)
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/call-back",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-call-back",
)
def call_back(request: HttpRequest, number: str, body: Answer) -> schemas.CaseDetail:
    """Write down a call-back. Refuses with `cases.call_back_not_possible` (409)."""
    row = seen.case_or_refusal(request.user, number)
    cases.call_back(
        row.number,
        body.content,
        by_id=request.user.pk,
        score=body.score,
        note=body.note,
        due_at=body.due_at,
        revision=body.revision,
        key=body.key,
    )
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/reopen",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-reopen",
)
def reopen(request: HttpRequest, number: str, body: Reopening) -> schemas.CaseDetail:
    """Take a closed case up again. Refuses with `cases.not_closed` or `cases.merged` (409)."""
    row = seen.case_or_refusal(request.user, number)
    cases.reopen(
        row.number,
        by_id=request.user.pk,
        note=body.note,
        due_at=body.due_at,
        revision=body.revision,
        key=body.key,
    )
    return api.detail(request, row.number)


@router.post(
    "/cases/{number}/relations",
    response=schemas.CaseDetail,
    auth=seen.SOMEBODY,
    url_name="cases-relate",
)
def relate(request: HttpRequest, number: str, body: Relation) -> schemas.CaseDetail:
    """Relate a case to another that the caller sees. Refuses with `cases.not_related` (409)."""
    row = seen.case_or_refusal(request.user, number)
    other = seen.case_or_refusal(request.user, body.other)
    cases.relate(row.number, body.how, other.number, by_id=request.user.pk, note=body.note)
    return api.detail(request, row.number)
