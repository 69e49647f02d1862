"""Metres of degrees: against the great circle, and against a length that is known."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.planning import travel
from huoshui.lab.units import earth


class TestApartM:
    def test_takes_a_degree_of_latitude_for_its_part_of_the_meridian(self):
        # The meridian of the sphere: 2 pi 6 371 008.8 m / 360.
        assert earth.apart_m(117, 36, 117, 37) == pytest.approx(111_195.08, abs=0.01)

    @pytest.mark.parametrize("lat", [-59.5, 0.0, 36.65, 59.5])
    @pytest.mark.parametrize(("east", "north"), [(0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (0.3, -0.5)])
    def test_follows_the_great_circle_across_a_city(self, lat, east, north):
        lon = np.array([117.0, 117.0 + east])
        around = np.array([lat, lat + north])

        found = earth.apart_m(lon[0], around[0], lon[1], around[1])

        assert found == pytest.approx(travel.straight_m(lon, around)[0, 1], rel=1e-3)
