"""Profiles that forget."""

import numpy as np
import pytest

from huoshui.lab.demand import profiles

WORKDAYS = np.zeros((40, 24), dtype=np.int64)
HALF_LIVES = (4.0, 1.0, 1.0)


def remembered(share, kind=WORKDAYS):
    return profiles.remembered(share, kind[: len(share)], half_lives=HALF_LIVES, clip=10.0)


class TestRemembered:
    def test_begins_as_a_plain_mean(self):
        share = np.repeat([1.0, 2.0, 6.0], 24).reshape(3, 24, 1)

        assert remembered(share)[:, 0, 0, 0].tolist() == pytest.approx(
            [np.nan, 1.0, 1.5, 3.0], nan_ok=True
        )

    def test_has_forgotten_half_after_a_half_life(self):
        share = np.concatenate([np.zeros((30, 24, 1)), np.ones((4, 24, 1))])

        assert remembered(share)[-1, 0, 0, 0] == pytest.approx(0.5)

    def test_knows_nothing_of_the_day_itself(self):
        share = np.random.default_rng(1).random((20, 24, 1))
        other = share.copy()
        other[10:] = 5.0

        assert np.array_equal(remembered(share)[:11], remembered(other)[:11], equal_nan=True)

    def test_keeps_kinds_apart_and_bridges_gaps(self):
        kind = WORKDAYS.copy()
        kind[1] = 2
        share = np.repeat([1.0, 9.0, np.nan, 1.0], 24).reshape(4, 24, 1)

        found = remembered(share, kind)[-1, :, 0, 0]

        assert found.tolist() == pytest.approx([1.0, np.nan, 9.0], nan_ok=True)

    def test_follows_a_value_far_off_only_a_little(self):
        share = np.concatenate([np.ones((30, 24, 1)), np.full((1, 24, 1), 50.0)])

        kept = profiles.remembered(share, WORKDAYS[:31], half_lives=HALF_LIVES, clip=0.35)

        # One step of 0.35 with the weight of one day, 1 - 2^(-1/4).
        assert kept[-1, 0, 0, 0] == pytest.approx(1 + 0.35 * (1 - 0.5**0.25))
