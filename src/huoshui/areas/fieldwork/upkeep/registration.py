"""What maintenance declares: permission, deeds, pages, background work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import contracts
from huoshui.areas.fieldwork.actions import closing
from huoshui.areas.fieldwork.upkeep import area_lines, case_types, photos, tasks, words
from huoshui.areas.fieldwork.upkeep.condition import registration as condition
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, events, jobs, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.intake import kinds
from huoshui.kernel.pages import menu

READ, MANAGE = "fieldwork.read_jobs", "fieldwork.manage_upkeep"
MENU = (
    (_("Maintenance"), "upkeep:plans", READ, "tool", 12),
    (_("Maintenance calendar"), "upkeep:calendar", READ, "calendar", 13),
    (_("Signs of wear"), "upkeep:indicators", READ, "activity", 14),
)
DEEDS = {
    "fieldwork.upkeep_kept": _("Maintenance plan changed"),
    "fieldwork.upkeep_retired": _("Maintenance plan retired"),
    "fieldwork.upkeep_entered": _("Maintenance entered as done"),
    "fieldwork.upkeep_done": _("Maintenance done"),
    "fieldwork.upkeep_missed": _("Maintenance missed"),
    "fieldwork.upkeep_skipped": _("Maintenance given up once"),
    "fieldwork.upkeep_not_asked": _("Maintenance could not be asked for"),
    "fieldwork.breakdown_paired": _("Stop-gap and permanent repair asked for"),
    "fieldwork.breakdown_measure": _("Measure of a breakdown written down"),
    "fieldwork.case_line_added": _("Line of a repair case added"),
    "fieldwork.case_line_struck": _("Line of a repair case struck out"),
}
DETAILS = {
    "case": _("Case"),
    "what": pgettext_lazy("case line", "What"),
    "asset": _("Asset"),
    "fields": pgettext_lazy("upkeep", "Changed"),
    "done_date": pgettext_lazy("upkeep", "Done on"),
    "due_date": pgettext_lazy("upkeep", "Due on"),
    "missed": pgettext_lazy("upkeep", "Missed days"),
}


def _importing() -> Any:
    from huoshui.areas.fieldwork.upkeep import importing

    return importing


def register() -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.fieldwork.upkeep.web import panels
    from huoshui.areas.fieldwork.upkeep.web import repairs as repair_pages

    permissions.declare(
        MANAGE, _("Change maintenance plans"),
        posts=("manager", "dispatcher", "crew_leader"), by_unit=True,
    )  # fmt: skip
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    audit.name_subject("fieldwork.upkeep", _("Maintenance plan"))
    audit.name_details({f"fieldwork.{key}": label for key, label in DETAILS.items()})
    audit.name_values("fieldwork.fields", lambda code: words.FIELDS.get(code, code))
    for label, name, permission, icon, order in MENU:
        menu.add("work", label, name, permission, icon, order)
    network.register_card_lines(area_lines.LINES)
    slots.fill("network.asset.panels", panels.asset_upkeep, permission=READ, order=62)
    slots.fill("fieldwork.job.panels", panels.job_upkeep, permission=READ, order=5)
    case_types.declare()
    slots.fill("fieldwork.job.panels", repair_pages.job_panel, permission=READ, order=6)
    slots.fill("cases.case.panels", repair_pages.case_panel, permission=READ, order=20)
    slots.fill("cases.link", repair_pages.case_link, permission=READ, order=70)
    condition.register(READ)
    closing.before_closing(photos.refuse_without)
    events.listen(
        contracts.JobClosed, tasks.job_closed, name="fieldwork.upkeep_job_closed",
        label=_("Write down maintenance that was done"),
    )  # fmt: skip
    events.listen(
        contracts.JobCancelled, tasks.job_cancelled, name="fieldwork.upkeep_job_cancelled",
        label=_("Write down maintenance that was given up"),
    )  # fmt: skip
    kinds.declare_kind(
        kinds.of_module(
            _importing, code="maintenance-plans", label=_("Maintenance plans"),
            description=_("What is looked after how often, by days or running hours, and when it "
                          "was done last."),
            permission=MANAGE, counted=pgettext_lazy("upkeep", "plans"),
            options=(kinds.Option("sheet", _("Sheet of the workbook")),), order=80,
        )
    )  # fmt: skip
    jobs.schedule(
        "fieldwork.upkeep", every=tasks.EVERY, run=tasks.look, catch_up=False,
        label=_("Ask for the jobs of maintenance that fall due"),
    )  # fmt: skip
