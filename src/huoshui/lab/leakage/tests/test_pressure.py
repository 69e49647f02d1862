"""Leakage at another pressure, and night hours made into days."""

import numpy as np
import pytest

from huoshui.lab.leakage import pressure


class TestLeakageAt:
    @pytest.mark.parametrize(("exponent", "left"), [(0.5, 0.70711), (1.0, 0.5), (1.5, 0.35355)])
    def test_halves_a_pressure(self, exponent, left):
        """Half the pressure leaves 0.5^N1 of the leakage: 71, 50 and 35 % (IWA Brno 2001)."""
        found = pressure.leakage_at(leakage=10, at_m=60, pressure_m=30, exponent=exponent)

        assert found == pytest.approx(10 * left, rel=1e-4)

    def test_takes_zones_side_by_side_and_keeps_unknown_unknown(self):
        found = pressure.leakage_at(
            leakage=[1, np.nan, 4], at_m=50, pressure_m=[-3, 40, 50], exponent=1
        )

        np.testing.assert_array_equal(found, [0, np.nan, 4])

    @pytest.mark.parametrize(("at_m", "exponent"), [(0, 1), (50, 0.4), (50, 3)])
    def test_refuses_what_the_law_does_not_cover(self, at_m, exponent):
        with pytest.raises(pressure.OutsideValidRange):
            pressure.leakage_at(leakage=1, at_m=at_m, pressure_m=1, exponent=exponent)


class TestExponents:
    def test_come_back_from_a_step_test(self):
        other = pressure.leakage_at(leakage=8, at_m=55, pressure_m=38, exponent=1.15)

        found = pressure.exponent_between(leakage=8, at_m=55, leakage_other=other, at_other_m=38)

        assert found == pytest.approx(1.15)

    def test_are_unknown_where_nothing_changed(self):
        assert np.isnan(
            pressure.exponent_between(leakage=8, at_m=50, leakage_other=8, at_other_m=50)
        )

    def test_of_an_opening_are_the_slope_of_its_own_law(self):
        """N1 is d ln Q / d ln h, taken here numerically of Q = A0 h^0.5 + m h^1.5."""
        area, slope, head = 5e-5, 1.2e-6, 40.0

        def flow(h):
            return area * h**0.5 + slope * h**1.5

        numeric = (np.log(flow(head * 1.0001)) - np.log(flow(head))) / np.log(1.0001)

        found = pressure.exponent_of_area(pressure_m=head, area_m2=area, slope_m=slope)
        assert found == pytest.approx(numeric, rel=1e-4)
        assert pressure.exponent_of_area(pressure_m=head, area_m2=area, slope_m=0) == 0.5


class TestHourDayFactor:
    def test_is_24_where_the_pressure_never_changes(self):
        found = pressure.hour_day_factor(
            pressures_m=np.full((2, 96), 40.0), night_pressure_m=[40, 40], exponent=1.5
        )

        np.testing.assert_allclose(found, 24)

    def test_adds_up_hours_of_each_zone_leaving_gaps_out(self):
        """8 h at the night's 50 m and 16 h at 25 m: 8 + 16 / 2 hours with N1 = 1."""
        day = np.r_[np.full(8, 50.0), np.full(16, 25.0)]
        gap = day.copy()
        gap[[0, 8, 9]] = np.nan

        found = pressure.hour_day_factor(
            pressures_m=[day, gap, np.full(24, np.nan)], night_pressure_m=50, exponent=1
        )

        np.testing.assert_allclose(found[:2], 16)
        assert np.isnan(found[2])
