"""Steps in a zone's inflow: bursts within a day, repairs, and nothing where nothing is.

m³/h 100 + a day's wave + chance, and a burst of 15 from hour 1,000 to 1,400
"""

import numpy as np
import pytest

from huoshui.lab.leakage import inflow_watch

M3H = 1 / 3600


def zone(seed=1, hours=2400, *, burst=0.0, weekend=0.0):
    """Return hours and a flow with a wave, a quieter weekend and chance of three per cent."""
    rng = np.random.default_rng(seed)
    hour = np.arange(hours)
    wave = 100 + 60 * np.sin(2 * np.pi * (hour - 8) / 24)
    wave = wave * np.where(hour // 24 % 7 >= 5, 1 - weekend, 1.0)
    flow = wave * (1 + 0.03 * rng.normal(size=hours))
    flow[1000:1400] += burst
    return 3600.0 * hour, flow * M3H


def weeks(*, begins_anew=None):
    """Return hours and a flow whose weekends are quieter day and night; from an hour on, by a day.

    ``begins_anew`` delays the week by one day from that hour on.
    """
    rng = np.random.default_rng(3)
    hour = np.arange(2400)
    day = hour // 24 - (0 if begins_anew is None else (hour >= begins_anew))
    wave = 100 + 60 * np.sin(2 * np.pi * (hour - 8) / 24)
    flow = wave * np.where(day % 7 >= 5, 0.7, 1.0) * (1 + 0.02 * rng.normal(size=hour.size))
    return 3600.0 * hour, flow * M3H


def rises(steps):
    return [step for step in steps if step.is_rise]


class TestFindSteps:
    def test_calls_a_burst_of_15_m3h_within_a_day_and_its_repair(self):
        hour, flow = zone(burst=15)

        steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        assert len(steps) == 2
        assert steps[0].is_rise
        assert 1000 <= steps[0].known_s / 3600 <= 1024
        assert abs(steps[0].since_s / 3600 - 1000) <= 6
        assert steps[0].size_m3s / M3H == pytest.approx(15, rel=0.25)
        assert not steps[1].is_rise
        assert 1400 <= steps[1].known_s / 3600 <= 1424

    def test_calls_at_most_one_in_ten_quiet_zones(self):
        calls = 0
        for seed in range(10):
            hour, flow = zone(seed, hours=2400, weekend=0.1)
            calls += len(inflow_watch.find_steps(hour_s=hour, flow_m3s=flow))

        assert calls <= 1

    @pytest.mark.parametrize("cut", [1003, 1012, 1030, 1405, 1500])
    def test_says_the_same_when_the_future_is_cut_off(self, cut):
        hour, flow = zone(burst=15)
        whole = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        part = inflow_watch.find_steps(hour_s=hour[:cut], flow_m3s=flow[:cut])

        assert part == [step for step in whole if step.known_s <= 3600.0 * cut]

    def test_lives_with_gaps(self):
        hour, flow = zone(burst=15)
        flow[300:320] = np.nan
        flow[990:996] = np.nan

        steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        assert [step.is_rise for step in steps] == [True, False]

    def test_leaves_steps_below_three_per_cent_of_the_flow_alone(self):
        hour, flow = zone(burst=2)

        assert rises(inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)) == []

    def test_calls_a_burst_by_night_within_six_hours(self):
        hour, flow = zone()
        flow[1009:1400] += 25 * M3H  # at one in the morning

        steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        assert 1009 <= steps[0].known_s / 3600 <= 1015
        assert steps[0].size_m3s / M3H == pytest.approx(25, rel=0.25)

    def test_calls_another_burst_on_the_day_after_the_first(self):
        hour, flow = zone(burst=15)
        flow[1030:1400] += 25 * M3H

        steps = rises(inflow_watch.find_steps(hour_s=hour, flow_m3s=flow))

        assert [round(step.since_s / 3600, -1) for step in steps] == [1000, 1030]
        assert steps[1].known_s / 3600 <= 1054

    def test_calls_nothing_when_the_week_begins_anew(self):
        hour, flow = weeks(begins_anew=50 * 24)

        assert inflow_watch.find_steps(hour_s=hour, flow_m3s=flow) == []

    def test_calls_nothing_on_a_holiday_that_looks_like_a_sunday(self):
        hour, flow = weeks()
        holiday, sunday = slice(52 * 24, 53 * 24), slice(48 * 24, 49 * 24)
        flow[holiday] = flow[sunday]

        assert inflow_watch.find_steps(hour_s=hour, flow_m3s=flow) == []

    @pytest.mark.parametrize("day", [53, 54])
    def test_calls_a_burst_soon_after_the_week_began_anew(self, day):
        hour, flow = weeks(begins_anew=50 * 24)
        begin = day * 24 + 15  # day 54: a Saturday by the calendar, a Friday by the flow
        flow[begin:] += 25 * M3H

        steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        assert steps[0].is_rise
        assert begin < steps[0].known_s / 3600 <= begin + 24


class TestHourly:
    def test_is_the_mean_of_the_hour(self):
        at = np.arange(24) * 300.0

        hour, flow = inflow_watch.hourly(at_s=at, flow_m3s=np.repeat([1.0, 3.0], 12))

        assert hour.tolist() == [0.0, 3600.0]
        assert flow.tolist() == [1.0, 3.0]

    def test_does_not_know_an_hour_of_which_less_than_half_was_measured(self):
        at = np.arange(24) * 300.0
        values = np.repeat([1.0, 3.0], 12)
        values[12:19] = np.nan

        _hour, flow = inflow_watch.hourly(at_s=at, flow_m3s=values)

        assert flow[0] == 1.0
        assert np.isnan(flow[1])


class TestReturns:
    def steps(self, *sizes, days_apart=2):
        """Return steps of given sizes, one every other day."""
        return [
            inflow_watch.Step(86400.0 * days_apart * n, 86400.0 * days_apart * n + 7200, size, 1, 9)
            for n, size in enumerate(sizes)
        ]

    @pytest.mark.parametrize(
        ("sizes", "returned"),
        [
            ((-20, 19), {1}),  # closed for works and opened again
            ((-20, 40), set()),  # more than came back
            ((20, -20, 20), set()),  # a leak, its repair, another leak
            ((8, -20, 21), {2}),  # the fall was not the end of the leak that runs
            ((20, 20), set()),
            ((-20,), set()),
        ],
    )
    def test_knows_the_way_back_from_a_new_leak(self, sizes, returned):
        assert inflow_watch.returns(self.steps(*sizes)) == returned

    def test_forgets_a_fall_after_some_days(self):
        assert inflow_watch.returns(self.steps(-20, 20, days_apart=5)) == set()

    def test_a_valve_closed_for_two_days_is_no_leak_when_it_opens(self):
        hour, flow = zone()
        flow[1000:1048] -= 25 * M3H

        found = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow)

        assert [step.is_rise for step in found] == [False, True]
        assert inflow_watch.returns(found) == {1}
