"""Running hours from the historian, and the day to which they lead."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from huoshui.areas.fieldwork import actions as fieldwork
from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.upkeep import actions, asking, readings, refusals
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock

HOUR = timedelta(hours=1)


def series(begin: datetime, values, step: timedelta = HOUR) -> telemetry_contracts.Series:
    at = [telemetry_contracts.to_us(begin + n * step) for n in range(len(values))]
    return telemetry_contracts.Series(
        np.array(at, np.int64), np.array(values, float), np.zeros(len(values), np.uint8)
    )


@pytest.fixture
def pump(monkeypatch):
    """Readings of one point, cut as the historian would; ``pump["all"]`` holds them."""
    kept: dict[str, telemetry_contracts.Series] = {}

    def cut(codes, since, until):
        whole = kept["all"]
        inside = (whole.at_us >= telemetry_contracts.to_us(since)) & (
            whole.at_us < telemetry_contracts.to_us(until)
        )
        return {
            codes[0]: telemetry_contracts.Series(
                whole.at_us[inside], whole.value[inside], whole.quality[inside]
            )
        }

    monkeypatch.setattr(telemetry, "points", lambda codes: ["a point"])
    monkeypatch.setattr(telemetry, "readings", cut)
    return kept


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.local_zone())


@pytest.fixture
def plan(pump, make_plan):
    """A pump that runs from midnight to noon each day, told each hour by its flow."""
    flow = np.tile([50.0] * 12 + [0.0] * 12, 70)
    pump["all"] = series(midnight(date(2026, 1, 15)), flow)
    return make_plan(
        every_days=None, every_hours=600, hours_point="PUMP.flow", runs_above=5.0,
        done_date=date(2026, 1, 31), done_hours=1000.0,
    )  # fmt: skip


class TestRunningHours:
    def test_sums_up_the_hours_in_which_it_ran(self, plan):
        # From 1 February to 2 March at 13:00 (the last reading before 14:00): 29 days of 12
        # hours and 12 of today.
        assert plan.hours_now == pytest.approx(1000 + 29 * 12 + 12)
        assert plan.hours_a_day == pytest.approx(12.0)

    def test_is_due_when_the_hours_are_full(self, plan):
        # 600 - 360 = 240 hours at 12 a day: 20 days from 2 March.
        assert (plan.due_date, plan.due_by) == (date(2026, 3, 22), "hours")

    def test_goes_on_from_what_it_knew(self, plan):
        with clock.frozen(clock.now() + timedelta(days=3)):
            asking.look(clock.now())
        plan.refresh_from_db()

        assert plan.hours_now == pytest.approx(1000 + 32 * 12 + 12)

    def test_asks_when_they_are_full_and_counts_anew_after(self, plan, crew, dispatcher):
        from huoshui.areas.fieldwork.upkeep.tests.test_asking import finish

        with clock.frozen(midnight(date(2026, 3, 15)) + 9 * HOUR):
            # 1 February to 15 March, 09:00: 42 days and 8 hours read; seven days ahead of the 22nd.
            assert asking.look(clock.now()) == 1
            finish(models.Job.objects.get().number, crew, dispatcher)
            asking.look(clock.now())
        plan.refresh_from_db()

        assert plan.done_hours == pytest.approx(plan.hours_now)
        # 600 / 12 = 50 days from 15 March, the day of the last reading.
        assert plan.due_date == date(2026, 5, 4)

    def test_keeps_what_it_knows_when_nothing_comes(self, plan, pump):
        pump["all"] = series(midnight(date(2026, 1, 15)), [])
        with clock.frozen(clock.now() + timedelta(days=3)):
            asking.look(clock.now())
        plan.refresh_from_db()

        assert plan.hours_now == pytest.approx(1360)

    def test_takes_the_mean_of_unlike_weeks_and_keeps_their_ends(self, pump, make_plan):
        # A week of 16 hours a day and three of 8: mean 10, from 8 to 16.
        flow = np.concatenate([[9.0] * n + [0.0] * (24 - n) for n in [16] * 7 + [8] * 21])
        pump["all"] = series(midnight(date(2026, 2, 2)), flow)
        plan = make_plan(
            every_days=None, every_hours=600, hours_point="PUMP.flow", runs_above=5.0,
            done_date=date(2026, 2, 1),
        )  # fmt: skip

        assert (plan.hours_a_day, plan.hours_a_day_min, plan.hours_a_day_max) == (10, 8, 16)
        # 112 + 168 = 280 hours; 320 left at 10 a day: 32 days from 1 March, when it was read.
        assert (plan.hours_now, plan.due_date) == (280, date(2026, 4, 2))

    def test_says_nothing_where_no_hours_are_known(self, pump, make_plan):
        pump["all"] = series(midnight(date(2026, 2, 2)), [])
        plan = make_plan(
            every_days=None, every_hours=600, hours_point="PUMP.flow", done_date=date(2026, 2, 1)
        )

        assert plan.due_date is None


class TestHoursWhenDone:
    """What counts is the counter when the work was done, not when somebody wrote it down."""

    def test_are_those_of_the_report_not_of_the_closing(self, plan, crew, dispatcher):
        with clock.frozen(midnight(date(2026, 3, 15)) + 9 * HOUR):
            assert asking.look(clock.now()) == 1
            number = models.Job.objects.get().number
            fieldwork.assign_job(number=number, to=crew, by_id=dispatcher.pk)
            fieldwork.report_job(number=number, by=crew, found=contracts.Found.OTHER)
        with clock.frozen(midnight(date(2026, 3, 19)) + 14 * HOUR):
            asking.look(clock.now())
            fieldwork.close_job(number=number, by_id=dispatcher.pk)
            asking.look(clock.now())
        plan.refresh_from_db()

        # To 15 March at 09:00: 42 days of 12 hours and 9 of that day;
        # it was closed four days later.
        assert plan.done_hours == pytest.approx(1000 + 42 * 12 + 9)
        assert plan.hours_now == pytest.approx(1000 + 46 * 12 + 12)
        assert plan.history.get().done_hours == plan.done_hours

    def test_are_those_at_the_end_of_a_day_that_is_entered_later(self, plan):
        row = actions.record_done("P1", date(2026, 2, 20), by_id=None)
        plan.refresh_from_db()

        assert row.done_hours == plan.done_hours == pytest.approx(1000 + 20 * 12)

    def test_are_asked_for_where_they_cannot_be_read(self, plan, pump):
        pump["all"] = series(midnight(date(2026, 3, 1)), [50.0] * 48)
        with pytest.raises(refusals.UpkeepHoursNeeded):
            actions.record_done("P1", date(2026, 2, 20), by_id=None)
        row = actions.record_done("P1", date(2026, 2, 20), by_id=None, hours=1236.0)

        assert row.done_hours == 1236.0

    def test_follow_the_day_that_is_corrected(self, plan):
        kept, _changed = actions.keep_plan(
            "P1", {"done_date": date(2026, 2, 20), "done_hours": 1000.0}, by_id=None
        )

        assert kept.done_hours == pytest.approx(1000 + 20 * 12)
        # 600 - 120 left at 12 a day: 40 days from 2 March.
        assert kept.due_date == date(2026, 4, 11)

    def test_are_guessed_by_the_mean_where_nobody_can_be_asked(self, plan, pump):
        pump["all"] = series(midnight(date(2026, 3, 1)), [])
        at = plan.hours_read_at - timedelta(days=5)

        assert readings.hours_at(plan, at) is None
        assert readings.hours_near(plan, at) == pytest.approx(plan.hours_now - 5 * 12)

    def test_go_on_from_the_reading_before_of_a_counter(self, pump, make_plan):
        begin = midnight(date(2026, 2, 1))
        pump["all"] = series(begin, 5000 + 10.0 * np.arange(29), timedelta(days=1))
        plan = make_plan(
            every_days=None, every_hours=500, hours_point="PUMP.hours",
            done_date=date(2026, 1, 31), done_hours=5000.0,
        )  # fmt: skip

        assert plan.hours_now == 5280
        assert readings.hours_at(plan, begin + timedelta(days=10, hours=6)) == 5100


class TestHistorianThatDoesNotAnswer:
    @pytest.fixture
    def broken(self, monkeypatch):
        def fail(*args, **kwargs):
            raise OSError("no answer")

        monkeypatch.setattr(telemetry, "points", lambda codes: ["a point"])
        monkeypatch.setattr(telemetry, "readings", fail)

    def test_holds_up_neither_the_days_nor_the_other_plans(self, broken, make_plan):
        make_plan("A", every_hours=600, hours_point="PUMP.flow", runs_above=5.0)
        make_plan("B", asset_code="p1")
        with pytest.raises(OSError, match="no answer"):
            asking.look(clock.now())
        plans = models.MaintenancePlan.objects.filter(job__isnull=False)

        assert sorted(plans.values_list("code", flat=True)) == ["A", "B"]


class TestCounter:
    def test_reads_a_counter_through_its_exchange(self, pump, make_plan):
        begin = midnight(date(2026, 2, 1))
        pump["all"] = series(begin, [5000.0, 5010.0, 5020.0], timedelta(days=5))
        plan = make_plan(
            every_days=None, every_hours=500, hours_point="PUMP.hours",
            done_date=date(2026, 1, 20), done_hours=4900.0,
        )  # fmt: skip
        assert plan.hours_now == 5020.0
        pump["all"] = series(
            begin, [5000.0, 5010.0, 5020.0, 5.0, 12.0, 20.0, 30.0], timedelta(days=5)
        )
        with clock.frozen(midnight(date(2026, 3, 4))):
            asking.look(clock.now())
        plan.refresh_from_db()

        # The new counter's 30 hours come on top.
        assert plan.hours_now == 5050.0

    def test_is_not_led_astray_by_a_dip_to_zero(self, pump, make_plan):
        # A pump that runs all day, read each hour; a power cut makes the counter say 0 three times.
        begin = midnight(date(2026, 2, 2))
        shown = 5000.0 + np.arange(40 * 24)
        shown[[100, 101, 680]] = 0.0
        pump["all"] = series(begin, shown)
        plan = make_plan(
            every_days=None, every_hours=5000, hours_point="PUMP.hours",
            done_date=date(2026, 2, 1), done_hours=5000.0,
        )  # fmt: skip
        # 2 March at 13:00, the last reading before 14:00: 28 days and 13 hours.
        assert plan.hours_now == 5000 + 28 * 24 + 13
        assert plan.hours_a_day <= 24
        for at in (28 * 24 + 7, 28 * 24 + 9, 28 * 24 + 20, 30 * 24):
            with clock.frozen(begin + at * HOUR + HOUR / 2):
                asking.look(clock.now())
        plan.refresh_from_db()

        assert plan.hours_now == 5000 + 30 * 24

    def test_begins_where_it_was_when_the_newest_reading_is_a_dip(self, pump, make_plan):
        shown = [*np.arange(5000.0, 5100.0), 0.0]
        pump["all"] = series(midnight(date(2026, 2, 2)), shown)
        plan = make_plan(
            every_days=None, every_hours=500, hours_point="PUMP.hours",
            done_date=date(2026, 2, 1), done_hours=5000.0,
        )  # fmt: skip

        assert plan.hours_now == 5099


class TestTemperature:
    @pytest.mark.parametrize(
        ("ago", "quality", "expected"),
        [
            (HOUR, telemetry_contracts.Quality.GOOD, 36.5),
            (4 * HOUR, telemetry_contracts.Quality.GOOD, None),
            (HOUR, telemetry_contracts.Quality.BAD, None),
        ],
    )
    def test_trusts_what_is_fresh_and_sound(self, monkeypatch, ago, quality, expected):
        at_us = telemetry_contracts.to_us(clock.now() - ago)
        newest = telemetry_contracts.Latest("air", at_us, 36.5, quality, 1)
        monkeypatch.setattr(telemetry, "points", lambda codes: ["a point"])
        monkeypatch.setattr(telemetry, "latest", lambda codes: {"air": newest})

        assert readings.temperature("air", clock.now()) == expected
