"""What a declared case type means to the rest of the kernel: permissions, photos, the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huoshui.kernel.cases.declaring import CaseType


def register(case_type: CaseType) -> None:
    """Make permissions and the kind of photos of a type known."""
    from huoshui.kernel import files
    from huoshui.kernel.accounts import permissions

    for one in case_type.permissions:
        permissions.declare(
            f"{case_type.code}.{one.code}", one.label, posts=one.posts, by_unit=True
        )
    files.declare_kind(case_type.photo_kind, permission=case_type.permission("read"))
