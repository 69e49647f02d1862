"""Running hours.

t [h]       0     5    10    15    20
counter   100   104   104     2     5      exchanged between the third and the fourth reading
grew            + 4   + 0   + 2   + 3      = 9
"""

import math

import numpy as np
import pytest

from huoshui.lab.leakage.inflow import MomentsNotRising, ShapesDiffer
from huoshui.lab.upkeep import hours

H = 3600.0


class TestCounted:
    def test_goes_on_through_an_exchange_of_the_counter(self):
        at_s = [0, 5 * H, 10 * H, 15 * H, 20 * H]
        grew = hours.counted(at_s=at_s, counter_h=[100, 104, 104, 2, 5])

        assert grew == 9  # by hand, in the sketch above

    def test_passes_over_what_is_not_known(self):
        assert hours.counted(at_s=[0, 2 * H, 4 * H], counter_h=[10, np.nan, 13]) == 3

    @pytest.mark.parametrize(
        ("counter_h", "grew"),
        [
            # A dip to zero and back: 0.01 h passed over it and 0.01 h after it.
            ([5000.0, 0.0, 5000.01, 5000.02], 0.02),
            # It counts up from zero until it knows again what it had counted.
            ([5000.0, 0.0, 0.01, 5000.03], 0.03),
            # A spike.
            ([5000.0, 65_535.0, 5000.02, 5000.03], 0.03),
            # The wrong reading is the first or the last one known: no return tells what it was.
            ([0.0, 5000.01, 5000.02, 5000.03], 0.02),
            ([5000.0, 5000.01, 5000.02, 0.0], 0.02),
            # A counter that had run elsewhere takes its place: nothing of that was run here.
            ([5000.0, 3000.0, 3000.01, 3000.02], 0.02),
            ([5000.0, 8000.0, 8000.01, 8000.02], 0.02),
        ],
    )
    def test_counts_no_reading_that_the_time_cannot_explain(self, counter_h, grew):
        counted = hours.counted(at_s=[0, 36, 72, 108], counter_h=counter_h)

        assert counted == pytest.approx(grew, abs=1e-9)

    def test_tells_a_dip_from_a_new_counter_that_grows_beyond_the_old_one(self):
        # Exchanged at 100 h; the new one passes 100 h while it runs, as nothing forbids.
        grew = hours.counted(at_s=np.array([0, 10, 60, 120]) * H, counter_h=[100, 2, 52, 112])

        assert grew == 112

    def test_never_counts_more_than_the_time_and_one_step(self):
        # Readings that are no counter at all: each step alone might be one.
        at_s = np.arange(1000) * 60.0
        noise = np.random.default_rng(3).uniform(0.0, 0.9, at_s.size)

        assert hours.counted(at_s=at_s, counter_h=noise) <= 999 / 60 + 1

    @pytest.mark.parametrize("shown", [[], [7], [np.nan, 7]])
    def test_says_nothing_from_fewer_than_two_readings(self, shown):
        assert math.isnan(hours.counted(at_s=list(range(len(shown))), counter_h=shown))

    def test_refuses_readings_of_other_moments(self):
        with pytest.raises(ShapesDiffer, match="counter_h"):
            hours.counted(at_s=[0, 1], counter_h=[1])


class TestRan:
    """A pump read each half hour: on, on, off, on.

    t [min]   0    30    60    90   120
    state     1     1     0     1   (until)     1.0 h + 0.5 h
    """

    def test_lets_each_reading_hold_until_the_next(self):
        state = {"at_s": [0, 1800, 3600, 5400], "value": [1, 1, 0, 1]}

        assert hours.ran(**state, above=0.5, until_s=7200) == 1.5

    def test_counts_a_flow_above_its_bound(self):
        assert hours.ran(at_s=[0, 3600], value=[60.0, 2.0], above=5.0, until_s=7200) == 1.0

    def test_does_not_count_a_gap_as_running(self):
        # One hour is held, of the ten until the next reading.
        assert hours.ran(at_s=[0, 36_000], value=[1, 0], above=0.5, until_s=40_000) == 1.0

    def test_takes_what_is_not_known_as_standing_still(self):
        assert hours.ran(at_s=[0, 3600], value=[np.nan, 1], above=0.5, until_s=7200) == 1.0

    def test_is_nothing_without_readings(self):
        assert hours.ran(at_s=[], value=[], above=0.5, until_s=0) == 0.0

    def test_refuses_moments_that_fall(self):
        with pytest.raises(MomentsNotRising):
            hours.ran(at_s=[10, 5], value=[1, 1], above=0.5, until_s=20)

    def test_adds_up_however_the_time_is_cut(self):
        # Conservation: two stretches have as many hours as the whole.
        dice = np.random.default_rng(7)
        at = np.arange(0, 86_400, 300.0)
        on = dice.integers(0, 2, at.size)
        cut = at.size // 3
        whole = hours.ran(at_s=at, value=on, above=0.5, until_s=86_400)
        first = hours.ran(at_s=at[:cut], value=on[:cut], above=0.5, until_s=at[cut])
        rest = hours.ran(at_s=at[cut:], value=on[cut:], above=0.5, until_s=86_400)

        assert first + rest == pytest.approx(whole)


class TestForecast:
    def test_takes_the_mean_of_the_weeks_and_their_ends(self):
        found = hours.busy([70.0, 98.0, 84.0, np.nan])

        # 10, 14 and 12 hours a day.
        assert found == hours.Busy(12.0, 10.0, 14.0)

    def test_knows_nothing_without_weeks(self):
        assert hours.busy([np.nan]) is None

    def test_leaves_out_a_week_of_more_hours_than_it_has(self):
        # 12 and 24 hours a day; the week of 5000 hours cannot be, 168.5 is the step of a counter.
        assert hours.busy([84.0, 5000.0, 168.5]) == hours.Busy(18.0, 12.0, 24.0)

    @pytest.mark.parametrize(
        ("left_h", "hours_a_day", "days"),
        [(120, 12, 10), (0, 12, 0), (-5, 12, 0), (10, 0, math.inf), (48, 24, 2)],
    )
    def test_says_in_how_many_days(self, left_h, hours_a_day, days):
        assert hours.days_until(left_h=left_h, hours_a_day=hours_a_day) == days

    @pytest.mark.parametrize(("left_h", "hours_a_day"), [(10, 25), (10, -1), (math.nan, 3)])
    def test_refuses_days_that_cannot_be(self, left_h, hours_a_day):
        with pytest.raises(ValueError, match="cannot be"):
            hours.days_until(left_h=left_h, hours_a_day=hours_a_day)
