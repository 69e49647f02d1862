"""The cases of customers: reports by notice board, findings of supervisors, complaints of staff."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import contracts, rules, words
from huoshui.kernel import cases

BOARD_REPORT = contracts.BOARD_REPORT_CASE
FINDING = "customers.finding"
COMPLAINT = "customers.complaint"
LEADERS = ("service_manager", "manager")
WORKERS = (*LEADERS, "grid_specialist")
READERS = (*WORKERS, "hotline_agent")


def _permissions(
    read: tuple[str, ...], do: tuple[str, ...], work: tuple[str, ...], back: tuple[str, ...]
) -> tuple[cases.Permission, ...]:
    asked = [cases.Permission("call_back", _("Ask whether the answer was good"), back)]
    if not back:
        asked = []
    return (
        cases.Permission("read", _("See them"), read),
        cases.Permission("open", _("Open and change them"), do),
        cases.Permission("work", _("Answer them"), work),
        *asked,
        cases.Permission("cancel", _("Cancel them"), LEADERS),
        cases.Permission("reopen", _("Take them up again"), LEADERS),
    )


def board_report() -> cases.CaseType:
    """What a resident wrote by the code on a notice board: the specialist answers soon."""
    return cases.CaseType(
        code=BOARD_REPORT,
        label=_("Report by notice board"),
        plural=_("Reports by notice board"),
        prefix="WG",
        menu_group="service",
        icon="message-report",
        order=60,
        asks_person=True,
        asks_place=True,
        channels=(("code", _("Code on a notice board")), ("chat", _("Owners' chat group")),
                  ("visit", _("In person"))),
        states=(
            cases.State("new", pgettext_lazy("case", "New"), posts=("grid_specialist",)),
            cases.State("taken_up", _("Taken up")),
            cases.State("answered", _("Answered"), kind="done"),
            cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled"),
        ),
        transitions=(
            cases.Transition("take_up", _("Take up"), ("new",), "taken_up", "work"),
            cases.Transition("answer", _("Answered"), ("new", "taken_up"), "answered", "work",
                             requires=(cases.NeedsField("answer"),)),
            cases.Transition("cancel", _("Cancel"), ("new", "taken_up"), "cancelled", "cancel",
                             requires=(cases.NeedsNote(),)),
        ),
        fields=(
            cases.Field("what", _("What was written"), kind="long_text"),
            cases.Field("answer", _("Answer"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("respond", _("First response"), cases.minutes(rules.RESPONSE_MINUTES),
                        until=("taken_up", "answered"),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),)),
            cases.Clock("answer", _("Answered"), cases.working_days(3), until=("answered",),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),)),
        ),
        reopen=cases.Reopen(to="taken_up", limit=cases.working_days(1), clock="answer"),
        permissions=_permissions(READERS, (*WORKERS, "hotline_agent"), WORKERS, ()),
    )  # fmt: skip


def finding() -> cases.CaseType:
    """What a citizen supervisor found: an owner answers, the supervisor rates the answer."""
    return cases.CaseType(
        code=FINDING,
        label=_("Finding of a supervisor"),
        plural=_("Findings of supervisors"),
        prefix="JD",
        menu_group="service",
        icon="eye",
        order=70,
        asks_person=True,
        states=(
            cases.State("open", _("Waits for a reply"), posts=LEADERS),
            cases.State("replied", _("Waits for a rating"), kind="waiting"),
            cases.State("rated", _("Rated"), kind="done"),
            cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled"),
        ),
        transitions=(
            cases.Transition("reply", _("Reply"), ("open",), "replied", "work",
                             requires=(cases.NeedsField("reply"),)),
            cases.Transition("cancel", _("Cancel"), ("open",), "cancelled", "cancel",
                             requires=(cases.NeedsNote(),)),
        ),
        fields=(
            cases.Field("topic", _("Topic"), kind="choice", required=True,
                        choices=tuple((str(code), label) for code, label in words.TOPICS.items())),
            cases.Field("what", _("What was found"), kind="long_text", required=True),
            cases.Field("reply", _("Reply"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("reply", _("Replied"), cases.working_days(rules.FINDING_WORKING_DAYS),
                        until=("replied",),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),
                                  cases.Escalate(cases.working_days(3), "manager"))),
        ),
        call_back=cases.CallBack(from_=("replied",), content_to="rated", discontent_to="open",
                                 content_from=3),
        reopen=cases.Reopen(to="open", limit=cases.working_days(5), clock="reply"),
        permissions=_permissions((*READERS, "dispatcher"), LEADERS,
                                 (*WORKERS, "dispatcher", "hotline_agent"), LEADERS),
    )  # fmt: skip


def complaint() -> cases.CaseType:
    """A complaint about somebody of our staff: looked into by somebody else, and answered."""
    return cases.CaseType(
        code=COMPLAINT,
        label=_("Complaint about staff"),
        plural=_("Complaints about staff"),
        prefix="PJ",
        menu_group="service",
        icon="alert-circle",
        order=80,
        asks_person=True,
        states=(
            cases.State("open", _("Looked into"), posts=("service_manager",)),
            cases.State("answered", _("Waits for the call-back"), kind="waiting"),
            cases.State("closed", pgettext_lazy("case", "Closed"), kind="done"),
            cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled"),
        ),
        transitions=(
            cases.Transition("answer", _("Answer"), ("open",), "answered", "work",
                             requires=(cases.NeedsField("found"), cases.NeedsField("answer"))),
            cases.Transition("cancel", _("Cancel"), ("open",), "cancelled", "cancel",
                             requires=(cases.NeedsNote(),)),
        ),
        fields=(
            cases.Field("what", _("What is complained of"), kind="long_text", required=True),
            cases.Field("about", _("About whom")),
            cases.Field("found", _("What was found"), kind="choice",
                        choices=(("founded", _("Founded")), ("partly", _("Partly founded")),
                                 ("unfounded", _("Not founded")))),
            cases.Field("answer", _("Answer"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("answer", _("Answered"), cases.working_days(5), until=("answered",),
                        escalate=(cases.Escalate(cases.minutes(0), "service_manager"),
                                  cases.Escalate(cases.working_days(1), "manager"))),
        ),
        call_back=cases.CallBack(from_=("answered",), content_to="closed", discontent_to="open",
                                 unreached_to="closed"),
        reopen=cases.Reopen(to="open", limit=cases.working_days(3), clock="answer"),
        permissions=_permissions(LEADERS, (*LEADERS, "hotline_agent"), LEADERS, LEADERS),
    )  # fmt: skip


def declare() -> None:
    """Make them known to the kernel."""
    for one in (board_report(), finding(), complaint()):
        cases.declare(one)
