"""Who sees people in patrols: builders' contacts, and where a walker was minute by minute.

Those who work with them see them in full, and each reading is recorded; others see them masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions, personal

if TYPE_CHECKING:
    from huoshui.areas.fieldwork import models

MANAGE = "fieldwork.manage_patrol"
AT_WORK = (MANAGE, "fieldwork.record_patrol", "fieldwork.settle_damage")


def sees_builder(reader: Any) -> bool:
    """Tell whether a reader sees whom of a builder one calls."""
    return personal.may_see(reader) or any(permissions.holds(reader, one) for one in AT_WORK)


def note_builder(reader: Any, site: models.ConstructionSite) -> None:
    """Record that a reader saw whom of the builder of a site one calls."""
    audit.record_read(reader.pk, "fieldwork.builder_read", f"fieldwork.site:{site.number}")


def name_of(name: str, *, sees: bool) -> str:
    """Return the name of somebody of a builder, or its first sign."""
    return name if sees or not name else f"{name[:1]}**"


def phone_of(number: str, *, sees: bool) -> str:
    """Return the telephone number of somebody of a builder, in full or masked."""
    return number if sees else personal.mask_phone(number)


def sees_track(reader: Any, walk: models.PatrolWalk) -> bool:
    """Tell whether a reader sees the way of a walk; that of another person is recorded."""
    if walk.by_id == reader.pk:
        return True
    if not (personal.may_see(reader) or permissions.holds(reader, MANAGE)):
        return False
    audit.record_read(reader.pk, "fieldwork.track_read", f"fieldwork.walk:{walk.pk}")
    return True
