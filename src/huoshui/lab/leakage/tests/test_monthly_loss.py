"""Losses by month from the inflow alone, though the season stretches what customers take.

use: 100 m³/h with a day's wave, a quiet weekend, a season of a tenth; loss: what the test says
"""

import numpy as np
import pytest

from huoshui.lab.leakage import monthly_loss

M3H = 1 / 3600
DAYS = 365
START_S = 1514764800.0  # Monday 1 January 2018
HOUR_S = START_S + 3600.0 * np.arange(DAYS * 24)


def use(seed=1, *, again_after=DAYS):
    """Return a year of use; its week begins anew after some days."""
    rng = np.random.default_rng(seed)
    hour = np.arange(DAYS * 24)
    day = hour // 24
    weekday = np.where(day < again_after, day, day - again_after) % 7
    wave = (100 + 60 * np.sin(2 * np.pi * (hour - 8) / 24)) * np.where(weekday >= 5, 0.8, 1.0)
    season = 1 + 0.1 * np.sin(2 * np.pi * day / 365)
    return wave * season * (1 + 0.01 * rng.normal(size=hour.size))


def leak():
    """Return a burst of 12 m³/h from day 40 on and one that grows to 20 m³/h by day 250."""
    day = np.arange(DAYS * 24) / 24
    return 12.0 * (day >= 40) + 20 * np.clip((day - 150) / 100, 0, 1)


def by_month(values):
    month = HOUR_S.astype("datetime64[s]").astype("datetime64[M]").astype(int)
    return np.array([values[month == one].mean() for one in np.unique(month)])


class TestMonthlyLosses:
    def test_tells_growing_leaks_from_the_season(self):
        found = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=(use() + leak()) * M3H)

        loss = np.array([one.loss_m3s for one in found]) / M3H
        assert len(found) == 12
        assert loss[0] == pytest.approx(0, abs=0.7)
        assert loss[2:] == pytest.approx(by_month(leak())[2:], rel=0.1)
        took = np.array([one.use_m3s for one in found]) / M3H
        assert took == pytest.approx(by_month(use()), rel=0.02)

    def test_calls_no_loss_where_only_the_season_grows(self):
        found = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=use() * M3H)

        assert max(abs(one.loss_m3s) / M3H for one in found) < 1.0

    def test_bears_a_week_that_begins_anew(self):
        flow = use(again_after=181) + leak()

        found = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=flow * M3H)

        loss = np.array([one.loss_m3s for one in found]) / M3H
        assert loss[6:] == pytest.approx(by_month(leak())[6:], rel=0.1)

    def test_bands_hold_most_months(self):
        held = []
        for seed in range(5):
            flow = use(seed) + leak()
            found = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=flow * M3H)
            for one, true in zip(found, by_month(leak()), strict=True):
                held.append(abs(one.loss_m3s / M3H - true) <= one.half_width_m3s / M3H)

        assert np.mean(held) >= 0.9

    def test_uses_nothing_after_a_month(self):
        flow = (use() + leak()) * M3H
        whole = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=flow)

        part = monthly_loss.monthly_losses(hour_s=HOUR_S[: 120 * 24], flow_m3s=flow[: 120 * 24])

        assert part == whole[:4]

    def test_gives_no_figure_for_a_month_of_gaps(self):
        flow = (use() + leak()) * M3H
        flow[60 * 24 : 70 * 24] = np.nan

        found = monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=flow)

        assert np.isnan(found[2].loss_m3s)
        assert found[2].days == 21
        assert found[3].loss_m3s / M3H == pytest.approx(12, rel=0.1)

    def test_says_nothing_where_the_first_days_have_gaps(self):
        flow = use() * M3H
        flow[24:48] = np.nan

        assert monthly_loss.monthly_losses(hour_s=HOUR_S, flow_m3s=flow) == []

    def test_begins_with_the_first_whole_day(self):
        flow = (use() + leak()) * M3H

        found = monthly_loss.monthly_losses(hour_s=HOUR_S[5:], flow_m3s=flow[5:])

        assert found[0].from_s == START_S + 86400
        assert found[0].days == 30


class TestMeteredLosses:
    def test_takes_the_meters_error_off_and_keeps_the_rest(self):
        found = monthly_loss.metered_losses(hour_s=HOUR_S, unmetered_m3s=(leak() + 3) * M3H)

        loss = np.array([one.loss_m3s for one in found]) / M3H
        assert loss == pytest.approx(by_month(leak()), abs=1e-6)
        assert np.isnan(found[0].use_m3s)

    def test_a_day_of_few_readings_is_not_judged(self):
        flow = (leak() + 3) * M3H
        flow[:10] = np.nan

        found = monthly_loss.metered_losses(hour_s=HOUR_S, unmetered_m3s=flow)

        assert found[0].days == 30


class TestDailyLosses:
    def test_knows_a_burst_at_the_end_of_its_first_day(self):
        flow = (use() + leak()) * M3H

        found = monthly_loss.daily_losses(hour_s=HOUR_S, flow_m3s=flow) / M3H

        assert found[30:40] == pytest.approx(0, abs=2.5)
        assert found[40:50] == pytest.approx(12, abs=2.5)
        assert found[270:300].mean() == pytest.approx(32, rel=0.06)

    def test_uses_nothing_after_a_day(self):
        flow = (use(again_after=181) + leak()) * M3H
        whole = monthly_loss.daily_losses(hour_s=HOUR_S, flow_m3s=flow)

        for days in (60, 184, 200):
            part = monthly_loss.daily_losses(hour_s=HOUR_S[: days * 24], flow_m3s=flow[: days * 24])
            assert part == pytest.approx(whole[:days])

    def test_bears_a_week_that_begins_anew_after_a_fortnight(self):
        flow = (use(again_after=181) + leak()) * M3H

        found = monthly_loss.daily_losses(hour_s=HOUR_S, flow_m3s=flow) / M3H

        wrong = found - leak().reshape(-1, 24).mean(axis=1)
        assert np.abs(wrong[:181]).max() < 4
        assert np.abs(wrong[196:]).max() < 4

    def test_does_not_know_a_day_that_was_not_measured(self):
        flow = (use() + leak()) * M3H
        flow[90 * 24 : 91 * 24] = np.nan

        found = monthly_loss.daily_losses(hour_s=HOUR_S, flow_m3s=flow)

        assert np.flatnonzero(~np.isfinite(found)).tolist() == [90]
        # Neither does it know any day whose first week is not.
        flow[:24] = np.nan
        assert not np.isfinite(monthly_loss.daily_losses(hour_s=HOUR_S, flow_m3s=flow)).any()
