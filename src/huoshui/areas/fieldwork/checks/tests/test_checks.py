"""Checks: kept once, judged by their list, made findings and jobs, counted for their round."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions, queries, refusals
from huoshui.areas.fieldwork.checks.tests.conftest import GOOD, HOT, ITEMS, LEAKING, NOW
from huoshui.areas.fieldwork.patrol import queries as patrol_queries
from huoshui.areas.fieldwork.patrol import refusals as patrol_refusals

DAY = timedelta(days=1)


@pytest.fixture
def check(daily, crew):
    def take(asset="n1", answers=GOOD, *, ago=timedelta(0), **more):
        return actions.take_check(
            asset, by=crew, answers=answers, checked_at=NOW - ago, row=daily, **more
        )

    return take


class TestTakeCheck:
    def test_keeps_the_words_and_limits_of_the_day(self, check):
        row = check()
        actions.keep_list("JC-01", name_zh="改", asset_kind="junction", items=ITEMS[:1], by_id=None)
        row.refresh_from_db()
        heat = row.answers[1]

        assert (heat["zh"], heat["value"], heat["high"], heat["verdict"]) == (
            "轴承温度", 60.5, 75.0, "good",
        )  # fmt: skip
        assert (row.wrong, row.finding) == (0, None)

    def test_out_of_limits_becomes_a_finding_and_the_job_its_item_wants(self, check):
        row = check(answers=HOT, note="smells")

        assert row.wrong == 1
        assert (row.finding.kind, row.finding.asset_code) == ("equipment", "n1")
        assert "82 °C (≤ 75 °C)" in row.finding.note
        assert "smells" in row.finding.note
        assert (row.finding.job.asset_code, row.finding.job.state) == ("n1", "requested")

    def test_not_in_order_is_a_finding_without_a_job_where_nobody_wants_one(self, check):
        assert check(answers=LEAKING).finding.job is None
        assert check(answers=LEAKING, wants_job=True).finding.job is not None

    def test_asks_for_one_job_while_it_is_open_and_for_another_after(self, check):
        first = check(answers=HOT, ago=3 * DAY).finding.job
        again = check(answers=HOT, ago=2 * DAY).finding.job
        more = check(answers={"leak": False, "heat": 90}, ago=DAY).finding.job
        models.Job.objects.filter(pk__in=[first.pk, more.pk]).update(state="closed")
        later = check(answers=HOT).finding.job

        assert again == first
        # A leak beside the heat is another trouble: the open job does not know of it.
        assert more != first
        assert later not in (first, more)

    def test_taken_twice_counts_once(self, check):
        first, second = check(answers=HOT, key="k"), check(answers=HOT, key="k")

        assert first == second
        assert models.PatrolFinding.objects.count() == 1

    def test_is_never_a_dead_end_where_an_answer_lacks(self, check):
        row = check(answers={"leak": True})

        assert (row.missing, row.wrong) == (1, 0)

    def test_refuses_answers_that_cannot_be(self, check):
        with pytest.raises(refusals.AnswersNotUsable) as caught:
            check(answers={"leak": "yes", "heat": "hot"})

        assert caught.value.data["items"] == ["leak", "heat"]

    def test_refuses_a_kind_without_a_list(self, check):
        with pytest.raises(refusals.CannotBeChecked):
            check("p1")


class TestLists:
    def test_one_stands_for_a_kind(self, nodes):
        with pytest.raises(refusals.KindHasList):
            actions.keep_list("JC-02", name_zh="又", asset_kind="junction", items=ITEMS, by_id=None)

        actions.keep_list(
            "JC-01", name_zh="旧", asset_kind="junction", items=ITEMS, by_id=None, is_retired=True
        )
        made = actions.keep_list(
            "JC-02", name_zh="又", asset_kind="junction", items=ITEMS, by_id=None
        )
        assert queries.asked(["n1"]).of("n1", "junction") == made


class TestRounds:
    def test_refuses_what_cannot_be_looked_at(self, nodes):
        with pytest.raises(patrol_refusals.UnknownAssets):
            actions.assets_chosen(codes=["n1", "gone"])
        with pytest.raises(refusals.CannotBeChecked):
            actions.assets_chosen(codes=["p1"])
        with pytest.raises(refusals.NothingToCheck):
            actions.assets_chosen(codes=[])

    def test_takes_the_kinds_of_a_zone_after_those_named(self, nodes):
        found = actions.assets_chosen(codes=["n2"], zone_code="A", asset_kinds=["junction"])

        assert found[0] == "n2"
        assert set(found) >= {"n1", "n2"}
        assert actions.assets_chosen(codes=["n2", "n1"]) == ["n2", "n1"]

    def test_a_period_is_whole_with_every_asset_and_missed_ones_are_named(self, check, daily):
        # 27 February to 2 March: missed, one of two, both, and today which still runs.
        check("n1", ago=2 * DAY)
        check("n1", ago=DAY)
        check("n2", ago=DAY)
        found = {one.period.begin: one for one in queries.turns([daily])}

        assert [(str(found[day].standing), found[day].left) for day in sorted(found)] == [
            ("missed", ["n1", "n2"]), ("partly", ["n2"]), ("walked", []), ("due", ["n1", "n2"]),
        ]  # fmt: skip

    def test_what_is_added_to_a_round_was_not_missed_before(self, check, daily, nodes):
        actions.keep_round(
            "SB-01", values={}, asset_codes=actions.assets_chosen(codes=["n1"]), by_id=None
        )
        daily.refresh_from_db()
        check("n1")
        actions.keep_round(
            "SB-01", values={}, asset_codes=actions.assets_chosen(codes=["n1", "n2"]), by_id=None
        )
        daily.refresh_from_db()
        found = {one.period.begin: one.assets for one in queries.turns([daily])}

        # Changed twice today: the days before keep both, today looks at what it is now.
        assert found[date(2026, 2, 28)] == ("n1", "n2")
        assert found[date(2026, 3, 2)] == ("n1", "n2")

    def test_are_none_of_those_along_pipes(self, daily):
        assert patrol_queries.round_of("SB-01") is None
        assert list(patrol_queries.rounds_ever()) == []


class TestTrends:
    def test_give_the_numbers_of_an_asset_in_their_order(self, check):
        check(answers={**GOOD, "heat": 60}, ago=2 * DAY)
        check(answers={**GOOD, "heat": 71}, ago=DAY)
        check("n2", answers={**GOOD, "heat": 20})
        check(answers=HOT)
        (found,) = queries.trends("n1")

        assert [(value, wrong) for _at, value, wrong in found.points] == [
            (60, False), (71, False), (82, True),
        ]  # fmt: skip
        assert (found.item, found.high) == ("heat", 75.0)

    def test_the_latest_of_each_asset_is_one_query(self, check, django_assert_num_queries):
        for ago in (DAY, timedelta(0)):
            check("n1", ago=ago)
            check("n2", ago=ago + DAY)
        with django_assert_num_queries(1):
            found = queries.latest_of(["n1", "n2", "n3"])

        assert {code: one.checked_at for code, one in found.items()} == {
            "n1": NOW, "n2": NOW - DAY,
        }  # fmt: skip
