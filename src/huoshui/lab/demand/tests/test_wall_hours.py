"""The grid of wall-clock hours, on the nights when clocks are changed.

Expected labels are those of Europe/Rome as the school's own files show them: no 02:00 on
2021-03-28, two of them on 2021-10-31.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from huoshui.lab.demand import wall_hours

ROME = ZoneInfo("Europe/Rome")
at = datetime.fromisoformat


class TestOnWallHours:
    def test_leaves_the_hour_that_spring_skips_unknown(self):
        wall = [at(f"2021-03-28T{hour:02}:00") for hour in (0, 1, 3)]

        grid = wall_hours.on_wall_hours(wall, [[1.0], [2.0], [4.0]])

        assert np.array_equal(grid.value[:, 0], [1.0, 2.0, np.nan, 4.0], equal_nan=True)

    def test_takes_the_mean_of_the_hour_that_comes_twice(self):
        wall = [at(f"2021-10-31T{hour:02}:00") for hour in (1, 2, 2, 3)]

        grid = wall_hours.on_wall_hours(wall, [[1.0], [2.0], [4.0], [5.0]])

        assert grid.value[:, 0].tolist() == [1.0, 3.0, 5.0]

    def test_takes_rows_in_any_order_and_several_an_hour(self):
        wall = [
            at("2021-05-01T01:00"),
            at("2021-05-01T00:30"),
            at("2021-05-01T00:00"),
        ]

        grid = wall_hours.on_wall_hours(wall, [[7.0], [3.0], [1.0]])

        assert grid.value[:, 0].tolist() == [2.0, 7.0]

    def test_refuses_moments_with_a_zone(self):
        with pytest.raises(ValueError, match="no zone"):
            wall_hours.on_wall_hours([datetime(2021, 5, 1, tzinfo=ROME)], [[1.0]])


class TestBetween:
    def test_is_unknown_outside_what_is_held(self):
        grid = wall_hours.on_wall_hours([at("2021-05-01T01:00")], [[7.0]])

        cut = grid.between(at("2021-05-01T00:00"), at("2021-05-01T03:00"))

        assert np.array_equal(cut[:, 0], [np.nan, 7.0, np.nan], equal_nan=True)


class TestLabelsFrom:
    def test_skip_an_hour_in_spring(self):
        labels = wall_hours.labels_from(at("2021-03-28T01:00"), hours=3, zone=ROME)

        assert [one.hour for one in labels] == [1, 3, 4]

    def test_repeat_an_hour_in_autumn(self):
        labels = wall_hours.labels_from(at("2021-10-31T01:00"), hours=4, zone=ROME)

        assert [one.hour for one in labels] == [1, 2, 2, 3]

    def test_of_a_clock_never_changed_run_on(self):
        labels = wall_hours.labels_from(at("2021-03-28T01:00"), hours=3, zone=None)

        assert [one.hour for one in labels] == [1, 2, 3]


class TestComesTwice:
    @pytest.mark.parametrize(
        ("moment", "twice"),
        [
            ("2021-10-31T01:59", False),
            ("2021-10-31T02:00", True),
            ("2021-10-31T03:00", False),
            ("2021-03-28T02:00", False),
        ],
    )
    def test_is_the_autumn_hour_alone(self, moment, twice):
        assert wall_hours.comes_twice(at(moment), ROME) is twice

    def test_is_never_without_a_zone(self):
        assert not wall_hours.comes_twice(at("2021-10-31T02:00"), None)
