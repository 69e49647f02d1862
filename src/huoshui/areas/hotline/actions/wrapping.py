"""What an agent makes of a call: a topic, a case, or one more caller of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.hotline import case_types, contracts, refusals, rules
from huoshui.areas.hotline.actions import folding
from huoshui.areas.hotline.contracts import CallState, Noted, SeatState, TopicKind
from huoshui.areas.hotline.models import AgentSeat, Call, Topic
from huoshui.areas.hotline.queries import units
from huoshui.areas.hotline.queries.incidents import Spot
from huoshui.areas.hotline.queries.pop import ACCOUNT
from huoshui.kernel import audit, cases, clock, events

# Where a topic names none, somebody is there within an hour.
LIMIT_MINUTES = 60
TAGS_MAX = 8


@transaction.atomic
def wrap_call(call_id: int, noted: Noted, *, by_id: int) -> Call:
    """Note what a call was about, and open its case, or fold it with calls about the same thing.

    An enquiry is answered at once unless it is to be followed up; a repair is sent to a crew at
    once unless that is to wait. Done again it changes topic, note and tags only: a call becomes
    one case, a wrong number none. Refuses a call that still rings, a topic that is not offered,
    and what is meant as the first note of a call that somebody else has noted meanwhile.
    """
    call = Call.objects.select_for_update(of=("self",)).filter(pk=call_id).first()
    if call is None:
        raise refusals.NoSuch("call", call_id)
    if call.answered_at is None:
        raise refusals.NotNow(_("Nobody has answered this call yet."), call=call_id)
    topic = Topic.objects.filter(code=noted.topic_code, is_retired=False, above__isnull=False)
    found = topic.first()
    if found is None:
        raise refusals.NeedsValue("topic", _("What was the call about?"))
    is_first = call.wrapped_at is None
    if noted.is_first and not is_first:
        raise refusals.NotNow(_("Somebody has noted this call meanwhile."), call=call_id)
    _keep(call, found, noted, is_first)
    if is_first:
        # Who meant somebody else is counted, and nobody has anything to do for them.
        is_ours = found.kind != TopicKind.WRONG_NUMBER
        if is_ours and not _folded(call, found, noted, by_id):
            call.case_number = open_case_of(call, found, noted, by_id=by_id)
            call.save(update_fields=["case_number"])
        _free_seat(call, by_id)
    audit.record(
        by_id, "hotline.call_wrapped", f"hotline.call:{call.pk}",
        {"topic": found.code, "case": call.case_number},
    )  # fmt: skip
    events.publish(
        contracts.CallWrapped(
            call_id=call.pk, kind=call.kind, topic_code=found.code,
            account_code=call.account_code, case_number=call.case_number,
            at=clock.now(), by_id=by_id,
        )
    )  # fmt: skip
    return call


def _keep(call: Call, topic: Topic, noted: Noted, is_first: bool) -> None:
    call.topic, call.kind = topic, topic.kind
    call.note = noted.note.strip()
    call.tags = _tags(noted.tags)
    if is_first:
        call.account_code = noted.account_code
        call.place, call.estate_code, call.zone_code = (
            noted.place.strip()[:200], noted.estate_code, noted.zone_code,
        )  # fmt: skip
        call.lon, call.lat = rules.spot(noted.lon, noted.lat)
        call.wrapped_at = clock.now()
    call.save()


def _tags(given: Iterable[str]) -> list[str]:
    clean = (one.strip()[:30] for one in given)
    return list(dict.fromkeys(one for one in clean if one))[:TAGS_MAX]


def _folded(call: Call, topic: Topic, noted: Noted, by_id: int) -> bool:
    """Fold the call where the agent said so, or where enough people called already."""
    chosen = noted.fold_with
    if not chosen and not noted.own_case:
        chosen = folding.alone_with(call, topic)
    if not chosen:
        return False
    folding.fold_call(call, chosen, by_id=by_id)
    return True


def open_case_of(call: Call, topic: Topic, noted: Noted, *, by_id: int) -> str:
    """Open the case of a call by its topic; return its number. The same call opens one only."""
    now = clock.now()
    is_repair = topic.case_type == case_types.REPAIR
    limit = timedelta(minutes=topic.limit_minutes or LIMIT_MINUTES)
    unit = units.responsible(topic, Spot(None, None, call.estate_code, call.zone_code))
    links = [("hotline.call", str(call.pk))]
    if call.account_code:
        links.append((ACCOUNT, call.account_code))
    if call.estate_code:
        links.append(("customers.estate", call.estate_code))
    title = " · ".join(one for one in (topic.name_zh, call.place) if one)
    fact = cases.open_case(
        topic.case_type,
        title,
        by_id=by_id,
        fields={"topic": topic.name_zh, "what": call.note or None},
        lon=call.lon,
        lat=call.lat,
        place=call.place,
        unit=unit.code if unit else None,
        priority=topic.priority,
        channel="phone",
        links=links,
        person={"name": noted.person_name, "phone": call.caller_number},
        due_at=now + limit if is_repair else None,
        key=f"hotline.call:{call.pk}",
    )
    if is_repair and noted.send_now and (call.lon is not None or call.zone_code):
        fact = cases.act(fact.number, "send", by_id=by_id)
    if topic.case_type == case_types.ENQUIRY and not noted.follow_up:
        said = noted.answer.strip() or noted.note.strip() or _("Answered on the line.")
        fact = cases.act(fact.number, "answer", by_id=by_id, fields={"answer": said})
    return fact.number


def _free_seat(call: Call, by_id: int) -> None:
    if call.state not in (CallState.ENDED, CallState.ABANDONED):
        return
    AgentSeat.objects.filter(user_id=by_id, state=SeatState.WRAP_UP).update(
        state=SeatState.READY, since_at=clock.now()
    )
