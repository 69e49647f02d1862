"""Leaks by pressures, in the street of `streets`."""

import dataclasses

import numpy as np
import pytest

from huoshui.lab.leakage import pressure_watch
from huoshui.lab.leakage.tests import streets

DAYS = 120


@pytest.fixture
def place():
    return streets.street()


def residuals(place, leaks, **more):
    return streets.residuals(place, leaks, **{"days": DAYS} | more)


def watch(place, rest, **more):
    """Return the leaks of a metered area."""
    one = pressure_watch.PressureWatch(place)
    return one.run(rest, np.array([False]), **more)


def reported(leaks):
    return [leak for leak in leaks if leak.reported_day is not None]


class TestBursts:
    @pytest.mark.parametrize("pipe", [2, 17, 33])
    def test_reports_a_burst_within_days_where_it_is(self, place, pipe):
        (leak,) = reported(watch(place, residuals(place, [(pipe, 40, DAYS, 8.0)])))

        assert 40 <= leak.since_day <= 41
        assert 41 <= leak.reported_day <= 44
        assert abs(leak.pipe - pipe) * streets.LENGTH_M <= 300
        assert leak.size_m3h == pytest.approx(8, rel=0.2)
        assert leak.mass >= 0.65
        assert leak.probability.sum() == pytest.approx(1)
        assert leak.ended_day is None

    def test_sees_the_repair(self, place):
        (leak,) = reported(watch(place, residuals(place, [(17, 40, 70, 8.0)])))

        assert 70 <= leak.ended_day <= 75

    def test_tells_two_bursts_apart(self, place):
        leaks = [(5, 40, DAYS, 8.0), (32, 60, DAYS, 9.0)]

        one, other = reported(watch(place, residuals(place, leaks)))

        assert abs(one.pipe - 5) * streets.LENGTH_M <= 300
        assert abs(other.pipe - 32) * streets.LENGTH_M <= 300
        assert other.since_day >= 59

    def test_is_silent_where_nothing_leaks(self, place):
        for seed in range(5):
            assert watch(place, residuals(place, [], seed=seed)) == []

    def test_is_silent_on_what_no_leak_explains(self, place):
        rest = residuals(place, [])
        rest[50:, 2 :: streets.SENSORS] += 0.05  # one sensor was knocked: it reads more than before

        assert reported(watch(place, rest)) == []

    def test_does_not_report_a_leak_below_the_least(self, place):
        rest = residuals(place, [(17, 40, DAYS, 1.5)])
        rule = dataclasses.replace(pressure_watch.WatchRule(), report_m3h=3.0)

        leaks = pressure_watch.PressureWatch(place, rule).run(rest, np.array([False]))

        assert reported(leaks) == []


class TestGrowth:
    def test_reports_a_leak_that_grows_over_weeks_once(self, place):
        grows = [(17, 30, DAYS, 1.0, lambda day: np.minimum(day / 30, 1.0) ** 2 * 12)]

        (leak,) = reported(watch(place, residuals(place, grows)))

        assert abs(leak.pipe - 17) * streets.LENGTH_M <= 300
        assert leak.reported_day < 80


class TestNoLookingAhead:
    @pytest.mark.parametrize("cut", [42, 45, 62, 75, 90])
    def test_says_the_same_when_the_future_is_cut_off(self, place, cut):
        leaks = [(5, 40, 70, 8.0), (32, 60, DAYS, 9.0), (20, 75, DAYS, 1.0, lambda day: 0.2 * day)]
        rest = residuals(place, leaks)
        whole = [
            (leak.pipe, leak.reported_day)
            for leak in watch(place, rest)
            if leak.reported_day is not None and leak.reported_day < cut
        ]

        part = [(leak.pipe, leak.reported_day) for leak in reported(watch(place, rest[:cut]))]

        assert part == whole


class TestCarriedOver:
    def test_marks_what_still_runs_when_reports_begin(self, place):
        rest = residuals(place, [(5, 30, 50, 8.0), (32, 40, DAYS, 9.0)])

        leaks = reported(watch(place, rest, report_from_day=80))

        assert [(leak.is_carried, abs(leak.pipe - 32) <= 6) for leak in leaks] == [
            (False, False),
            (True, True),
        ]
