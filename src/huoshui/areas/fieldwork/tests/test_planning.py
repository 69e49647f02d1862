"""Proposals: candidates for one job, plans for many, and what a person does with them.

depot + crew a ---- 0.01 ---- crew b ---- 0.01 ---- job       degrees of longitude
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import actions, contracts, models, refusals
from huoshui.areas.fieldwork.actions import giving, planning, stock
from huoshui.areas.fieldwork.queries import planning as plan_queries
from huoshui.areas.fieldwork.tests.conftest import NOW

SPOT = contracts.Place(lon=113.62, lat=34.75)
UNTIL = NOW + timedelta(hours=10)


@pytest.fixture
def ask(street, dispatcher):
    """Ask for a job at the spot, or some degrees from it."""

    def make(east: float = 0.0, **work: object) -> models.Job:
        place = contracts.Place(lon=113.62 + east, lat=34.75)
        priority = work.pop("priority", contracts.Priority.NORMAL)
        return actions.request_job(
            place=place, by_id=dispatcher.pk, priority=priority, work=contracts.Work(**work)
        )

    return make


@pytest.fixture
def propose(dispatcher):
    def run() -> models.Plan:
        row = planning.propose(from_at=NOW, until=UNTIL, by_id=dispatcher.pk)
        return planning.compute(row.pk, limit_s=0.2)

    return run


class TestCandidates:
    def test_puts_the_nearest_able_crew_first(self, ask, make_crew):
        make_crew("a")
        make_crew("b", east=0.01)

        found = plan_queries.candidates(ask(), NOW)

        assert [one.crew.code for one in found] == ["b", "a"]
        assert found[0].arrive_at < found[1].arrive_at
        assert found[0].faults == ()

    def test_puts_a_near_crew_that_lacks_something_behind_and_says_what(
        self, ask, make_crew, meter_exchange
    ):
        make_crew("near", "weld", east=0.02)
        make_crew("far", "fit", meter=2)

        first, second = plan_queries.candidates(ask(type_code="meter"), NOW)

        assert (first.crew.code, first.faults) == ("far", ())
        assert (set(second.faults), second.lacking) == ({"skill", "parts"}, ("fit", "meter"))

    def test_puts_who_lacks_less_before_who_lacks_more(self, ask, make_crew, meter_exchange):
        make_crew("near", "weld", east=0.02)
        make_crew("far", "fit")

        found = plan_queries.candidates(ask(type_code="meter"), NOW)

        assert [one.crew.code for one in found] == ["far", "near"]

    def test_counts_parts_that_are_promised_to_other_jobs(
        self, ask, make_crew, meter_exchange, dispatcher
    ):
        make_crew("a", "fit", meter=1)
        giving.give_to_crew(ask(type_code="meter").number, crew_code="a", by_id=dispatcher.pk)

        (one,) = plan_queries.candidates(ask(type_code="meter"), NOW)

        assert (one.faults, one.lacking, one.waiting) == (("parts",), ("meter",), 1)

    def test_says_of_a_crew_at_rest_that_it_is_off(self, ask, make_crew, day_shift):
        make_crew("a")
        day_shift.days = [["01:00", "02:00"], None, None]
        day_shift.save()

        (one,) = plan_queries.candidates(ask(), NOW)

        assert (one.faults, one.arrive_at) == (("off",), None)

    def test_starts_a_busy_crew_from_its_job_once_that_is_over(self, ask, make_crew, dispatcher):
        make_crew("a")
        doing = ask()
        giving.give_to_crew(doing.number, crew_code="a", by_id=dispatcher.pk)
        giving.arrive(doing.number, by=models.CrewMember.objects.get().user)

        (one,) = plan_queries.candidates(ask(), NOW)

        assert one.drive_s == 0
        assert one.arrive_at == NOW + timedelta(minutes=60)


class TestPlan:
    def test_gives_jobs_to_crews_and_says_why_others_stay_out(
        self, ask, make_crew, meter_exchange, propose
    ):
        make_crew("a", "fit", meter=1)
        jobs = [ask(), ask(type_code="meter"), ask(type_code="meter")]

        row = propose()

        assert row.state == contracts.PlanState.PROPOSED
        reasons = sorted(row.stops.values_list("reason", flat=True))
        assert reasons == ["", "", "parts_used_up"]
        assert set(row.stops.values_list("job_id", flat=True)) == {one.pk for one in jobs}
        assert models.Job.objects.filter(crew__isnull=False).count() == 0

    def test_is_accepted_by_a_person_and_then_holds(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        make_crew("b", "weld", east=0.04)
        ask()
        ask(0.03)

        row = propose()
        given, passed_over = planning.accept(row.pk, by_id=dispatcher.pk)

        assert (given, passed_over) == (2, [])
        for stop in row.stops.select_related("job"):
            assert stop.job.crew_id == stop.crew_id
            assert stop.job.planned_at == stop.begin_at

    def test_passes_over_what_moved_on_since(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        jobs = [ask(), ask()]
        row = propose()
        actions.cancel_job(number=jobs[0].number, by_id=dispatcher.pk, reason="Twice.")

        given, passed_over = planning.accept(row.pk, by_id=dispatcher.pk)

        assert (given, passed_over) == (1, [jobs[0].number])

    def test_passes_over_a_crew_that_is_not_there_any_more(
        self, ask, make_crew, propose, dispatcher
    ):
        make_crew("a")
        make_crew("b", east=0.04)
        near, far = ask(-0.02), ask(0.02)
        row = propose()
        assert {one.crew.code for one in row.stops.select_related("crew")} == {"a", "b"}
        models.Crew.objects.filter(code="a").update(is_retired=True)

        given, passed_over = planning.accept(row.pk, by_id=dispatcher.pk)

        far.refresh_from_db()
        assert (given, passed_over) == (1, [near.number])
        assert far.crew.code == "b"

    def test_passes_over_a_crew_that_has_lost_its_people(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        job = ask()
        row = propose()
        models.CrewMember.objects.all().delete()

        assert planning.accept(row.pk, by_id=dispatcher.pk) == (0, [job.number])

    def test_leaves_what_a_crew_has_with_that_crew(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        make_crew("near", east=0.02)
        job = ask()
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        row = propose()

        assert [one.crew.code for one in row.stops.select_related("crew")] == ["a"]

    def test_cannot_be_decided_twice(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        ask()
        row = propose()
        planning.put_aside(row.pk, by_id=dispatcher.pk)

        with pytest.raises(refusals.PlanNotOpen):
            planning.accept(row.pk, by_id=dispatcher.pk)

    def test_is_refused_without_jobs_or_crews(self, street, make_crew, dispatcher):
        make_crew("a")

        with pytest.raises(refusals.NothingToPlan):
            planning.propose(from_at=NOW, until=UNTIL, by_id=dispatcher.pk)

    def test_that_went_wrong_says_so(self, ask, make_crew, dispatcher):
        make_crew("a")
        ask()
        row = planning.propose(from_at=NOW, until=UNTIL, by_id=dispatcher.pk)

        planning.give_up(row.pk)

        row.refresh_from_db()
        assert row.state == contracts.PlanState.FAILED


class TestMove:
    def test_refuses_a_crew_that_is_not_there_any_more(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        make_crew("gone")
        job = ask()
        row = propose()
        models.Crew.objects.filter(code="gone").update(is_retired=True)

        with pytest.raises(refusals.NoSuch):
            planning.move(
                row.pk, job_number=job.number, crew_code="gone", at_place=0, by_id=dispatcher.pk
            )

    def test_times_both_crews_anew_and_says_what_breaks(
        self, ask, make_crew, meter_exchange, propose, dispatcher
    ):
        make_crew("a", "fit", meter=2)
        make_crew("b")
        job = ask(type_code="meter")
        row = propose()

        broken = planning.move(
            row.pk, job_number=job.number, crew_code="b", at_place=0, by_id=dispatcher.pk
        )

        assert set(broken) == {"skill", "parts"}
        stop = row.stops.select_related("crew").get()
        assert (stop.crew.code, stop.order) == ("b", 0)

    def test_takes_a_job_out(self, ask, make_crew, propose, dispatcher):
        make_crew("a")
        job = ask()
        row = propose()

        planning.move(row.pk, job_number=job.number, crew_code="", at_place=None,
                      by_id=dispatcher.pk)  # fmt: skip

        stop = row.stops.get()
        assert (stop.crew, stop.reason, stop.begin_at) == (None, "taken_out", None)
        assert planning.accept(row.pk, by_id=dispatcher.pk) == (0, [])

    def test_knows_what_lies_in_the_van_now(self, ask, make_crew, meter_exchange, propose,
                                            dispatcher):  # fmt: skip
        make_crew("a", "fit", meter=1)
        make_crew("b", "fit")
        job = ask(type_code="meter")
        row = propose()
        way = stock.Way(contracts.Moved.LOADED, from_code="V-a", to_code="V-b")
        stock.move(way, {"meter": 1}, by_id=None)

        broken = planning.move(
            row.pk, job_number=job.number, crew_code="b", at_place=0, by_id=dispatcher.pk
        )

        assert broken == []
