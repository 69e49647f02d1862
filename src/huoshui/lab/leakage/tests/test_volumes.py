"""Months with holes, and volumes whose unit was mistaken."""

import numpy as np
import pytest

from huoshui.lab.leakage import volumes

DAY = np.r_[np.full(12, 1.0), np.full(12, 3.0)]


class TestPeriodVolumes:
    def test_are_the_sum_of_what_flowed(self):
        flows = np.stack([np.tile(DAY, 5), np.full(120, 0.5)])

        found = volumes.period_volumes(flows_m3s=flows, step_s=3600, days=(2, 3))

        np.testing.assert_allclose(
            found.volume_m3, [[2 * 48 * 3600, 3 * 48 * 3600], [24 * 3600, 36 * 3600]]
        )
        assert not found.estimated_m3.any()
        assert not found.half_width_m3.any()
        assert found.sufficient().all()

    def test_fill_a_hole_by_the_time_of_day_and_say_so(self):
        flows = np.tile(DAY, 4)
        flows[24:36] = np.nan  # the low half of the second day

        found = volumes.period_volumes(flows_m3s=flows, step_s=3600, days=(4,))

        assert found.volume_m3[0, 0] == pytest.approx(4 * 48 * 3600)
        assert found.estimated_m3[0, 0] == pytest.approx(12 * 3600)
        assert found.completeness_frac[0, 0] == pytest.approx(84 / 96)

    def test_find_too_little_in_a_month_with_less_than_three_quarters(self):
        flows = np.tile(DAY, 4)
        flows[24:49] = np.nan

        found = volumes.period_volumes(flows_m3s=flows, step_s=3600, days=(4,))

        assert found.completeness_frac[0, 0] == pytest.approx(71 / 96)
        assert not found.sufficient()[0, 0]
        assert found.sufficient(0.7)[0, 0]

    def test_keep_what_nobody_measured_unknown(self):
        found = volumes.period_volumes(flows_m3s=np.full(48, np.nan), step_s=3600, days=(2,))

        assert np.isnan(found.volume_m3[0, 0])
        assert found.completeness_frac[0, 0] == 0

    def test_cover_the_true_volume_as_often_as_they_say(self):
        """Two of 30 days are lost; days vary by 10 %. Of 400 months 95 % should be covered."""
        rng = np.random.default_rng(11)
        true = np.repeat(rng.normal(1.0, 0.1, (400, 30)), 24, axis=1)
        seen = true.copy()
        seen[:, 96:144] = np.nan

        found = volumes.period_volumes(flows_m3s=seen, step_s=3600, days=(30,))

        error = np.abs(found.volume_m3[:, 0] - true.sum(axis=1) * 3600)
        assert 0.9 < np.mean(error <= found.half_width_m3[:, 0]) < 0.98

    def test_refuse_readings_that_do_not_make_up_the_periods(self):
        with pytest.raises(ValueError, match="31 days"):
            volumes.period_volumes(flows_m3s=np.zeros(24 * 30), step_s=3600, days=(31,))


class TestSuspectUnit:
    @pytest.mark.parametrize(
        ("volume_m3", "likely"),
        [
            (1_000_000 * 0.2 * 365, None),  # 200 L a person and day
            (1_000_000 * 0.2 * 365 * 1e3, "litres_as_m3"),
            (7_300, "ten_thousand_m3_as_m3"),
            (1_000_000 * 0.2 * 365 * 1e4, "m3_as_ten_thousand_m3"),
            (73_000, "thousand_m3_as_m3"),
            (0, None),
        ],
    )
    def test_names_the_mistake_that_makes_sense_of_a_city_of_a_million(self, volume_m3, likely):
        found = volumes.suspect_unit(
            volume_m3=volume_m3, days=365, people=1_000_000, connections=None
        )

        assert (found and found.likely) == likely

    def test_goes_by_connections_where_nobody_counts_people(self):
        found = volumes.suspect_unit(volume_m3=10.0, days=30, people=None, connections=5_000)

        assert found is not None
        assert found.per == "connection"
        assert found.litres == pytest.approx(10_000 / 30 / 5_000)

    def test_says_nothing_where_nothing_is_known(self):
        assert volumes.suspect_unit(volume_m3=1e12, days=1, people=None, connections=None) is None
