"""The night flow of a zone with and without a tank."""

import numpy as np
import pytest

from huoshui.lab.leakage import night

WINDOW = {"from_s": 7200.0, "until_s": 14400.0, "step_s": 300.0}
AT = np.arange(0, 24 * 3600, 300.0)


class TestNightFlow:
    def test_is_the_mean_over_the_window_only(self):
        flow = np.where((AT >= 7200) & (AT < 14400), 0.01, 99.0)

        found = night.night_flow(at_s=AT, inlets_m3s=flow, **WINDOW)

        assert found.flow_m3s == pytest.approx(0.01)
        assert (found.reading_count, found.expected_count) == (24, 24)
        assert found.sufficient

    def test_finds_the_take_behind_a_pump_that_starts_inside_the_window(self):
        pump = np.where(AT < 10000, 0.012, 0.0)
        crossed = np.concatenate([[0], np.cumsum((pump[1:] + pump[:-1]) / 2 * 300)])
        stored = 600 + crossed - 0.005 * AT

        found = night.night_flow(at_s=AT, inlets_m3s=pump, stored_m3=stored, **WINDOW)

        assert found.flow_m3s == pytest.approx(0.005)
        assert found.standard_error_m3s == pytest.approx(0, abs=1e-9)

    def test_error_covers_a_level_read_to_the_centimetre(self):
        area, take = 201.06, 0.004
        errors, stated = [], []
        for seed in range(60):
            start = np.random.default_rng(seed).uniform(3, 4)
            level = np.round(start - take / area * AT, 2)
            found = night.night_flow(
                at_s=AT, inlets_m3s=np.zeros(AT.size), stored_m3=area * level, **WINDOW
            )
            errors.append(found.flow_m3s - take)
            stated.append(found.standard_error_m3s)

        assert np.std(errors) * 3600 < 0.35
        assert np.mean(np.abs(errors) < 3 * np.array(stated)) > 0.9

    def test_gives_no_figure_from_a_night_with_holes(self):
        flow = np.full(AT.size, 0.01)
        flow[24:31] = np.nan

        found = night.night_flow(at_s=AT, inlets_m3s=flow, **WINDOW)

        assert not found.sufficient
        assert np.isnan(found.flow_m3s)
        assert found.completeness_frac == pytest.approx(17 / 24)

    def test_bears_a_quarter_of_missing_readings(self):
        flow = np.full(AT.size, 0.01)
        flow[24:30] = np.nan

        assert night.night_flow(at_s=AT, inlets_m3s=flow, **WINDOW).sufficient

    def test_refuses_a_window_that_ends_before_it_begins(self):
        with pytest.raises(ValueError, match="until_s"):
            night.night_flow(at_s=AT, inlets_m3s=AT, from_s=2, until_s=1, step_s=1)


class TestMeteredUse:
    HOURS = np.arange(0, 24 * 3600, 3600.0)

    def test_sums_the_meters_and_says_how_many_were_read(self):
        meters = np.array([np.full(24, 1e-5), np.full(24, np.nan), np.full(24, 3e-5)])

        found = night.metered_use(
            at_s=self.HOURS, meters_m3s=meters, from_s=7200, until_s=14400, step_s=3600
        )

        assert found.use_m3s == pytest.approx(4e-5)
        assert (found.meters_read, found.meters_total) == (2, 3)

    def test_lets_the_usual_night_stand_in_for_a_silent_meter(self):
        meters = np.array([np.full(24, 1e-5), np.full(24, np.nan)])

        found = night.metered_use(
            at_s=self.HOURS,
            meters_m3s=meters,
            from_s=7200,
            until_s=14400,
            step_s=3600,
            typical_m3s=[9e-5, 2e-5],
        )

        assert found.use_m3s == pytest.approx(3e-5)

    def test_knows_nothing_when_no_meter_was_read(self):
        found = night.metered_use(
            at_s=self.HOURS,
            meters_m3s=np.full((2, 24), np.nan),
            from_s=7200,
            until_s=14400,
            step_s=3600,
        )

        assert np.isnan(found.use_m3s)
