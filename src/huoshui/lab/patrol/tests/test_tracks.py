"""Which fixes of a receiver are joined.

0 ---- 30 ---- 60        120 ---- 150      metres to the east, a fix every 20 s
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.patrol import tracks

LIMITS = tracks.Limits(accuracy_m=30, jump_m=50, jump_s=60, speed_ms=10)


def joined(east_m, at_s, accuracy_m=None):
    xy = np.column_stack([np.asarray(east_m, float), np.zeros(len(east_m))])
    accuracy = np.full(len(xy), 5.0) if accuracy_m is None else np.asarray(accuracy_m, float)
    return tracks.legs(xy_m=xy, at_s=np.asarray(at_s, float), accuracy_m=accuracy, limits=LIMITS)


def ends(found):
    pairs = zip(found.from_xy_m[:, 0], found.to_xy_m[:, 0], strict=True)
    return sorted((float(one), float(two)) for one, two in pairs)


class TestLegs:
    def test_join_what_follows_and_leave_a_jump_open(self):
        found = joined([0, 30, 60, 120, 150], [0, 20, 40, 60, 80])

        assert ends(found) == [(0, 30), (30, 60), (120, 150)]
        assert (found.length_m, found.gaps, found.inaccurate) == (90, 1, 0)

    def test_are_not_drawn_over_a_pause(self):
        found = joined([0, 30, 35, 65], [0, 20, 200, 220])

        assert ends(found) == [(0, 30), (35, 65)]

    def test_are_not_drawn_where_nobody_is_that_fast(self):
        # 30 m in one second is 108 km/h; the limit is 10 m/s.
        assert ends(joined([0, 30], [0, 1])) == [(0, 0), (30, 30)]

    def test_leave_out_what_the_receiver_calls_inaccurate(self):
        found = joined([0, 400, 40], [0, 10, 20], [5, 31, 30])

        assert ends(found) == [(0, 40)]
        assert (found.fixes, found.inaccurate) == (3, 1)

    def test_take_a_fix_without_accuracy_as_good(self):
        assert ends(joined([0, 40], [0, 20], [np.nan, np.nan])) == [(0, 40)]

    def test_put_fixes_in_their_order(self):
        assert ends(joined([60, 0, 30], [40, 0, 20])) == [(0, 30), (30, 60)]

    def test_keep_a_lonely_fix_as_a_place(self):
        assert ends(joined([7], [0])) == [(7, 7)]

    def test_of_nothing_are_none(self):
        found = joined([], [])

        assert (len(found.from_xy_m), found.length_m, found.gaps) == (0, 0, 0)

    def test_refuse_columns_of_different_length(self):
        with pytest.raises(ValueError, match="2 moments"):
            joined([0], [0, 1])
