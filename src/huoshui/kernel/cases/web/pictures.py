"""Photos and signatures that come with a step, kept as files of the kind of case."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from huoshui.kernel import files
from huoshui.kernel.cases import refusals
from huoshui.kernel.cases.declaring import CaseType

PNG = "data:image/png;base64,"
PHOTOS_MAX = 12


@dataclass
class Kept:
    """The keys of kept photos: of the step itself, and by the fields they fill."""

    of_step: list[int] = field(default_factory=list)
    by_field: dict[str, list[int]] = field(default_factory=dict)


def read_all(
    case_type: CaseType, given: Mapping[str, Sequence[Any]]
) -> dict[str, list[files.Photo]]:
    """Check the photos of a form; refuses too many, and what is no photo.

    It takes up to seconds, so that it belongs before a transaction, and writes nothing.
    """
    count = sum(len(photos) for photos in given.values())
    if count > PHOTOS_MAX:
        text = _("%(count)s photos are too many; at most %(most)s at once.")
        raise refusals.NotUsable({"photos": text % {"count": count, "most": PHOTOS_MAX}})
    kind = case_type.photo_kind
    return {code: [files.read(one, kind) for one in photos] for code, photos in given.items()}


def keep_all(case_type: CaseType, given: Mapping[str, Sequence[files.Photo]], by_id: int) -> Kept:
    """Keep the photos that `read_all` checked."""
    kept = Kept()
    for code, photos in given.items():
        keys = [files.keep(one, by_id, case_type.photo_kind).pk for one in photos]
        if code:
            kept.by_field[code] = keys
        else:
            kept.of_step = keys
    return kept


def read_signature(case_type: CaseType, drawn: str) -> files.Photo | None:
    """Check a signature that was drawn on the page; refuses what is no picture."""
    if not drawn:
        return None
    try:
        content = base64.b64decode(drawn.removeprefix(PNG), validate=True)
    except binascii.Error:
        raise refusals.NotUsable({"signature": _("The signature cannot be read.")}) from None
    upload = SimpleUploadedFile("signature.png", content, content_type="image/png")
    return files.read(upload, case_type.photo_kind)
