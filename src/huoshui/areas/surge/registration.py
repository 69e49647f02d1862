"""What emergency support declares: permissions, deeds, pages, a schedule, a stream."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEADERS = ("manager", "dispatcher", "service_manager")
PERMISSIONS = (
    ("surge.read", _("See waves of trouble, their wall and reports"),
     (*LEADERS, "hotline_agent", "crew_leader", "grid_specialist", "viewer")),
    ("surge.declare", _("Declare and end waves of trouble"), ("manager", "dispatcher")),
    ("surge.report", _("Make reports of waves of trouble"), LEADERS),
    ("surge.rank", _("See repairs ranked by need and give the board priorities"),
     ("manager", "dispatcher")),
    ("surge.prepare", _("Keep emergency plans, forecasts and prices"), ("manager", "dispatcher")),
    ("surge.risk_lists", _("Keep lists of customers at risk"),
     ("service_manager", "hotline_agent", "grid_specialist")),
    ("surge.answer", _("Answer when one's crew is called up"), ("crew_leader", "crew")),
)  # fmt: skip
MENU = (
    (_("Waves of trouble"), "surges", "surge.read", "alert-triangle", 40),
    (_("Emergency plans"), "plans", "surge.prepare", "clipboard-list", 41),
    (_("Forecast"), "forecast", "surge.prepare", "temperature", 42),
    (_("Customers at risk"), "risk-lists", "surge.risk_lists", "users", 43),
)
DEEDS = {
    "surge.declared": _("Wave of trouble declared"),
    "surge.ended": _("Wave of trouble ended"),
    "surge.crew_answered": _("Crew answered the call"),
    "surge.report_made": _("Report of a wave made"),
    "surge.priorities_given": _("Priorities given by need"),
    "surge.risk_list_kept": _("List of customers at risk kept"),
    "surge.risk_warned": _("Customers at risk told"),
    "surge.risk_taken_off": _("Customers taken off a list of those at risk"),
    "surge.risk_notes_read": _("Notes on special care looked at"),
    "surge.plan_kept": _("Emergency plan kept"),
    "surge.forecast_kept": _("Forecast kept"),
    "surge.proposed": _("Wave of trouble proposed by the weather"),
    "surge.set_aside": _("Proposal to declare set aside"),
    "surge.warning_begun": _("Warning of customers at risk begun"),
    "surge.minimums_raised": _("Minimum of stores raised"),
    "surge.prices_kept": _("Prices kept"),
}
SUBJECTS = {
    "surge.surge": _("Wave of trouble"),
    "surge.risk_list": _("List of customers at risk"),
    "surge.plan": _("Emergency plan"),
    "surge.report": pgettext_lazy("surge", "Report"),
    "surge.forecast": _("Forecast"),
    "surge.price": pgettext_lazy("surge", "Price"),
}
DETAILS = {
    "name": _("Name"),
    "kind": pgettext_lazy("surge", "Kind"),
    "crews": _("Crews"),
    "crew": _("Crew"),
    "until": _("Until"),
    "calls": pgettext_lazy("surge", "Calls"),
    "jobs": _("Jobs"),
    "passed_over": _("Passed over"),
    "customers": _("Customers"),
    "taken_off": _("Taken off"),
    "how": pgettext_lazy("surge", "How told"),
    "days": _("Days"),
    "first_date": pgettext_lazy("surge", "First day"),
    "reason": _("Reason"),
    "announcement": _("Announcement"),
    "parts": _("Parts"),
}
STREAM = "surge.wall"


def register() -> None:
    """Offer everything; called once when the program starts."""
    from huoshui.areas.customers import contracts as customers
    from huoshui.areas.surge import risks_in, tasks
    from huoshui.areas.surge.actions import listing
    from huoshui.kernel import audit, events, jobs, live
    from huoshui.kernel.accounts import permissions
    from huoshui.kernel.pages import menu

    for code, label, posts in PERMISSIONS:
        permissions.declare(code, label, posts=posts)
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    audit.name_details({f"surge.{key}": label for key, label in DETAILS.items()})
    for label, name, permission, icon, order in MENU:
        menu.add("work", label, f"surge:{name}", permission, icon, order)
    risks_in.declare()
    events.listen(
        customers.CareEnded, listing.follow_care, name="surge.care_ended",
        label=_("Take whose special care ended off the lists of those at risk"),
    )  # fmt: skip
    live.stream(STREAM, tasks.changed, "surge.read")
    jobs.schedule(
        "surge.weather",
        every=timedelta(hours=1),
        run=tasks.look_at_weather,
        catch_up=False,
        label=_("See whether the weather reaches the trigger of a plan"),
    )
