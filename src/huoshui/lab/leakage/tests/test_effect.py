"""How much head a leak takes from day to day."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.leakage import effect

DAY = 60 + 40 * np.sin(np.arange(24) / 24 * 2 * np.pi - 2)


def days(count, *, stretch=1.0, loss=0.0):
    return np.tile(stretch * DAY + loss, (count, 1))


def test_a_season_stretches_use_and_a_loss_does_not():
    flow = np.concatenate([days(10), days(20, stretch=1.2), days(20, stretch=1.2, loss=30.0)])

    use = effect.use_by_hour(flow, learning_days=7)

    assert use[5] == pytest.approx(DAY)
    assert use[25] == pytest.approx(1.2 * DAY, rel=1e-6)
    assert use[45] == pytest.approx(1.2 * DAY, rel=1e-6)


def test_a_leak_takes_more_the_more_customers_take():
    flow = np.concatenate([days(10), days(20, stretch=1.5)])

    found = effect.strength(flow, learning_days=7, against_day=3, parts=4)

    assert found[3] == pytest.approx(np.ones(4))
    assert found[25] == pytest.approx(np.full(4, 1.5**0.852), rel=1e-6)


def test_other_losses_count_in_part():
    flow = np.concatenate([days(10), days(20, loss=60.0)])

    night = effect.strength(flow, learning_days=7, against_day=3, parts=4)[25]
    whole = (flow[25].reshape(4, 6).mean(axis=1) / flow[3].reshape(4, 6).mean(axis=1)) ** 0.852

    assert (night > 1.1).all()
    assert (night < whole - 0.1).all()


def test_no_day_knows_what_comes():
    rng = np.random.default_rng(1)
    flow = days(40) * rng.uniform(0.9, 1.1, (40, 1))

    whole = effect.strength(flow, learning_days=7, against_day=3, parts=4)
    cut = effect.strength(flow[:25], learning_days=7, against_day=3, parts=4)

    assert cut == pytest.approx(whole[:25])


def test_a_zone_that_takes_nothing_has_no_strength_of_its_own():
    found = effect.strength(np.zeros((10, 24)), learning_days=7, against_day=3, parts=4)

    assert found == pytest.approx(np.ones((10, 4)))
