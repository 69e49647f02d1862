"""The API for drawing changes of the network: what an editor on the map speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import field_validator

from huoshui.areas.network import actions, choices, queries_changes, snapping
from huoshui.areas.network.changing import Draft, Problem
from huoshui.areas.network.contracts import ChangeDeed, ChangeState, Kind
from huoshui.areas.network.models import ChangeSet
from huoshui.kernel.accounts import permissions

router = Router()
read = permissions.api("network.read")
edit = permissions.api("network.edit")
approve = permissions.api("network.approve")

SNAP_M_MAX = 200.0
# What a hand can draw; every look at a set of changes works its lines out again.
LINE_PLACES_MAX = 5_000


class ChangeIn(Schema):
    """A set of changes to be begun; without ``valid_from`` it holds from its approval."""

    title: str
    why: str = ""
    valid_from: datetime | None = None


class StepIn(Schema):
    """One step. What ``wanted`` must say depends on the deed.

    create: kind, lon and lat of a node or start, end and line of a link, attributes. modify:
    attributes. move: lon and lat of a node, or the line of a link. split: lon and lat, and if
    wanted node_code and new_code. join: keep, the pipe whose code stays. retire: nothing.
    """

    deed: ChangeDeed
    asset_code: str = ""
    wanted: dict[str, Any] = {}

    @field_validator("deed")
    @classmethod
    def _can_be_drawn(cls, deed: ChangeDeed) -> ChangeDeed:
        if deed == ChangeDeed.RESTORE:
            # Made by the server alone, when it undoes a set: it writes values unchecked.
            raise ValueError("restore is no step that can be drawn")
        return deed

    @field_validator("wanted")
    @classmethod
    def _can_be_kept(cls, wanted: dict[str, Any]) -> dict[str, Any]:
        try:
            json.dumps(wanted, allow_nan=False)
        except ValueError:
            msg = "a number is not finite"
            raise ValueError(msg) from None
        if not isinstance(wanted.get("attributes") or {}, dict):
            msg = "attributes are given by name"
            raise ValueError(msg)
        line = wanted.get("line")
        if isinstance(line, list) and len(line) > LINE_PLACES_MAX:
            msg = f"a line has at most {LINE_PLACES_MAX} places"
            raise ValueError(msg)
        return wanted


class WordsIn(Schema):
    """What somebody says to a decision."""

    words: str = ""


class StepOut(Schema):
    """One step of a set, in its order; ``is_undone`` ones can be redone."""

    position: int
    deed: str
    asset_code: str
    wanted: dict[str, Any]
    is_undone: bool


class ProblemOut(Schema):
    """Why a step cannot be done; of a warning, what looks forgotten in it."""

    position: int
    code: str
    asset: str
    value: str
    words: str


class PreviewOut(Schema):
    """One asset that the set makes or changes, before and after; lines are GeoJSON places."""

    code: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class ChangeOut(Schema):
    """A set of changes; ``steps`` to ``preview`` only where one set was asked for."""

    id: int
    title: str
    why: str
    state: str
    valid_from: datetime | None = None
    made_by: str = ""
    made_at: datetime
    decided_by: str = ""
    decision: str = ""
    url: str
    steps: list[StepOut] = []
    problems: list[ProblemOut] = []
    warnings: list[ProblemOut] = []
    preview: list[PreviewOut] = []
    can_undo: bool = False
    can_redo: bool = False


class SnapOut(Schema):
    """Where a place snaps to; ``vertex`` is node, bend or course."""

    code: str
    kind: str
    vertex: str
    lon: float
    lat: float
    away_m: float
    along_m: float | None = None


def _row(change: ChangeSet) -> dict[str, Any]:
    return {
        "id": change.pk,
        "title": change.title,
        "why": change.why,
        "state": change.state,
        "valid_from": change.valid_from,
        "made_by": change.made_by.name if change.made_by else "",
        "made_at": change.made_at,
        "decided_by": change.decided_by.name if change.decided_by else "",
        "decision": change.decision,
        "url": reverse("network:change", args=[change.pk]),
    }


def _told(one: Problem, words: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "position": one.position,
        "code": one.code,
        "asset": one.asset,
        "value": one.value,
        "words": str(words[one.code]),
    }


def _whole(change_id: int) -> dict[str, Any]:
    change = queries_changes.change(change_id)
    if change is None:
        raise Http404
    items = list(change.items.order_by("position"))
    draft = actions.draft_of(change) if change.state in actions.OPEN_STATES else Draft()
    return _row(change) | {
        "steps": items,
        "problems": [_told(one, choices.CHANGE_PROBLEMS) for one in draft.problems],
        "warnings": [_told(one, choices.CHANGE_WARNINGS) for one in draft.warnings],
        "preview": [
            {"code": code, "before": before, "after": after}
            for code, before, after in queries_changes.before_and_after(change, draft)
        ],
        "can_undo": change.state == ChangeState.DRAFT and any(not one.is_undone for one in items),
        "can_redo": change.state == ChangeState.DRAFT and any(one.is_undone for one in items),
    }


@router.get("/", response=list[ChangeOut], auth=read, url_name="network-changes")
def changes(
    request: HttpRequest, state: ChangeState | None = None, limit: int = Query(100, ge=1, le=1000)
) -> list[dict[str, Any]]:
    """List sets of changes, the newest first."""
    rows = queries_changes.changes()
    if state is not None:
        rows = rows.filter(state=state)
    return [_row(one) for one in rows[:limit]]


@router.post("/", response={201: ChangeOut}, auth=edit, url_name="network-changes")
def begin(request: HttpRequest, body: ChangeIn) -> Status[dict[str, Any]]:
    """Begin a set of changes."""
    change = actions.make_change(
        body.title, why=body.why, valid_from=body.valid_from, by_id=request.user.pk
    )
    return Status(201, _whole(change.pk))


@router.get("/snap", response=SnapOut | None, auth=read, url_name="network-snap")
def snap(
    request: HttpRequest,
    lon: float = Query(ge=-180, le=180),
    lat: float = Query(ge=-90, le=90),
    within_m: float = Query(10.0, gt=0, le=SNAP_M_MAX),
) -> snapping.Snap | None:
    """Return what a place snaps to: the nearest node, else a bend or spot of the nearest link."""
    return snapping.nearest(lon=lon, lat=lat, within_m=within_m)


@router.get("/free-code", response=str, auth=edit, url_name="network-free-code")
def free_code(request: HttpRequest, kind: Kind) -> str:
    """Suggest a code for a new asset of a kind: the next number after the highest known one."""
    return queries_changes.free_code(kind)


@router.get("/{int:change_id}", response=ChangeOut, auth=read, url_name="network-change")
def change(request: HttpRequest, change_id: int) -> dict[str, Any]:
    """Return one set with its steps, what they would change, and every problem."""
    return _whole(change_id)


@router.post("/{int:change_id}/steps", response=ChangeOut, auth=edit, url_name="network-step")
def add_step(request: HttpRequest, change_id: int, body: StepIn) -> dict[str, Any]:
    """Add a step to a draft; a problem is said in the answer, not refused."""
    actions.add_step(change_id, body.deed, body.asset_code, body.wanted, by_id=request.user.pk)
    return _whole(change_id)


@router.post("/{int:change_id}/undo", response=ChangeOut, auth=edit, url_name="network-undo-step")
def undo(request: HttpRequest, change_id: int) -> dict[str, Any]:
    """Take back the last step of a draft."""
    actions.undo_step(change_id, by_id=request.user.pk)
    return _whole(change_id)


@router.post("/{int:change_id}/redo", response=ChangeOut, auth=edit, url_name="network-redo-step")
def redo(request: HttpRequest, change_id: int) -> dict[str, Any]:
    """Do again the step that was taken back last."""
    actions.redo_step(change_id, by_id=request.user.pk)
    return _whole(change_id)


@router.post("/{int:change_id}/submit", response=ChangeOut, auth=edit, url_name="network-submit")
def submit(request: HttpRequest, change_id: int) -> dict[str, Any]:
    """Hand a draft in for approval by another person."""
    actions.submit_change(change_id, by_id=request.user.pk)
    return _whole(change_id)


@router.post(
    "/{int:change_id}/withdraw", response=ChangeOut, auth=edit, url_name="network-withdraw"
)
def withdraw(request: HttpRequest, change_id: int) -> dict[str, Any]:
    """Take back a set that is not decided yet."""
    actions.withdraw_change(change_id, by_id=request.user.pk)
    return _whole(change_id)


@router.post(
    "/{int:change_id}/approve", response=ChangeOut, auth=approve, url_name="network-approve"
)
def approve_change(request: HttpRequest, change_id: int, body: WordsIn) -> dict[str, Any]:
    """Approve a submitted set of another person, and apply it."""
    actions.approve_change(change_id, words=body.words, by_id=request.user.pk)
    return _whole(change_id)


@router.post("/{int:change_id}/refuse", response=ChangeOut, auth=approve, url_name="network-refuse")
def refuse_change(request: HttpRequest, change_id: int, body: WordsIn) -> dict[str, Any]:
    """Refuse a submitted set of another person."""
    actions.refuse_change(change_id, words=body.words, by_id=request.user.pk)
    return _whole(change_id)


@router.post("/{int:change_id}/inverse", response={201: ChangeOut}, auth=edit,
             url_name="network-inverse")  # fmt: skip
def inverse(request: HttpRequest, change_id: int) -> Status[dict[str, Any]]:
    """Begin the set that undoes an approved one."""
    return Status(201, _whole(actions.undo_change(change_id, by_id=request.user.pk).pk))
