"""Kriging against the textbook's own formula, and what it does with gaps and outliers."""

import numpy as np
import pytest

from huoshui.lab.demand import kriging, signs
from huoshui.lab.series import robust

DAYS = 45
HOUR = np.arange(24)


def history(seed=3, series=2):
    """Return shares of a rhythm with noise, and the kind of each hour: every seventh a Sunday."""
    kind = np.where(np.arange(DAYS + 7) % 7 == 6, 2, 0)[:, None] * np.ones((1, 24), dtype=np.int64)
    rhythm = 1 + 0.4 * np.sin(HOUR / 24 * 2 * np.pi) - 0.1 * kind[:DAYS]
    noise = np.random.default_rng(seed).normal(0, 0.05, (DAYS, 24, series))
    return rhythm[:, :, None] + noise, kind


def weather():
    """Return a spell that grows warmer and ends in rain."""
    warm = np.linspace(15, 28, DAYS + 7)[:, None] * np.ones((1, 24))
    rain = np.zeros_like(warm)
    rain[DAYS + 2 :, 6:9] = 2.0
    return signs.Weather(rain_mm=rain, temperature_c=warm)


def read(share, kind, hour_of_day=HOUR, weather=None):
    return signs.read(share, kind, hour_of_day, weather)


class TestForecastShares:
    def test_is_the_conditional_mean_of_the_textbook(self, monkeypatch):
        # Rasmussen and Williams (2006), eq. 2.23: k* K^-1 y, with no innovation cut.
        monkeypatch.setattr(kriging, "INNOVATION_CLIP", np.inf)
        known = read(*history(series=1), weather=weather())
        origin, spread = 40, kriging.spreads(known.deviation)

        found = kriging.forecast_shares(known, origins=[origin])[0]

        factor = kriging.covariance_factor(known).astype(float)
        covariance = factor @ factor.T
        usual, _taught = kriging._prior(known, 0, origin)
        wanted = ((kriging._believed(known, spread) - usual[:DAYS]) / spread).reshape(-1)
        before, ahead = origin * 24, (origin + 7) * 24
        weights = np.linalg.solve(covariance[:before, :before], wanted[:before])
        told = (covariance[before:ahead, :before] @ weights).reshape(7, 24, 1)
        assert found == pytest.approx(usual[origin : origin + 7] + spread * told, abs=1e-3)

    def test_comes_close_to_the_rhythm(self):
        share, kind = history()

        found = kriging.forecast_shares(read(share, kind), origins=[DAYS])[0]

        rhythm = 1 + 0.4 * np.sin(HOUR / 24 * 2 * np.pi) - 0.1 * kind[DAYS:]
        assert np.abs(found - rhythm[:, :, None]).mean() < 0.02

    def test_knows_the_kind_of_the_hours_after_midnight(self):
        # Days that begin at noon: the second half of a column belongs to the next date.
        share, kind = history()
        flat, flat_kind = share.reshape(-1, 2)[12:-12], kind.reshape(-1)[12:-12]
        shape = (DAYS - 1, 24, 2)

        found = kriging.forecast_shares(
            read(flat.reshape(shape), flat_kind.reshape(-1, 24), (HOUR + 12) % 24),
            origins=[DAYS - 1],
        )[0]

        target = kind.reshape(-1)[12:-12].reshape(-1, 24)[DAYS - 1 :]
        rhythm = 1 + 0.4 * np.sin(((HOUR + 12) % 24) / 24 * 2 * np.pi) - 0.1 * target
        assert np.abs(found - rhythm[:, :, None]).mean() < 0.02

    def test_is_moved_little_by_a_burst_of_an_hour(self):
        share, kind = history()
        other = share.copy()
        other[DAYS - 1, 20] += 10.0

        plain, burst = (
            kriging.forecast_shares(read(one, kind), origins=[DAYS])[0] for one in (share, other)
        )

        assert np.abs(burst - plain).max() < 0.05

    def test_bridges_a_gap(self):
        share, kind = history()
        share[20:24, :, 0] = np.nan

        found = kriging.forecast_shares(read(share, kind), origins=[DAYS])[0]

        rhythm = 1 + 0.4 * np.sin(HOUR / 24 * 2 * np.pi) - 0.1 * kind[DAYS:]
        assert np.abs(found[:, :, 0] - rhythm).mean() < 0.02

    def test_is_unknown_before_a_week_of_a_series(self):
        share, kind = history()
        share[:24, :, 1] = np.nan

        found = kriging.forecast_shares(read(share, kind), origins=[30, DAYS])

        assert np.isfinite(found[:, :, :, 0]).all()
        assert np.isnan(found[0, :, :, 1]).all()
        assert np.isfinite(found[1, :, :, 1]).all()

    def test_of_ten_days_is_measured_from_all_of_them(self):
        share, kind = history()
        share[2] += 0.3  # a workday of the first week that was no other

        known = read(share[:10], kind[:17])
        usual, taught = kriging._prior(known, 0, 10)

        rhythm = np.median(share[[0, 1, 2, 3, 4, 5, 7, 8, 9]], axis=0)
        assert usual[0] == pytest.approx(rhythm)
        assert taught.tolist() == [10, 10]

    def test_expects_of_heat_what_heat_has_brought(self):
        share, kind = history()
        warm = 15 + (np.arange(DAYS + 7) % 9)[:, None] * 1.5 * np.ones((1, 24))
        found = {}
        for brought in (0.0, 0.03):
            heated = share + brought * (warm[:DAYS, :, None] - 15)
            for ahead_c in (15.0, 27.0):
                warm[DAYS:] = ahead_c
                told = signs.Weather(rain_mm=np.zeros_like(warm), temperature_c=warm.copy())
                known = read(heated, kind, weather=told)
                found[brought, ahead_c] = kriging.forecast_shares(known, origins=[DAYS])[0][2:]

        # Twelve degrees are 0.36; a history of five weeks is believed the larger part of it.
        assert np.abs(found[0.0, 27.0] - found[0.0, 15.0]).mean() < 0.04
        assert 0.2 < (found[0.03, 27.0] - found[0.03, 15.0]).mean() < 0.4


class TestPassing:
    def test_goes_by_the_hour_over_midnight(self):
        found = kriging._passing(2)

        size, while_h = kriging.PASSING
        assert found.shape == (24, 3, 24)
        assert found[0, 1, 23] == pytest.approx(size**2 * np.exp(-1 / while_h))
        assert found[5, 2, 5] == pytest.approx(size**2)
        assert found[5, 0, 7] == pytest.approx(size**2 * np.exp(-46 / while_h))


class TestSpreads:
    def test_lie_between_that_of_the_hour_and_that_of_the_day(self):
        # Half of the hours stray by 1, half by 4; all of another zone by nothing.
        deviation = np.zeros((10, 24, 2))
        deviation[:, :12, 0], deviation[:, 12:, 0] = 1.0, 4.0
        deviation[::2] *= -1

        found = kriging.spreads(deviation)

        mad = robust.MAD_TO_SIGMA
        # The median of all is 2.5, the mean over hours too: spread is sqrt(size x 2.5).
        assert found[0, 0] == pytest.approx(mad * np.sqrt(1.0 * 2.5))
        assert found[20, 0] == pytest.approx(mad * np.sqrt(4.0 * 2.5))
        assert found[:, 1].tolist() == [1.0] * 24
