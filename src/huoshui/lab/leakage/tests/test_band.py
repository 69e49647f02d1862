"""The expected band of a night."""

import math

import numpy as np
import pytest

from huoshui.lab.leakage import band, decision

FIRST = 738000
WEEKDAYS = np.array([0, 0, 1, 0, 10, 15, 2]) / 3600


def nights_of(count, *, seed=0, noise=1.0, drift=0.0):
    """Return nights and flows with strong weekdays and known noise, in m³/s."""
    rng = np.random.default_rng(seed)
    nights = FIRST + np.arange(count)
    flows = 50 + noise * rng.normal(size=count) + drift * np.arange(count)
    return nights, flows / 3600 + WEEKDAYS[nights % 7]


class TestExpectedNight:
    def test_is_exact_where_nothing_is_random(self):
        nights, flows = nights_of(200, noise=0)

        found = band.expected_night(
            nights=nights[:-1], flows_m3s=flows[:-1], leaking=np.zeros(199), for_night=nights[-1]
        )

        # The shrinkage of weekday effects leaves one part in a hundred of the largest effect.
        assert found.expected_m3s == pytest.approx(flows[-1], abs=0.15 / 3600)

    def test_holds_the_promised_share_of_nights(self):
        held = []
        for seed in range(3):
            nights, flows = nights_of(300, seed=seed)
            judged = decision.judge_nights(
                nights=nights, flows_m3s=flows, rule=decision.Rule(coverage_frac=0.9)
            )
            held += [
                night.excess_low_m3s <= 0 <= night.excess_high_m3s for night in judged.nights[120:]
            ]

        # 540 nights at 0.9: three standard errors are 0.04.
        assert 0.86 <= np.mean(held) <= 0.94

    def test_looks_at_earlier_nights_only(self):
        nights, flows = nights_of(150)
        spoiled = flows.copy()
        spoiled[120:] = 99

        ask = {"nights": nights, "leaking": np.zeros(150), "for_night": int(nights[120])}

        assert band.expected_night(flows_m3s=spoiled, **ask) == band.expected_night(
            flows_m3s=flows, **ask
        )

    def test_does_not_get_used_to_nights_judged_leaking(self):
        nights, flows = nights_of(150)
        leaking = np.arange(150) >= 120
        lost = flows + np.where(leaking, 15 / 3600, 0)

        found = band.expected_night(
            nights=nights, flows_m3s=lost, leaking=leaking, for_night=int(nights[149])
        )

        assert found.expected_m3s == pytest.approx(flows[149], abs=3 / 3600)
        assert found.lead_nights == 30

    def test_widens_while_the_newest_good_night_grows_older(self):
        rng = np.random.default_rng(5)
        nights = FIRST + np.arange(300)
        flows = 50 + np.cumsum(rng.normal(0, 1, 300))
        widths = []
        for gap in (1, 15, 40):
            leaking = np.arange(300) >= 300 - gap
            found = band.expected_night(
                nights=nights, flows_m3s=flows, leaking=leaking, for_night=FIRST + 300
            )
            widths.append(found.high_m3s - found.low_m3s)

        assert widths == sorted(widths)
        assert widths[2] > 2 * widths[0]

    def test_says_how_many_nights_it_needs(self):
        nights, flows = nights_of(20)

        with pytest.raises(band.TooFewNights) as refusal:
            band.expected_night(
                nights=nights, flows_m3s=flows, leaking=np.zeros(20), for_night=FIRST + 20
            )

        assert (refusal.value.have, refusal.value.need) == (20, 42)

    def test_promises_no_more_than_its_history_can_prove(self):
        nights, flows = nights_of(28 + 16)

        found = band.expected_night(
            nights=nights, flows_m3s=flows, leaking=np.zeros(44), for_night=FIRST + 44
        )

        assert found.errors_used == 16
        assert found.coverage_frac == pytest.approx(16 / 17)


class TestBandOf:
    @pytest.mark.parametrize(
        ("expected", "low"),
        # The errors are ±2 to the last: 3 - 2, 1 - 2 is below zero, and -1 is below zero itself.
        [(3.0, 1.0), (1.0, 0.0), (-1.0, -1.0)],
    )
    def test_ends_at_zero_because_a_zone_takes_no_water_back(self, expected, low):
        found = band.band_of(
            night=1,
            expected_m3s=expected,
            errors_by_lead={1: np.array([2.0, -2.0] * 20)},
            lead_nights=1,
            coverage_frac=0.95,
            nights_used=40,
        )

        assert found.low_m3s == pytest.approx(low)
        assert found.high_m3s == pytest.approx(expected + 2.0)


class TestErrorQuantile:
    def test_takes_the_finite_sample_rank(self):
        # ceil(20 x 0.9) = 18th of 19.
        assert band.error_quantile(np.arange(1.0, 20), 0.9) == (18.0, 0.9)


class TestRobustMean:
    def test_ignores_most_of_one_wild_value(self):
        assert band.robust_mean([1, 1.1, 0.9, 1.05, 0.95, 50], np.ones(6)) == pytest.approx(
            1, abs=0.1
        )

    def test_is_the_weighted_mean_of_tame_values(self):
        assert band.robust_mean([1, 2], [3, 1], scale=10) == pytest.approx(1.25)

    def test_knows_nothing_of_nothing(self):
        assert math.isnan(band.robust_mean([np.nan], [1]))
