"""Places of several findings; three within fifty metres make one."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.patrol import recurring


def spots(*places, within_m=50.0, times=3):
    return recurring.recurring_spots(
        xy_m=np.asarray(places, float).reshape(-1, 2), within_m=within_m, times=times
    )


class TestRecurringSpots:
    def test_need_so_many_findings_together(self):
        assert spots((0, 0), (30, 0)) == []

        (spot,) = spots((0, 0), (30, 0), (0, 40), (500, 500))

        assert spot.members == (0, 1, 2)
        assert (spot.x_m, spot.y_m) == pytest.approx((10, 40 / 3))
        # From (10, 13.33) the farthest is (0, 40) or (30, 0): sqrt(100 + 711.1) = 28.48.
        assert spot.radius_m == pytest.approx(28.48, abs=0.01)

    def test_take_exactly_so_near_and_not_more(self):
        assert len(spots((0, 0), (50, 0), (100, 0))) == 1
        assert spots((0, 0), (50.01, 0), (100.02, 0)) == []

    def test_stand_apart_where_nothing_lies_between(self):
        found = spots((0, 0), (10, 0), (0, 10), (300, 0), (310, 0), (300, 10), (305, 5))

        assert [one.members for one in found] == [(3, 4, 5, 6), (0, 1, 2)]

    def test_follow_a_street_and_tell_how_long_they_are(self):
        (spot,) = spots(*[(40.0 * number, 0) for number in range(6)])

        assert len(spot.members) == 6
        assert spot.radius_m == pytest.approx(100)

    def test_give_a_finding_between_two_to_the_nearer(self):
        left, right = [(0, 0), (-5, 0), (-10, 0), (-15, 0)], [(95, 0), (98, 0), (99, 0), (100, 0)]
        places = [*left, *right, (46, 0)]

        found = {one.members for one in spots(*places, times=4)}

        # It is 46 m from the left and 49 m from the right, and no core: it sees two others only.
        assert found == {(0, 1, 2, 3, 8), (4, 5, 6, 7)}

    def test_do_not_depend_on_the_order(self):
        dice = np.random.default_rng(3)
        places = dice.uniform(0, 600, (60, 2))
        turned = dice.permutation(len(places))

        straight = {frozenset(one.members) for one in spots(*places)}
        mixed = {frozenset(int(turned[n]) for n in one.members) for one in spots(*places[turned])}

        assert straight
        assert straight == mixed

    def test_refuse_what_makes_no_sense(self):
        with pytest.raises(ValueError, match="times"):
            spots((0, 0), times=1)
        with pytest.raises(ValueError, match="no number"):
            spots((0, 0), (np.nan, 0), (1, 1))
