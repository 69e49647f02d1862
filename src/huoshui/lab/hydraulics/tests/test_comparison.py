"""Modelled against measured, with sensors at fault put in on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.hydraulics import comparison
from huoshui.lab.hydraulics.comparison import Suspicion

COUNT = 30 * 24
AT = np.arange(COUNT) * 3600.0
NAMES = [f"n{number}" for number in range(8)]


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    modelled = 40 + 3 * np.sin(AT / 86_400 * 2 * np.pi)[:, None] * rng.uniform(0.5, 1.5, 8)
    return modelled + rng.normal(0.02, 0.05, modelled.shape), modelled


def reasons(measured: np.ndarray, modelled: np.ndarray) -> dict[str, Suspicion]:
    found = comparison.compare(at_s=AT, names=NAMES, measured=measured, modelled=modelled)
    return {one.name: one.suspicion for one in found.sensors if one.suspicion is not None}


class TestCompare:
    def test_suspects_nobody_where_all_go_with_the_model(self, world):
        assert reasons(*world) == {}

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (lambda values: values + 1.5, Suspicion.OFFSET),
            (lambda values: values + AT / 86_400 * 0.04 - 0.6, Suspicion.DRIFT),
            (lambda values: np.full(COUNT, 41.0), Suspicion.STUCK),
            (lambda values: np.where(np.arange(COUNT) % 40, np.nan, values), Suspicion.MISSING),
            (lambda values: values + np.random.default_rng(1).normal(0, 0.6, COUNT),
             Suspicion.NOISE),
        ],
    )  # fmt: skip
    def test_names_the_sensor_at_fault_and_why(self, world, fault, expected):
        measured, modelled = world
        measured[:, 3] = fault(measured[:, 3])
        assert reasons(measured, modelled) == {"n3": expected}

    def test_gives_bias_and_error_as_defined(self):
        measured = np.asarray([[1.0], [3.0], [np.nan]])
        found = comparison.compare(
            at_s=[0, 3600, 7200], names=["a"], measured=measured, modelled=np.zeros((3, 1))
        ).sensors[0]
        assert (found.count, found.bias) == (2, 2.0)
        assert found.rmse == pytest.approx(np.sqrt(5))
        assert found.spread == pytest.approx(1.0)

    def test_finds_the_hours_that_were_unusual_for_all(self, world):
        measured, modelled = world
        measured[100:103] -= 1.0
        found = comparison.compare(at_s=AT, names=NAMES, measured=measured, modelled=modelled)
        assert sorted(at for at, _times in found.worst_hours(3)) == [
            100 * 3600.0, 101 * 3600.0, 102 * 3600.0,
        ]  # fmt: skip

    def test_says_nothing_of_a_sensor_without_a_moment(self):
        found = comparison.compare(at_s=[0.0], names=["a"], measured=[[np.nan]], modelled=[[1.0]])
        assert found.sensors[0].count == 0
        assert found.sensors[0].suspicion == Suspicion.MISSING
        assert found.worst_hours(3) == []

    def test_refuses_tables_that_do_not_fit(self):
        with pytest.raises(ValueError, match="must have the shape"):
            comparison.compare(at_s=[0.0], names=["a"], measured=[[1.0, 2.0]], modelled=[[1.0]])
