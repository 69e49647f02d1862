"""A compound behind a master meter: leaks known by hours or nights, and a balance by hand.

m³/h  3 by day, 0.2 by night, chance of a tenth;  leaks from day 40, hour 14
"""

import numpy as np
import pytest

from huoshui.lab.leakage import compound

M3H = 1 / 3600
START = 1_735_689_600.0  # 2025-01-01, a Wednesday
LEAK = 40 * 24 + 14


def quiet(seed=1, days=80):
    rng = np.random.default_rng(seed)
    hour = np.arange(days * 24)
    of_day = hour % 24
    usual = np.where((of_day >= 6) & (of_day < 23), 3.0, 0.2)
    flow = np.round(usual * (1 + 0.1 * rng.normal(size=hour.size)), 2)
    return START + 3600.0 * hour, flow * M3H


def watched(hour, flow):
    return compound.watch(hour_s=hour, flow_m3s=flow).alarms


class TestWatch:
    def test_calls_nothing_where_nothing_is(self):
        assert sum(len(watched(*quiet(seed))) for seed in range(8)) <= 1

    def test_knows_a_burst_of_an_afternoon_within_hours_and_its_end(self):
        hour, flow = quiet()
        flow[LEAK : LEAK + 120] += 3.0 * M3H

        (alarm,) = watched(hour, flow)

        assert alarm.evidence == "hours"
        assert 3 <= (alarm.known_s - hour[LEAK]) / 3600 <= 4
        assert alarm.since_s == hour[LEAK]
        assert alarm.size_m3s / M3H == pytest.approx(3.0, rel=0.15)
        assert 0 < (alarm.ended_s - hour[LEAK + 120]) / 3600 <= 30

    def test_knows_a_drip_of_a_few_nights(self):
        hour, flow = quiet()
        flow[LEAK:] += 0.04 * M3H

        (alarm,) = watched(hour, flow)

        assert alarm.evidence == "nights"
        assert 0 < (alarm.known_s - hour[LEAK]) / 86400 <= 8
        assert abs(alarm.since_s - hour[LEAK]) / 86400 <= 2
        assert alarm.size_m3s / M3H == pytest.approx(0.04, rel=0.4)
        assert alarm.ended_s is None

    def test_a_leak_that_grows_is_one_alarm(self):
        hour, flow = quiet()
        run = np.arange(flow.size - LEAK)
        flow[LEAK:] += np.minimum(1.0, run / 240) * 1.5 * M3H

        (alarm,) = watched(hour, flow)

        assert alarm.grown_s is not None
        assert alarm.size_m3s / M3H == pytest.approx(1.5, rel=0.35)

    @pytest.mark.parametrize("cut", [LEAK + 2, LEAK + 5, LEAK + 40])
    def test_says_the_same_when_the_future_is_cut_off(self, cut):
        hour, flow = quiet()
        flow[LEAK:] += 3.0 * M3H
        whole = watched(hour, flow)
        days = (cut // 24) * 24

        part = watched(hour[:days], flow[:days])

        known = [one.known_s for one in whole if one.known_s <= hour[0] + 3600.0 * days]
        assert [one.known_s for one in part] == known

    def test_lives_with_a_gap(self):
        hour, flow = quiet()
        flow[30 * 24 + 5 : 33 * 24] = np.nan
        flow[LEAK:] += 3.0 * M3H

        assert len(watched(hour, flow)) == 1

    def test_weekends_that_rise_late_are_learnt(self):
        hour, flow = quiet(days=120)
        weekend = ((hour // 86400 + 3) % 7 >= 5) & (np.arange(hour.size) % 24 == 9)
        for shift in range(4):
            flow[np.roll(weekend, shift)] *= 1.8

        assert len(watched(hour, flow)) == 0


class TestLoss:
    """Ten homes of 1 m³ a day; the master counts 11 m³ a day; April, thirty days."""

    def balance(self, registers=None, flow=None, **more):
        days = np.arange(61)
        at = START + 86400.0 * days
        shown = np.tile(days[:, None] * 1.0, (1, 10)) if registers is None else registers
        hour = START + 3600.0 * np.arange(60 * 24)
        flow = np.full(hour.size, 11 / 86400) if flow is None else flow
        return compound.loss(
            hour_s=hour, flow_m3s=flow, reading_s=at, registers_m3=shown,
            from_s=at[30], until_s=at[60], missed_frac=0.0, **more,
        )  # fmt: skip

    def test_is_the_master_less_the_homes(self):
        found = self.balance()

        assert found.supplied_m3 == pytest.approx(330)
        assert found.read_m3 == pytest.approx(300)
        assert found.loss_m3 == pytest.approx(30)
        assert (found.homes, found.homes_read, found.estimated_m3) == (10, 10, 0)
        # 1 % of 330 and 1.5 % of 300: 3.3 and 4.5.
        assert found.half_width_m3 == pytest.approx(np.hypot(3.3, 4.5))

    def test_corrects_for_what_meters_miss(self):
        days = np.arange(61)
        found = compound.loss(
            hour_s=START + 3600.0 * np.arange(60 * 24), flow_m3s=np.full(60 * 24, 11 / 86400),
            reading_s=START + 86400.0 * days,
            registers_m3=np.tile(0.98 * days[:, None], (1, 10)),
            from_s=START + 86400.0 * 30, until_s=START + 86400.0 * 60, missed_frac=0.02,
        )  # fmt: skip

        assert found.loss_m3 == pytest.approx(30)

    def test_a_home_without_readings_uses_as_much_as_the_others_and_widens_the_band(self):
        shown = np.outer(np.arange(61), np.linspace(0.5, 1.5, 10))
        whole = self.balance(shown)
        shown[:, 4] = np.nan

        found = self.balance(shown)

        assert found.homes_read == 9
        assert found.estimated_m3 == pytest.approx(np.nanmean(shown[60] - shown[30]))
        assert found.half_width_m3 > whole.half_width_m3 + 10

    def test_a_home_that_went_silent_uses_what_it_used_before(self):
        shown = np.outer(np.arange(61.0), np.linspace(0.5, 1.5, 10))
        shown[31:, 9] = np.nan

        found = self.balance(shown)

        assert found.estimated_m3 == pytest.approx(45)

    def test_a_missed_day_between_two_readings_is_no_estimate(self):
        shown = np.tile(np.arange(61.0)[:, None], (1, 10))
        shown[30, 3] = shown[60 - 1, 5] = np.nan

        assert self.balance(shown).homes_read == 10

    def test_takes_told_public_use_off(self):
        assert self.balance(public_m3=12).loss_m3 == pytest.approx(18)

    def test_gives_no_loss_where_too_little_is_known(self):
        flow = np.full(60 * 24, 11 / 86400)
        flow[40 * 24 :] = np.nan
        shown = np.tile(np.arange(61.0)[:, None], (1, 10))
        shown[:, :6] = np.nan

        assert np.isnan(self.balance(flow=flow).loss_m3)
        assert np.isnan(self.balance(shown).loss_m3)
