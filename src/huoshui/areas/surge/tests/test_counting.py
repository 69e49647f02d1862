"""The figures of a wave are what the records say: each call belongs to one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import facade, queries
from huoshui.areas.surge.queries import figures, snapshots
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.tests.conftest import NOW, job_of, tell_by_phone, use_part
from huoshui.areas.surge.web import shown
from huoshui.kernel import cases, clock

pytestmark = pytest.mark.django_db
SORTS = ("enquiries", "repairs", "complaints", "other_calls", "wrong_numbers", "unsorted",
         "abandoned", "other_topics")  # fmt: skip


@pytest.fixture
def morning(wave, ring):
    """Nine calls: a duplicate, a second call, a wrong number, one given up, one open, others."""
    first = ring("frozen_meter", "A101", minutes_ago=120)
    return {
        "first": first,
        "neighbour": ring("frozen_meter", "A102", minutes_ago=110, fold_with=f"call:{first}"),
        "alone": ring("frozen_meter", "A201", minutes_ago=100),
        "unplaced": ring("no_water", minutes_ago=95),
        "enquiry": ring("frost", "A103", minutes_ago=90, number="13911112222"),
        "again": ring("delay", "A103", minutes_ago=20, number="13911112222"),
        "wrong": ring("wrong_number", minutes_ago=80),
        "gave_up": ring("", minutes_ago=70, answered=False),
        "talking": ring("", minutes_ago=3, noted=False),
    }  # fmt: skip


class TestFigures:
    def test_sort_every_call_into_one_of_them(self, wave, morning):
        found = facade.figures(wave)

        assert [found[code] for code in SORTS] == [1, 4, 1, 0, 1, 1, 1, 0]
        assert sum(found[code] for code in SORTS) == found["calls"] == len(morning)

    def test_fold_duplicates_and_count_each_repair_once(self, wave, morning):
        found = facade.figures(wave)

        assert (found["repairs"], found["folded"], found["cases"]) == (4, 1, 3)
        assert found["repairs"] - found["folded"] == found["cases"]
        assert (found["incidents"], found["estates"]) == (1, 2)

    def test_know_who_called_again_without_knowing_who_it_is(self, wave, morning):
        found = facade.figures(wave)

        assert (found["repeated_callers"], found["repeated_calls"]) == (1, 1)

    def test_give_every_repair_a_crew_or_a_reason(self, wave, morning, people):
        fieldwork.give_to_crew(
            number=job_of(morning["first"]), crew_code="Q-01", by_id=people["dispatcher"].pk
        )
        found = Gathered(queries.surge(wave), NOW + timedelta(minutes=1))
        expected = {
            morning["first"]: "",
            morning["alone"]: "not_looked",
            morning["unplaced"]: "not_sent",
        }
        assert {one.first.id: one.why_waiting for one in found.cases} == expected

        fieldwork.look_for_crews()
        found = Gathered(queries.surge(wave), NOW + timedelta(minutes=1))
        reasons = {one.first.id: one.why_waiting for one in found.cases}
        assert reasons == expected | {morning["alone"]: "able"}
        made = figures.figures(found).values
        assert (made["jobs"], made["jobs_given"], made["jobs_waiting"]) == (2, 1, 1)
        assert made["cases_without_job"] == 1
        assert (made["crews"], made["crews_out"], made["crews_free"]) == (2, 1, 1)

    def test_say_which_crew_came_nearest_also_afterwards(self, wave, morning, people):
        fieldwork.look_for_crews()
        number, at = job_of(morning["alone"]), NOW + timedelta(minutes=1)
        kept = snapshots.rows(Gathered(queries.surge(wave), at))
        fieldwork.cancel_job(number=number, by_id=people["manager"].pk, reason="重复")

        row = kept[f"job:{number}"]
        assert (row["why"], row["faults"], row["lacking"]) == ("able", [], [])
        assert row["nearest"] in ("抢修1组", "抢修2组")
        assert shown.waiting_for(kept, [f"job:{number}"])[0]["n"] == 1
        (listed,) = shown.listed(kept, [f"job:{number}"])
        assert row["nearest"] in listed["why"]

    def test_count_what_was_done_and_how_long_it_took(self, wave, morning, repaired):
        repaired(morning["first"], given_ago=100, there_ago=90, done_ago=60)

        found = facade.figures(wave)

        assert (found["cases_done"], found["cases_open"], found["faults_repaired"]) == (1, 2, 1)
        assert found["minutes_to_crew"] == pytest.approx(20)
        assert found["minutes_to_site"] == pytest.approx(30)
        assert found["minutes_to_repair"] == pytest.approx(60)

    def test_count_a_past_moment_as_it_stood_then(self, wave, morning, repaired):
        before = facade.figures(wave, NOW - timedelta(minutes=65))
        repaired(morning["first"], given_ago=50, there_ago=40, done_ago=10)

        again = facade.figures(wave, NOW - timedelta(minutes=65))

        assert again == before
        assert (again["calls"], again["cases_done"], again["jobs_given"]) == (7, 0, 0)

    def test_name_what_they_count(self, wave, morning):
        made = figures.figures(Gathered(queries.surge(wave), NOW))

        for code, keys in made.keys.items():
            if code not in ("people", "parts_used"):
                assert made.values[code] == len(keys) == len(set(keys)), code

    def test_leave_out_other_places(self, town, crews, people, ring):
        ring("frozen_meter", "A101")
        ring("frozen_meter", "A201")

        code = facade.declare(
            name="一处", kind="cold", from_at=NOW - timedelta(hours=3), estates=["XQ-1"],
            by_id=people["manager"].pk,
        )  # fmt: skip

        assert facade.figures(code)["calls"] == 1

    def test_leave_out_other_topics_but_say_how_many(self, town, crews, people, ring):
        ring("frozen_meter", "A101")
        ring("leak_at_meter", "A201")

        code = facade.declare(
            name="冻表", kind="cold", from_at=NOW - timedelta(hours=3), topics=["frozen_meter"],
            by_id=people["manager"].pk,
        )  # fmt: skip

        found = facade.figures(code)
        assert (found["calls"], found["repairs"], found["other_topics"]) == (2, 1, 1)

    @pytest.mark.parametrize("calls", [2, 12])
    def test_cost_as_many_questions_for_few_calls_as_for_many(
        self, wave, ring, calls, django_assert_num_queries
    ):
        for number in range(calls):
            ring("frozen_meter", f"A{number % 3 + 1}0{number % 4 + 1}", minutes_ago=100 - number)

        with django_assert_num_queries(QUESTIONS):
            figures.figures(Gathered(queries.surge(wave), NOW))


QUESTIONS = 25


class TestParts:
    def test_run_out_when_the_outlook_of_parts_says_so(self, wave, people, monkeypatch):
        # Six hours decide, also where the wave began after the meter was used.
        with clock.frozen(NOW - timedelta(hours=5)):
            monkeypatch.setattr(clock, "real_now", clock.now)
            by_id = people["dispatcher"].pk
            asked = fieldwork.request_job(
                place=field_contracts.Place(lon=117.0, lat=36.6), by_id=by_id
            )
            fieldwork.give_to_crew(number=asked.number, crew_code="Q-01", by_id=by_id)
            use_part(people["crew"], asked.number, "meter")

        row = figures.by_part(Gathered(queries.surge(wave), NOW))[0]

        # Ten in the store and two in each of two vehicles, less the one that was used.
        assert (row["left"], row["per_hour"]) == (13, pytest.approx(1 / 6))
        assert row["hours_left"] == pytest.approx(13 * 6)
        assert row["out_at"] == NOW + timedelta(hours=13 * 6)
        assert row["out_at"] == fieldwork.part_ends(["meter"], NOW)["meter"].at


class TestMeters:
    def test_of_all_who_called_about_one_job_are_its_own(self, wave, morning, people, monkeypatch):
        # One job for the first caller and the neighbour whose call was folded into it. The third
        # number is that of somebody who called about nothing.
        monkeypatch.setattr(clock, "real_now", clock.now)
        number = job_of(morning["first"])
        fieldwork.give_to_crew(number=number, crew_code="Q-01", by_id=people["dispatcher"].pk)
        codes = {
            account: tell_by_phone(
                people["crew"], number, "meter",
                {"old_number": old, "old_reading_m3": 12.0, "new_number": f"N{old}",
                 "start_reading_m3": 0.0},
            ).code
            for account, old in (("A101", "SB01"), ("A102", "SB02"), ("A104", "SB04"))
        }  # fmt: skip

        assert codes["A101"] == codes["A102"] != codes["A104"] == "fieldwork.other_account"
        every = customers.meter_exchanges(since=NOW, until=NOW + timedelta(minutes=1))
        assert {one.old_number: one.account_code for one in every} == {
            "SB01": "A101", "SB02": "A102", "SB04": "",
        }  # fmt: skip


class TestCaseOfJob:
    def test_leads_back_from_the_job(self, wave, morning):
        number = hotline.call(morning["first"]).case_number

        assert hotline.case_of_job(hotline.job_origin(number)) == number
        assert cases.case(number) is not None
