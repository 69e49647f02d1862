"""Who sees people in patrols: builders' contacts, and where a walker was minute by minute.

Those who work with them see them in full, and each reading is recorded; others see them masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huoshui.areas.fieldwork.patrol import belonging
from huoshui.kernel import audit
from huoshui.kernel.accounts import personal

if TYPE_CHECKING:
    from huoshui.areas.fieldwork import models

AT_WORK = (belonging.MANAGE, belonging.RECORD, belonging.SETTLE)


def sees_builder(reader: Any, site: models.ConstructionSite) -> bool:
    """Tell whether a reader sees whom of the builder of a site one calls."""
    return personal.may_see(reader) or any(
        belonging.may_at_site(reader, one, site) for one in AT_WORK
    )


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
    if not (personal.may_see(reader) or belonging.may_on_round(reader, walk.round)):
        return False
    audit.record_read(reader.pk, "fieldwork.track_read", f"fieldwork.walk:{walk.pk}")
    return True
