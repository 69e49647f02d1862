"""What fieldwork declares for crews, plans and stock: permissions, deeds, pages, a stream."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.kernel import audit, jobs, live, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.intake import kinds
from huoshui.kernel.pages import menu

CREWS = ("crew_leader", "crew")
PERMISSIONS = (
    ("fieldwork.manage_crews", _("Change crews, their people and shifts"),
     ("manager", "dispatcher", "crew_leader"), "by_unit"),
    ("fieldwork.read_stock", _("See the stock of parts"),
     ("manager", "dispatcher", *CREWS), "in_house"),
    ("fieldwork.manage_stock", _("Manage parts, stores and minimums"),
     ("dispatcher", "crew_leader"), "by_unit"),
    ("fieldwork.import_roads", _("Bring in the roads that crews drive on"),
     ("manager", "dispatcher"), ""),
    ("fieldwork.move_stock", _("Book movements of parts"), ("dispatcher", *CREWS), "by_unit"),
)  # fmt: skip
MENU = (
    (_("Dispatch"), "board", "fieldwork.read_jobs", "timeline-event", 5),
    (_("Crews"), "crews", "fieldwork.read_jobs", "users-group", 20),
    (_("Stock"), "stock", "fieldwork.read_stock", "package", 30),
    (_("Repair times"), "repair-times", "fieldwork.read_jobs", "stopwatch", 15),
    (_("Movements of parts"), "movements", "fieldwork.read_stock", "history", 31),
)
DEEDS = {
    "fieldwork.job_taken_back": _("Job taken back from the crew"),
    "fieldwork.job_priority_set": _("Priority of a job changed"),
    "fieldwork.job_set_off": _("Crew on its way to a job"),
    "fieldwork.job_arrived": _("Crew at a job"),
    "fieldwork.job_timed": _("Moments of a repair put right"),
    "fieldwork.stock_imported": _("Stock imported"),
    "fieldwork.difference_settled": _("Difference of parts settled"),
    "fieldwork.stock_short": _("Part is running out"),
    "fieldwork.stock_enough": _("Part is enough again"),
    "fieldwork.skill_kept": _("Skill changed"),
    "fieldwork.pattern_kept": _("Shift pattern changed"),
    "fieldwork.job_type_kept": _("Type of job changed"),
    "fieldwork.crew_kept": _("Crew changed"),
    "fieldwork.crew_members_set": _("People of a crew changed"),
    "fieldwork.crew_day_set": _("Shift of a crew changed for a day"),
    "fieldwork.crew_placed": _("Place of a crew told"),
    "fieldwork.crew_place_forgotten": _("Place of a crew forgotten"),
    "fieldwork.plan_asked": _("Plan asked for"),
    "fieldwork.plan_computed": _("Plan proposed"),
    "fieldwork.plan_failed": _("Plan not computed"),
    "fieldwork.plan_changed": _("Proposed plan changed"),
    "fieldwork.plan_accepted": _("Plan accepted"),
    "fieldwork.plan_put_aside": _("Plan put aside"),
    "fieldwork.roads_imported": _("Roads brought in"),
    "fieldwork.part_kept": _("Part changed"),
    "fieldwork.store_kept": _("Store changed"),
    "fieldwork.minimum_kept": _("Minimum of a part changed"),
    "fieldwork.parts_received": _("Parts received"),
    "fieldwork.parts_loaded": _("Parts moved between stores"),
    "fieldwork.parts_issued": _("Parts issued to a job"),
    "fieldwork.parts_returned": _("Parts returned from a job"),
    "fieldwork.parts_counted": _("Parts counted"),
    "fieldwork.parts_scrapped": _("Parts scrapped"),
    "fieldwork.parts_difference": _("Parts used that the books did not have"),
}
SUBJECTS = {
    "fieldwork.skill": _("Skill"),
    "fieldwork.pattern": _("Shift pattern"),
    "fieldwork.job_type": _("Type of job"),
    "fieldwork.crew": _("Crew"),
    "fieldwork.plan": pgettext_lazy("plan", "Proposal"),
    "fieldwork.roads": _("Roads"),
    "fieldwork.part": pgettext_lazy("stock", "Part"),
    "fieldwork.store": _("Store"),
    "fieldwork.stock": _("Stock"),
}
DETAILS = {
    "minutes": _("Minutes"),
    "skills": _("Skills"),
    "kit": _("Kit"),
    "is_retired": _("Not there any more"),
    "people": pgettext_lazy("crew", "People"),
    "is_off": _("Off"),
    "days": _("Days"),
    "day": pgettext_lazy("crew", "Day"),
    "first_date": _("Begins"),
    "jobs": _("Jobs"),
    "left": pgettext_lazy("plan", "Left out"),
    "job": _("Job"),
    "crew": _("Crew"),
    "passed_over": _("Passed over"),
    "part": pgettext_lazy("stock", "Part"),
    "parts": _("Parts"),
    "quantity": _("Quantity"),
    "months": _("Months"),
    "lines": _("Lines"),
    "file": _("File"),
    "differences": _("Differences"),
    "from": pgettext_lazy("stock", "From"),
    "to": pgettext_lazy("stock", "To"),
    "until": _("Until"),
}


def _roads() -> Any:
    from huoshui.areas.fieldwork import roads_in

    return roads_in


def _stock() -> Any:
    from huoshui.areas.fieldwork import stock_in

    return stock_in


def register() -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.fieldwork import tasks
    from huoshui.areas.fieldwork.actions import warning
    from huoshui.areas.fieldwork.checks import registration as checks
    from huoshui.areas.fieldwork.patrol import registration as patrol
    from huoshui.areas.fieldwork.web import board, repairs

    for code, label, posts, reach in PERMISSIONS:
        permissions.declare(
            code, label, posts=posts, by_unit=reach == "by_unit", in_house=reach == "in_house"
        )
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    audit.name_details({f"fieldwork.{key}": label for key, label in DETAILS.items()})
    for label, name, permission, icon, order in MENU:
        menu.add("work", label, f"fieldwork:{name}", permission, icon, order)
    kinds.declare_kind(
        kinds.of_module(
            _roads,
            has_template=False,
            code="roads",
            label=_("Roads"),
            description=_(
                "Ways of the crews: lines with a class or a speed. They replace the roads before."
            ),
            permission="fieldwork.import_roads",
            counted=_("roads"),
            options=(
                kinds.Option(
                    "crs", _("Coordinate system"),
                    _("EPSG number such as 4547. Empty: the file says, or it is guessed."),
                ),
            ),
            order=60,
            files=_("GeoPackage, Shapefile (zipped), GeoJSON"),
        )
    )  # fmt: skip
    kinds.declare_kind(
        kinds.of_module(
            _stock,
            code="stock",
            label=_("Stock of parts"),
            description=_("What lies in stores and vehicles, as counted, and what should lie."),
            permission="fieldwork.manage_stock",
            counted=pgettext_lazy("stock", "rows"),
            options=(kinds.Option("sheet", _("Sheet of the workbook")),),
            order=61,
        )
    )
    jobs.schedule(
        "fieldwork.stock_watch",
        every=timedelta(minutes=10),
        run=warning.watch_all,
        catch_up=False,
        label=_("Look which parts run out"),
    )
    jobs.schedule(
        "fieldwork.look_for_crews",
        every=timedelta(minutes=2),
        run=tasks.look_for_crews,
        catch_up=False,
        label=_("Look why jobs have no crew"),
    )
    slots.fill("fieldwork.job.panels", repairs.job_times, permission="fieldwork.read_jobs", order=5)
    live.stream(board.STREAM, board.changes, "fieldwork.read_jobs")
    from huoshui.areas.fieldwork.upkeep import registration as upkeep

    upkeep.register()
    patrol.register()
    checks.register()
