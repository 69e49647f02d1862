"""A rehearsal is offered by its player, asked for on its page, and told of while it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.rehearsals import actions
from huoshui.kernel.rehearsals.models import Rehearsal

pytestmark = pytest.mark.django_db
PART = ("door", "我开门", "The door")
OFFER = actions.Offer("fire", "消防演练", "Fire drill", "全楼疏散", "Everybody leaves", (PART,))


@pytest.fixture
def offered():
    actions.offer(OFFER)


@pytest.fixture
def manager():
    return accounts.add_user("wei", "李伟", posts=("manager",))[0]


@pytest.fixture
def page(manager):
    client = Client(headers={"accept-language": "en"})
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    return client


def look(client, **more):
    return client.get(reverse("rehearsals:rehearsals"), **more).content.decode()


class TestAsking:
    def test_is_taken_by_the_player_once(self, offered, manager):
        actions.ask("fire", "start", speed=20, played=["door", "window"], by_id=manager.pk)

        wanted, row = actions.take_wish("fire")
        assert (wanted, row.speed, row.played_by_person) == ("start", 20, ["door"])
        assert actions.take_wish("fire") is None
        assert AuditRecord.objects.filter(action="rehearsals.asked", by=manager).exists()

    @pytest.mark.parametrize(
        ("state", "wanted"),
        [("idle", "hold"), ("idle", "stop"), ("running", "start"), ("held", "hold"), ("over", "")],
    )
    def test_refuses_what_cannot_be_now(self, offered, manager, state, wanted):
        actions.tell("fire", state=state)

        with pytest.raises(errors.Refused, match="not_now"):
            actions.ask("fire", wanted, by_id=manager.pk)

    def test_refuses_a_speed_that_nobody_offers(self, offered, manager):
        with pytest.raises(errors.Refused, match="not_now"):
            actions.ask("fire", "start", speed=10_000, by_id=manager.pk)

    def test_refuses_a_rehearsal_that_nobody_plays(self, manager):
        with pytest.raises(errors.Refused, match="no_such"):
            actions.ask("flood", "start", by_id=manager.pk)


class TestOffering:
    def test_again_stops_what_ran_when_the_player_died(self, offered, manager):
        actions.ask("fire", "start", by_id=manager.pk)
        actions.tell("fire", state="running")

        actions.offer(OFFER)

        row = actions.rehearsal("fire")
        assert (row.state, row.told[0]["en"][:4]) == ("stopped", "Over")
        assert actions.take_wish("fire") is None

    def test_leaves_what_is_over_as_it_is(self, offered):
        actions.tell("fire", state="over")

        actions.offer(OFFER)

        assert actions.rehearsal("fire").state == "over"


class TestPage:
    def test_starts_and_stops(self, offered, page):
        address = reverse("rehearsals:ask", args=["fire"])
        page.post(address, {"wanted": "start", "speed": "60", "played": "door"})
        assert actions.take_wish("fire")[0] == "start"
        actions.tell("fire", state="running", happened=("开始", "Everybody leaves the house"))

        text = look(page)
        assert "Everybody leaves the house" in text
        assert 'value="stop"' in text
        page.post(address, {"wanted": "stop", "speed": "60"})

        assert actions.take_wish("fire")[0] == "stop"

    def test_loads_itself_again_only_while_something_goes_on(self, offered, page):
        assert "hx-trigger" not in look(page)
        actions.tell("fire", state="running")

        part = look(page, headers={"HX-Request": "true"})

        assert "every 2s" in part
        assert "<html" not in part

    def test_calls_nothing_running_that_nobody_plays(self, offered, page):
        actions.tell("fire", state="held")
        lately = clock.real_now() - timedelta(minutes=2)
        Rehearsal.objects.update(seen_at=lately)

        text = look(page)

        assert "On hold" not in text
        assert 'value="go_on"' not in text
        assert "Nobody plays just now" in text
        assert "hx-trigger" in text  # it comes back by itself

    def test_shows_where_script_and_product_differ(self, offered, page):
        lines = actions.counted([("来电", "Calls", 3, 2), ("待派", "Waiting", None, 4)])
        actions.tell("fire", figures=lines)

        text = look(page)

        assert text.count("fw-bold") == 1

    def test_says_a_refusal(self, offered, page):
        answer = page.post(
            reverse("rehearsals:ask", args=["fire"]), {"wanted": "hold", "speed": "x"}, follow=True
        )

        assert "cannot be asked of the rehearsal now" in answer.content.decode()
