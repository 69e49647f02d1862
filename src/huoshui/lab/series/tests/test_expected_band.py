"""The expected band: exact where the weeks are alike, patient with gaps, wary of few weeks."""

import numpy as np
import pytest

from huoshui.lab.series import expected_band as band

WEEK = band.HOURS_OF_WEEK
PATTERN = 100 + 40 * np.sin(2 * np.pi * np.arange(WEEK) / 24)


def weeks(count: int) -> np.ndarray:
    return np.tile(PATTERN, count)


class TestExpectedBand:
    def test_of_a_week_that_repeats_itself_is_that_week_without_width(self):
        found = band.expected_band(value=weeks(9))

        assert found.middle == pytest.approx(PATTERN)
        assert found.low == pytest.approx(PATTERN)
        assert found.high == pytest.approx(PATTERN)
        assert (found.weeks == 8).all()

    def test_of_normal_noise_is_two_and_a_half_standard_deviations_wide(self):
        noise = np.random.default_rng(7).normal(0, 2.0, WEEK * 208)
        found = band.expected_band(value=weeks(208) + noise)

        # Three times 2.0, less the sixth that the deviation of 8 values from their own median
        # falls short of the one from the true median (by simulation; see the function's notes).
        assert np.mean(found.high - found.low) / 2 == pytest.approx(6.0 * 5 / 6, rel=0.03)

    def test_leaves_the_hour_itself_and_later_hours_out(self):
        value = weeks(10)
        value[WEEK * 8 :] += 1000
        found = band.expected_band(value=value)

        assert found.middle[:WEEK] == pytest.approx(PATTERN)

    def test_does_not_mind_one_strange_week(self):
        value = weeks(9)
        value[WEEK : 2 * WEEK] *= 3
        found = band.expected_band(value=value)

        assert found.middle == pytest.approx(PATTERN)
        assert found.high == pytest.approx(PATTERN)

    def test_is_unknown_with_fewer_than_four_known_weeks(self):
        value = weeks(9)
        value[5::WEEK][:5] = np.nan
        value[6::WEEK][:4] = np.nan
        found = band.expected_band(value=value)

        assert np.isnan(found.middle[5])
        assert np.isnan(found.low[5])
        assert np.isnan(found.high[5])
        assert found.weeks[5] == 3
        assert found.middle[6] == pytest.approx(PATTERN[6])

    def test_is_unknown_where_nothing_is_known(self):
        found = band.expected_band(value=np.full(WEEK * 9, np.nan))

        assert np.isnan(found.middle).all()
        assert (found.weeks == 0).all()

    def test_refuses_a_series_without_earlier_weeks(self):
        with pytest.raises(band.SeriesTooShort, match="1344"):
            band.expected_band(value=weeks(8))


@pytest.mark.parametrize(("level", "floor"), [(1.0, 0.0), (-50.0, -np.inf)])
def test_ends_at_zero_where_nothing_was_ever_below(level, floor):
    """Noise as large as the value: three widths of it reach below zero."""
    noise = np.random.default_rng(4).uniform(-1, 1, weeks(9).size)
    found = band.expected_band(value=level + noise)

    assert found.low.min() >= floor
    assert (found.low < 0).any() == (floor < 0)
    assert (found.middle <= found.high).all()
