"""What checks declare: deeds, pages, panels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.kernel import audit, slots
from huoshui.kernel.pages import menu

READ = "fieldwork.read_jobs"
DEEDS = {
    "fieldwork.check_list_kept": _("Check list changed"),
    "fieldwork.check_taken": _("Equipment checked"),
}
SUBJECTS = {
    "fieldwork.check_list": _("Check list"),
    "fieldwork.check": pgettext_lazy("equipment", "Check"),
}
DETAILS = {
    "items": pgettext_lazy("check", "Items"),
    "wrong": pgettext_lazy("check", "Not in order"),
    "missing": pgettext_lazy("check", "Not answered"),
}


def register() -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.fieldwork.checks.web import panels

    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    audit.name_details({f"fieldwork.{key}": label for key, label in DETAILS.items()})
    menu.add("work", _("Equipment rounds"), "checks:rounds", READ, "clipboard-check", 42)
    slots.fill("network.asset.panels", panels.of_asset, permission=READ, order=61)
