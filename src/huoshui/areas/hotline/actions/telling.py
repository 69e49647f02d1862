"""What the telephone system tells of calls."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from huoshui.areas.hotline import refusals, rules
from huoshui.areas.hotline.contracts import CallState, EventKind, SeatState, ToldEvent
from huoshui.areas.hotline.models import AgentSeat, Call, CallEvent
from huoshui.kernel import audit, clock, live

STREAM = "hotline"
TALKS_WITHIN = timedelta(days=1)


def take_event(ref: str, event: ToldEvent, *, caller_number: str = "") -> tuple[Call, bool]:
    """Keep one event of a call and compute the call anew; return it, and whether it was new.

    The same event may come as often as it likes, late, or before those that happened earlier.
    Refuses with `hotline.event_ahead` and `hotline.event_id_reused` (422). The agent at whose
    extension the call rings sees it at once.
    """
    now = clock.now()
    if event.at > now + rules.AHEAD_MAX:
        raise refusals.EventAhead(event.at)
    with transaction.atomic():
        call, made = Call.objects.select_for_update(of=("self",)).get_or_create(
            ref=ref,
            defaults={
                "state": CallState.RINGING,
                "began_at": event.at,
                "caller_number": caller_number,
                "caller_key": rules.number_key(caller_number),
            },
        )
        if not _keep(call, event):
            return call, False
        if caller_number and not call.caller_number:
            call.caller_number = caller_number
            call.caller_key = rules.number_key(caller_number)
        compute(call)
        if made:
            audit.record(None, "hotline.call_told", f"hotline.call:{call.pk}", {})
        transaction.on_commit(lambda: live.wake(STREAM))
    return call, True


def _keep(call: Call, event: ToldEvent) -> bool:
    before = CallEvent.objects.filter(call=call, event_id=event.event_id).first()
    if before is not None:
        if (before.kind, before.at) != (str(event.kind), event.at):
            raise refusals.EventIdReused(call.ref, event.event_id)
        return False
    CallEvent.objects.create(
        call=call,
        event_id=event.event_id,
        kind=event.kind,
        at=event.at,
        received_at=clock.now(),
        extension=event.extension,
        target=event.target,
        recording_url=event.recording_url,
    )
    return True


def compute(call: Call) -> None:
    """Set what a call's events say together, and the state of the seat where it is."""
    told = rules.as_told(
        ToldEvent(row.event_id, EventKind(row.kind), row.at, row.extension, row.target,
                  row.recording_url)
        for row in call.events.all()
    )  # fmt: skip
    before, moved = call.agent_id, told.extension != call.extension
    call.state, call.began_at = told.state, told.began_at
    call.answered_at, call.ended_at = told.answered_at, told.ended_at
    call.wait_s, call.held_s, call.transfers = told.wait_s, told.held_s, told.transfers
    call.extension, call.recording_url = told.extension, told.recording_url
    # Whoever sits there by now has nothing to do with a call that was somebody else's there.
    if told.extension and (moved or before is None):
        seat = AgentSeat.objects.filter(extension=told.extension).first()
        call.agent_id = before if seat is None else seat.user_id
    call.save()
    for user_id in {before, call.agent_id}:
        if user_id is not None:
            _settle_seat(user_id, call)


def _settle_seat(user_id: int, call: Call) -> None:
    """Set a seat by the calls that are there: busy while one is talked through.

    Somebody who has gone away stays away, and who has come back from a call stays ready, whatever
    is told late of an old one.
    """
    seat = AgentSeat.objects.filter(user_id=user_id).exclude(state=SeatState.AWAY).first()
    if seat is None:
        return
    # No talk goes on for a day; without this every call that the agent ever took is looked at.
    talking = Call.objects.filter(
        agent_id=user_id, began_at__gt=clock.now() - TALKS_WITHIN, extension=seat.extension,
        state__in=(CallState.TALKING, CallState.HELD),
    )  # fmt: skip
    state = SeatState(seat.state)
    if talking.exists():
        state = SeatState.BUSY
    elif state == SeatState.BUSY:
        is_mine = call.agent_id == user_id and call.extension == seat.extension
        is_to_note = is_mine and call.answered_at is not None and call.wrapped_at is None
        state = SeatState.WRAP_UP if is_to_note else SeatState.READY
    if state != seat.state:
        seat.state, seat.since_at = state, clock.now()
        seat.save(update_fields=["state", "since_at"])


def end_silent_calls() -> int:
    """End the calls of which nothing was heard for hours; return how many there were.

    The end that the telephone system may still tell counts instead, whenever it comes.
    """
    now = clock.now()
    open_states = (CallState.RINGING, CallState.TALKING, CallState.HELD)
    silent = Call.objects.filter(state__in=open_states, began_at__lt=now - rules.SILENT_FOR)
    ended = 0
    for call in silent.order_by("id"):
        latest = call.events.order_by("-at").values_list("at", flat=True).first() or call.began_at
        if latest < now - rules.SILENT_FOR:
            at = latest + timedelta(seconds=1)
            take_event(call.ref, ToldEvent(rules.SILENT_EVENT, EventKind.ENDED, at))
            ended += 1
    return ended
