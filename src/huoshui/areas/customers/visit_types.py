"""Cases that bring us to people: visits to key accounts, the water butler, community events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import rules
from huoshui.areas.customers.case_types import LEADERS, READERS, WORKERS
from huoshui.kernel import cases

KEY_VISIT = "customers.key_visit"
BUTLER = "customers.butler"
OUTREACH = "customers.outreach"
CANCELLED = cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled")


def _cancel(*from_: str) -> cases.Transition:
    return cases.Transition("cancel", _("Cancel"), from_, "cancelled", "cancel",
                            requires=(cases.NeedsNote(),))  # fmt: skip


def _permissions(do: tuple[str, ...]) -> tuple[cases.Permission, ...]:
    return (
        cases.Permission("read", _("See them"), READERS),
        cases.Permission("open", _("Plan and change them"), do),
        cases.Permission("work", _("Record what came of them"), WORKERS),
        cases.Permission("cancel", _("Cancel them"), LEADERS),
    )


def key_visit() -> cases.CaseType:
    """One visit to a key account: planned, made, and followed until every promise is kept."""
    return cases.CaseType(
        code=KEY_VISIT,
        label=_("Visit to a key account"),
        plural=_("Visits to key accounts"),
        prefix="QF",
        menu_group="service",
        icon="briefcase",
        order=82,
        asks_person=True,
        states=(
            cases.State("planned", pgettext_lazy("visit", "Planned")),
            cases.State("promised", _("Promises to keep")),
            cases.State("done", pgettext_lazy("visit", "Done"), kind="done"),
            CANCELLED,
        ),
        transitions=(
            cases.Transition("visit", _("Visited, something was promised"), ("planned",),
                             "promised", "work",
                             requires=(cases.NeedsField("visited_date", "needs", "promises"),)),
            cases.Transition("close", _("Visited, nothing is open"), ("planned",), "done", "work",
                             requires=(cases.NeedsField("visited_date", "needs"),)),
            cases.Transition("keep", _("Promises kept"), ("promised",), "done", "work",
                             requires=(cases.NeedsField("answers"), cases.NeedsPartsClosed())),
            _cancel("planned", "promised"),
        ),
        fields=(
            cases.Field("why", _("Why we go there"), kind="choice", required=True, choices=(
                ("use", _("By their use")), ("complaint", _("After a complaint")),
                ("project", _("Stage of their project")), ("asked", _("They asked for it")))),
            cases.Field("visited_date", _("Day of the visit"), kind="date"),
            cases.Field("needs", _("What they need"), kind="long_text"),
            cases.Field("promises", _("What was promised, by when"), kind="long_text"),
            cases.Field("answers", _("How it was kept"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("visit", _("Visited"), cases.working_days(rules.KEY_VISIT_WORKING_DAYS),
                        until=("promised", "done")),
            cases.Clock("keep", _("Promises kept"), cases.working_days(rules.KEEP_WORKING_DAYS),
                        start=("promised",), until=("done",),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),)),
        ),
        permissions=_permissions(WORKERS),
    )  # fmt: skip


INSIDE = (
    ("pipes", _("Pipes and valves inside")), ("tanks", _("Tanks, and when they were cleaned")),
    ("pumps", _("Pumps and their control")), ("hydrants", _("Hydrants and fire pipes")),
    ("balance", _("Meters inside against our meter")), ("frost", _("Protection against frost")),
)  # fmt: skip


def butler() -> cases.CaseType:
    """One service of the water butler: what lies behind the ownership line is looked at with us."""
    return cases.CaseType(
        code=BUTLER,
        label=_("Service of the water butler"),
        plural=_("Services of the water butler"),
        prefix="GJ",
        menu_group="service",
        icon="shield-check",
        order=84,
        asks_person=True,
        states=(
            cases.State("asked", _("Agreed")),
            cases.State("checked", _("Inside was checked")),
            cases.State("advised", _("Advised, renewal is open"), kind="waiting"),
            cases.State("done", pgettext_lazy("butler", "Decided"), kind="done"),
            CANCELLED,
        ),
        transitions=(
            cases.Transition("check", _("Inside was checked"), ("asked",), "checked", "work",
                             requires=(cases.NeedsChecklist("inside", _("Inside facilities"), tuple(
                                 cases.CheckItem(code, label) for code, label in INSIDE)),
                                 cases.NeedsField("found"))),
            cases.Transition("advise", _("Advice given"), ("asked", "checked"), "advised", "work",
                             requires=(cases.NeedsField("advice", "charge"),),
                             fields=("fee_yuan",)),
            cases.Transition("decide", _("Renewal decided"), ("advised",), "done", "work",
                             requires=(cases.NeedsField("renewal"),)),
            _cancel("asked", "checked", "advised"),
        ),
        fields=(
            cases.Field("wish", _("What they ask for"), kind="long_text", required=True),
            cases.Field("found", _("What was found inside"), kind="long_text"),
            cases.Field("advice", _("Advice"), kind="long_text"),
            cases.Field("charge", _("Charge"), kind="choice", choices=(
                ("free", _("Free of charge")), ("paid", _("Against payment")))),
            cases.Field("fee_yuan", _("Fee"), kind="number", unit=_("yuan")),
            cases.Field("renewal", _("Renewal"), kind="choice", choices=(
                ("renewed", _("Renewed for a year")), ("ended", _("Not renewed")))),
        ),
        clocks=(
            cases.Clock("advise", _("Advice given"), cases.working_days(rules.KEEP_WORKING_DAYS),
                        until=("advised", "done")),
        ),
        permissions=_permissions(WORKERS),
    )  # fmt: skip


def outreach() -> cases.CaseType:
    """One event in a community: opinions heard, what was put right there, and what was not."""
    return cases.CaseType(
        code=OUTREACH,
        label=_("Event in a community"),
        plural=_("Events in communities"),
        prefix="SQ",
        menu_group="service",
        icon="users-group",
        order=86,
        asks_place=True,
        states=(
            cases.State("planned", pgettext_lazy("visit", "Planned")),
            cases.State("held", _("Held, follow-up is open")),
            cases.State("done", pgettext_lazy("visit", "Done"), kind="done"),
            CANCELLED,
        ),
        transitions=(
            cases.Transition("hold", _("Held"), ("planned",), "held", "work",
                             requires=(cases.NeedsField("held_date", "people", "opinions"),),
                             fields=("fixed",)),
            cases.Transition("close", _("Everything answered"), ("held",), "done", "work",
                             requires=(cases.NeedsField("follow_up"), cases.NeedsPartsClosed())),
            _cancel("planned", "held"),
        ),
        fields=(
            cases.Field("what", _("What is offered"), required=True,
                        help=_("Such as advice, tests of the water, lessons against frost.")),
            cases.Field("partner", _("With whom"), help=_("Residents' committee, party branch.")),
            cases.Field("held_date", _("Day of the event"), kind="date"),
            cases.Field("people", _("People reached"), kind="number"),
            cases.Field("opinions", _("Opinions heard"), kind="long_text"),
            cases.Field("fixed", _("Put right on the spot"), kind="long_text"),
            cases.Field("follow_up", _("What came of the rest"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("follow", _("Everything answered"),
                        cases.working_days(rules.KEEP_WORKING_DAYS), start=("held",),
                        until=("done",),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),)),
        ),
        permissions=_permissions(WORKERS),
    )  # fmt: skip


def declare() -> None:
    """Make them known to the kernel."""
    for one in (key_visit(), butler(), outreach()):
        cases.declare(one)
