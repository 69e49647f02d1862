"""Steps of the level, on deviations made of noise of 0.02 and a step of known size."""

import numpy as np
import pytest

from huoshui.lab.demand import steps

DAYS = 100


def deviations(*, step=0.0, lasting=0, seed=4):
    """Return deviations of two zones; the first steps so many days before the end."""
    made = np.random.default_rng(seed).normal(0, 0.02, (DAYS, 24, 2))
    if lasting:
        made[DAYS - lasting :, :, 0] += step
    return made


class TestLatestSteps:
    @pytest.mark.parametrize(("step", "lasting"), [(0.3, 5), (0.3, 9), (-0.2, 6)])
    def test_finds_day_and_size(self, step, lasting):
        deviation = deviations(step=step, lasting=lasting)

        since, size = steps.latest_steps(1 + deviation, deviation)

        assert since.tolist() == [DAYS - lasting, DAYS]
        assert size == pytest.approx([step, 0.0], abs=0.01)

    @pytest.mark.parametrize(
        ("step", "lasting"),
        [
            (0.0, 0),
            (0.3, 4),  # most come back
            (0.3, 14),  # the profile has followed by then
            (0.05, 5),  # within the smallest step believed
        ],
    )
    def test_finds_none(self, step, lasting):
        deviation = deviations(step=step, lasting=lasting)

        since, size = steps.latest_steps(1 + deviation, deviation)

        assert since.tolist() == [DAYS, DAYS]
        assert size.tolist() == [0.0, 0.0]

    def test_takes_the_smallest_step_of_each_zone(self):
        deviation = deviations(step=0.3, lasting=5)

        since, _size = steps.latest_steps(1 + deviation, deviation, size_min=np.array([0.4, 0.4]))

        assert since.tolist() == [DAYS, DAYS]

    def test_finds_none_in_a_zone_nobody_measured(self):
        deviation = np.full((DAYS, 24, 1), np.nan)

        since, size = steps.latest_steps(1 + deviation, deviation)

        assert (since.tolist(), size.tolist()) == ([DAYS], [0.0])


class TestLeveled:
    def test_moves_only_what_was_before(self):
        share = np.ones((4, 24, 2))

        moved = steps.leveled(share, np.array([3, 4]), np.array([0.5, 0.0]))

        assert moved[:, 0, 0].tolist() == [1.5, 1.5, 1.5, 1.0]
        assert moved[:, 0, 1].tolist() == [1.0, 1.0, 1.0, 1.0]
