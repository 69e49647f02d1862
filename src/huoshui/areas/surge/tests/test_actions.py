"""Declaring, answering, reporting, ending; those at risk; what the weather proposes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.announcements import facade as announcements
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import actions, contracts, facade, models, queries, refusals
from huoshui.areas.surge.actions import preparing, priorities, waves
from huoshui.areas.surge.queries import weather
from huoshui.areas.surge.tests.conftest import NOW, carry, job_of
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.kernel.events import dispatcher as outbox
from huoshui.kernel.intake import kinds
from huoshui.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
Quality = telemetry_contracts.Quality


class TestDeclare:
    def test_calls_the_crews_up(self, wave):
        calls = queries.crew_calls(queries.surge(wave).pk)

        assert wave == "YJ-2026-01"
        assert [(one.crew_code, one.answered_at) for one in calls] == [
            ("Q-01", None),
            ("Q-02", None),
        ]
        assert Notice.objects.filter(key=f"surge.called:{wave}").exists()

    def test_watches_what_the_exchange_of_a_meter_takes(self, wave):
        assert facade.standing()[0].parts == ("meter",)

    def test_refuses_one_without_a_name(self, people):
        with pytest.raises(refusals.NeedsValue):
            facade.declare(name=" ", kind=contracts.Kind.COLD, from_at=NOW, by_id=None)

    def test_hears_a_crew_answer_once(self, wave, people):
        facade.acknowledge(wave, crew_code="Q-01", by_id=people["crew"].pk)
        first = queries.crew_calls(queries.surge(wave).pk)[0].answered_at
        with clock.frozen(NOW + timedelta(minutes=9)):
            facade.acknowledge(wave, crew_code="Q-01", by_id=people["dispatcher"].pk)
            assert facade.figures(wave)["crews_acknowledged"] == 1

        assert queries.crew_calls(queries.surge(wave).pk)[0].answered_at == first

    def test_ends_it_once(self, wave, people):
        facade.end(wave, by_id=people["manager"].pk)

        assert facade.standing() == []
        with pytest.raises(refusals.NotNow):
            facade.end(wave, by_id=people["manager"].pk)

    def test_does_not_end_in_the_future(self, wave):
        with pytest.raises(refusals.NeedsValue):
            waves.end(wave, by_id=None, at=NOW + timedelta(hours=1))


class TestMakeReport:
    def test_stays_as_it_was_counted(self, wave, ring, repaired, people):
        call = ring("frozen_meter", "A101", minutes_ago=100)
        kept = facade.report(wave, NOW - timedelta(minutes=60), by_id=people["manager"].pk)
        repaired(call, given_ago=50, there_ago=40, done_ago=10)
        ring("frozen_meter", "A201", minutes_ago=30)

        later = facade.report(wave, by_id=people["manager"].pk)

        row = models.SurgeReport.objects.get(number=kept.number)
        assert row.figures == kept.figures
        assert (kept.figures["repairs"], kept.figures["cases_done"]) == (1, 0)
        assert (later.figures["repairs"], later.figures["cases_done"]) == (2, 1)
        assert (kept.number, later.number) == (f"{wave}-R01", f"{wave}-R02")

    def test_keeps_what_each_figure_counted(self, wave, ring):
        call = ring("frozen_meter", "A101", minutes_ago=100)

        row = actions.make_report(wave, until=None, by_id=None)

        (key,) = row.keys["repairs"]
        assert key == f"call:{call}"
        assert row.rows[key]["about"] == "frozen_meter"
        assert "张1" not in str(row.rows)

    @pytest.mark.parametrize("minutes", [1, -60 * 24])
    def test_refuses_a_moment_that_is_not_of_the_wave(self, wave, minutes):
        with pytest.raises(refusals.NeedsValue):
            facade.report(wave, NOW + timedelta(minutes=minutes))


class TestRiskLists:
    def test_take_who_is_told_out_of_those_to_tell(self, wave, people):
        marked = facade.mark_warned(
            "frost", ["A101", "A201"], how="visit", by_id=people["dispatcher"].pk,
            at=NOW - timedelta(days=1),
        )  # fmt: skip

        found = facade.figures(wave)
        assert marked == 2
        assert (found["risk_listed"], found["risk_warned"]) == (4, 2)

    def test_keep_each_telling_once(self, wave):
        told = [facade.mark_warned("frost", ["A101"], how=how, by_id=None)
                for how in ("visit", "visit", "phone")]  # fmt: skip

        assert told == [1, 0, 1]
        assert models.RiskWarning.objects.count() == 2

    def test_do_not_take_last_winter_for_this_one(self, wave):
        facade.mark_warned(
            "frost", ["A101", "A102"], how="visit", by_id=None, at=NOW - timedelta(days=365)
        )
        before = facade.figures(wave)["risk_warned"]

        facade.mark_warned("frost", ["A102"], how="visit", by_id=None, at=NOW - timedelta(days=1))

        assert (before, facade.figures(wave)["risk_warned"]) == (0, 1)
        assert queries.risk_lists().get().told == 1

    def test_keep_the_word_of_who_stays(self, wave):
        facade.mark_warned("frost", ["A101"], how="visit", by_id=None)
        entries = [contracts.AtRisk(one, contracts.RiskReason.OTHER) for one in ("A101", "A302")]

        facade.keep_risk_list(code="frost", name="易冻户", entries=entries, by_id=None)

        rows = {one.account_code: one.warned_at for one in models.RiskEntry.objects.listed()}
        assert rows == {"A101": NOW, "A302": None}

    def test_keep_who_is_taken_off_for_the_wave_that_counted_them(self, wave, people):
        facade.mark_warned("frost", ["A102"], how="visit", by_id=None, at=NOW - timedelta(hours=1))
        before = facade.figures(wave)
        by_id = people["service_manager"].pk
        entries = [contracts.AtRisk("A101", contracts.RiskReason.EXPOSED_METER)]

        facade.keep_risk_list(code="frost", name="易冻户", entries=entries, by_id=by_id)

        assert facade.risk_accounts("frost") == ["A101"]
        assert facade.figures(wave) == before
        gone = models.RiskEntry.objects.get(account_code="A102")
        assert (gone.taken_off_at, gone.taken_off_by_id) == (NOW, by_id)
        assert gone.tellings.count() == 1
        # A wave that begins now has one customer at risk.
        with clock.frozen(NOW + timedelta(hours=1)):
            later = facade.declare(
                name="再次", kind=contracts.Kind.COLD, from_at=NOW + timedelta(minutes=30),
                risk_list="frost", by_id=None,
            )  # fmt: skip
            assert facade.figures(later)["risk_listed"] == 1

    def test_take_back_who_was_taken_off(self, wave):
        facade.take_off_risk_list("frost", ["A101", "A999"], by_id=None)
        assert "A101" not in facade.risk_accounts("frost")

        facade.keep_risk_list(
            code="frost", name="易冻户", by_id=None,
            entries=[contracts.AtRisk("A101", contracts.RiskReason.EXPOSED_METER)],
        )  # fmt: skip

        row = models.RiskEntry.objects.get(account_code="A101")
        assert (row.taken_off_at, row.reason) == (None, "exposed_meter")

    def test_follow_the_register_of_special_care(self, wave, people, in_care):
        in_care("A103")
        by_id = people["manager"].pk
        actions.gather_risks("frost", name="易冻户", by_id=by_id)
        assert "A103" in facade.risk_accounts("frost")

        customers.end_care("A103", why="撤回同意", by_id=people["service_manager"].pk)
        outbox.dispatch()

        assert "A103" not in facade.risk_accounts("frost")
        row = models.RiskEntry.objects.get(account_code="A103")
        assert row.taken_off_by == people["service_manager"]

    def test_leave_who_is_listed_for_another_reason(self, wave, people, in_care):
        in_care("A101")

        customers.end_care("A101", why="搬走", by_id=None)
        outbox.dispatch()

        assert "A101" in facade.risk_accounts("frost")

    def test_take_no_special_care_but_from_the_register(self, wave):
        with pytest.raises(refusals.NeedsValue, match="A103"):
            facade.keep_risk_list(
                code="frost", name="", by_id=None,
                entries=[contracts.AtRisk("A103", contracts.RiskReason.SPECIAL_CARE)],
            )  # fmt: skip

    def test_refuse_an_account_that_nobody_knows(self, wave):
        with pytest.raises(refusals.NeedsValue, match="X9"):
            facade.keep_risk_list(
                code="frost", name="", by_id=None,
                entries=[contracts.AtRisk("X9", contracts.RiskReason.OTHER)],
            )  # fmt: skip

    def test_are_gathered_from_the_register(self, town, people):
        row = actions.gather_risks("frost", name="易冻户", by_id=people["manager"].pk)

        assert facade.risk_accounts(row.code) == ["A101", "A102", "A201", "A301"]

    def test_come_in_as_a_table_with_what_is_wrong_named(self, town, in_care, tmp_path):
        in_care("A103")
        path = tmp_path / "risks.csv"
        path.write_text(
            "户号,原因,备注\nA103,special_care,独居\nX9,frozen_before,\nA104,,\nA201,special_care,\n",
            encoding="utf-8",
        )

        done = kinds.KINDS["risk_list"].carry_out(path, path.name, {"list": "frost"}, None)

        assert (done.created, done.left_out) == (1, 3)
        said = {one.line: one.code for one in done.problems}
        assert said.keys() == {3, 4, 5}
        assert said[5] == "surge.not_in_care"
        assert facade.risk_accounts("frost") == ["A103"]


class TestCompare:
    def test_compares_the_warned_with_the_others(self, wave, ring):
        facade.mark_warned(
            "frost", ["A101", "A102"], how="visit", by_id=None, at=NOW - timedelta(days=1)
        )
        facade.mark_warned("frost", [], how="visit", by_id=None)
        with clock.frozen(NOW + timedelta(minutes=1)):
            ring("frozen_meter", "A101", minutes_ago=60)
            ring("frozen_meter", "A201", minutes_ago=50)
            ring("frozen_meter", "A301", minutes_ago=40)
            ring("frozen_meter", "A104", minutes_ago=30)
            ring("leak_at_meter", "A102", minutes_ago=20)

            found = facade.compare(wave)

        # Of the two warned one was hit, of the two others both.
        assert (found.at_risk.warned.accounts, found.at_risk.warned.hit) == (2, 1)
        assert (found.at_risk.others.accounts, found.at_risk.others.hit) == (2, 2)
        assert found.at_risk.ratio == pytest.approx(0.5)
        # Twelve accounts in all: of the ten not warned three were hit.
        assert (found.everybody.others.accounts, found.everybody.others.hit) == (10, 3)
        assert found.everybody.ratio == pytest.approx((1 / 2) / (3 / 10))

    def test_does_not_take_who_was_told_with_the_harm_done_for_warned(self, wave, ring):
        ring("frozen_meter", "A101", minutes_ago=60)
        facade.mark_warned(
            "frost", ["A101", "A102"], how="phone", by_id=None, at=NOW - timedelta(minutes=10)
        )

        found = facade.compare(wave)

        assert (found.at_risk.warned.accounts, found.at_risk.warned.hit) == (1, 0)
        assert (found.at_risk.others.accounts, found.at_risk.others.hit) == (3, 1)
        assert (found.everybody.others.accounts, found.everybody.others.hit) == (11, 1)
        # The figure of the wall says how many were told so far, in time or not.
        assert facade.figures(wave)["risk_warned"] == 2

    def test_takes_a_message_for_a_warning_from_when_it_arrived(self, wave, ring, monkeypatch):
        ring("frozen_meter", "A101", minutes_ago=60)
        ring("frozen_meter", "A103", minutes_ago=20)
        at = NOW - timedelta(minutes=30)
        reached = dict.fromkeys(("A101", "A102", "A103"), at)
        monkeypatch.setattr(announcements, "released_between", lambda *_: ["G-1"])
        monkeypatch.setattr(announcements, "reached_at", lambda _: reached)

        found = facade.compare(wave).everybody

        assert (found.warned.accounts, found.warned.hit) == (2, 1)
        assert (found.others.accounts, found.others.hit) == (10, 1)

    def test_counts_an_account_without_an_estate_on_neither_side(self, wave, ring, tmp_path):
        carry(
            tmp_path, "accounts", "户号,户名,电话,地址,水表号\nA900,王五,13800009999,孤楼,SB900\n"
        )
        ring("frozen_meter", "A900", minutes_ago=60)
        ring("frozen_meter", "A101", minutes_ago=50)

        found = facade.compare(wave).everybody

        assert (found.others.accounts, found.others.hit) == (12, 1)


class TestPriorities:
    def test_are_given_to_the_board(self, wave, ring, people):
        first = ring("frozen_meter", "A101", minutes_ago=140)
        ring("frozen_meter", "A102", minutes_ago=130, fold_with=f"call:{first}")
        facade.keep_forecast({NOW.date(): (-20.0, -6.0)}, by_id=None)
        (ranked,) = facade.ranked(wave)
        number = job_of(first)
        assert (ranked.job_number, ranked.proposed, ranked.priority) == (number, "high", "high")
        with clock.frozen(NOW + timedelta(hours=5)):
            (ranked,) = facade.ranked(wave)
            # Two households 5, seven hours and a third 36.7, fifteen degrees below −5 at most 20.
            assert round(ranked.points, 1) == 61.7
            given = priorities.give_priorities(wave, [number, "J-1"], by_id=people["dispatcher"].pk)

        assert given == (1, 1)
        assert fieldwork.job(number).priority == "urgent"

    def test_refuse_an_empty_choice(self, wave, people):
        with pytest.raises(refusals.NeedsValue):
            priorities.give_priorities(wave, [], by_id=people["dispatcher"].pk)


@pytest.fixture
def plan(town, crews):
    """A plan of the cold: two nights at or below eight degrees of frost."""
    facade.keep_risk_list(
        code="frost", name="易冻户", by_id=None,
        entries=[contracts.AtRisk("A101", contracts.RiskReason.EXPOSED_METER)],
    )  # fmt: skip
    facade.keep_plan(
        "cold",
        {"name": "寒潮保供", "kind": contracts.Kind.COLD, "limit_c": -8.0, "nights": 2,
         "risk_list": "frost", "minimums": [["meter", 40, 11, 3]]},
        by_id=None,
    )  # fmt: skip
    return "cold"


COLD = {NOW.date() + timedelta(days=n): (low, low + 7.0) for n, low in ((1, -9.0), (2, -12.0))}


class TestWeather:
    @pytest.mark.parametrize(
        ("quality", "hours_ago", "found"),
        [(Quality.GOOD, 1, -15.0), (Quality.DOUBTFUL, 1, -15.0), (Quality.BAD, 1, -6.0),
         (Quality.GOOD, 4, -6.0)],
    )  # fmt: skip
    def test_is_measured_where_a_sound_reading_says_it(
        self, plan, monkeypatch, quality, hours_ago, found
    ):
        at_us = int((NOW - timedelta(hours=hours_ago)).timestamp() * 1e6)
        read = telemetry_contracts.Latest("AIR", at_us, -15.0, quality, 1)
        monkeypatch.setattr(telemetry, "latest", lambda codes: {"AIR": read})
        monkeypatch.setattr(telemetry, "points", lambda codes: codes)
        facade.keep_forecast({NOW.date(): (-6.0, 1.0)}, by_id=None)
        surge = models.Surge(kind="cold", plan=models.EmergencyPlan(point_code="AIR"))

        assert weather.temperature_at(surge, NOW) == found

    def test_proposes_to_declare_once(self, plan, people):
        facade.keep_forecast(COLD, by_id=None)
        facade.keep_forecast(COLD, by_id=None)

        (row,) = queries.proposals()
        assert (row.first_date, row.state) == (min(COLD), "open")
        assert Notice.objects.filter(key=f"surge.proposed:{row.pk}").count() == 1

    def test_does_not_ask_while_a_wave_stands(self, plan, wave):
        facade.keep_forecast(COLD, by_id=None)

        assert not queries.proposals().exists()

    def test_does_not_ask_for_one_cold_night(self, plan):
        facade.keep_forecast(dict(list(COLD.items())[:1]), by_id=None)

        assert not queries.proposals().exists()

    def test_warns_raises_and_declares(self, plan, people):
        facade.keep_forecast(COLD, by_id=None)
        (row,) = queries.proposals()
        by = people["manager"].pk

        number = preparing.draft_warning(row.pk, by_id=by)
        raised = preparing.raise_minimums(row.pk, by_id=by)
        said = waves.Declared("寒潮", contracts.Kind.COLD, NOW, plan="cold", risk_list="frost")
        surge = preparing.declare_proposed(row.pk, said, by_id=by)

        assert announcements.reached_at([number]) == {}
        assert raised == {"meter": 40}
        assert fieldwork.part_levels(["meter"])[0].minimum == 40
        assert queries.proposals()[0].surge == surge
        with pytest.raises(refusals.NotNow):
            preparing.draft_warning(row.pk, by_id=by)
        with pytest.raises(refusals.NotNow):
            preparing.declare_proposed(row.pk, said, by_id=by)

    def test_sets_a_proposal_aside_with_a_reason(self, plan):
        facade.keep_forecast(COLD, by_id=None)
        (row,) = queries.proposals()
        with pytest.raises(refusals.NeedsValue):
            preparing.set_aside(row.pk, reason=" ", by_id=None)

        assert preparing.set_aside(row.pk, reason="风大但不结冰", by_id=None).state == "set_aside"

    def test_refuses_a_low_above_the_high(self, plan):
        with pytest.raises(refusals.NeedsValue):
            facade.keep_forecast({NOW.date(): (5.0, -5.0)}, by_id=None)
