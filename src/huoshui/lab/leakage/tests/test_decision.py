"""When nights are called a leak."""

import csv
import functools
import os
from pathlib import Path

import numpy as np
import pytest

from huoshui.lab.leakage import band, decision, inflow

FIRST = 738000
M3H = 1 / 3600
WEEKDAYS = np.array([0, 0, 1, 0, 10, 15, 2])
REFERENCE_DATA = Path(os.environ.get("REFERENCE_DATA", "reference-data"))


def a_year(seed, *, noise=1.3, count=365):
    """Return nights and leak-free flows in m³/h: weekdays, a season, independent noise."""
    nights = FIRST + np.arange(count)
    season = 6 * np.sin(np.arange(count) / 58)
    noise_m3h = noise * np.random.default_rng(seed).normal(size=count)
    return nights, 50 + WEEKDAYS[nights % 7] + season + noise_m3h


def judge(nights, flows_m3h, **options):
    return decision.judge_nights(nights=nights, flows_m3s=flows_m3h * M3H, **options)


class TestJudgeNights:
    def test_calls_a_burst_on_its_first_night_with_its_size(self):
        nights, flows = a_year(1)
        flows[300:] += 15

        judged = judge(nights, flows)
        leak = judged.leaks[-1]

        assert (leak.since_night, leak.called_night) == (FIRST + 300, FIRST + 300)
        assert leak.reason == decision.Reason.LARGE_NIGHT
        assert leak.size_low_m3s < 15 * M3H < leak.size_high_m3s
        assert judged.nights[-1].state == decision.NightState.LEAKING

    def test_calls_a_smaller_step_after_several_nights(self):
        delays = []
        for seed in range(6):
            nights, flows = a_year(seed)
            flows[300:] += 6
            leak = next(x for x in judge(nights, flows).leaks if x.called_night >= FIRST + 300)
            delays.append(leak.called_night - FIRST - 300 + 1)
            assert leak.since_earliest - 2 <= FIRST + 300 <= leak.since_latest + 2

        assert max(delays) <= 6

    def test_calls_a_growing_leak(self):
        nights, flows = a_year(2)
        flows[300:] += 0.5 * np.arange(65)

        leaks = [x for x in judge(nights, flows).leaks if x.called_night >= FIRST + 300]

        assert leaks[0].called_night - (FIRST + 300) <= 21

    def test_false_alarms_of_simulated_years_stay_under_one_in_two_years(self):
        years = [judge(*a_year(seed)) for seed in range(10, 18)]

        assert sum(len(judged.leaks) for judged in years) / len(years) <= 0.5

    def test_ends_a_leak_at_its_repair_and_starts_afresh(self):
        nights, flows = a_year(3)
        flows[300:310] += 15

        judged = judge(nights, flows, repaired_nights=[FIRST + 310])

        leak = next(leak for leak in judged.leaks if leak.called_night == FIRST + 300)
        assert leak.until_night == FIRST + 310
        assert judged.nights[310].state == decision.NightState.NORMAL

    def test_calls_again_when_the_repair_did_not_help(self):
        nights, flows = a_year(3)
        flows[300:] += 15

        judged = judge(nights, flows, repaired_nights=[FIRST + 310])

        assert [leak.until_night for leak in judged.leaks[-2:]] == [FIRST + 310, None]

    def test_ends_a_leak_that_nobody_reported_after_three_quiet_nights(self):
        nights, flows = a_year(4)
        flows[300:307] += 15

        judged = judge(nights, flows)

        assert judged.leaks[-1].until_night == FIRST + 307
        assert judged.nights[-1].state == decision.NightState.NORMAL

    def test_leaves_missing_nights_among_the_quiet_ones_missing(self):
        nights, flows = a_year(4)
        flows[300:307] += 15
        flows[308:310] = np.nan

        judged = judge(nights, flows)

        assert judged.leaks[-1].until_night == FIRST + 307
        states = [night.state for night in judged.nights[307:312]]
        normal, missing = decision.NightState.NORMAL, decision.NightState.MISSING
        assert states == [normal, missing, missing, normal, normal]

    def test_never_dates_a_leak_back_into_the_nights_it_learned_from(self):
        # The first night that is judged, the 43rd, already leaks.
        nights, flows = a_year(0, count=70)
        flows[42:54] += 15

        judged = judge(nights, flows, repaired_nights=[FIRST + 54])

        assert [leak.since_night for leak in judged.leaks] == [FIRST + 42]
        assert all(night.expected is not None for night in judged.nights[42:])

    def test_sees_a_leak_of_two_hundred_nights_to_its_end(self):
        # Sixty good nights, a leak longer than the memory, its repair and eight weeks after it;
        # without the season, which nobody can tell from a leak over so long a time.
        nights, flows = a_year(8, count=316)
        flows -= 6 * np.sin(np.arange(316) / 58)
        flows[60:260] += 15

        judged = judge(nights, flows, repaired_nights=[FIRST + 260])

        (leak,) = judged.leaks
        assert (leak.since_night, leak.until_night) == (FIRST + 60, FIRST + 260)
        leaking = {night.state for night in judged.nights[60:260]}
        assert leaking == {decision.NightState.LEAKING}
        after = {night.state for night in judged.nights[260:]}
        assert decision.NightState.LEARNING not in after

    def test_does_not_end_a_leak_because_the_band_grew_wide(self):
        # After sixty nights only forecasts of one night ahead were tried; the width of older ones
        # grows with the root of time.
        nights, flows = a_year(8, count=90)
        flows[60:] += 15

        judged = judge(nights, flows)

        assert judged.nights[-1].expected.high_m3s > judged.nights[-1].flow_m3s
        assert [leak.until_night for leak in judged.leaks] == [None]

    def test_learns_nights_that_were_looked_into(self):
        nights, flows = a_year(5)
        flows[300:] += 15

        judged = judge(nights, flows, not_leaks=[decision.Period(FIRST + 300, FIRST + 330)])

        assert not [leak for leak in judged.leaks if leak.called_night >= FIRST + 300]
        assert abs(judged.nights[-1].excess_m3s) < 5 * M3H

    def test_does_not_take_one_odd_night_for_several(self):
        nights, flows = a_year(6)
        flows[300] += 5

        assert not [x for x in judge(nights, flows).leaks if x.called_night >= FIRST + 300]

    def test_says_nothing_while_it_learns_and_nothing_of_missing_nights(self):
        nights, flows = a_year(7, count=60)
        flows[50] = np.nan

        judged = judge(nights, flows)

        assert judged.nights[41].state == decision.NightState.LEARNING
        assert judged.nights[42].state != decision.NightState.LEARNING
        assert judged.nights[50].state == decision.NightState.MISSING

    def test_costs_a_morning_only_the_forecasts_of_its_own_night(self):
        nights, flows = a_year(9, count=101)
        judge(nights[:-1], flows[:-1])
        before = band.forecasts_made()

        judge(nights, flows)

        assert band.forecasts_made() - before <= len(band.LEADS_NIGHTS)

    def test_bears_a_zone_that_never_changes(self):
        nights = FIRST + np.arange(100)

        judged = judge(nights, np.full(100, 5.0))

        assert not judged.leaks

    def test_refuses_nights_out_of_order(self):
        with pytest.raises(inflow.MomentsNotRising):
            judge(np.array([2, 1]), np.array([1.0, 1.0]))


