"""What a call may become: a repair, an enquiry, a complaint, or a ticket of the city's line."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.hotline import standard
from huoshui.kernel import cases

REPAIR, ENQUIRY, COMPLAINT = standard.REPAIR, standard.ENQUIRY, standard.COMPLAINT
CITY = "hotline.city"
OURS = (REPAIR, ENQUIRY, COMPLAINT, CITY)
AGENTS = ("hotline_agent", "service_manager")
READERS = (*AGENTS, "manager", "dispatcher", "crew_leader", "grid_specialist")
CHANNELS = (
    ("phone", pgettext_lazy("channel", "Hotline")),
    ("city_line", pgettext_lazy("channel", "City line 12345")),
    ("counter", pgettext_lazy("channel", "Counter")),
    ("wechat", pgettext_lazy("channel", "WeChat")),
    ("chat_group", pgettext_lazy("channel", "Owners' chat group")),
    ("code", pgettext_lazy("channel", "Code on a notice board")),
    ("visit", pgettext_lazy("channel", "Visit")),
)
RESULTS = (
    ("repaired", _("Repaired")),
    ("meter_exchanged", _("Meter exchanged")),
    ("thawed", _("Thawed")),
    ("nothing_found", _("Nothing found")),
    ("customers_own", _("Belongs to the customer; advised")),
    ("other", pgettext_lazy("repair", "Something else")),
)
TOPIC = cases.Field("topic", pgettext_lazy("call", "Topic"))
WHAT = cases.Field("what", _("What the caller says"), kind="long_text")
CUSTOMER_AWAY = cases.Pause("customer_away", _("Customer cannot be met"), needs_note=True)
STATE_NEW = cases.State("new", pgettext_lazy("case", "Received"), posts=AGENTS, tell=False)
IN_HAND = cases.State("in_hand", _("Being looked into"), kind="waiting",
                      posts=("service_manager",), tell=False)  # fmt: skip
CALL_BACK = cases.State("call_back", _("To be called back"), posts=AGENTS, tell=False)
CLOSED = cases.State("closed", pgettext_lazy("case", "Closed"), kind="done")
UNASKED = cases.State("unasked", _("Closed without call-back"), kind="done")
CANCELLED = cases.State("cancelled", pgettext_lazy("case", "Cancelled"), kind="cancelled")
CLOSE_UNASKED = cases.Transition("close", _("Close without call-back"), ("call_back",), "unasked",
                                 "call_back", requires=(cases.NeedsNote(),))  # fmt: skip
LATE = (
    cases.Escalate(cases.minutes(0), "service_manager"),
    cases.Escalate(cases.minutes(30), "manager"),
)


def _permissions(
    work: tuple[str, ...] = (), *, call_back: bool = True
) -> tuple[cases.Permission, ...]:
    """Return what a type allows; with ``work`` crews and leaders say what was done."""
    found = [
        cases.Permission("read", _("See them"), (*READERS, "crew", "viewer")),
        cases.Permission(
            "open", _("Open and change them"), (*AGENTS, "dispatcher", "grid_specialist")
        ),
        cases.Permission("cancel", _("Cancel them"), ("service_manager", "dispatcher")),
        cases.Permission("reopen", _("Take them up again"), AGENTS),
    ]
    if work:
        label = _("Work on them and say what was done")
        found.append(cases.Permission("work", label, (*AGENTS, *work)))
    if call_back:
        found.append(cases.Permission("call_back", _("Call back who raised them"), AGENTS))
    return tuple(found)


def _cancel(*states: str) -> cases.Transition:
    return cases.Transition("cancel", _("Cancel"), states, "cancelled", "cancel",
                            requires=(cases.NeedsNote(),))  # fmt: skip


def _late(*posts: str) -> tuple[cases.Escalate, ...]:
    """Return whom a missed deadline is told to, at once."""
    return tuple(cases.Escalate(cases.minutes(0), post) for post in posts)


def repair() -> cases.CaseType:
    """Something is broken: somebody goes there in 30 or 60 minutes, and the caller is asked."""
    return cases.CaseType(
        code=REPAIR,
        label=_("Repair report"),
        plural=_("Repair reports"),
        prefix="BX",
        menu_group="service",
        icon="tools",
        order=20,
        asks_person=True,
        asks_place=True,
        channels=CHANNELS,
        states=(
            cases.State("new", pgettext_lazy("case", "Received"), posts=(*AGENTS, "dispatcher"),
                        tell=False),
            cases.State("sent", _("Sent to a crew"), kind="waiting"),
            cases.State("on_site", _("Crew is there"), kind="waiting"),
            CALL_BACK,
            CLOSED,
            UNASKED,
            CANCELLED,
        ),
        transitions=(
            cases.Transition("send", _("Send to a crew"), ("new",), "sent", "open",
                             help=_("Asks field work for a job at this place.")),
            cases.Transition("arrive", _("Crew has arrived"), ("new", "sent"), "on_site", "work"),
            cases.Transition("finish", _("Done on site"), ("new", "sent", "on_site"), "call_back",
                             "work", requires=(cases.NeedsField("result"),), fields=("found",)),
            CLOSE_UNASKED,
            _cancel("new", "sent"),
        ),
        fields=(
            TOPIC,
            WHAT,
            cases.Field("result", _("Result"), kind="choice", choices=RESULTS),
            cases.Field("found", _("What was found"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("arrive", _("Somebody is there"), cases.agreed(),
                        until=("on_site", "call_back"), escalate=LATE),
            cases.Clock("finish", _("Done on site"), cases.hours(24), until=("call_back",),
                        limits={"low": cases.calendar_days(7)},
                        escalate=_late("service_manager")),
            cases.Clock("call_back", _("Caller called back"), cases.hours(4),
                        start=("call_back",), until=("closed", "unasked"),
                        escalate=(cases.Escalate(cases.hours(2), "service_manager"),)),
        ),
        pauses=(CUSTOMER_AWAY, cases.Pause("material", _("Material is awaited"), needs_note=True)),
        call_back=cases.CallBack(from_=("call_back",), content_to="closed", discontent_to="new",
                                 unreached_to="unasked"),
        reopen=cases.Reopen(to="new", limit=cases.minutes(60), clock="arrive"),
        permissions=_permissions(("dispatcher", "crew_leader", "crew")),
    )  # fmt: skip


def enquiry() -> cases.CaseType:
    """Somebody wants to know something; mostly answered while they are on the line."""
    return cases.CaseType(
        code=ENQUIRY,
        label=_("Enquiry"),
        plural=_("Enquiries"),
        prefix="ZX",
        menu_group="service",
        icon="help",
        order=21,
        asks_person=True,
        channels=CHANNELS,
        states=(
            STATE_NEW,
            cases.State("asked", _("Asked elsewhere"), kind="waiting", posts=("service_manager",),
                        tell=False),
            cases.State("answered", _("Answered"), kind="done"),
            CANCELLED,
        ),
        transitions=(
            cases.Transition("answer", _("Answer"), ("new", "asked"), "answered", "open",
                             requires=(cases.NeedsField("answer"),)),
            cases.Transition("ask", _("Ask a colleague"), ("new",), "asked", "open",
                             requires=(cases.NeedsNote(),)),
            _cancel("new", "asked"),
        ),
        fields=(TOPIC, WHAT, cases.Field("answer", _("Answer"), kind="long_text")),
        clocks=(
            cases.Clock("answer", _("Answered"), cases.working_days(1), until=("answered",),
                        escalate=_late("service_manager")),
        ),
        reopen=cases.Reopen(to="new", limit=cases.working_days(1), clock="answer"),
        permissions=_permissions(call_back=False),
    )  # fmt: skip


def complaint() -> cases.CaseType:
    """Somebody is not content: contacted within a working day, answered within five."""
    return cases.CaseType(
        code=COMPLAINT,
        label=_("Complaint"),
        plural=_("Complaints"),
        prefix="TS",
        menu_group="service",
        icon="message-report",
        order=22,
        asks_person=True,
        asks_place=True,
        channels=CHANNELS,
        states=(
            STATE_NEW,
            IN_HAND,
            CALL_BACK,
            CLOSED,
            UNASKED,
            CANCELLED,
        ),
        transitions=(
            cases.Transition("take", _("Look into it"), ("new",), "in_hand", "open",
                             requires=(cases.NeedsOwner(),)),
            cases.Transition("reply", _("Reply"), ("new", "in_hand"), "call_back", "open",
                             requires=(cases.NeedsField("reply"),), fields=("root",)),
            CLOSE_UNASKED,
            _cancel("new", "in_hand"),
        ),
        fields=(
            TOPIC,
            WHAT,
            cases.Field("root", _("Root of the trouble"), kind="long_text"),
            cases.Field("reply", _("Reply"), kind="long_text"),
        ),
        clocks=(
            cases.Clock("contact", _("Contacted"), cases.working_days(1),
                        until=("in_hand", "call_back")),
            cases.Clock("reply", _("Replied"), cases.working_days(5), until=("call_back",),
                        escalate=_late("manager")),
        ),
        pauses=(CUSTOMER_AWAY,),
        call_back=cases.CallBack(from_=("call_back",), content_to="closed", discontent_to="in_hand",
                                 unreached_to="unasked", second_person=True),
        reopen=cases.Reopen(to="in_hand", limit=cases.working_days(3), clock="reply"),
        permissions=_permissions(),
    )  # fmt: skip


def city() -> cases.CaseType:
    """A ticket of the city's line 12345, to be answered by the deadline that it came with."""
    return cases.CaseType(
        code=CITY,
        label=_("Case of the city line"),
        plural=_("Cases of the city line"),
        prefix="SM",
        # The list of tickets has the line in the menu; it leads to each of these cases.
        menu_group="",
        icon="building-community",
        order=23,
        asks_person=True,
        asks_place=True,
        channels=CHANNELS,
        states=(
            STATE_NEW,
            IN_HAND,
            cases.State("replied", _("Replied to the city"), kind="waiting"),
            CLOSED,
            CANCELLED,
        ),
        transitions=(
            cases.Transition("take", _("Look into it"), ("new",), "in_hand", "open"),
            cases.Transition("reply", _("Reply to the city"), ("new", "in_hand"), "replied", "open",
                             requires=(cases.NeedsField("reply"),), fields=("survey",)),
            cases.Transition("close", _("The city has closed it"), ("replied",), "closed", "open",
                             requires=(cases.NeedsField("satisfaction"),)),
            cases.Transition("again", _("The city sent it back"), ("replied",), "in_hand", "open",
                             requires=(cases.NeedsNote(), cases.NeedsDeadline())),
            _cancel("new", "in_hand"),
        ),
        fields=(
            TOPIC,
            WHAT,
            cases.Field("city_number", _("Number of the city")),
            cases.Field("survey", _("Found on site"), kind="long_text"),
            cases.Field("reply", _("Reply"), kind="long_text"),
            cases.Field("satisfaction", _("Satisfaction"), kind="choice", choices=(
                ("content", pgettext_lazy("city ticket", "Content")),
                ("partly", pgettext_lazy("city ticket", "Partly content")),
                ("discontent", pgettext_lazy("city ticket", "Not content")),
            )),
        ),
        clocks=(
            cases.Clock("reply", _("Replied to the city"), cases.agreed(), until=("replied",),
                        escalate=_late("manager")),
        ),
        reopen=cases.Reopen(to="in_hand", clock="reply"),
        permissions=_permissions(call_back=False),
    )  # fmt: skip


def declare() -> None:
    """Make all of them known."""
    for one in (repair(), enquiry(), complaint(), city()):
        cases.declare(one)
