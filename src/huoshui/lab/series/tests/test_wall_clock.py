"""Clock changes of Rome in 2021: 28 March, 02:00 to 03:00, and 31 October, 03:00 to 02:00.

Expected moments are from the rule of Directive 2000/84/EC: both changes are at 01:00 UTC.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np

from huoshui.lab.series.wall_clock import Hour, WallClock

ROME, SHANGHAI = ZoneInfo("Europe/Rome"), ZoneInfo("Asia/Shanghai")


def us(*moments):
    return np.array(moments, "datetime64[us]").astype(np.int64)


def said(at_us):
    return [str(one)[11:16] for one in at_us.astype("datetime64[us]")]


class TestWallClock:
    def test_leaves_out_no_time_in_spring(self):
        at_us, hour = WallClock(ROME).utc(us("2021-03-28T01:00", "2021-03-28T03:00"))

        assert said(at_us) == ["00:00", "01:00"]
        assert not hour.any()

    def test_says_that_the_missing_hour_was_missing(self):
        _, hour = WallClock(ROME).utc(us("2021-03-28T01:59", "2021-03-28T02:30"))

        assert hour.tolist() == [Hour.PLAIN, Hour.MISSING]

    def test_tells_the_two_autumn_hours_apart_by_their_order(self):
        wall = us(
            *(f"2021-10-31T{h}" for h in ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00"))
        )

        at_us, hour = WallClock(ROME).utc(wall)

        assert said(at_us) == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
        assert hour.tolist() == [0, 2, 2, 3, 3, 0]

    def test_does_so_for_each_series_and_over_pieces(self):
        clock = WallClock(ROME)
        first, _ = clock.utc(us("2021-10-31T02:00", "2021-10-31T02:00"), np.array([1, 2]))
        second, _ = clock.utc(us("2021-10-31T02:00", "2021-10-31T02:00"), np.array([1, 2]))

        assert said(first) == ["00:00", "00:00"]
        assert said(second) == ["01:00", "01:00"]

    def test_does_so_when_the_newest_comes_first(self):
        wall = us("2021-10-31T02:30", "2021-10-31T02:00", "2021-10-31T02:30", "2021-10-31T02:00")

        at_us, _ = WallClock(ROME, newest_first=True).utc(wall)

        assert said(at_us) == ["01:30", "01:00", "00:30", "00:00"]

    def test_forgets_the_change_by_the_next_year(self):
        clock = WallClock(ROME)
        clock.utc(us("2021-10-31T02:00", "2021-10-31T02:00"))

        at_us, _ = clock.utc(us("2022-10-30T02:00"))

        assert said(at_us) == ["00:00"]

    def test_knows_no_changes_where_there_are_none(self):
        at_us, hour = WallClock(SHANGHAI).utc(us("2021-03-28T02:30", "2021-10-31T02:30"))

        assert said(at_us) == ["18:30", "18:30"]
        assert not hour.any()
