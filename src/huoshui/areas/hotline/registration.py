"""What the hotline declares: permissions, deeds, pages, schedules, streams."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import tasks
from huoshui.areas.hotline.actions import telling
from huoshui.kernel import audit, jobs, live
from huoshui.kernel.accounts import permissions

AGENTS = ("hotline_agent", "service_manager")
PERMISSIONS = (
    ("hotline.take_calls", _("Take calls at the hotline's desk"), AGENTS),
    ("hotline.read_calls", _("See calls and the hotline's figures"),
     (*AGENTS, "manager", "dispatcher")),
    ("hotline.see_numbers", _("See the numbers of callers"), AGENTS),
    ("hotline.edit_topics", _("Change what calls are sorted by"), ("service_manager",)),
    ("hotline.read_knowledge", _("Read the knowledge base"),
     (*AGENTS, "manager", "dispatcher", "grid_specialist", "crew_leader", "viewer")),
    ("hotline.write_knowledge", _("Write drafts of articles"), AGENTS),
    ("hotline.approve_knowledge", _("Approve and retire articles of others"),
     ("service_manager",)),
    ("hotline.listen", _("Listen to calls and judge them"), ("service_manager", "manager")),
    ("hotline.plan_rota", _("Plan who sits at the hotline"), ("service_manager",)),
    ("hotline.city_line", _("Bring in and answer tickets of the city's line"), AGENTS),
)  # fmt: skip
DEEDS = {
    "hotline.seat_taken": _("Seat at the hotline taken"),
    "hotline.seat_changed": _("State of a seat changed"),
}
SUBJECTS = {
    "hotline.call": _("Call"),
    "hotline.seat": _("Extension"),
}


def register() -> None:
    """Offer everything; called once when the program starts."""
    for code, label, posts in PERMISSIONS:
        permissions.declare(code, label, posts=posts)
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    live.stream(telling.STREAM, tasks.changed_calls, "hotline.take_calls")
    jobs.schedule(
        "hotline.silent_calls",
        every=timedelta(minutes=15),
        run=tasks.end_silent_calls,
        catch_up=False,
        label=_("End calls of which nothing is heard any more"),
    )
