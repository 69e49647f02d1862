"""The rehearsal as people start, watch, join and stop it; a morning of ten homes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from huoshui.areas.hotline import contracts as hotline_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import facade as surge
from huoshui.democity.cold_wave import live, office, script
from huoshui.democity.cold_wave.script import HOUR_S, Kind
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User
from huoshui.kernel.events import dispatcher
from huoshui.kernel.rehearsals import actions as rehearsals

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 3, 1, 18)  # noqa: DTZ001  (on the wall of the city)
PEOPLE = (
    ("liwei", "manager"), ("zhangmin", "dispatcher"), ("wuqiang", "service_manager"),
    ("liuyang", "crew_leader"), ("zhaolei", "crew"), ("zhoumei", "hotline_agent"),
)  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """Let the script be two estates with ten meters that freeze within five minutes."""
    whole = script.write(1)
    homes = [one for one in whole.homes if one.estate.code in ("HC-05", "HC-06")]
    frozen = [one for one in whole.troubles if one.kind is Kind.METER][:10]
    troubles = tuple(replace(one, number=n, home=homes[7 * n]) for n, one in enumerate(frozen))
    calls = tuple(
        script.Call(n, 30 * n, script.Why.FIRST, one.home.phone, "frozen_meter", "水表冻了", "", 5,
                    60, one.home, n)
        for n, one in enumerate(troubles)
    )  # fmt: skip
    written = script.Script(1, tuple(homes), troubles, calls)
    monkeypatch.setattr(script, "write", lambda days=1: written)
    return written


@pytest.fixture
def rehearsal(small):
    evening = EVENING.replace(tzinfo=clock.local_zone())
    clock.set_now(evening, times=0)
    for username, post in PEOPLE:
        accounts.add_user(username, username, posts=(post,))
    clock.set_speed(600)
    return live.Rehearsal(now_s=iter(range(10**6)).__next__)


def ask(wanted, *played):
    manager = User.objects.get(username="liwei")
    rehearsals.ask(live.CODE, wanted, played=played, by_id=manager.pk)


def go_to(rehearsal, seconds):
    """Let the shown clock stand so many seconds after the beginning, and look until all is done."""
    begins_at = rehearsals.rehearsal(live.CODE).begins_at
    clock.set_now(begins_at + timedelta(seconds=seconds), times=0)
    for _ in range(60):
        rehearsal.look()
        dispatcher.dispatch()


def _at(wave, seconds):
    wave.stage.now_s = seconds
    return wave


class TestRehearsal:
    def test_begins_the_next_morning_at_six_and_calls_the_crews_up(self, rehearsal):
        ask("start")
        rehearsal.look()

        row = rehearsals.rehearsal(live.CODE)
        assert (row.state, clock.local(row.begins_at).hour) == ("running", 6)
        assert clock.settled_speed() == 60
        assert [one.name for one in surge.standing()] == ["冻表寒潮"]
        assert rehearsal.is_played

    def test_hears_every_crew_answer_before_six(self, rehearsal):
        ask("start")
        rehearsal.look()
        (wave,) = surge.standing()
        called = surge.figures(wave.code)["crews"]
        assert called > 0
        assert surge.figures(wave.code)["crews_acknowledged"] == 0

        go_to(rehearsal, 0)

        after = clock.now() + timedelta(seconds=1)
        assert surge.figures(wave.code, after)["crews_acknowledged"] == called

    def test_is_not_overtaken_by_the_clock_while_it_prepares(self, rehearsal, monkeypatch):
        half_past_five = EVENING.replace(hour=5, minute=30, tzinfo=clock.local_zone())
        clock.set_now(half_past_five, times=600)
        prepare, later = live.town.prepare, clock.real_now() + timedelta(seconds=10)

        def slow(*given, **named):
            monkeypatch.setattr(clock, "_wall", lambda: later)
            return prepare(*given, **named)

        monkeypatch.setattr(live.town, "prepare", slow)
        ask("start")
        rehearsal.look()

        row = rehearsals.rehearsal(live.CODE)
        assert (row.state, row.begins_at - half_past_five) == ("running", timedelta(minutes=30))

    def test_runs_on_as_before_where_it_could_not_begin(self, rehearsal, monkeypatch):
        def refuse(*_given, **_named):
            raise errors.Refused("surge.no_such", "no such wave", next_step="")

        monkeypatch.setattr(live.office, "declare", refuse)
        ask("start")
        rehearsal.look()

        assert rehearsals.rehearsal(live.CODE).state == "stopped"
        assert (rehearsal.is_played, clock.settled_speed()) == (False, 600)

    def test_counts_beside_the_script_what_is_there(self, rehearsal):
        ask("start")
        rehearsal.look()
        go_to(rehearsal, HOUR_S)

        there = {one["en"]: (one["said"], one["there"])
                 for one in rehearsals.rehearsal(live.CODE).figures}  # fmt: skip
        assert there["Calls"] == there["Repair reports"] == (10, 10)
        assert there["Things to repair"] == (10, 10)

    def test_counts_in_the_product_and_not_in_the_players_own_book(self, rehearsal):
        ask("start")
        rehearsal.look()
        go_to(rehearsal, HOUR_S)
        wave = rehearsal._wave
        wave.ledger.folded, wave.ledger.given = 99, {}
        wave.ledger.done.clear()
        wave.ledger.case_of.clear()

        there = {one["en"]: one["there"] for one in live.figures(wave)}

        assert (there["of these folded"], there["Things to repair"]) == (0, 10)
        assert there["Given to crews"] + there["Waiting for a crew"] == 10

    def test_goes_on_when_the_report_is_refused(self, rehearsal, monkeypatch):
        def refuse(*_args, **_more):
            raise errors.Refused("surge.no_such", "no such wave", next_step="")

        monkeypatch.setattr(surge, "report", refuse)
        ask("start")
        rehearsal.look()

        rehearsal._tell(_at(rehearsal._wave, live.MORNING_S + 1000), 0)

        told = rehearsals.rehearsal(live.CODE).told
        assert any(one["en"] == "The report of 17:00 could not be made" for one in told)

    def test_remembers_how_fast_the_demo_was(self, rehearsal):
        before = rehearsal.speed_before
        ask("start")
        rehearsal.look()

        assert (before, rehearsal.speed_before) == (None, 600)

    def test_leaves_the_jobs_to_a_person_who_wants_to_give_them(self, rehearsal):
        ask("start", live.JOBS)
        rehearsal.look()
        go_to(rehearsal, HOUR_S)

        there = {one["en"]: one["there"] for one in rehearsals.rehearsal(live.CODE).figures}
        assert (there["Given to crews"], there["Waiting for a crew"]) == (0, 10)

    def test_stops_and_leaves_the_demo_as_fast_as_it_was(self, rehearsal):
        ask("start")
        rehearsal.look()
        ask("stop")
        rehearsal.look()

        assert rehearsals.rehearsal(live.CODE).state == "stopped"
        assert clock.settled_speed() == 600
        assert not surge.standing()
        assert not rehearsal.is_played

    def test_leaves_nobody_on_the_line_after_a_stop(self, rehearsal):
        ask("start")
        rehearsal.look()
        go_to(rehearsal, 32)
        assert on_the_line()
        ask("stop")
        rehearsal.look()

        assert not on_the_line()

    def test_holds_the_clock_and_goes_on(self, rehearsal):
        ask("start")
        rehearsal.look()
        ask("hold")
        rehearsal.look()
        assert clock.speed() == 0
        ask("go_on")
        rehearsal.look()

        assert clock.speed() == 60
        assert rehearsals.rehearsal(live.CODE).state == "running"


def on_the_line():
    since = rehearsals.rehearsal(live.CODE).begins_at
    return [one for one in hotline.calls(since=since) if one.state in office.ON_THE_LINE]


class TestAnotherStart:
    """The demo is stopped while a rehearsal is on hold, and started again."""

    @pytest.fixture
    def held(self, rehearsal):
        ask("start")
        rehearsal.look()
        go_to(rehearsal, 32)  # the first has hung up or talks, the second rings
        assert on_the_line()
        ask("hold")
        rehearsal.look()
        return rehearsals.rehearsal(live.CODE)

    def test_says_why_it_is_over(self, held):
        live.Rehearsal()

        row = rehearsals.rehearsal(live.CODE)
        assert row.state == "stopped"
        assert "the demo was stopped" in row.told[0]["en"]

    def test_ends_the_wave_and_the_calls(self, held):
        live.Rehearsal().look()

        assert not surge.standing()
        assert not on_the_line()

    def test_ends_them_later_where_the_clock_is_before_their_beginning(self, held):
        wave = surge.standing()[0]
        clock.set_now(wave.from_at - timedelta(hours=2), times=0)
        again = live.Rehearsal(now_s=iter(range(0, 10**6, 11)).__next__)
        again.look()
        assert surge.standing()

        clock.set_now(held.begins_at + timedelta(minutes=5), times=0)
        again.look()

        assert not surge.standing()
        assert not on_the_line()

    def test_leaves_a_wave_that_people_declared(self, held):
        number = surge.declare(name=office.NAME, kind="cold", from_at=clock.now(), by_id=None)

        again = live.Rehearsal(now_s=iter(range(0, 10**6, 11)).__next__)
        again.look()

        assert [one.code for one in surge.standing()] == [number]


class TestOwnSeat:
    @pytest.fixture
    def own(self, rehearsal, monkeypatch):
        """A rehearsal whose first call rings at the person's own desk."""
        agent = User.objects.get(username="zhoumei")
        hotline.take_seat(user_id=agent.pk, extension=live.OWN_EXTENSION)
        monkeypatch.setattr(live, "RINGS_S", -1.0)
        monkeypatch.setattr(live, "TALKS_S", -1.0)
        ask("start", live.CALLS)
        rehearsal.look()
        return rehearsal

    def test_keeps_a_call_for_the_person_and_learns_what_they_noted(self, own, small):
        go_to(own, 20)
        left = own._wave.telephone.left
        assert hotline.call(left.number).kind == ""
        agent = User.objects.get(username="zhoumei")
        case = hotline.note_call(
            left.number,
            hotline_contracts.Noted("frozen_meter", lon=117.0, lat=36.6, own_case=True),
            by_id=agent.pk,
        )

        own.look()

        assert own._wave.ledger.case_of[0] == case

    def test_has_a_colleague_note_what_the_person_does_not(self, own, monkeypatch):
        monkeypatch.setattr(live, "LEFT_S", -1.0)

        go_to(own, 20)

        assert own._wave.ledger.case_of[0]
