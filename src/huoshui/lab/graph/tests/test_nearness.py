"""Distances along the pipes and clusters of events.

0 --100-- 1 --100-- 2        4 (cut off)
          |
         250
          |
          3                  parallel to 0--1 runs a pipe of 400
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.graph import nearness

NETWORK = nearness.weighted(
    start=np.array([0, 1, 3, 1]),
    end=np.array([1, 2, 1, 0]),
    length_m=np.array([100.0, 100.0, 250.0, 400.0]),
    nodes=5,
)


class TestDistances:
    def test_follow_the_pipes_as_far_as_they_are_asked_to(self) -> None:
        found = nearness.distances(NETWORK, places=np.array([0, 2, 3, 4, 0]), reach_m=300.0)

        # Worked by hand from the sketch.
        inf = np.inf
        np.testing.assert_allclose(
            found,
            [
                [0, 200, inf, inf, 0],
                [200, 0, inf, inf, 200],
                [inf, inf, 0, inf, inf],
                [inf, inf, inf, 0, inf],
                [0, 200, inf, inf, 0],
            ],
        )

    def test_from_the_nearest_source(self) -> None:
        found = nearness.from_sources(NETWORK, sources=np.array([2, 3]))

        np.testing.assert_allclose(found, [200, 100, 0, 0, np.inf])

    def test_of_nothing_are_nothing(self) -> None:
        assert nearness.distances(NETWORK, places=np.array([], int), reach_m=1.0).shape == (0, 0)
        assert np.isinf(nearness.from_sources(NETWORK, sources=np.array([], int))).all()


class TestTogether:
    @pytest.mark.parametrize(
        ("at_s", "within_m", "expected"),
        [
            ([0.0, 50.0, 100.0], 200.0, [0, 0, 0]),
            ([0.0, 50.0, 200.0], 200.0, [0, 0, 1]),
            ([0.0, 0.0, 0.0], 150.0, [0, 0, 1]),
        ],
        ids=["joined by the one between", "too late", "too far"],
    )
    def test_needs_nearness_in_time_and_place(
        self, at_s: list[float], within_m: float, expected: list[int]
    ) -> None:
        distance = np.array([[0.0, 100.0, 300.0], [100.0, 0.0, 200.0], [300.0, 200.0, 0.0]])
        found = nearness.together(
            at_s=np.array(at_s), distance_m=distance, within_s=60.0, within_m=within_m
        )

        assert found.tolist() == expected
