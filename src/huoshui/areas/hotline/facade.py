"""The door of the hotline: calls, what is noted of them, knowledge and shifts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from huoshui.areas.hotline import contracts, queries, rules, words
from huoshui.areas.hotline.actions import (
    chats,
    city_line,
    crews,
    folding,
    knowledge,
    listening,
    rota,
    seats,
    telling,
    wrapping,
)
from huoshui.areas.hotline.models import Call, ChatGroup, ChatMessage, IncidentCall, Topic
from huoshui.areas.hotline.queries import facts, intake
from huoshui.areas.hotline.queries import incidents as incident_queries
from huoshui.areas.hotline.queries import topics as topic_queries
from huoshui.kernel import clock


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers under which a telephone system sends this body just now."""
    stamp = str(int(clock.real_now().timestamp()))
    return {
        "X-Huoshui-Timestamp": stamp,
        "X-Huoshui-Signature": f"sha256={rules.signature(secret, stamp, body)}",
    }


def take_event(ref: str, event: contracts.ToldEvent, *, caller_number: str = "") -> int:
    """Keep one event of a call, as if the telephone system had told it; return the call's number.

    Refuses as the endpoint does. The same event may come again.
    """
    return telling.take_event(ref, event, caller_number=caller_number)[0].pk


def call(call_id: int) -> contracts.Call | None:
    """Return one call, or None."""
    row = Call.objects.select_related("topic").filter(pk=call_id).first()
    return None if row is None else _contract(row)


def calls(*, since: datetime) -> list[contracts.Call]:
    """Return the calls that began since a moment, the earliest first."""
    rows = Call.objects.select_related("topic").filter(began_at__gte=since)
    return [_contract(row) for row in rows.order_by("began_at", "id")]


def call_facts(from_at: datetime, until: datetime) -> list[contracts.CallFact]:
    """Return the calls that began in a stretch of time, for counting, the earliest first."""
    return facts.call_facts(from_at, until)


def intake_facts(from_at: datetime, until: datetime) -> list[contracts.IntakeFact]:
    """Return the cases that came by other ways than calls in a stretch of time, for counting.

    A case that a call made is not among them, and a trouble that was told once is there once.
    """
    return intake.intake_facts(from_at, until)


def topics(*, kind: str = "") -> list[tuple[str, str]]:
    """Return the topics that calls are given, of one kind or of all, each with its name."""
    rows = Topic.objects.filter(is_retired=False, above__isnull=False).order_by("order", "code")
    if kind:
        rows = rows.filter(kind=kind)
    return [(row.code, words.topic_name(row)) for row in rows]


def job_origin(case_number: str) -> str:
    """Return the origin of the job that was asked for a case."""
    return crews.origin_of(case_number)


def case_of_job(origin: str) -> str:
    """Return the number of the case that a job came from, or nothing."""
    return crews.case_of(origin)


def _contract(row: Call) -> contracts.Call:
    return contracts.Call(
        id=row.pk,
        ref=row.ref,
        began_at=row.began_at,
        state=contracts.CallState(row.state),
        kind=row.kind,
        topic_code=row.topic.code if row.topic else "",
        account_code=row.account_code,
        case_number=row.case_number,
    )


def note_call(call_id: int, noted: contracts.Noted, *, by_id: int) -> str:
    """Note what a call was about; return the number of its case. Refuses as the desk does."""
    return wrapping.wrap_call(call_id, noted, by_id=by_id).case_number


def fold_choices(call_id: int, noted: contracts.Noted) -> list[contracts.FoldChoice]:
    """Return what the desk proposes to fold a call with before it is noted so, the best first."""
    row = topic_queries.topic(noted.topic_code)
    spot = incident_queries.Spot(
        noted.lon, noted.lat, noted.estate_code, noted.zone_code,
        incident_queries.connection_of(noted.account_code),
    )  # fmt: skip
    found = incident_queries.similar(
        row, spot, at=clock.now(), but_call=call_id, account_code=noted.account_code
    )
    return [
        contracts.FoldChoice(
            one.choice, one.topic.code, one.case_number, one.place, one.callers, one.is_own
        )
        for one in found
    ]


def callers_waiting(case_number: str) -> list[int]:
    """Return the callers of the incident that a case leads who were not called back yet."""
    rows = IncidentCall.objects.filter(
        incident__case_number=case_number, incident__closed_at__isnull=True,
        unfolded_at__isnull=True, called_back_at__isnull=True,
    )  # fmt: skip
    return list(rows.order_by("call__began_at").values_list("pk", flat=True))


