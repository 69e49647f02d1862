"""Photos of cases in the JSON API: hand in, list, read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from huoshui.kernel import cases
from huoshui.kernel.cases import changing, refusals
from huoshui.kernel.cases.models import Case, CasePhoto
from huoshui.kernel.cases.web import pictures, seen
from huoshui.kernel.files import views

router = Router()


class Photo(Schema):
    """One photo or signature of a case; ``sha256`` is of the picture as it is kept."""

    key: UUID
    name: str
    media_type: str
    size_bytes: int
    width_px: int | None
    height_px: int | None
    sha256: str
    is_signature: bool
    field: str
    step: str
    at: datetime
    by: str | None


def _photos(row: Case) -> list[Photo]:
    rows = CasePhoto.objects.filter(step__case=row).select_related("file", "step__by")
    return [
        Photo(
            key=one.file.key,
            name=one.file.name,
            media_type=one.file.media_type,
            size_bytes=one.file.size_bytes,
            width_px=one.file.width_px,
            height_px=one.file.height_px,
            sha256=one.file.content_hash,
            is_signature=one.is_signature,
            field=one.field,
            step=one.step.kind,
            at=one.step.at,
            by=one.step.by.username if one.step.by else None,
        )
        for one in rows.order_by("step_id", "pk")
    ]


@router.get(
    "/cases/{number}/photos",
    response=list[Photo],
    auth=seen.SOMEBODY,
    url_name="cases-photos",
)
def list_photos(request: HttpRequest, number: str) -> list[Photo]:
    """List the photos and signatures of a case, oldest first. Refuses with `cases.unknown_case`."""
    return _photos(seen.case_or_refusal(request.user, number))


@router.post(
    "/cases/{number}/photos",
    response={201: list[Photo]},
    auth=seen.SOMEBODY,
    url_name="cases-add-photos",
)
def add_photos(
    request: HttpRequest,
    number: str,
    photos: File[list[UploadedFile]],
    note: Form[str] = "",
    key: Form[str] = "",
) -> Status[list[Photo]]:
    """Put photos to a case as a note, sent as a form with files; return all photos of the case.

    At most twelve at once, each JPEG, PNG, WebP or GIF; they are turned upright, made smaller and
    stripped of hidden data. A photo that the case has already is not kept again. Refuses with
    `cases.unknown_case` (404), `accounts.not_allowed` or `cases.not_in_your_unit` (403),
    `files.too_large` (413), `files.not_a_photo` or `cases.not_usable` (422).
    """
    row = seen.case_or_refusal(request.user, number)
    case_type = seen.type_or_refusal(request.user, row.type_code, "note")
    if not seen.may(request.user, row, "note"):
        raise refusals.NotInYourUnit(row.number)
    checked = pictures.read_all(case_type, {"": photos})[""]
    read = {hashlib.sha256(one.content).hexdigest(): one for one in checked}
    by_id = int(request.user.pk)  # type: ignore[arg-type]
    with transaction.atomic():
        changing.locked(row.number)  # two that send the same at once keep one
        there = CasePhoto.objects.filter(step__case=row, file__content_hash__in=read)
        known = set(there.values_list("file__content_hash", flat=True))
        fresh = [one for digest, one in read.items() if digest not in known]
        if fresh:
            kept = pictures.keep_all(case_type, {"": fresh}, by_id)
            cases.note(row.number, note[:5000], by_id=by_id, photos=kept.of_step, key=key[:80])
    return Status(201, _photos(row))


@router.get(
    "/cases/{number}/photos/{key}",
    auth=seen.SOMEBODY,
    url_name="cases-photo",
    openapi_extra={"responses": {200: {"description": "The photo.", "content": {"image/*": {}}}}},
)
def read_photo(request: HttpRequest, number: str, key: UUID) -> FileResponse:
    """Send one photo of a case. Refuses with `cases.unknown_case`; 404 where it has no such one."""
    row = seen.case_or_refusal(request.user, number)
    found = CasePhoto.objects.filter(step__case=row, file__key=key).select_related("file").first()
    if found is None:
        raise Http404
    return views.sent(found.file)
