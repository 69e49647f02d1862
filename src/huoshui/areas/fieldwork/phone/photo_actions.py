"""Photos from phones: taken in pieces, whole only when their hash says so."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.phone import finishing, kinds, refusals
from huoshui.areas.fieldwork.phone.models import PhoneEntry, PhonePhoto
from huoshui.kernel import audit, clock, files, settings

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

KIND = "job_photo"
PART_KEPT_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class PhotoState:
    """How much of a photo has arrived; ``is_kept`` is the receipt upon which a phone forgets it."""

    content_hash: str
    received_bytes: int
    is_kept: bool


def state_of(content_hash: str, by: User) -> PhotoState:
    """Return how much of a photo has arrived."""
    _checked(content_hash)
    kept = PhonePhoto.objects.filter(by=by, content_hash=content_hash).first()
    if kept is not None:
        return PhotoState(content_hash, kept.size_bytes, is_kept=True)
    path = _part_of(content_hash, by)
    return PhotoState(content_hash, path.stat().st_size if path.exists() else 0, is_kept=False)


def receive_piece(
    *, content_hash: str, size_bytes: int, offset: int, piece: bytes, by: User
) -> PhotoState:
    """Take one piece of a photo; the last one makes it whole.

    A piece that does not join what is there changes nothing: the answer says where to go on.
    Refuses with `files.too_large`, `files.not_a_photo` or `fieldwork.photo_differs`.
    """
    known = state_of(content_hash, by)
    if known.is_kept:
        return known
    if size_bytes > settings.get().photo_bytes_max or offset + len(piece) > size_bytes:
        raise files.TooLarge(content_hash[:12], settings.get().photo_bytes_max)
    if offset > known.received_bytes:
        return known
    path = _part_of(content_hash, by)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same bytes at the same place: two tabs of one phone cannot disturb each other.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as part:
        part.seek(offset)
        part.write(piece)
    if path.stat().st_size < size_bytes:
        return state_of(content_hash, by)
    return _make_whole(path, content_hash, size_bytes, by)


def _make_whole(path: Path, content_hash: str, size_bytes: int, by: User) -> PhotoState:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != content_hash or len(content) != size_bytes:
        path.unlink(missing_ok=True)
        raise refusals.PhotoDiffers(content_hash)
    upload = SimpleUploadedFile(f"{content_hash[:12]}.jpg", content, "image/jpeg")
    try:
        photo = files.read(upload, KIND)
    except files.NotAPhoto:
        path.unlink(missing_ok=True)
        raise
    with transaction.atomic():
        if not PhonePhoto.objects.filter(by=by, content_hash=content_hash).exists():
            kept = files.keep(photo, by.pk, KIND)
            PhonePhoto.objects.create(
                content_hash=content_hash,
                size_bytes=size_bytes,
                by=by,
                file=kept,
                received_at=clock.now(),
            )
            _join(content_hash, by)
            detail = {"hash": content_hash, "size_bytes": size_bytes}
            audit.record(by.pk, "fieldwork.phone_photo", f"file:{kept.key}", detail)
    path.unlink(missing_ok=True)
    _clear_forgotten(path.parent)
    return PhotoState(content_hash, size_bytes, is_kept=True)


def _clear_forgotten(folder: Path) -> None:
    """Remove parts that nobody has gone on with for a month; their photos are sent anew."""
    before = clock.real_now().timestamp() - PART_KEPT_S
    for part in folder.glob("*.part"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < before:
                part.unlink()


def _join(content_hash: str, by: User) -> None:
    """Put a photo to the reports that were handed in before it."""
    jobs = PhoneEntry.objects.filter(
        by=by, photo_hash=content_hash, kind=kinds.EntryKind.PHOTO, job__isnull=False
    ).values("job_id")
    for job in models.Job.objects.filter(pk__in=jobs):
        finishing.attach_photos(job, by)


def _checked(content_hash: str) -> str:
    if not kinds.HASH.fullmatch(content_hash):
        raise refusals.NotAHash(content_hash)
    return content_hash


def _part_of(content_hash: str, by: User) -> Path:
    return settings.get().home / "phone" / f"{by.pk}-{_checked(content_hash)}.part"