def call_back_caller(member_id: int, *, score: int, note: str = "", by_id: int) -> None:
    """Keep what one caller of an incident said when called back. Refuses as its page does."""
    folding.call_back_member(member_id, score=score, note=note, by_id=by_id)


def take_seat(*, user_id: int, extension: str) -> None:
    """Let somebody take calls at an extension."""
    seats.sit_down(user_id=user_id, extension=extension)


def seat_state(extension: str) -> contracts.SeatState | None:
    """Return whether calls are taken at an extension, or None where nobody sits."""
    seat = queries.seats().filter(extension=extension).first()
    return None if seat is None else contracts.SeatState(seat.state)


def say_known(case_number: str, known: str, *, by_id: int | None) -> None:
    """Say what callers are told of the incident that a case leads; nothing where there is none."""
    from huoshui.areas.hotline.models import Incident

    row = Incident.objects.filter(case_number=case_number, closed_at__isnull=True).first()
    if row is not None:
        folding.say_known(row.pk, known, by_id=by_id)


def write_article(
    *, title: str, text: str, is_public: bool, by_id: int, approved_by_id: int | None = None
) -> str:
    """Write an article, approved by a second person or left as a draft; return its code."""
    code = knowledge.write_draft(title=title, text=text, is_public=is_public, by_id=by_id).code
    if approved_by_id is not None:
        knowledge.approve(code, by_id=approved_by_id)
    return code


def keep_question(text: str, *, by_id: int | None) -> None:
    """Keep a question that no article answers."""
    knowledge.keep_question(text, call_id=None, by_id=by_id)


def plan_shift(
    *, user_id: int, from_at: datetime, until: datetime, days: int, by_id: int | None
) -> None:
    """Plan a shift on so many days."""
    rota.plan_shift(user_id=user_id, from_at=from_at, until=until, days=days, by_id=by_id)


def planned_until() -> datetime | None:
    """Return when the last shift that stands is over, or None where none is planned."""
    from huoshui.areas.hotline.models import Shift

    found = Shift.objects.filter(cancelled_at__isnull=True).order_by("until").last()
    return found.until if found else None


def judge_call(
    call_id: int,
    *,
    scores: dict[str, int],
    root: str,
    note: str,
    improvement: str = "",
    owner_id: int | None = None,
    due_date: date | None = None,
    by_id: int,
) -> None:
    """Keep how somebody judged a call."""
    listening.judge_call(
        call_id, scores=scores, root=root, note=note, improvement=improvement,
        owner_id=owner_id, due_date=due_date, by_id=by_id,
    )  # fmt: skip


def take_city_ticket(
    number: str, values: dict[str, Any], *, topic_code: str, by_id: int | None
) -> str:
    """Keep a ticket of the city's line; return the number of its case."""
    topic = Topic.objects.filter(code=topic_code).first()
    return city_line.take_ticket(number, values, topic=topic, by_id=by_id).case_number


def register_chat_groups(*, by_id: int | None) -> dict[str, str]:
    """Register the owners' chat groups that estates name; return the estate of each group."""
    chats.take_over_estates(by_id=by_id)
    return dict(ChatGroup.objects.order_by("name").values_list("name", "estate_code"))


def paste_chat(group_name: str, text: str, *, by_id: int | None) -> int:
    """Take messages as they were copied out of a group; return how many were new."""
    group = ChatGroup.objects.get(name=group_name)
    return chats.paste(group.pk, text, by_id=by_id).taken


def handle_chat(group_name: str, *, answers: dict[str, str], most: int, by_id: int) -> list[str]:
    """Handle so many waiting messages of a group, the earliest first; return the cases opened.

    One whose topic is in ``answers`` is answered so, another with a topic becomes a case, one
    without is set aside.
    """
    rows = ChatMessage.objects.filter(group__name=group_name, state="waiting")
    found = []
    for row in rows.select_related("topic").order_by("sent_at", "pk")[:most]:
        code = row.topic.code if row.topic else ""
        if code in answers:
            chats.answer(row.pk, text=answers[code], by_id=by_id)
        elif code:
            found.append(chats.make_case(row.pk, by_id=by_id))
        else:
            chats.set_aside([row.pk], by_id=by_id)
    return found


def figures(from_at: datetime, until: datetime) -> dict[str, int]:
    """Return the counts of the calls that began in a stretch of time."""
    return queries.day_figures(from_at, until).counts
