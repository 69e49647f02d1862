"""Crews: who is in them, when they work, and the jobs they have.

The clock stands at 14:00 in the city; the day shift goes from 8 to 18.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huoshui.areas.fieldwork import actions, contracts, models, queries, refusals, rules
from huoshui.areas.fieldwork.actions import crews as crew_actions
from huoshui.areas.fieldwork.actions import giving
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.kernel import clock

TODAY = date(2026, 3, 2)
SPOT = contracts.Place(lon=113.62, lat=34.75)


@pytest.fixture
def job(street, dispatcher):
    return actions.request_job(place=SPOT, by_id=dispatcher.pk)


class TestShiftDays:
    def test_reads_days_nights_and_rests(self):
        assert rules.shift_days("08:00-17:00, 20:00–8:00，-") == [
            ["08:00", "17:00"], ["20:00", "08:00"], None,
        ]  # fmt: skip

    @pytest.mark.parametrize("text", ["-", "8 to 5", "25:00-26:00", "08:00-08:00"])
    def test_refuses_what_is_no_shift_and_names_it(self, text):
        with pytest.raises(ValueError, match=text):
            rules.shift_days(text)

    @pytest.mark.parametrize(
        ("day", "offset", "hours"),
        [(2, 0, (8, 17)), (3, 0, (20, 32)), (4, 0, None), (2, 1, (20, 32)), (1, 0, None)],
    )
    def test_repeat_forwards_and_backwards(self, day, offset, hours):
        found = rules.shift_on(
            date(2026, 3, day), days=[["08:00", "17:00"], ["20:00", "08:00"], None],
            first_date=TODAY, offset_days=offset, zone=UTC,
        )  # fmt: skip

        midnight = datetime(2026, 3, day, tzinfo=UTC)
        wanted = hours and tuple(midnight + timedelta(hours=one) for one in hours)
        assert found == wanted


class TestAtWork:
    def test_has_who_works_now_and_where_they_are(self, make_crew):
        make_crew("a", east=0.01)

        (one,) = crew_queries.at_work(NOW, NOW + timedelta(hours=1))

        assert (one.crew.code, one.lon) == ("a", pytest.approx(113.61))
        assert [clock.local(end).hour for end in one.shift] == [8, 18]

    def test_leaves_out_who_is_off_that_day(self, make_crew):
        make_crew("a")
        crew_actions.set_day("a", day=TODAY, shift=None, reason="Training", by_id=None)

        assert crew_queries.at_work(NOW, NOW + timedelta(hours=1)) == []

    def test_knows_an_extra_shift_of_the_night(self, make_crew):
        make_crew("a")
        night = (NOW + timedelta(hours=7), NOW + timedelta(hours=13))
        crew_actions.set_day("a", day=TODAY, shift=night, by_id=None)

        assert crew_queries.at_work(NOW, NOW + timedelta(hours=1)) == []
        (one,) = crew_queries.at_work(night[0], night[1])
        assert one.shift == night

    def test_counts_a_shift_of_yesterday_that_goes_on(self, make_crew, day_shift):
        make_crew("a")
        day_shift.days = [["20:00", "08:00"]]
        day_shift.save()
        early = NOW - timedelta(hours=8)  # 06:00 in the city

        (one,) = crew_queries.at_work(early, early + timedelta(hours=1))

        assert clock.local(one.shift[0]).date() == TODAY - timedelta(days=1)


class TestSetMembers:
    def test_lets_nobody_belong_to_two_crews(self, make_crew, person):
        make_crew("a")
        make_crew("b")
        chen = person("chen", "crew")

        for code in ("a", "b"):
            crew_actions.set_members(code, users=[chen], leader=None, by_id=None)

        assert crew_queries.crew_of(chen.pk).code == "b"
        assert crew_queries.members(models.Crew.objects.get(code="a").pk) == []


class TestKeepCrew:
    def test_refuses_a_code_that_is_taken(self, make_crew):
        make_crew("a")

        with pytest.raises(refusals.CodeTaken):
            crew_actions.keep_crew("a", values={"name": "Other"}, is_new=True, by_id=None)


class TestGiveToCrew:
    def test_plans_the_time_after_the_way(self, job, make_crew, dispatcher):
        make_crew("a")

        given, broken = giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        # 0.02 degrees of longitude at 34.75 degrees north are 1,827 m. The first 900 m lead along
        # the pipes, the rest straight on times 1.33: 2,133 m at 25 km/h are 307 s.
        given.refresh_from_db()
        assert broken == []
        assert given.planned_drive_s == pytest.approx(307, abs=2)
        assert given.planned_at == NOW + timedelta(seconds=given.planned_drive_s)
        assert (given.state, given.assigned_to.username) == (contracts.JobState.ASSIGNED, "la")

    def test_says_what_it_breaks_and_does_it_all_the_same(
        self, street, make_crew, meter_exchange, dispatcher
    ):
        make_crew("a")
        job = actions.request_job(
            place=SPOT, by_id=dispatcher.pk, work=contracts.Work("meter", minutes=600)
        )

        _job, broken = giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        assert set(broken) == {"skill", "parts", "shift"}

    def test_puts_it_where_it_is_told_and_times_the_rest_anew(self, street, make_crew, dispatcher):
        make_crew("a")
        jobs = [actions.request_job(place=SPOT, by_id=dispatcher.pk) for _ in range(3)]
        for one in jobs[:2]:
            giving.give_to_crew(one.number, crew_code="a", by_id=dispatcher.pk)

        giving.give_to_crew(jobs[2].number, crew_code="a", at_place=0, by_id=dispatcher.pk)

        order = list(crew_queries.to_do(models.Crew.objects.get(code="a").pk))
        assert [one.pk for one in order] == [jobs[2].pk, jobs[0].pk, jobs[1].pk]
        begins = [one.planned_at for one in order]
        assert begins[1] - begins[0] == timedelta(minutes=rules.USUAL_MINUTES)

    def test_refuses_a_crew_without_people(self, job, make_crew, dispatcher):
        make_crew("a")
        crew_actions.set_members("a", users=[], leader=None, by_id=None)

        with pytest.raises(refusals.CrewEmpty):
            giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

    def test_lets_everybody_of_the_crew_report(self, job, make_crew, dispatcher, person):
        make_crew("a")
        mate, leader = person("mate", "crew"), models.CrewMember.objects.get().user
        crew_actions.set_members("a", users=[mate], leader=leader, by_id=None)
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        done = actions.report_job(number=job.number, by=mate, found=contracts.Found.OTHER)

        assert done.state == contracts.JobState.DONE

    def test_is_over_when_a_person_of_no_crew_gets_the_job(self, job, make_crew, dispatcher, crew):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        again = actions.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)

        assert (again.crew, again.planned_at) == (None, None)


class TestTakeBack:
    def test_leaves_the_job_waiting(self, job, make_crew, dispatcher):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        back = giving.take_back(job.number, by_id=dispatcher.pk)

        assert (back.state, back.crew, back.assigned_to) == ("requested", None, None)
        assert queries.timeline(job.pk)[-1].what == "taken_back"


class TestNoteArrival:
    def test_begins_the_work_at_the_moment_that_a_phone_kept(self, job, make_crew, dispatcher):
        make_crew("a")
        given, _broken = giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        giving.note_arrival(given, at=NOW, by_id=dispatcher.pk)

        given.refresh_from_db()
        assert given.arrived_at == NOW


class TestArrive:
    def test_moves_the_crew_and_is_said_once(self, job, make_crew, dispatcher):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)
        leader = models.CrewMember.objects.get().user
        clock.advance(timedelta(minutes=10))

        for _ in range(2):
            giving.arrive(job.number, by=leader)

        row = models.Crew.objects.get(code="a")
        assert (row.lon, row.placed_at) == (pytest.approx(113.62), NOW + timedelta(minutes=10))
        assert [one.what for one in queries.timeline(job.pk)].count("arrived") == 1

    def test_refuses_somebody_of_another_crew(self, job, make_crew, dispatcher, crew):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)

        with pytest.raises(refusals.NotYourJob):
            giving.arrive(job.number, by=crew)

    def test_takes_no_moment_of_the_future_from_a_phone(self, job, make_crew, dispatcher):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)
        leader = models.CrewMember.objects.get().user

        row = giving.arrive(job.number, by=leader, at=NOW + timedelta(hours=5))

        assert row.arrived_at == NOW
