"""What the hotline declares: permissions, deeds, pages, schedules, streams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import contracts as announcement_contracts
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.fieldwork import contracts as fieldwork
from huoshui.areas.fieldwork import facade as field_crews
from huoshui.areas.hotline import (
    area_lines,
    case_types,
    chats_in,
    queries,
    tasks,
    tickets_in,
    words,
)
from huoshui.areas.hotline.actions import crews, telling
from huoshui.areas.hotline.queries import knowledge
from huoshui.areas.hotline.web import panels
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, cases, events, jobs, live, search, slots
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import menu

AGENTS = ("hotline_agent", "service_manager")
PERMISSIONS = (
    ("hotline.take_calls", _("Take calls at the hotline's desk"), AGENTS),
    ("hotline.read_calls", _("See calls and the hotline's figures"),
     (*AGENTS, "manager", "dispatcher")),
    ("hotline.edit_topics", _("Change what calls are sorted by"), ("service_manager",)),
    ("hotline.read_knowledge", _("Read the knowledge base"),
     (*AGENTS, "manager", "dispatcher", "grid_specialist", "crew_leader", "viewer")),
    ("hotline.write_knowledge", _("Write drafts of articles"), AGENTS),
    ("hotline.approve_knowledge", _("Approve and retire articles of others"),
     ("service_manager",)),
    ("hotline.listen", _("Listen to calls and judge them"), ("service_manager", "manager")),
    ("hotline.plan_rota", _("Plan who sits at the hotline"), ("service_manager",)),
    ("hotline.city_line", _("Bring in and answer tickets of the city's line"), AGENTS),
    ("hotline.chat_messages", _("Bring in and handle messages of owners' chat groups"),
     (*AGENTS, "grid_specialist")),
    ("hotline.edit_chat_groups", _("Register owners' chat groups"),
     ("service_manager", "grid_specialist")),
)  # fmt: skip
MENU = (
    (_("Desk"), "desk", "hotline.take_calls", "phone", 1),
    (_("Hotline today"), "wall", "hotline.read_calls", "device-desktop", 2),
    (_("Calls"), "calls", "hotline.read_calls", "list", 3),
    (_("Incidents"), "incidents", "hotline.read_calls", "users-group", 4),
    (_("City line 12345"), "city-tickets", "hotline.city_line", "building-community", 23),
    (_("Owners' chat groups"), "chats", "hotline.chat_messages", "message-report", 24),
    (_("Knowledge base"), "articles", "hotline.read_knowledge", "bulb", 40),
    (_("Rota"), "rota", "hotline.read_calls", "calendar", 50),
    (_("Listening to calls"), "listenings", "hotline.listen", "star", 60),
    (_("Topics of calls"), "topics", "hotline.edit_topics", "list-details", 80),
)
LISTENERS: tuple[tuple[Any, Any, str, Any], ...] = (
    (cases.CaseMoved, tasks.case_moved, "hotline.case_moved", _("Ask for jobs of repairs")),
    (
        cases.CasePlaced,
        tasks.case_placed,
        "hotline.case_placed",
        _("Ask for jobs of repairs that got their place"),
    ),
    (cases.CaseClosed, tasks.case_closed, "hotline.case_closed", _("End incidents")),
    (
        cases.CaseReopened,
        tasks.case_reopened,
        "hotline.case_reopened",
        _("Take incidents up again"),
    ),
    (
        fieldwork.JobBegun,
        tasks.job_begun,
        "hotline.job_begun",
        _("Tell cases that crews are there"),
    ),
    (fieldwork.JobClosed, tasks.job_closed, "hotline.job_closed", _("Tell cases what crews found")),
    (
        fieldwork.JobCancelled,
        tasks.job_cancelled,
        "hotline.job_cancelled",
        _("Tell cases that a job was cancelled"),
    ),
)
DEEDS = {
    "hotline.call_told": _("Call told by the telephone system"),
    "hotline.ticket_taken": _("Ticket of the city line taken over"),
    "hotline.call_wrapped": _("Call noted"),
    "hotline.call_folded": _("Call folded into an incident"),
    "hotline.call_unfolded": _("Call taken out of an incident"),
    "hotline.incident_known": _("Words for the next caller written"),
    "hotline.caller_called_back": _("Caller of an incident called back"),
    "hotline.topic_saved": _("Topic changed"),
    "hotline.topic_retired": _("Topic retired or offered again"),
    "hotline.article_written": _("Draft of an article written"),
    "hotline.article_approved": _("Article approved"),
    "hotline.article_retired": _("Article retired"),
    "hotline.question_kept": _("Unanswered question kept"),
    "hotline.question_put_aside": _("Question put aside"),
    "hotline.shift_planned": _("Shift planned"),
    "hotline.shift_offered": _("Shift offered to a colleague"),
    "hotline.shift_taken": _("Shift taken over"),
    "hotline.shift_cancelled": _("Shift cancelled"),
    "hotline.call_judged": _("Call judged"),
    "hotline.improvement_done": _("Improvement done"),
    "hotline.tickets_imported": _("Tickets of the city line imported"),
    "hotline.chat_group_saved": _("Owners' chat group registered or changed"),
    "hotline.chat_taken": _("Messages of a chat group taken"),
    "hotline.message_case": _("Message of a chat group made a case"),
    "hotline.message_answered": _("Message of a chat group answered"),
    "hotline.message_aside": _("Message of a chat group set aside"),
    "hotline.sender_read": _("Writer of a message read"),
    "hotline.recording_opened": _("Recording of a call opened"),
    "hotline.number_read": _("Number of a caller read"),
    "hotline.seat_taken": _("Seat at the hotline taken"),
    "hotline.seat_changed": _("State of a seat changed"),
}
SUBJECTS = {
    "hotline.incident": _("Incident"),
    "hotline.topic": _("Topic"),
    "hotline.article": _("Article"),
    "hotline.question": _("Question"),
    "hotline.shift": _("Shift"),
    "hotline.ticket": _("Ticket of the city line"),
    "hotline.tickets": _("Tickets of the city line"),
    "hotline.chat_group": _("Owners' chat group"),
    "hotline.message": _("Message of a chat group"),
    "hotline.call": _("Call"),
    "hotline.seat": _("Extension"),
}
DETAILS = {
    "title": _("Title"),
    "case": _("Case"),
    "incident": _("Incident"),
    "mean": _("Mean of the scores"),
    "root": _("Root problem"),
    "topic": _("Topic"),
    "score": _("Score"),
    "known": _("What callers are told"),
    "messages": _("Messages"),
    "known_before": _("Known already"),
    "bad_lines": _("Lines that could not be taken"),
    "estate": _("Estate"),
    "article": _("Article"),
    "days": _("Days"),
    "who": _("Who"),
    "before_id": _("Who sat before"),
    "tickets": _("Tickets"),
    "is_retired": _("Retired"),
}


def register() -> None:
    """Offer everything; called once when the program starts."""
    for code, label, posts in PERMISSIONS:
        permissions.declare(code, label, posts=posts)
    for code, label in DEEDS.items():
        audit.name_deed(code, label)
    for kind, label in SUBJECTS.items():
        audit.name_subject(kind, label)
    audit.name_details({f"hotline.{key}": label for key, label in DETAILS.items()})
    audit.name_values("hotline.root", lambda code: words.ROOTS.get(code, code))
    for label, name, permission, icon, order in MENU:
        menu.add("service", label, f"hotline:{name}", permission, icon, order)
    menu.add("public", _("Guide for customers"), "hotline:guide", permissions.PUBLIC, "bulb", 20)
    case_types.declare()
    tickets_in.declare()
    chats_in.declare()
    search.declare(knowledge.ARTICLES)
    for event, handler, name, label in LISTENERS:
        events.listen(event, handler, name=name, label=label)
    field_crews.know_accounts(crews.accounts_of)
    network.register_card_lines(area_lines.LINES)
    slots.fill("cases.link", panels.case_link, permission="hotline.read_calls")
    for slot, panel in (
        ("customers.account.panels", panels.account_calls),
        ("customers.estate.panels", panels.estate_calls),
    ):
        slots.fill(slot, panel, permission="hotline.read_calls", order=60)
    slots.fill("cases.case.panels", panels.case_calls, permission="hotline.read_calls")
    announcements.compare_by(
        announcement_contracts.Happenings(
            "calls", _("Calls"), "hotline.read_calls", queries.of_accounts
        )
    )
    live.stream(telling.STREAM, tasks.changed_calls, "hotline.take_calls")
    jobs.schedule(
        "hotline.silent_calls",
        every=timedelta(minutes=15),
        run=tasks.end_silent_calls,
        catch_up=False,
        label=_("End calls of which nothing is heard any more"),
    )
