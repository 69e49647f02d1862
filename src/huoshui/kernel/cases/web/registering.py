"""Registers the pages of cases: menu lines, slots, the stream of changes."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import live, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.pages import menu

# Before the areas' own lines of the group, whose orders begin at 10.
MINE_ORDER = 5
CHANGES_MAX = 2000


def register() -> None:
    """Make the pages known; each kind of case gets its line when it is declared."""
    slots.declare("cases.case.panels", "At the foot of a case's page. Receives case (a CaseFact).")
    slots.declare(
        "cases.link",
        "One thing that a case is about, drawn by the area that owns it. Receives kind and code.",
    )
    slots.declare("cases.place", "The place of one case on a map. Receives lon and lat.")
    slots.declare(
        "cases.pick_place",
        "A map in a form that fills its hidden fields lon and lat. Receives nothing.",
    )
    slots.declare("cases.map", "The places of a list of cases. Receives spots_url (GeoJSON).")
    menu.add("work", _("My cases"), "cases:mine", permissions.SIGNED_IN, "checklist", MINE_ORDER)
    menu.add("system", _("Working days"), "cases:days", "cases.set_days", "calendar", 60)
    live.stream("cases", changes, permissions.SIGNED_IN)
    declaring.when_declared(_line_of)


def _line_of(case_type: CaseType) -> None:
    if not case_type.menu_group:
        return
    menu.add(
        case_type.menu_group,
        case_type.name,
        "cases:list",
        case_type.permission("read"),
        case_type.icon,
        case_type.order,
        args=(case_type.code,),
    )


def changes(cursor: int | None) -> tuple[int, list[dict[str, Any]]]:
    """Return which kinds of case changed since; nothing of the cases themselves."""
    from huoshui.kernel.cases.models import CaseStep

    newest = CaseStep.objects.aggregate(newest=Max("id"))["newest"] or 0
    if cursor is None or newest <= cursor:
        return newest, []
    steps = CaseStep.objects.filter(id__gt=max(cursor, newest - CHANGES_MAX), id__lte=newest)
    kinds = steps.order_by().values_list("case__type_code", flat=True).distinct()
    return newest, [{"key": kind} for kind in kinds]