class TestEstimateOnset:
    def test_finds_a_clear_step(self):
        assert decision.estimate_onset([0.1, -0.2, 0.3, 6, 6, 6]).first == 3

    def test_leaves_a_weak_step_open(self):
        found = decision.estimate_onset([0.1, 1.2, 0.8, 1.5, 2.0])

        assert found.latest > found.earliest

    def test_bears_a_missing_night(self):
        found = decision.estimate_onset([0.0, np.nan, 6.0])

        assert (found.first, found.earliest) == (2, 1)


class TestRealZones:
    """Ten metered zones of an Italian city (Battle of Water Demand Forecasting, CC BY 4.0)."""

    @staticmethod
    @functools.cache
    def zones():
        path = REFERENCE_DATA / "real-dmas" / "inflow.csv"
        if not path.is_file():
            pytest.skip("the measured inflows are not here; set REFERENCE_DATA")
        with path.open(encoding="utf-8") as lines:
            rows = list(csv.reader(lines))[1:]
        flows = np.array([[float(x) if x else np.nan for x in row[1:]] for row in rows])
        days = np.array([row[0][:10] for row in rows], dtype="datetime64[D]").astype(int) + 719163
        hours = np.array([int(row[0][11:13]) for row in rows])
        at_night = (hours == 2) | (hours == 3)
        nights = np.unique(days)
        means = [
            [
                chosen.mean() if (chosen := zone[at_night & (days == day)]).size else np.nan
                for day in nights
            ]
            for zone in flows.T
        ]
        return nights, np.array(means) / 1000

    @staticmethod
    @functools.cache
    def judgements():
        nights, flows = TestRealZones.zones()
        return [decision.judge_nights(nights=nights, flows_m3s=zone) for zone in flows]

    def test_false_alarms_stay_under_four_in_a_zone_year(self):
        # An upper bound: nobody has marked the bursts that truly happened.
        leaks = sum(len(found.leaks) for found in self.judgements())
        judged = sum(
            night.expected is not None for found in self.judgements() for night in found.nights
        )

        assert leaks / (judged / 365) < 4

    def test_the_band_holds_what_it_promises(self):
        held = [
            night.excess_low_m3s <= 0 <= night.excess_high_m3s
            for found in self.judgements()
            for night in found.nights
            if night.expected and night.state == decision.NightState.NORMAL
        ]

        assert np.mean(held) > 0.93
