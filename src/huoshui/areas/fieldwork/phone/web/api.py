"""The API that the app of the crews speaks with; the same permission as reporting a job."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Query, Router

from huoshui.areas.fieldwork.phone import actions, photo_actions, placing, words
from huoshui.areas.fieldwork.phone.web import day, schemas
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()

MAY_REPORT = "fieldwork.report_job"


@router.get(
    "/day", response=schemas.Day, auth=permissions.api(MAY_REPORT), url_name="fieldwork-phone-day"
)
def show_day(request: HttpRequest) -> schemas.Day:
    """Give a crew its jobs with everything that it needs for a shift without signal."""
    return day.of(request.user, get_token(request))


@router.post(
    "/entries",
    response=schemas.Receipts,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-entries",
)
def hand_in(request: HttpRequest, body: schemas.Entries) -> schemas.Receipts:
    """Take what was written down on a phone, in order, and give a receipt for each entry.

    An entry handed in twice counts once and gets the same receipt. Refuses with
    `fieldwork.too_many_entries` (422) beyond 100 at once.
    """
    user: Any = request.user
    receipts = actions.receive(
        phone_id=body.phone_id,
        sent_ms=body.sent_ms,
        entries=[actions.Handed(one.id, one.payload, one.payload_hash) for one in body.entries],
        by=user,
    )
    return schemas.Receipts(
        receipts=[_receipt(one) for one in receipts],
        server_ms=clock.real_now().timestamp() * 1000,
    )


@router.get(
    "/photos/{content_hash}",
    response=schemas.PhotoState,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-photo",
)
def show_photo(request: HttpRequest, content_hash: str) -> schemas.PhotoState:
    """Say how much of a photo has arrived. Refuses with `fieldwork.not_a_hash` (422)."""
    return _photo(photo_actions.state_of(content_hash, request.user))  # type: ignore[arg-type]


@router.put(
    "/photos/{content_hash}",
    response=schemas.PhotoState,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-photo-piece",
)
def take_piece(
    request: HttpRequest,
    content_hash: str,
    offset: int = Query(..., ge=0, le=100_000_000),
    size_bytes: int = Query(..., ge=1, le=100_000_000),
) -> schemas.PhotoState:
    """Take one piece of a photo as the body; answers how much is there.

    Refuses with `files.too_large` (413), `files.not_a_photo` (422), or
    `fieldwork.photo_differs` (409) where the whole is not what its hash says.
    """
    state = photo_actions.receive_piece(
        content_hash=content_hash,
        size_bytes=size_bytes,
        offset=offset,
        piece=request.body,
        by=request.user,  # type: ignore[arg-type]
    )
    return _photo(state)


@router.post(
    "/reckoning",
    response=schemas.Reckoned,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-reckoning",
)
def reckon(request: HttpRequest, body: schemas.Reckoning) -> schemas.Reckoned:
    """Compare the list of a phone with ours; where both are the same, that is kept."""
    user: Any = request.user
    found = actions.reckon(
        phone_id=body.phone_id,
        day=body.day,
        entries=body.entries,
        photos=body.photos,
        list_hash=body.list_hash,
        by=user,
    )
    return schemas.Reckoned(
        missing=found.missing,
        differing=found.differing,
        photos_missing=found.photos_missing,
        only_here=found.only_here,
        entries=found.entries,
        photos=found.photos,
        list_hash=found.list_hash,
        agreed_at=found.agreed_at,
    )


@router.post(
    "/place",
    response=schemas.Placed,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-place",
)
def tell_place(request: HttpRequest, body: schemas.Place) -> schemas.Placed:
    """Keep where a crew is now, told with its consent; only in its shift, once a minute at most."""
    user: Any = request.user
    return schemas.Placed(placed=placing.tell_place(user, lon=body.lon, lat=body.lat))


@router.delete(
    "/place",
    response=schemas.Placed,
    auth=permissions.api(MAY_REPORT),
    url_name="fieldwork-phone-place-forget",
)
def forget_place(request: HttpRequest) -> schemas.Placed:
    """Forget where a crew is, because it no longer wants to share it."""
    user: Any = request.user
    placing.forget_place(user)
    return schemas.Placed(placed="")


def _receipt(one: actions.Receipt) -> schemas.Receipt:
    message, next_step = words.said(one.code, one.detail)
    return schemas.Receipt(
        id=one.id,
        outcome=one.outcome,
        code=one.code,
        message=message,
        next_step=next_step,
        is_kept=one.is_kept,
        done_at=one.done_at,
        clock_off_s=one.clock_off_s,
        is_clock_doubted=one.is_clock_doubted,
    )


def _photo(state: photo_actions.PhotoState) -> schemas.PhotoState:
    return schemas.PhotoState(
        hash=state.content_hash, received_bytes=state.received_bytes, is_kept=state.is_kept
    )
