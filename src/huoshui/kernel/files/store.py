"""Check what is handed in, and keep it under the hash of its content."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from huoshui.kernel import clock, errors, settings

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.files.models import StoredFile

PHOTO_SIDE_PX_MAX = 2048
PHOTO_PIXELS_MAX = 80_000_000
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
JPEG_QUALITY = 85
# One large photo takes some hundred megabytes while it is made smaller.
_at_work = threading.Lock()


class NotAPhoto(errors.Refused):
    """The file is not an image that we can read."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(
            "files.not_a_photo",
            _("%(name)s is not a photo that can be read.") % {"name": name},
            data={"name": name},
            next_step=_("Send a JPEG, PNG or WebP photo."),
        )


class TooLarge(errors.Refused):
    """The file has more bytes or pixels than we accept."""

    status = 413

    def __init__(self, name: str, bytes_max: int) -> None:
        super().__init__(
            "files.too_large",
            _("%(name)s is too large; at most %(megabytes)d MB are accepted.")
            % {"name": name, "megabytes": bytes_max // 1_000_000},
            data={"name": name, "bytes_max": bytes_max},
            next_step=_("Send a smaller photo."),
        )


class UnknownKind(errors.Refused):
    """The program asked to keep a kind of file that nobody declared."""

    status = 422

    def __init__(self, kind: str) -> None:
        super().__init__(
            "files.unknown_kind",
            _("Files of the kind %(kind)s are not accepted.") % {"kind": kind},
            data={"kind": kind, "known": sorted(KINDS)},
        )


# Kind to the permission a reader needs, filled by `declare_kind`.
KINDS: dict[str, str] = {}
# Kind to what else decides who sees one file of it.
READERS: dict[str, Callable[[User, StoredFile], bool]] = {}


def declare_kind(
    kind: str, *, permission: str, may_read: Callable[[User, StoredFile], bool] | None = None
) -> None:
    """Make a kind of photo known, with the permission needed to look at it.

    ``may_read`` decides of one file as well, where not everybody with the permission sees all.
    """
    KINDS[kind] = permission
    if may_read is not None:
        READERS[kind] = may_read


def is_for(reader: User, file: StoredFile) -> bool:
    """Tell whether a reader who holds the permission of a file's kind sees this one."""
    decides = READERS.get(file.kind)
    return decides is None or decides(reader, file)


@dataclass(frozen=True)
class Photo:
    """A photo that was checked and written anew, and is not kept yet."""

    content: bytes
    name: str
    kind: str
    width_px: int
    height_px: int


def read(upload: UploadedFile, kind: str) -> Photo:
    """Check a photo, turn it upright and drop its hidden data; writes nothing.

    The picture is written anew, so neither the place where it was taken nor anything hidden behind
    it survives. It takes up to seconds: do it before a transaction that writes, which keeps all
    others waiting. Refuses with `files.not_a_photo`, `files.too_large`, `files.unknown_kind`.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    name = Path(str(getattr(upload, "name", "") or "")).name[:200]
    content = upload.read(settings.get().photo_bytes_max + 1)
    if len(content) > settings.get().photo_bytes_max:
        raise TooLarge(name, settings.get().photo_bytes_max)
    with _at_work:
        photo, width_px, height_px = _fresh_photo(content, name)
    return Photo(photo, name, kind, width_px, height_px)


def keep(upload: UploadedFile | Photo, by_id: int | None, kind: str) -> StoredFile:
    """Keep a photo that was read, or read and keep one; refuses as `read` does."""
    from huoshui.kernel.files.models import StoredFile

    photo = upload if isinstance(upload, Photo) else read(upload, kind)
    content_hash = hashlib.sha256(photo.content).hexdigest()
    _write_once(path_of(content_hash), photo.content)
    return StoredFile.objects.create(
        key=uuid.uuid4(),
        content_hash=content_hash,
        kind=kind,
        media_type="image/jpeg",
        name=photo.name,
        size_bytes=len(photo.content),
        width_px=photo.width_px,
        height_px=photo.height_px,
        permission=KINDS[kind],
        by_id=by_id,
        kept_at=clock.now(),
    )


def path_of(content_hash: str) -> Path:
    """Return where content of this hash lies."""
    return settings.get().home / "files" / content_hash[:2] / content_hash


def _fresh_photo(content: bytes, name: str) -> tuple[bytes, int, int]:
    try:
        with warnings.catch_warnings():
            # Pillow only warns about pictures that unpack into gigabytes; we refuse them.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture: Any = Image.open(io.BytesIO(content), formats=PHOTO_FORMATS)
            if picture.width * picture.height > PHOTO_PIXELS_MAX:
                raise TooLarge(name, settings.get().photo_bytes_max)
            # Smaller first: turning a picture needs its memory a second time.
            picture.thumbnail((PHOTO_SIDE_PX_MAX, PHOTO_SIDE_PX_MAX))
            picture = _turned(picture)
            upright = picture.convert("RGBA")
            paper = Image.new("RGB", upright.size, "white")
            paper.paste(upright, mask=upright.getchannel("A"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooLarge(name, settings.get().photo_bytes_max) from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as unreadable:
        raise NotAPhoto(name) from unreadable
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue(), paper.width, paper.height


def _turned(picture: Any) -> Any:
    """Return a picture upright; one whose hidden data is broken stays as it lies."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken data makes the library stumble in ways of its own
        return picture


def _write_once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with rough.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        rough.replace(path)
        _sync_folders(path.parent)
    except OSError:
        rough.unlink(missing_ok=True)
        raise


def _sync_folders(folder: Path) -> None:
    """Put the name of a new file to disk as well: a row of the database will point to it."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names by itself
        return
    for one in (folder, folder.parent):
        handle = os.open(one, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
