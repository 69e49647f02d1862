"""The slope of a slow change and when it reaches its limit."""

import math

import numpy as np
import pytest
from scipy import stats

from huoshui.lab.upkeep import trend

DAYS = np.arange(60.0)


def like_neighbours(seed, likeness):
    """Sixty days, each ``likeness`` times the day before and some chance; deviation 3."""
    chance = np.random.default_rng(seed).normal(0.0, 3.0, DAYS.size)
    days = [chance[0]]
    for one in chance[1:]:
        days.append(likeness * days[-1] + math.sqrt(1 - likeness**2) * one)
    return np.array(days)


class TestTowards:
    def test_finds_an_exact_line(self):
        # Exact: 20 + 0.5 d is 49.5 on day 59, and 80 after 61 days more.
        found = trend.towards(day=DAYS, value=20 + 0.5 * DAYS, limit=80.0)

        assert found is not None
        assert found.slope_a_day == pytest.approx(0.5)
        assert found.level_now == pytest.approx(49.5)
        assert (found.days_left, found.days_left_min, found.days_left_max) == pytest.approx(
            (61.0, 61.0, 61.0)
        )

    def test_agrees_with_the_example_of_sen(self):
        # Sen (1968), the worked example: seven points, median slope 4. Our rule of fourteen days
        # is met by giving each of his points twice, a hair apart.
        at = np.array([1, 2, 3, 4, 10, 12, 18.0])
        y = np.array([9, 15, 19, 20, 45, 55, 78.0])
        found = trend.towards(day=np.sort(np.r_[at, at + 1e-9]), value=np.repeat(y, 2), limit=100.0)

        assert found is not None
        assert found.slope_a_day == pytest.approx(4.0, abs=0.05)
        assert found.slope_a_day_min <= 4.0 <= found.slope_a_day_max

    def test_is_not_disturbed_by_a_fifth_of_wild_days(self):
        value = 20 + 0.5 * DAYS
        value[::5] = 500.0

        found = trend.towards(day=DAYS, value=value, limit=80.0)

        assert found is not None
        assert found.slope_a_day == pytest.approx(0.5, abs=0.1)

    def test_goes_down_as_well_as_up(self):
        found = trend.towards(day=DAYS, value=60 - 0.5 * DAYS, limit=20.0, is_upper=False)

        assert found is not None
        assert found.days_left == pytest.approx((30.5 - 20) / 0.5)

    def test_never_arrives_where_it_leads_away(self):
        found = trend.towards(day=DAYS, value=60 - 0.5 * DAYS, limit=80.0)

        assert found is not None
        assert math.isinf(found.days_left)
        assert not found.is_clear

    def test_says_that_noise_is_no_trend(self):
        noise = np.random.default_rng(11).normal(50.0, 5.0, DAYS.size)

        found = trend.towards(day=DAYS, value=noise, limit=80.0)

        assert found is not None
        assert not found.is_clear

    @pytest.mark.parametrize("likeness", [0.0, 0.3, 0.6])
    def test_holds_the_true_slope_nineteen_times_of_twenty(self, likeness):
        # By its own claim of 95 %: of 200 series with neighbours this much alike, 180 to 200.
        held = 0
        for seed in range(200):
            noise = like_neighbours(seed, likeness)
            found = trend.towards(day=DAYS, value=20 + 0.2 * DAYS + noise, limit=80.0)
            assert found is not None
            held += found.slope_a_day_min <= 0.2 <= found.slope_a_day_max

        assert 180 <= held <= 200

    def test_seldom_sees_a_trend_in_weather(self):
        # 5 % of all series may look like a trend by the claim of 95 %, half of them upwards; days
        # that know nothing of each other would be seen as one in far more of these.
        weather = [like_neighbours(seed, 0.6) for seed in range(200)]
        seen = [trend.towards(day=DAYS, value=one, limit=100.0).is_clear for one in weather]
        naive = [stats.theilslopes(one, DAYS)[2] > 0 for one in weather]

        assert sum(seen) <= 10 < sum(naive)

    def test_is_there_where_the_limit_is_passed(self):
        found = trend.towards(day=DAYS, value=90 - 0.01 * DAYS, limit=80.0)

        assert found is not None
        assert (found.days_left, found.is_clear) == (0.0, True)

    @pytest.mark.parametrize("days", [0, 5, 13])
    def test_says_nothing_of_a_few_days(self, days):
        assert trend.towards(day=DAYS[:days], value=DAYS[:days], limit=80.0) is None
