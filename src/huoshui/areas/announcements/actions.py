"""Writes of announcements."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import contracts, queries, rules
from huoshui.areas.announcements.models import Announcement
from huoshui.kernel import audit, clock, errors, events


class CodeNotPossible(errors.Refused):
    """The code holds a character that no code may hold, or is too long."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "announcements.code_not_possible",
            _("%(code)s cannot be a code.") % {"code": code},
            status=422,
            data={"code": code, "length_max": rules.CODE_LENGTH_MAX},
            next_step=_("Use letters, digits, dash and underscore."),
        )


class CodeTaken(errors.Refused):
    """Something in this register already has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "announcements.code_taken",
            _("The code %(code)s is already in use.") % {"code": code},
            data={"code": code},
            next_step=_("Choose another code."),
        )


@transaction.atomic
def add_announcement(*, code: str, name: str, by_id: int | None) -> contracts.Announcement:
    """Add a announcement; publishes `AnnouncementAdded`.

    Refuses with `announcements.code_not_possible` (422) or `announcements.code_taken` (409), in this order.
    """
    if not rules.is_code(code):
        raise CodeNotPossible(code)
    if Announcement.objects.filter(code=code).exists():
        raise CodeTaken(code)
    row = Announcement.objects.create(code=code, name=name, added_at=clock.now())
    audit.record(by_id, "announcements.announcement_added", f"announcement:{code}", {"name": name})
    events.publish(contracts.AnnouncementAdded(code=code, at=row.added_at, by_id=by_id))
    return queries.contract(row)
