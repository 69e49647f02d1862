"""Due by the product's clock: each due time once, in order, missed ones caught up."""

from datetime import UTC, datetime, timedelta

import pytest

from huoshui.kernel import clock, jobs
from huoshui.kernel.jobs import schedules
from huoshui.kernel.jobs.models import Schedule

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# Noon in Shanghai.
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def none_declared(monkeypatch):
    monkeypatch.setattr(schedules, "_declared", {})


@pytest.fixture
def runs():
    """A daily run at five in the morning, and the list of due times it was given."""
    given: list[datetime] = []
    jobs.schedule("lamps.clean", every=DAY, offset=5 * HOUR, run=given.append)
    return given


def local(moment: datetime) -> str:
    return clock.local(moment).strftime("%d %H:%M")


class TestRunDue:
    def test_does_not_run_what_was_due_before_it_was_declared(self, runs):
        with clock.frozen(NOON):
            schedules.run_due()

        assert runs == []

    def test_runs_at_the_local_hour_and_only_once(self, runs):
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(timedelta(hours=16, minutes=59))
            assert schedules.run_due() == 0
            clock.advance(timedelta(minutes=1))
            assert schedules.run_due() == 1
            assert schedules.run_due() == 0

        assert [local(due_at) for due_at in runs] == ["02 05:00"]

    def test_catches_up_every_missed_due_time_in_order(self, runs):
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(3 * DAY)
            schedules.run_due()

        assert [local(due_at) for due_at in runs] == ["02 05:00", "03 05:00", "04 05:00"]

    def test_runs_only_the_latest_when_catching_up_makes_no_sense(self):
        given: list[datetime] = []
        jobs.schedule("lamps.count", every=HOUR, run=given.append, catch_up=False)
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(3 * DAY + timedelta(minutes=1))
            schedules.run_due()

        assert given == [NOON + 3 * DAY]

    def test_mixes_schedules_by_due_time(self):
        order: list[str] = []
        jobs.schedule("lamps.b", every=2 * HOUR, run=lambda at: order.append("b"))
        jobs.schedule("lamps.a", every=3 * HOUR, run=lambda at: order.append("a"))
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(6 * HOUR)
            schedules.run_due()

        # From noon: b at 14, a at 15, b at 16, both at 18.
        assert order == ["b", "a", "b", "a", "b"]

    def test_does_not_run_again_when_the_clock_is_moved_back(self, runs):
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(DAY)
            schedules.run_due()
            clock.advance(-DAY)
            schedules.run_due()
            clock.advance(DAY)
            schedules.run_due()

        assert len(runs) == 1

    def test_survives_a_restart(self, runs):
        with clock.frozen(NOON):
            schedules.run_due()
        again: list[datetime] = []
        jobs.schedule("lamps.clean", every=DAY, offset=5 * HOUR, run=again.append)
        with clock.frozen(NOON + 2 * DAY):
            schedules.run_due()

        assert [local(due_at) for due_at in again] == ["02 05:00", "03 05:00"]


class TestFailure:
    def test_waits_and_tries_the_same_due_time_again(self, monkeypatch):
        given: list[datetime] = []

        def fail_first(due_at):
            given.append(due_at)
            if len(given) == 1:
                raise ConnectionError("no bulb")

        jobs.schedule("lamps.clean", every=DAY, run=fail_first)
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(DAY)
            assert schedules.run_due() == 0
            row = Schedule.objects.get()
            assert (row.failures, "no bulb" in row.error) == (1, True)
            assert schedules.run_due() == 0
            Schedule.objects.update(retry_at=clock.real_now())
            assert schedules.run_due() == 1

        assert given[0] == given[1]
        row = Schedule.objects.get()
        assert (row.failures, row.error, row.retry_at) == (0, "", None)

    def test_does_not_hold_up_other_schedules(self, runs):
        def fail(due_at):
            raise ConnectionError

        jobs.schedule("lamps.fail", every=HOUR, run=fail)
        with clock.frozen(NOON):
            schedules.run_due()
            clock.advance(DAY)
            schedules.run_due()

        assert len(runs) == 1


class TestSchedule:
    def test_refuses_a_period_of_nothing(self):
        with pytest.raises(ValueError, match="period"):
            jobs.schedule("lamps.clean", every=timedelta(0), run=print)

    @pytest.mark.parametrize(
        ("every", "offset", "expected"),
        [
            (DAY, 5 * HOUR, "02 05:00"),
            (HOUR, timedelta(minutes=10), "01 12:10"),
            (timedelta(days=7), timedelta(0), "02 00:00"),  # 2 March 2026 is a Monday
            (timedelta(minutes=5), timedelta(0), "01 12:05"),
        ],
    )
    def test_counts_in_local_time(self, every, offset, expected):
        one = schedules.Recurring("lamps.x", every, print, offset, catch_up=True)

        assert local(schedules.next_due(one, NOON)) == expected
