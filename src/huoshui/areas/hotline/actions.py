"""Writes of calls."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import contracts, queries, rules
from huoshui.areas.hotline.models import Call
from huoshui.kernel import audit, clock, errors, events


class CodeNotPossible(errors.Refused):
    """The code holds a character that no code may hold, or is too long."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "hotline.code_not_possible",
            _("%(code)s cannot be a code.") % {"code": code},
            status=422,
            data={"code": code, "length_max": rules.CODE_LENGTH_MAX},
            next_step=_("Use letters, digits, dash and underscore."),
        )


class CodeTaken(errors.Refused):
    """Something in this register already has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "hotline.code_taken",
            _("The code %(code)s is already in use.") % {"code": code},
            data={"code": code},
            next_step=_("Choose another code."),
        )


@transaction.atomic
def add_call(*, code: str, name: str, by_id: int | None) -> contracts.Call:
    """Add a call; publishes `CallAdded`.

    Refuses with `hotline.code_not_possible` (422) or `hotline.code_taken` (409), in this order.
    """
    if not rules.is_code(code):
        raise CodeNotPossible(code)
    if Call.objects.filter(code=code).exists():
        raise CodeTaken(code)
    row = Call.objects.create(code=code, name=name, added_at=clock.now())
    audit.record(by_id, "hotline.call_added", f"call:{code}", {"name": name})
    events.publish(contracts.CallAdded(code=code, at=row.added_at, by_id=by_id))
    return queries.contract(row)
