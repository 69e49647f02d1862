"""The desk of an agent: the present call, what is known of it, and what to do with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import contracts, queries, words
from huoshui.areas.hotline.actions import knowledge as knowledge_actions
from huoshui.areas.hotline.actions import seats, wrapping
from huoshui.areas.hotline.contracts import CallState, SeatState
from huoshui.areas.hotline.models import Call, Topic
from huoshui.areas.hotline.queries import incidents, knowledge, rota, units
from huoshui.areas.hotline.queries import topics as topic_queries
from huoshui.areas.hotline.queries.pop import pop
from huoshui.areas.hotline.web import popped
from huoshui.areas.hotline.web.who import number_of
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries as case_queries
from huoshui.kernel.cases import reading

TAKE = "hotline.take_calls"
SHOWN_FOR = timedelta(days=3)
DUE_SHOWN = 12
LIVE_STATES = (CallState.RINGING, CallState.TALKING, CallState.HELD)


def present_call(user_id: int) -> Call | None:
    """Return the call that somebody has to look at: the newest that is not noted yet."""
    rows = queries.calls().filter(
        agent_id=user_id, wrapped_at__isnull=True, began_at__gte=clock.now() - SHOWN_FOR
    )
    return rows.exclude(state=CallState.ABANDONED).order_by("-began_at").first()


def _call_asked_for(request: HttpRequest) -> Call | None:
    asked = number_of(request.GET.get("call", ""))
    if asked is not None:
        return queries.call(asked)
    return present_call(request.user.pk or 0)


def _pop_context(request: HttpRequest, call: Call | None) -> dict[str, Any]:
    if call is None:
        return {"call": None}
    account = request.GET.get("account")
    values = popped.pop_values(pop(call, reader=request.user, account_code=account), request.user)
    rows = Topic.objects.filter(is_retired=False, above__isnull=False).select_related("above")
    values["topic_groups"] = popped.topics_shown(
        list(rows.order_by("above__order", "order", "code"))
    )
    values["chosen_topic"] = call.topic.code if call.topic else ""
    return values


def _midnight(now: datetime) -> datetime:
    return clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _due_cases(user: Any) -> list[dict[str, Any]]:
    """Return the cases in which somebody waits for a call of ours, the most pressing first."""
    found = []
    rows = case_queries.readable(user).filter(state="call_back", type_code__startswith="hotline.")
    for row in rows.order_by("next_due_at", "id")[:DUE_SHOWN]:
        found.append(popped.case_shown(reading.fact_of(row)))
    return found


@permissions.needs(TAKE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk with the present call, or what waits when there is none."""
    now = clock.now()
    user_id = request.user.pk or 0
    seat = queries.seat_of(user_id)
    figures = queries.day_figures(_midnight(now), now)
    context = {
        "title": _("Desk"),
        "seat": seat,
        "seat_state": words.SEAT_STATES[seat.state] if seat else None,
        "seat_choices": [
            (str(state), words.SEAT_STATES[state][0]) for state in seats.CHOSEN
            if seat and state != seat.state
        ],
        "on_duty": [shift.user for shift in rota.on_duty(now)],
        "figures": figures.counts,
        "in_time": figures.in_time_frac,
        "due_cases": _due_cases(request.user),
        "open_incidents": [
            {"id": row.pk, "topic": words.topic_name(row.topic), "place": row.place,
             "callers": getattr(row, "callers", 0), "known": row.known, "case": row.case_number}
            for row in incidents.incidents().filter(closed_at__isnull=True)
            .order_by("-opened_at")[:DUE_SHOWN]
        ],
        "island": {
            "agent": user_id,
            "popUrl": reverse("hotline:pop"),
            "topics": topic_queries.offered(),
            "states": {str(code): str(label) for code, (label, _c) in words.CALL_STATES.items()},
        },
        **_pop_context(request, _call_asked_for(request)),
    }  # fmt: skip
    return render(request, "hotline/desk.html", context)


@permissions.needs(TAKE)
@require_GET
def pop_fragment(request: HttpRequest) -> HttpResponse:
    """Return the present call alone, for a desk that is open already."""
    context = _pop_context(request, _call_asked_for(request))
    response = render(request, "hotline/pop.html", context)
    response["Cache-Control"] = "no-store"
    return response


