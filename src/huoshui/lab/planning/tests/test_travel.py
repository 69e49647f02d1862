"""Straight lines between places, and how long they take."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.planning import travel

# One degree of a great circle on a sphere of the mean radius: 2 pi R / 360.
DEGREE_M = 111_195.08
LON = np.array([0.0, 0.01, 0.02])
LAT = np.zeros(3)


class TestStraight:
    def test_measures_a_degree_of_the_equator(self):
        found = travel.straight_m(np.array([0.0, 1.0]), np.zeros(2))

        assert found[0, 1] == pytest.approx(DEGREE_M, abs=0.1)
        assert found[0, 0] == 0

    def test_is_the_same_there_and_back(self):
        found = travel.straight_m(LON, np.array([0.0, 0.3, -0.2]))

        assert np.allclose(found, found.T)


class TestByLine:
    def test_refuses_a_factor_below_one(self):
        with pytest.raises(ValueError, match=r"0\.9"):
            travel.by_line_m(LON, LAT, factor=0.9)


class TestDuration:
    def test_drives_36_km_an_hour_as_ten_metres_a_second(self):
        assert travel.duration_s(np.array([[100.0]]), speed_kmh=36.0)[0, 0] == pytest.approx(10.0)

    def test_refuses_to_stand_still(self):
        with pytest.raises(ValueError, match="speed"):
            travel.duration_s(np.array([[1.0]]), speed_kmh=0.0)
