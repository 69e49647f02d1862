"""Leaders listen to calls, judge them, and see what comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.hotline import models
from huoshui.areas.hotline.actions import listening, seats, wrapping
from huoshui.areas.hotline.contracts import Noted
from huoshui.areas.hotline.queries import listening as queries
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def led(client, leader):
    client.force_login(leader)
    return client


def text_of(response):
    return response.content.decode()


class TestListening:
    def test_offers_the_calls_that_one_has_not_judged(self, led, ring, leader):
        heard, other = ring(), ring("13900000002")
        scores = dict.fromkeys(listening.rules.SCORES, 4)
        listening.judge_call(heard.pk, scores=scores, root="pressure", by_id=leader.pk)

        page = text_of(led.get(reverse("hotline:to-judge")))

        assert reverse("hotline:judge", args=[other.pk]) in page
        assert reverse("hotline:judge", args=[heard.pk]) not in page

    def test_never_offers_ones_own(self, signed_in, ring, agent):
        accounts.give_post(agent, "manager")
        call = ring()

        answer = signed_in.get(reverse("hotline:to-judge"))

        assert reverse("hotline:judge", args=[call.pk]) not in text_of(answer)

    def test_shows_the_recording_and_the_case_beside_the_sheet(self, led, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("no_water"), by_id=agent.pk)
        models.Call.objects.filter(pk=call.pk).update(recording_url="https://pbx.example/1.wav")

        page = text_of(led.get(reverse("hotline:judge", args=[call.pk])))

        assert reverse("hotline:recording", args=[call.pk]) in page
        assert call.case_number in page

    def test_leads_to_an_improvement_that_somebody_finishes(self, client, ring, agent, leader):
        call = ring()
        today = clock.now().date()
        row = listening.judge_call(
            call.pk, scores=dict.fromkeys(listening.rules.SCORES, 3), root="works_damage",
            improvement="施工前交底", owner_id=agent.pk, due_date=today, by_id=leader.pk,
        )  # fmt: skip
        client.force_login(agent)
        assert client.get(reverse("hotline:listening", args=[row.pk])).status_code == 200

        client.post(reverse("hotline:improved", args=[row.pk]), {"note": "已交底"})

        row.refresh_from_db()
        assert row.done_note == "已交底"

    def test_is_closed_to_other_agents(self, client, ring, leader):
        row = listening.judge_call(
            ring().pk, scores=dict.fromkeys(listening.rules.SCORES, 3), by_id=leader.pk
        )
        client.force_login(accounts.add_user("x", "X", posts=("hotline_agent",))[0])

        assert client.get(reverse("hotline:listening", args=[row.pk])).status_code == 403

    def test_refuses_ones_own_call(self, ring, leader):
        seats.sit_down(user_id=leader.pk, extension="8002")
        call = ring(extension="8002")

        with pytest.raises(Exception, match="same_person"):
            listening.judge_call(
                call.pk, scores=dict.fromkeys(listening.rules.SCORES, 5), by_id=leader.pk
            )


class TestRecording:
    def test_opens_for_a_listener_and_is_written_down(self, led, ring, leader):
        call = ring()
        models.Call.objects.filter(pk=call.pk).update(recording_url="https://pbx.example/1.wav")

        answer = led.get(reverse("hotline:recording", args=[call.pk]))

        assert answer.status_code == 302
        assert answer["Location"] == "https://pbx.example/1.wav"
        kept = AuditRecord.objects.get(action="hotline.recording_opened")
        assert (kept.by_id, kept.subject) == (leader.pk, f"hotline.call:{call.pk}")

    def test_is_closed_to_agents(self, signed_in, ring):
        call = ring()
        models.Call.objects.filter(pk=call.pk).update(recording_url="https://pbx.example/1.wav")

        assert signed_in.get(reverse("hotline:recording", args=[call.pk])).status_code == 403
        assert not AuditRecord.objects.filter(action="hotline.recording_opened").exists()

    def test_is_not_there_for_a_call_without_one(self, led, ring):
        assert led.get(reverse("hotline:recording", args=[ring().pk])).status_code == 404


class TestByAgent:
    def test_counts_calls_heard_and_the_means_of_the_sheet(self, ring, leader, agent):
        first, _second, _third = ring(), ring(), ring()
        other = accounts.add_user("li", "李丽", posts=("manager",))[0]
        good = dict.fromkeys(listening.rules.SCORES, 5)
        listening.judge_call(first.pk, scores=good, by_id=leader.pk)
        listening.judge_call(
            first.pk, scores={**good, "greeting": 2}, improvement="报姓名", owner_id=agent.pk,
            due_date=clock.now().date() - timedelta(days=2), by_id=other.pk,
        )  # fmt: skip

        (row,) = queries.by_agent(None, None)

        assert (row["answered"], row["heard"]) == (3, 1)
        assert row["share"] == pytest.approx(100 / 3)
        assert row["greeting"] == 3.5
        assert row["manner"] == 5.0
        assert row["mean"] == pytest.approx((5 + 4.4) / 2)
        assert (row["open"], row["late"]) == (1, 1)

    def test_keeps_to_the_days_asked_for(self, led, ring, agent):
        ring()
        tomorrow = (clock.local(clock.now()) + timedelta(days=1)).date().isoformat()
        page = reverse("hotline:listening-agents")

        assert str(agent) in text_of(led.get(page))
        assert str(agent) not in text_of(led.get(page, {"began_at_from": tomorrow}))
