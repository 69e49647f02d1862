"""Looking back, in the street of `streets`."""

import numpy as np
import pytest

from huoshui.lab.leakage import agreement, looking_back, pressure_watch
from huoshui.lab.leakage.tests import streets

DAYS = 160


@pytest.fixture
def place():
    return streets.street()


def growing(over):
    """Return growth with the square of time over some days."""
    return lambda days: np.minimum((days + 0.5) / over, 1) ** 2


def residuals(place, leaks, **more):
    return streets.residuals(place, leaks, **{"days": DAYS} | more)


def looking_back_on(place, rest):
    return looking_back.LookingBack(rest, np.array([False]), place)


def far_m(leak, pipe):
    return abs(leak.pipe - pipe) * streets.LENGTH_M


class TestLook:
    def test_finds_what_grew_slowly_and_when_it_began(self, place):
        rest = residuals(place, [(12, 60, DAYS, 6.0, growing(70))])

        leaks = looking_back_on(place, rest).look(DAYS)

        # Moments lie on a grid, so that one leak may be told as two of the same place.
        assert all(far_m(leak, 12) <= 150 for leak in leaks)
        assert leaks[0].since_day == pytest.approx(60, abs=20)
        assert leaks[0].growth_days > 0
        assert sum(leak.now_m3h for leak in leaks) == pytest.approx(6, rel=0.3)
        assert leaks[0].probability.sum() == pytest.approx(1)

    def test_tells_two_apart_that_grow_together(self, place):
        rest = residuals(place, [(6, 50, DAYS, 6.0, growing(80)), (34, 65, DAYS, 7.0, growing(60))])

        leaks = looking_back_on(place, rest).look(DAYS)

        assert min(far_m(leak, 6) for leak in leaks) <= 200
        assert min(far_m(leak, 34) for leak in leaks) <= 200
        assert all(min(far_m(leak, 6), far_m(leak, 34)) <= 300 for leak in leaks[:2])

    def test_finds_a_slow_leak_behind_a_large_one_that_was_repaired(self, place):
        slow = (30, 70, DAYS, 5.0, growing(60))
        large = (8, 90, 120, 25.0, growing(27))

        leaks = looking_back_on(place, residuals(place, [slow, large])).look(DAYS)

        assert far_m(leaks[0], 30) <= 200
        assert not any(far_m(leak, 8) <= 150 and leak.now_m3h > 2 for leak in leaks)

    def test_finds_nothing_where_nothing_leaks(self, place):
        assert looking_back_on(place, residuals(place, [])).look(DAYS) == []

    def test_says_nothing_later_of_an_earlier_day(self, place):
        leaks = [(12, 60, DAYS, 6.0, growing(70)), (30, 90, 130, 20.0, streets.burst)]
        rest = residuals(place, leaks)
        changed = rest.copy()
        changed[110:] += 5.0

        before = [looking_back_on(place, part).look(110) for part in (rest, changed, rest[:110])]

        assert [leak.pipe for leak in before[0]] == [leak.pipe for leak in before[1]]
        assert [leak.gain for leak in before[0]] == [leak.gain for leak in before[1]]
        assert [leak.gain for leak in before[0]] == [leak.gain for leak in before[2]]


class TestQuietDays:
    def test_leaves_out_the_days_of_what_was_repaired(self, place):
        rest = residuals(place, [(20, 80, 110, 15.0, streets.burst)])

        quiet = looking_back_on(place, rest).quiet_days(DAYS)

        assert not quiet[80:110].any()
        assert quiet[:78].all()
        assert quiet[112:].all()

    def test_does_not_know_of_a_repair_before_it(self, place):
        rest = residuals(place, [(20, 80, 110, 15.0, streets.burst)])
        back = looking_back_on(place, rest)

        assert back.quiet_days(110).all()
        assert not back.quiet_days(112)[80:110].any()

    def test_keeps_the_days_of_what_still_runs(self, place):
        rest = residuals(place, [(20, 80, DAYS, 15.0, streets.burst)])

        assert looking_back_on(place, rest).quiet_days(DAYS).all()


def call(place, pipe, day, *, ended_day=None):
    """Return what the watch would say: all probability on one pipe."""
    probability = np.zeros(streets.PIPES)
    probability[pipe] = 1.0
    leak = pressure_watch.WatchedLeak(
        pipe,
        day - 2,
        day - 1,
        np.zeros(0),
        reported_day=day - 1,
        ended_day=ended_day,
        probability=probability,
    )
    return agreement.Agreed(leak, day)


def agreed(place, rest, calls, *, from_day=100):
    back = looking_back_on(place, rest)
    return agreement.Agreement(back).run(calls, from_day=from_day)


class TestAgreement:
    def test_reports_a_call_at_once_that_looking_back_confirms(self, place):
        rest = residuals(place, [(12, 117, DAYS, 8.0, streets.burst)])

        (one,) = agreed(place, rest, [call(place, 12, 120)])

        assert one.known_day == 120
        assert far_m(one.leak, 12) <= 150

    def test_drops_a_call_that_nothing_confirms(self, place):
        assert agreed(place, residuals(place, []), [call(place, 12, 120)]) == []

    def test_drops_a_call_far_from_what_leaks(self, place):
        rest = residuals(place, [(36, 100, DAYS, 8.0, streets.burst)])

        found = agreed(place, rest, [call(place, 4, 120)])

        assert [far_m(one.leak, 36) <= 150 for one in found] == [True]

    def test_moves_a_call_to_where_both_find_it_likeliest(self, place):
        rest = residuals(place, [(12, 117, DAYS, 8.0, streets.burst)])

        (one,) = agreed(place, rest, [call(place, 20, 120)])

        assert 12 <= one.leak.pipe <= 20
        assert one.leak.mass > 0.5

    def test_reports_a_slow_leak_that_nobody_called_after_two_looks(self, place):
        rest = residuals(place, [(12, 60, DAYS, 6.0, growing(40))])

        (one,) = agreed(place, rest, [])

        assert one.known_day == 115
        assert far_m(one.leak, 12) <= 150

    def test_passes_calls_on_before_there_is_enough_to_look_back_on(self, place):
        early = call(place, 12, 40)

        found = agreed(place, residuals(place, []), [early], from_day=0)

        assert found == [early]

    def test_drops_a_waiting_call_whose_end_was_seen(self, place):
        rest = residuals(place, [(12, 125, DAYS, 8.0, streets.burst)])

        found = agreed(place, rest, [call(place, 20, 116, ended_day=118)])

        assert all(far_m(one.leak, 12) <= 150 for one in found)

    def test_says_the_same_when_the_future_is_cut_off(self, place):
        leaks = [
            (12, 60, DAYS, 6.0, growing(40)),
            (30, 117, 140, 9.0, streets.burst),
            (22, 125, DAYS, 8.0, growing(20)),
        ]
        rest = residuals(place, leaks)
        calls = [call(place, 30, 120)]

        whole = agreed(place, rest, calls)
        part = agreed(place, rest[:131], calls)

        assert len(part) >= 2
        assert [(one.leak.pipe, one.known_day) for one in part] == [
            (one.leak.pipe, one.known_day) for one in whole if one.known_day <= 131
        ]
