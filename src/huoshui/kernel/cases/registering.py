"""What a declared case type means to the rest of the kernel: permissions, photos, the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.declaring import CaseType
    from huoshui.kernel.files.models import StoredFile


def register(case_type: CaseType) -> None:
    """Make permissions and the kind of photos of a type known."""
    from huoshui.kernel import files
    from huoshui.kernel.accounts import permissions

    for one in case_type.permissions:
        permissions.declare(
            f"{case_type.code}.{one.code}", one.label, posts=one.posts, by_unit=True
        )
    files.declare_kind(
        case_type.photo_kind, permission=case_type.permission("read"), may_read=may_see_photo
    )


def may_see_photo(reader: User, file: StoredFile) -> bool:
    """Tell whether somebody may see a photo: they see a case it came with, or handed it in."""
    from huoshui.kernel.cases import queries
    from huoshui.kernel.cases.models import Case

    cases = Case.objects.filter(steps__photos__file=file).distinct()
    return file.by_id == reader.pk or any(queries.may_read(reader, one) for one in cases)
