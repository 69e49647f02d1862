"""Asking for maintenance when it falls due, exactly once, and what becomes of it.

It is Monday, 2 March 2026, two in the afternoon. A plan done on 1 February and due every thirty
days is due on 3 March.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from huoshui.areas.fieldwork import actions as fieldwork
from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.upkeep import actions, asking, refusals, rules
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events import dispatcher as events

DAY = timedelta(days=1)
Outcome = rules.Outcome


def look() -> int:
    return asking.look(clock.now())


def on(day: date, hour: int = 9) -> object:
    """Hold the clock at an hour of a day in the city."""
    return clock.frozen(datetime.combine(day, time(hour), clock.local_zone()))


def finish(number: str, crew, dispatcher, found=contracts.Found.OTHER) -> None:
    """Give a job to somebody, have it reported and closed by a second person."""
    fieldwork.assign_job(number=number, to=crew, by_id=dispatcher.pk)
    fieldwork.report_job(number=number, by=crew, found=found, note="greased")
    fieldwork.close_job(number=number, by_id=dispatcher.pk)


class TestLook:
    def test_asks_so_many_days_before(self, make_plan):
        plan = make_plan(ahead_days=1)

        assert plan.due_date == date(2026, 3, 3)
        assert look() == 1
        job = models.Job.objects.get()
        assert (job.title, job.asset_code, job.job_type.code) == (
            "Grease the spindle", "p2", "greasing",
        )  # fmt: skip
        assert clock.local(job.due_at) == datetime(2026, 3, 3, 18, tzinfo=clock.local_zone())

    def test_leaves_alone_what_is_further_off(self, make_plan):
        make_plan(ahead_days=0)

        assert look() == 0
        assert not models.Job.objects.exists()

    def test_goes_on_after_work_that_was_done_before_its_season(self, make_plan, crew, dispatcher):
        plan = make_plan(done_date=date(2026, 1, 1), from_month=5, until_month=10)
        assert plan.due_date == date(2026, 5, 1)
        finish(asking.ask_now("P1", by_id=dispatcher.pk).number, crew, dispatcher)
        look()
        plan.refresh_from_db()

        # Thirty days after 2 March is before the season again, but 1 May had its turn.
        assert plan.due_date == date(2026, 5, 2)
        with on(date(2026, 5, 2)):
            assert look() == 1

    def test_is_not_kept_from_asking_by_older_work_that_is_entered(self, make_plan):
        plan = make_plan()
        actions.record_done("P1", date(2026, 1, 20), by_id=None)

        assert look() == 1
        plan.refresh_from_db()
        assert (plan.due_date, plan.trouble) == (date(2026, 3, 3), "")

    def test_asks_once_however_often_it_looks(self, make_plan):
        make_plan()

        assert [look(), look(), look()] == [1, 0, 0]
        assert models.Job.objects.count() == models.MaintenanceDone.objects.count() == 1

    def test_asks_nothing_twice_when_the_clock_goes_back(self, make_plan):
        make_plan()
        look()
        with on(date(2026, 2, 20)):
            look()
        with on(date(2026, 3, 4)):
            look()

        assert models.Job.objects.count() == 1

    def test_begins_anew_after_a_crash_between_job_and_plan(self, make_plan, monkeypatch):
        make_plan()
        real = models.MaintenanceDone.save

        def crash(row, *args, **kwargs):
            if row.job_id is not None:
                raise RuntimeError("power cut")
            return real(row, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(models.MaintenanceDone, "save", crash)
            with pytest.raises(RuntimeError):
                look()
        assert not models.Job.objects.exists()

        assert look() == 1
        assert models.Job.objects.count() == 1

    def test_asks_late_after_a_long_stop_and_once(self, make_plan):
        make_plan()
        with on(date(2026, 5, 20)):
            assert [look(), look()] == [1, 0]
        row = models.MaintenanceDone.objects.get()

        assert row.due_date == date(2026, 3, 3)
        assert row.job.due_at > row.asked_at

    def test_gives_the_job_to_the_crew_in_charge(self, make_plan, make_crew):
        make_plan(crew=make_crew("C1"))
        look()

        job = models.Job.objects.get()
        assert (job.crew.code, job.state) == ("C1", "assigned")

    def test_lets_the_job_wait_where_the_crew_is_empty(self, make_plan, make_crew):
        crew = make_crew("C1")
        models.CrewMember.objects.update(until=clock.now())
        make_plan(crew=crew)

        assert look() == 1
        assert models.Job.objects.get().state == "requested"

    def test_keeps_the_trouble_of_one_plan_from_the_others(self, make_plan):
        make_plan("A")
        make_plan("B", asset_code="p1")
        models.MaintenancePlan.objects.filter(code="A").update(asset_code="gone")

        assert look() == 1
        broken = models.MaintenancePlan.objects.get(code="A")
        assert broken.trouble == "fieldwork.unknown_place"
        assert not broken.history.exists()
        look()
        told = AuditRecord.objects.filter(action="fieldwork.upkeep_not_asked")
        assert told.count() == 1

    def test_passes_over_retired_plans(self, make_plan):
        make_plan()
        actions.retire("P1", reason="valve taken out", by_id=None)

        assert look() == 0


class TestClosing:
    def test_writes_down_that_it_was_done_and_goes_on_from_there(self, make_plan, crew, dispatcher):
        make_plan()
        look()
        with on(date(2026, 3, 5)):
            finish(models.Job.objects.get().number, crew, dispatcher)
            events.dispatch()
        row = models.MaintenanceDone.objects.get()
        plan = models.MaintenancePlan.objects.get()

        assert (row.outcome, row.done_date) == (Outcome.DONE, date(2026, 3, 5))
        assert (plan.job, plan.done_date) == (None, date(2026, 3, 5))
        # Thirty days from 5 March.
        assert plan.due_date == date(2026, 4, 4)

    def test_counts_the_day_of_the_report_not_of_the_closing(self, make_plan, crew, dispatcher):
        make_plan()
        look()
        number = models.Job.objects.get().number
        fieldwork.assign_job(number=number, to=crew, by_id=dispatcher.pk)
        fieldwork.report_job(number=number, by=crew, found=contracts.Found.OTHER)
        with on(date(2026, 3, 9)):
            fieldwork.close_job(number=number, by_id=dispatcher.pk)
            look()

        assert models.MaintenanceDone.objects.get().done_date == date(2026, 3, 2)

    def test_needs_no_event_to_go_on(self, make_plan, crew, dispatcher):
        make_plan()
        look()
        finish(models.Job.objects.get().number, crew, dispatcher)
        look()  # the event was never delivered

        assert models.MaintenanceDone.objects.get().outcome == Outcome.DONE

    def test_is_told_twice_without_harm(self, make_plan, crew, dispatcher):
        make_plan()
        look()
        number = models.Job.objects.get().number
        finish(number, crew, dispatcher)
        asking.settle_job(number)
        asking.settle_job(number)

        assert AuditRecord.objects.filter(action="fieldwork.upkeep_done").count() == 1

    def test_counts_a_cancelled_job_as_given_up(self, make_plan, dispatcher):
        make_plan()
        look()
        number = models.Job.objects.get().number
        fieldwork.cancel_job(number=number, by_id=dispatcher.pk, reason="street closed")
        events.dispatch()
        plan = models.MaintenancePlan.objects.get()

        assert models.MaintenanceDone.objects.get().outcome == Outcome.SKIPPED
        assert plan.done_date == date(2026, 2, 1)
        # Thirty days from the day given up, 3 March.
        assert plan.due_date == date(2026, 4, 2)

    def test_leaves_other_jobs_alone(self, street, dispatcher):
        job = fieldwork.request_job(
            place=contracts.Place(asset_code="p1"), by_id=dispatcher.pk, origin="test"
        )

        assert asking.settle_job(job.number) is False


class TestRoutine:
    """Daily cleaning from 08:10 on, made on Monday 2 March, done last on Sunday."""

    @pytest.fixture
    def plan(self, make_plan):
        return make_plan(
            name="Sweep the basin", every_days=1, is_routine=True, ahead_days=0,
            done_date=date(2026, 3, 1), window_from=time(8, 10), window_until=time(11),
        )  # fmt: skip

    def test_asks_for_one_job_a_day_in_its_window(self, plan):
        with on(date(2026, 3, 2), 1):
            assert look() == 1
        job = models.Job.objects.get()

        assert clock.local(job.window_from_at).time() == time(8, 10)
        assert clock.local(job.window_until).time() == time(11)

    def test_shows_a_missed_day_and_asks_for_the_next(self, plan):
        for day in (2, 3, 4):
            with on(date(2026, 3, day), 6):
                look()
        outcomes = dict(models.MaintenanceDone.objects.values_list("due_date", "outcome"))

        assert outcomes == {
            date(2026, 3, 2): Outcome.MISSED,
            date(2026, 3, 3): Outcome.MISSED,
            date(2026, 3, 4): Outcome.ASKED,
        }
        assert models.Job.objects.open().count() == 1

    def test_writes_down_every_day_of_a_long_stop(self, plan):
        with on(date(2026, 3, 12), 6):
            assert look() == 1
        missed = models.MaintenanceDone.objects.filter(outcome=Outcome.MISSED)

        # 2 to 11 March; the twelfth has its job.
        assert missed.count() == 10

    def test_does_not_count_as_missed_what_waits_to_be_checked(self, plan, crew, dispatcher):
        with on(date(2026, 3, 2), 7):
            look()
            number = models.Job.objects.get().number
            fieldwork.assign_job(number=number, to=crew, by_id=dispatcher.pk)
            fieldwork.report_job(number=number, by=crew, found=contracts.Found.OTHER)
        with on(date(2026, 3, 3), 7):
            assert look() == 1
        with on(date(2026, 3, 3), 10):
            fieldwork.close_job(number=number, by_id=dispatcher.pk)
            look()
        rows = models.MaintenanceDone.objects.order_by("due_date")

        assert [one.outcome for one in rows] == [Outcome.DONE, Outcome.ASKED]
        assert rows[0].done_date == date(2026, 3, 2)

    def test_rests_in_the_heat_of_a_day_by_the_hour(self, make_plan):
        make_plan(
            "H", every_days=1, is_routine=True, ahead_days=0, done_date=date(2026, 3, 1),
            window_from=time(8, 10), window_until=time(18), heat_from=time(12),
            heat_until=time(15), heat_limit_c=35.0,
        )  # fmt: skip
        with on(date(2026, 3, 2), 1):
            look()
        job = models.Job.objects.get()

        assert clock.local(job.window_until).time() == time(12)

    def test_puts_off_what_waits_while_it_is_hot(self, make_plan, monkeypatch):
        monkeypatch.setattr(asking.readings, "temperature", lambda code, now: 38.4)
        monkeypatch.setattr(asking.readings, "is_point", lambda code: True)
        make_plan(
            "H", every_days=1, is_routine=True, ahead_days=0, done_date=date(2026, 3, 1),
            heat_from=time(12), heat_until=time(15), heat_limit_c=35.0, heat_point="air.t",
        )  # fmt: skip
        with on(date(2026, 3, 2), 11):
            look()
            job = models.Job.objects.get()
            assert job.window_from_at is None
        with on(date(2026, 3, 2), 13):
            look()
            look()
        job.refresh_from_db()
        said = models.JobEvent.objects.filter(job=job, what="put_off")

        assert clock.local(job.window_from_at).time() == time(15)
        assert said.count() == 1
        assert "38.4" in said.get().note

    def test_says_that_nothing_was_measured_where_the_hours_decide(self, make_plan):
        make_plan(
            "H", every_days=1, is_routine=True, ahead_days=0, done_date=date(2026, 3, 1),
            window_from=time(8, 10), window_until=time(10, 30), heat_from=time(12),
            heat_until=time(15), heat_limit_c=35.0,
        )  # fmt: skip
        with on(date(2026, 3, 2), 8):
            look()
        with on(date(2026, 3, 2), 13):
            look()

        said = models.JobEvent.objects.get(what="put_off")
        assert "15:00" in said.note
        assert "°C" not in said.note


class TestAskNow:
    def test_asks_before_its_time_for_the_same_due_date(self, make_plan, dispatcher):
        make_plan(ahead_days=0)
        job = asking.ask_now("P1", by_id=dispatcher.pk)

        assert models.MaintenanceDone.objects.get().job == job
        with on(date(2026, 3, 3)):
            assert look() == 0

    def test_refuses_while_a_job_is_open(self, make_plan, dispatcher):
        make_plan()
        look()
        with pytest.raises(refusals.UpkeepAsked):
            asking.ask_now("P1", by_id=dispatcher.pk)

    def test_leaves_a_due_date_that_had_its_turn(self, make_plan, dispatcher, crew):
        plan = make_plan()
        look()
        finish(models.Job.objects.get().number, crew, dispatcher)
        look()
        # Somebody sets the last day back, so that the old due date would come again.
        actions.keep_plan("P1", {"done_date": date(2026, 2, 1)}, by_id=None)
        plan.refresh_from_db()
        assert plan.due_date == date(2026, 3, 4)

    def test_refuses_a_retired_plan(self, make_plan, dispatcher):
        make_plan()
        actions.retire("P1", reason="gone", by_id=None)
        with pytest.raises(refusals.UpkeepRetired):
            asking.ask_now("P1", by_id=dispatcher.pk)


class TestPhotos:
    def test_keeps_a_job_open_that_lacks_its_photos(self, make_plan, crew, dispatcher):
        make_plan(wants_photos=True)
        look()
        number = models.Job.objects.get().number
        with pytest.raises(refusals.PhotosMissing) as refused:
            finish(number, crew, dispatcher)

        assert refused.value.data["missing"] == ["before", "after"]
        assert models.Job.objects.get().state == "done"

    def test_asks_no_photos_where_the_plan_wants_none(self, make_plan, crew, dispatcher):
        make_plan()
        look()
        finish(models.Job.objects.get().number, crew, dispatcher)

        assert models.Job.objects.get().state == "closed"


class TestHoldingBack:
    def test_gives_no_job_to_a_crew_that_is_gone(self, make_plan, make_crew):
        crew = make_crew("C1")
        make_plan(crew=crew)
        models.Crew.objects.update(is_retired=True)

        assert look() == 1
        assert models.Job.objects.get().crew is None
