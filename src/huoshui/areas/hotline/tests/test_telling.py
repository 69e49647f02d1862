"""What a telephone system tells: signed, late, twice, in any order."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest

from huoshui.areas.hotline import models, rules, tasks
from huoshui.areas.hotline.actions import seats, telling
from huoshui.areas.hotline.contracts import CallState, EventKind, SeatState, ToldEvent
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions as accounts

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-telephone-system"
EVENTS = "/api/v1/hotline/events"


@pytest.fixture
def signed(monkeypatch, tmp_path):
    """The settings of an installation that has agreed on a secret."""
    chosen = settings.get().model_copy(update={"telephony_secret": settings.SecretStr(SECRET)})
    monkeypatch.setattr(settings, "get", lambda: chosen)


@pytest.fixture
def agent():
    user, _ = accounts.add_user("mei", "周梅", posts=("hotline_agent",))
    seats.sit_down(user_id=user.pk, extension="8001")
    return user


def body_of(kind="ringing", **more):
    at = clock.now().isoformat()
    return {"event_id": f"e-{kind}", "call_id": "c-1", "kind": kind, "at": at, **more}


def send(client, body, *, secret=SECRET, age_s=0, signature=None):
    content = json.dumps(body).encode()
    stamp = str(int(clock.real_now().timestamp()) - age_s)
    given = rules.signature(secret, stamp, content) if signature is None else signature
    return client.post(
        EVENTS,
        content,
        content_type="application/json",
        headers={"X-Huoshui-Timestamp": stamp, "X-Huoshui-Signature": f"sha256={given}"},
    )


@pytest.mark.usefixtures("signed")
class TestEndpoint:
    def test_takes_a_signed_event(self, client, agent):
        answer = send(client, body_of(caller="+86 13812345678", extension="8001"))

        assert answer.status_code == 202, answer.content
        assert answer.json() == {"call_id": "c-1", "state": "ringing", "repeated": False}
        call = models.Call.objects.get()
        assert (call.caller_key, call.agent_id) == ("13812345678", agent.pk)

    def test_takes_the_same_event_again_and_says_so(self, client):
        body = body_of()
        send(client, body)

        assert send(client, body).json()["repeated"] is True
        assert models.CallEvent.objects.count() == 1

    def test_refuses_another_event_under_the_same_name(self, client):
        send(client, body_of(event_id="one"))

        answer = send(client, body_of("ended", event_id="one"))

        assert (answer.status_code, answer.json()["code"]) == (422, "hotline.event_id_reused")

    @pytest.mark.parametrize(
        ("how", "status", "code"),
        [
            ({"secret": "another-secret-altogether"}, 401, "hotline.signature_wrong"),
            ({"signature": ""}, 401, "hotline.signature_wrong"),
            ({"age_s": 400}, 401, "hotline.signature_old"),
            ({"age_s": -400}, 401, "hotline.signature_old"),
        ],
    )
    def test_refuses_what_is_not_signed_just_now(self, client, how, status, code):
        answer = send(client, body_of(), **how)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not models.Call.objects.exists()

    def test_refuses_what_happens_in_the_future(self, client):
        at = (clock.now() + timedelta(hours=1)).isoformat()

        answer = send(client, body_of(at=at))

        assert answer.json()["code"] == "hotline.event_ahead"

    def test_names_what_it_cannot_read(self, client):
        answer = send(client, body_of("sneezed"))

        assert answer.status_code == 422
        assert not models.Call.objects.exists()


def test_an_installation_without_a_secret_takes_nothing(client):
    answer = send(client, body_of())

    assert (answer.status_code, answer.json()["code"]) == (403, "hotline.telephony_not_set_up")


def events_of(now):
    def at(after_s):
        return now - timedelta(minutes=5) + timedelta(seconds=after_s)

    return [
        ToldEvent("1", EventKind.RINGING, at(0), extension="8001"),
        ToldEvent("2", EventKind.ANSWERED, at(8), extension="8001"),
        ToldEvent("3", EventKind.ENDED, at(90)),
        ToldEvent("4", EventKind.RECORDING, at(95), recording_url="https://pbx.example/1.wav"),
    ]


class TestTakeEvent:
    def test_comes_to_the_same_in_any_order(self, agent):
        seen = set()
        for number, order in enumerate(itertools.permutations(events_of(clock.now()))):
            for event in order:
                call, _new = telling.take_event(f"c-{number}", event, caller_number="13812345678")
            call.refresh_from_db()
            seen.add((call.state, call.wait_s, call.recording_url, call.agent_id))

        assert seen == {(CallState.ENDED, 8.0, "https://pbx.example/1.wav", agent.pk)}

    def test_moves_the_seat_of_the_agent(self, agent):
        ringing, answered, ended, _recording = events_of(clock.now())
        states = []
        for event in (ringing, answered, ended):
            telling.take_event("c-1", event)
            states.append(models.AgentSeat.objects.get().state)

        assert states == [SeatState.READY, SeatState.BUSY, SeatState.WRAP_UP]

    def test_gives_a_transferred_call_to_the_other_seat(self, agent):
        other, _ = accounts.add_user("qiang", "吴强", posts=("service_manager",))
        seats.sit_down(user_id=other.pk, extension="8002")
        ringing, answered, _ended, _recording = events_of(clock.now())
        for event in (ringing, answered):
            telling.take_event("c-1", event)

        moved = ToldEvent("t", EventKind.TRANSFERRED, clock.now(), target="8002")
        call, _new = telling.take_event("c-1", moved)

        assert call.agent_id == other.pk
        states = dict(models.AgentSeat.objects.values_list("extension", "state"))
        assert states == {"8001": SeatState.READY, "8002": SeatState.BUSY}

    def test_leaves_a_call_with_whom_it_was_when_the_seat_has_changed_hands(self, agent):
        ringing, answered, ended, recording = events_of(clock.now())
        for event in (ringing, answered, ended):
            telling.take_event("c-1", event)
        seats.change_state(user_id=agent.pk, state=SeatState.AWAY)
        other, _ = accounts.add_user("qiang", "吴强", posts=("hotline_agent",))
        seats.sit_down(user_id=other.pk, extension="8001")

        call, _new = telling.take_event("c-1", recording)

        assert call.agent_id == agent.pk
        assert models.AgentSeat.objects.get(extension="8001").state == SeatState.READY

    def test_leaves_an_agent_busy_when_a_call_that_only_rang_goes_elsewhere(self, agent):
        other, _ = accounts.add_user("qiang", "吴强", posts=("hotline_agent",))
        seats.sit_down(user_id=other.pk, extension="8002")
        for event in events_of(clock.now())[:2]:
            telling.take_event("c-1", event)
        for number, extension in (("1", "8001"), ("2", "8002")):
            at = clock.now() - timedelta(seconds=10 - int(number))
            telling.take_event("c-2", ToldEvent(number, EventKind.RINGING, at, extension))

        assert models.AgentSeat.objects.get(extension="8001").state == SeatState.BUSY

    def test_leaves_an_agent_busy_when_the_end_of_an_earlier_call_is_told_late(self, agent):
        ringing, answered, ended, _recording = events_of(clock.now())
        for event in (ringing, answered):
            telling.take_event("c-1", event)
        for number, kind in (("1", EventKind.RINGING), ("2", EventKind.ANSWERED)):
            at = clock.now() - timedelta(seconds=30 - int(number))
            telling.take_event("c-2", ToldEvent(number, kind, at, "8001"))

        telling.take_event("c-1", ended)

        assert models.AgentSeat.objects.get().state == SeatState.BUSY

    def test_leaves_an_agent_ready_when_an_old_call_is_heard_of_again(self, agent):
        ringing, answered, ended, recording = events_of(clock.now())
        for event in (ringing, answered, ended):
            telling.take_event("c-1", event)
        seats.change_state(user_id=agent.pk, state=SeatState.READY)

        telling.take_event("c-1", recording)

        assert models.AgentSeat.objects.get().state == SeatState.READY

    def test_frees_the_agent_whose_call_went_to_a_telephone_without_seat(self, agent):
        for event in events_of(clock.now())[:2]:
            telling.take_event("c-1", event)

        away = ToldEvent("t", EventKind.TRANSFERRED, clock.now(), target="9999")
        call, _new = telling.take_event("c-1", away)

        assert call.agent_id == agent.pk
        assert models.AgentSeat.objects.get().state == SeatState.READY

    def test_tells_the_desks_which_call_but_never_who_calls(self, agent):
        cursor, items = tasks.changed_calls(None)
        assert items == []
        ringing = events_of(clock.now())[0]
        call, _new = telling.take_event("c-1", ringing, caller_number="13812345678")

        _cursor, items = tasks.changed_calls(cursor)

        assert items == [{"key": f"agent:{agent.pk}", "call": call.pk, "state": "ringing"}]


class TestEndSilentCalls:
    def test_ends_a_call_whose_end_nobody_told_until_it_is_told(self, agent):
        long_ago = clock.now() - timedelta(hours=5)
        for event in events_of(long_ago)[:2]:
            telling.take_event("c-1", event)

        assert telling.end_silent_calls() == 1
        assert telling.end_silent_calls() == 0
        call = models.Call.objects.get()
        assert call.state == CallState.ENDED

        told_end = events_of(long_ago)[2]
        telling.take_event("c-1", told_end)

        call.refresh_from_db()
        assert call.ended_at == told_end.at

    def test_leaves_a_call_that_goes_on(self, agent):
        for event in events_of(clock.now())[:2]:
            telling.take_event("c-1", event)

        assert telling.end_silent_calls() == 0


class TestSeats:
    def test_refuse_an_extension_where_somebody_takes_calls(self, agent):
        other, _ = accounts.add_user("qiang", "吴强", posts=("hotline_agent",))

        with pytest.raises(Exception, match="extension_taken"):
            seats.sit_down(user_id=other.pk, extension="8001")

    def test_are_taken_over_from_somebody_who_went_away(self, agent):
        other, _ = accounts.add_user("qiang", "吴强", posts=("hotline_agent",))
        seats.change_state(user_id=agent.pk, state=SeatState.AWAY)

        assert seats.sit_down(user_id=other.pk, extension="8001").user_id == other.pk

    def test_let_nobody_say_that_they_are_busy(self, agent):
        with pytest.raises(Exception, match="not_now"):
            seats.change_state(user_id=agent.pk, state=SeatState.BUSY)
