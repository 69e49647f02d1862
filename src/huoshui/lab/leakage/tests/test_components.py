"""The parts of night flows, of many zones at once."""

import numpy as np
import pytest

from huoshui.lab.leakage import components, night

LITRES_PER_HOUR = 1e-3 / 3600


class TestLegitimateUse:
    def test_is_a_flush_of_six_in_a_hundred_people_an_hour(self):
        """SANFLOW's defaults (WRC TT 109/99) for 10,000 people: 600 x 10 L/h; 20 x 50 L/h."""
        found = components.legitimate_use(
            people=[10_000, 10_000], small_users=[0, 20], large_use_m3s=[0, 0.001]
        )

        np.testing.assert_allclose(found / LITRES_PER_HOUR, [6_000, 6_000 + 1_000 + 3_600])


class TestBackgroundLeakage:
    def test_agrees_with_the_published_rates_in_american_units(self):
        """Background column of table 7.2 in Thornton, Sturm, Kunkel 2008: 2.87 gal/mi/d/psi of
        mains, 0.112 gal/connection/d/psi, 4.78 gal/mi/d/psi of private pipe; at 50 m (71.12 psi).
        """
        gallon_day, mile, psi = 3.785411784e-3 / 86_400, 1609.344, 50 / 0.70307
        for given, rate, size in (
            ({"mains_m": mile, "connections": 0}, 2.87, 1),
            ({"mains_m": 0, "connections": 1}, 0.112, 1),
            ({"mains_m": 0, "connections": 0, "private_m": mile}, 4.78, 1),
        ):
            found = components.background_leakage(pressure_m=50, **given)

            assert found == pytest.approx(rate * size * psi * gallon_day, rel=0.01)

    def test_follows_the_pressure_and_the_state_of_the_pipes(self):
        found = components.background_leakage(
            mains_m=1000, connections=0, pressure_m=[25, 50, 50], condition=[1, 1, 2]
        )

        np.testing.assert_allclose(found / LITRES_PER_HOUR, [20 * 0.5**1.5, 20, 40])


class TestParts:
    def test_leave_the_excess_with_its_band(self):
        found = components.parts(
            flow_m3s=[[10.0, 2.0, np.nan]], use_m3s=[[3.0]], background_m3s=[[1.0]],
            flow_half_width_m3s=0.4, use_error_frac=0.1,
        )  # fmt: skip

        np.testing.assert_allclose(found.excess_m3s, [[6, -2, np.nan]])
        np.testing.assert_allclose(found.leakage_m3s, [[7, -1, np.nan]])
        np.testing.assert_allclose(found.half_width_m3s, 0.5)


class TestNightFlows:
    def test_agree_with_the_single_night_of_one_zone(self):
        rng = np.random.default_rng(4)
        flows = rng.uniform(0.01, 0.03, (3, 5 * 96))
        flows[rng.random(flows.shape) < 0.1] = np.nan

        found, completeness = components.night_flows(flows_m3s=flows, step_s=900)

        assert found.shape == completeness.shape == (3, 5)
        for zone in range(3):
            for day in range(5):
                one = night.night_flow(
                    at_s=900 * np.arange(480), inlets_m3s=flows[zone],
                    from_s=day * 86_400 + 7_200, until_s=day * 86_400 + 14_400, step_s=900,
                )  # fmt: skip
                assert completeness[zone, day] == one.completeness_frac
                np.testing.assert_allclose(found[zone, day], one.flow_m3s)

    def test_refuse_readings_that_are_no_whole_days(self):
        with pytest.raises(ValueError, match="whole days"):
            components.night_flows(flows_m3s=np.zeros(97), step_s=900)


class TestNightline:
    def test_is_the_low_quantile_of_the_week_before(self):
        flows = np.array([[9, 3, 5, 4, 8, 6, 7, 1, np.nan, np.nan, np.nan, np.nan]])

        found = components.nightline(flows)

        assert np.isnan(found[0, :3]).all()
        assert found[0, 6] == np.quantile([9, 3, 5, 4, 8, 6, 7], 0.2)
        assert found[0, 10] == np.quantile([8, 6, 7, 1], 0.2)
        assert np.isnan(found[0, 11])