@permissions.needs(TAKE)
@require_GET
def similar_fragment(request: HttpRequest, call_id: int) -> HttpResponse:
    """Return what to ask about a topic, and what this call may be folded with."""
    call = queries.call(call_id)
    row = topic_queries.topic(request.GET.get("topic", ""))
    spot = incidents.Spot(
        _number(request.GET.get("lon")), _number(request.GET.get("lat")),
        request.GET.get("estate", "")[:40], request.GET.get("zone", "")[:64],
        incidents.connection_of(request.GET.get("account", "")[:40]),
    )  # fmt: skip
    account = request.GET.get("account", "")[:40]
    found = incidents.similar(row, spot, at=clock.now(), but_call=call.pk, account_code=account)
    context = {
        **popped.guidance(row),
        "similar": [popped.similar_shown(one) for one in found[:3]],
        "articles": knowledge.found(row.name_zh, 3),
        "limit_minutes": row.limit_minutes,
        "unit": units.responsible(row, spot),
        "specialist": customers.specialist_of(spot.estate_code) if spot.estate_code else None,
    }
    return render(request, "hotline/similar.html", context)


@permissions.needs(TAKE)
@require_GET
def find_fragment(request: HttpRequest) -> HttpResponse:
    """Return the accounts that fit what an agent types: an address, a name, a number."""
    text = request.GET.get("q", "").strip()
    rows = customers.find(text, 8) if len(text) >= 2 else []
    context = {"found": rows, "call_id": request.GET.get("call", ""), "asked": text}
    return render(request, "hotline/found.html", context)


@permissions.needs(TAKE)
@require_GET
def knowledge_fragment(request: HttpRequest) -> HttpResponse:
    """Return the articles that fit what an agent types, or the way to keep the question."""
    text = request.GET.get("q", "").strip()
    context = {
        "articles": knowledge.found(text),
        "asked": text,
        "call_id": request.GET.get("call", ""),
    }
    return render(request, "hotline/answers.html", context)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if abs(found) <= 180 else None


@permissions.needs(TAKE)
@require_POST
def wrap(request: HttpRequest, call_id: int) -> HttpResponse:
    """Note a call by the form of the desk, and go on to the next."""
    given = request.POST
    noted = contracts.Noted(
        topic_code=given.get("topic", ""),
        account_code=given.get("account", "")[:40],
        person_name=given.get("person", "")[:80],
        place=given.get("place", ""),
        lon=_number(given.get("lon")),
        lat=_number(given.get("lat")),
        estate_code=given.get("estate", "")[:40],
        zone_code=given.get("zone", "")[:64],
        note=given.get("note", "")[:5000],
        answer=given.get("answer", "")[:5000],
        tags=tuple(given.get("tags", "").replace("，", ",").split(",")),
        is_first=given.get("first") == "1",
        follow_up=given.get("follow_up") == "1",
        send_now=given.get("wait") != "1",
        fold_with=given.get("fold_with", ""),
        own_case=given.get("own_case") == "1",
    )
    try:
        call = wrapping.wrap_call(call_id, noted, by_id=request.user.pk or 0)
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
        return HttpResponseRedirect(f"{reverse('hotline:desk')}?call={call_id}")
    if call.case_number:
        said = _("Call noted: case %(number)s.") % {"number": call.case_number}
        messages.success(request, said)
    else:
        messages.success(request, _("Call noted. Nothing is to be done for it."))
    return HttpResponseRedirect(reverse("hotline:desk"))


@permissions.needs(TAKE)
@require_POST
def seat(request: HttpRequest) -> HttpResponse:
    """Take a seat, or say whether one takes calls."""
    user_id = request.user.pk or 0
    try:
        if "extension" in request.POST:
            seats.sit_down(user_id=user_id, extension=request.POST["extension"])
        else:
            wanted = request.POST.get("state", "")
            chosen = SeatState(wanted) if wanted in set(SeatState) else SeatState.BUSY
            seats.change_state(user_id=user_id, state=chosen)
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("hotline:desk"))


@permissions.needs(TAKE)
@require_POST
def keep_question(request: HttpRequest) -> HttpResponse:
    """Keep a question that no article answered."""
    call_id = number_of(request.POST.get("call", ""))
    try:
        knowledge_actions.keep_question(
            request.POST.get("text", ""), call_id=call_id, by_id=request.user.pk
        )
        messages.success(request, _("The question is kept; somebody will write an answer."))
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(f"{reverse('hotline:desk')}{f'?call={call_id}' if call_id else ''}")
