"""What may be done with many cases of one kind at once: steps that ask for nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases, errors
from huoshui.kernel.cases import declaring
from huoshui.kernel.cases.declaring import CaseType, Transition
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, offers
from huoshui.kernel.pages import kit

AT_ONCE_MAX = 500
REASONS_SHOWN = 3


class TooManyAtOnce(errors.Refused):
    """A step is taken for each case by itself, so not for thousands at once."""

    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(
            "cases.too_many_at_once",
            _("A step can be taken for at most %(most)s cases at once.") % {"most": AT_ONCE_MAX},
            data={"count": count, "most": AT_ONCE_MAX},
            next_step=_("Narrow the list with search and filters."),
        )


def offered(case_type: CaseType) -> tuple[kit.BulkAction, ...]:
    """Return the deeds on many cases of a type."""
    take = kit.BulkAction(
        "take_over",
        _("I am responsible"),
        _take_over,
        permission=case_type.permission("assign"),
        confirm=_("Take over {n} cases?"),
        icon="user-check",
    )
    give = kit.BulkAction(
        "give",
        _("Give to somebody"),
        lead=partial(_give_page, type_code=case_type.code),
        permission=case_type.permission("assign"),
        confirm=_("Give {n} cases to somebody?"),
        icon="users",
    )
    return (take, give, *(_step_action(case_type, one) for one in offers.direct_steps(case_type)))


def _step_action(case_type: CaseType, step: Transition) -> kit.BulkAction:
    to = case_type.state(step.to)
    return kit.BulkAction(
        f"step_{step.code}",
        step.label,
        partial(_take_step, step=step.code),
        permission=case_type.permission(step.permission),
        colour="danger" if to is not None and to.kind == declaring.CANCELLED else "",
    )


def _give_page(request: HttpRequest, ids: list[Any], *, type_code: str) -> str:
    """Lead to the form that asks to whom."""
    refuse_too_many(len(ids))
    return f"{addresses.way_url('give-many', type_code)}?ids={','.join(map(str, ids))}"


def refuse_too_many(count: int) -> None:
    """Refuse with `cases.too_many_at_once` what would take minutes, case by case."""
    if count > AT_ONCE_MAX:
        raise TooManyAtOnce(count)


def _take_over(request: HttpRequest, ids: list[Any]) -> int:
    def take(number: str) -> None:
        cases.assign(number, by_id=request.user.pk, owner_id=request.user.pk)

    return _each(request, ids, take)


def _take_step(request: HttpRequest, ids: list[Any], *, step: str) -> int:
    def take(number: str) -> None:
        cases.act(number, step, by_id=request.user.pk)

    return _each(request, ids, take)


def _each(request: HttpRequest, ids: list[Any], take: Any) -> int:
    """Do it case by case: what one of them refuses must not stop the others."""
    refuse_too_many(len(ids))
    done, refused = 0, []
    for number in Case.objects.filter(pk__in=ids).order_by("pk").values_list("number", flat=True):
        try:
            take(number)
            done += 1
        except errors.Refused as refusal:
            refused.append(f"{number}: {refusal.message}")
    if refused:
        said = ngettext(
            "%(n)s case was left as it is.", "%(n)s cases were left as they are.", len(refused)
        )
        more = " ".join(refused[:REASONS_SHOWN])
        messages.warning(request, f"{said % {'n': len(refused)}} {more}")
        messages.success(request, gettext("Done for %(n)s.") % {"n": done})
    return done
