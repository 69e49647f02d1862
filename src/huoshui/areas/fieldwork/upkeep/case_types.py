"""Two patterns of repair as kinds of case: a breakdown in two jobs, and a small retrofit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.kernel import cases

BREAKDOWN, RETROFIT = "fieldwork.breakdown", "fieldwork.retrofit"
LEADERS = ("manager", "dispatcher")
WORKERS = (*LEADERS, "crew_leader", "crew")
READERS = (*WORKERS, "leakage_engineer", "viewer")
CANCELLED = cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled")
CAUSES = (
    ("wear", pgettext_lazy("cause", "Wear and age")),
    ("electric", pgettext_lazy("cause", "Electricity, cable, control")),
    ("blocked", pgettext_lazy("cause", "Blocked by rubbish")),
    ("water", pgettext_lazy("cause", "Water got in")),
    ("handling", pgettext_lazy("cause", "Wrong handling")),
    ("outside", pgettext_lazy("cause", "Damage from outside, weather")),
    ("unknown", pgettext_lazy("cause", "Not found out")),
)
SPILLED = (
    ("no", pgettext_lazy("spill", "Nothing ran over")),
    ("yes", pgettext_lazy("spill", "Ran over")),
    ("unknown", pgettext_lazy("spill", "Not known")),
)
HOLD_HOURS, REPAIR_DAYS = 2, 14


def _permissions() -> tuple[cases.Permission, ...]:
    return (
        cases.Permission("read", _("See them"), READERS),
        cases.Permission("open", _("Open and change them"), (*LEADERS, "crew_leader")),
        cases.Permission("work", _("Write down what is done and what it costs"), WORKERS),
        cases.Permission("approve", _("Approve and close them"), (*LEADERS, "crew_leader")),
    )


def _cancel(*from_: str) -> cases.Transition:
    return cases.Transition(
        "cancel", _("Cancel"), from_, "cancelled", "approve", requires=(cases.NeedsNote(),)
    )


def breakdown() -> cases.CaseType:
    """A machine failed: what keeps it going first, what mends it for good, and what it cost."""
    return cases.CaseType(
        code=BREAKDOWN, label=pgettext_lazy("repair", "Breakdown"), plural=_("Breakdowns"),
        prefix="SBQX", icon="alert-triangle", order=64,
        asks_place=True,
        states=(
            cases.State("reported", pgettext_lazy("breakdown", "Stands still"),
                        posts=("crew_leader", "dispatcher")),
            cases.State("held", pgettext_lazy("breakdown", "Held by a stop-gap"), kind="waiting"),
            cases.State("repaired", pgettext_lazy("breakdown", "Repaired, to be checked"),
                        posts=LEADERS),
            cases.State("closed", pgettext_lazy("case", "Closed"), kind="done"),
            CANCELLED,
        ),
        transitions=(
            cases.Transition("hold", _("Running again by a stop-gap"), ("reported",), "held",
                             "work", fields=("spilled_m3",),
                             requires=(cases.NeedsField("impact", "ended_at", "spilled"),)),
            cases.Transition("repair", _("Repaired for good"), ("reported", "held"), "repaired",
                             "work", fields=("spilled_m3", "cause_detail"), requires=(
                                 cases.NeedsField("impact", "ended_at", "spilled", "cause"),)),
            cases.Transition("rework", _("Not good yet"), ("repaired",), "held", "approve",
                             requires=(cases.NeedsNote(),)),
            cases.Transition("close", _("Checked, costs are complete"), ("repaired",), "closed",
                             "approve", requires=(cases.NeedsSecondPerson(than="repair"),)),
            _cancel("reported", "held"),
        ),
        fields=(
            cases.Field("impact", _("What it means for others"), kind="long_text"),
            cases.Field("began_at", _("Stands still since"), kind="moment"),
            cases.Field("ended_at", _("Running again since"), kind="moment"),
            cases.Field("spilled", _("Did anything run over"), kind="choice", choices=SPILLED),
            cases.Field("spilled_m3", _("How much ran over"), kind="number", unit="m³"),
            cases.Field("cause", _("Cause"), kind="choice", choices=CAUSES),
            cases.Field("cause_detail", _("Cause in words, what prevents it"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("hold", _("Running again"), cases.hours(HOLD_HOURS),
                        until=("held", "repaired"),
                        escalate=(cases.Escalate(cases.minutes(0), "manager"),)),
            cases.Clock("repair", _("Repaired for good"), cases.calendar_days(REPAIR_DAYS),
                        start=("held",), until=("repaired",)),
        ),
        permissions=_permissions(),
    )  # fmt: skip


def retrofit() -> cases.CaseType:
    """A small change of one's own instead of a purchase: weighed, approved, watched, verified."""
    return cases.CaseType(
        code=RETROFIT, label=_("Small retrofit"), plural=_("Small retrofits"), prefix="XJG",
        icon="bulb", order=66,
        states=(
            cases.State("proposed", pgettext_lazy("retrofit", "Proposed")),
            cases.State("weighed", pgettext_lazy("retrofit", "To be approved"), posts=LEADERS),
            cases.State("approved", pgettext_lazy("retrofit", "Being built"), kind="waiting"),
            cases.State("watched", pgettext_lazy("retrofit", "Being watched"), kind="waiting"),
            cases.State("verified", pgettext_lazy("retrofit", "Verified"), kind="done"),
            cases.State("rejected", pgettext_lazy("retrofit", "Not approved"), kind="cancelled"),
        ),
        transitions=(
            cases.Transition("weigh", _("Ask for approval"), ("proposed",), "weighed", "work",
                             requires=(cases.NeedsField("scheme", "load_check"),),
                             help=_("With the quotes and options below.")),
            cases.Transition("approve", _("Approve"), ("weighed",), "approved", "approve",
                             requires=(cases.NeedsSecondPerson(than="weigh"),)),
            cases.Transition("reject", _("Do not approve"), ("proposed", "weighed"), "rejected",
                             "approve", requires=(cases.NeedsNote(),)),
            cases.Transition("build", _("Built, in service"), ("approved",), "watched", "work",
                             requires=(cases.NeedsField("in_service_date", "watch_until"),)),
            cases.Transition("rework", _("Change the scheme"), ("weighed", "watched"), "proposed",
                             "work", requires=(cases.NeedsNote(),)),
            cases.Transition("verify", _("Verify what it saved"), ("watched",), "verified",
                             "approve", requires=(
                                 cases.NeedsField("result", "papers"),
                                 cases.NeedsSecondPerson(than="build"))),
        ),
        fields=(
            cases.Field("symptom", _("What is wrong"), kind="long_text", required=True),
            cases.Field("in_use_since", _("In use since"), kind="date"),
            cases.Field("scheme", _("Scheme chosen"), kind="long_text"),
            cases.Field("load_check", _("Effect on loads and safety"), kind="long_text"),
            cases.Field("in_service_date", _("In service since"), kind="date"),
            cases.Field("watch_until", _("Watched until"), kind="date"),
            cases.Field("result", _("What watching showed"), kind="long_text"),
            cases.Field("papers", _("Drawing and list of spares are changed"), kind="yes_no"),
        ),
        permissions=_permissions(),
    )  # fmt: skip


def declare() -> None:
    """Make them known to the kernel."""
    for one in (breakdown(), retrofit()):
        cases.declare(one)
