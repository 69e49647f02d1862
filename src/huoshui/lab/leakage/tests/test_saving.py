"""What a repair gave back."""

import numpy as np
import pytest
from scipy import stats

from huoshui.lab.leakage import saving


def step(before, after, **options):
    given = {"night_scale_m3s": 1.3, "scale_count": 200} | options
    return saving.step_down(before_m3s=before, after_m3s=after, **given)


class TestStepDown:
    def test_agrees_with_the_pooled_t_test_where_the_scatter_is_the_samples_own(self):
        rng = np.random.default_rng(1)
        before, after = rng.normal(15, 1, 8), rng.normal(1, 1, 6)
        pooled = np.sqrt((7 * before.var(ddof=1) + 5 * after.var(ddof=1)) / 12)

        found = step(before, after, night_scale_m3s=pooled, scale_count=13)
        peer = stats.ttest_ind(before, after, alternative="two-sided")

        interval = peer.confidence_interval(0.95)
        assert (found.low_m3s, found.high_m3s) == pytest.approx((interval.low, interval.high))
        assert found.p_value == pytest.approx(peer.pvalue / 2)

    def test_verifies_a_repair_after_two_nights(self):
        found = step([15.0, 16.0], [0.5, -0.5])

        assert found.verified
        assert found.low_m3s < 15.5 < found.high_m3s

    def test_does_not_verify_what_noise_could_do(self):
        assert not step([1.0, 0.5], [0.2, -0.3]).verified

    def test_leaves_missing_nights_out(self):
        assert step([15.0, np.nan], [0.0]).before_count == 1

    def test_refuses_a_repair_without_a_night_since(self):
        with pytest.raises(saving.TooFewNights, match="0 after"):
            step([15.0], [np.nan])


class TestWaterSaved:
    def test_carries_the_interval_into_water_and_money(self):
        saved = step([10 / 3600], [0.0], night_scale_m3s=0.0)

        found = saving.water_saved(saved=saved, duration_s=86400, water_price_cents=350)

        assert found.volume_m3 == pytest.approx(240)
        assert found.price_cents == pytest.approx(84000)
        assert found.volume_m3_low == pytest.approx(240)

    def test_loses_less_by_day_where_the_pressure_falls(self):
        saved = step([10 / 3600], [0.0], night_scale_m3s=0.0)

        found = saving.water_saved(
            saved=saved, duration_s=86400, water_price_cents=0, night_day_factor_h=20
        )

        assert found.volume_m3 == pytest.approx(200)


class TestNightDayFactor:
    def test_is_a_day_at_constant_pressure(self):
        assert saving.night_day_factor(
            pressures_m=[40, 40], night_pressure_m=40, exponent=1
        ) == pytest.approx(24)

    def test_follows_the_pressure_law(self):
        # Half the day at 40 m as at night, half at 10 m: (1 + sqrt(1/4)) / 2 x 24 = 18 h.
        assert saving.night_day_factor(
            pressures_m=[40, 10], night_pressure_m=40, exponent=0.5
        ) == pytest.approx(18)

    def test_refuses_an_exponent_no_leak_has(self):
        with pytest.raises(ValueError, match="exponent"):
            saving.night_day_factor(pressures_m=[1], night_pressure_m=1, exponent=3)
