"""How much pipe to walk until a leak is passed with some probability."""

import numpy as np
import pytest

from huoshui.lab.leakage import search_area


class TestWalk:
    def test_takes_the_pipe_with_most_probability_per_metre_first(self):
        # 0.6 in 100 m, 0.3 in 200 m, 0.1 in 1000 m: half lies within 0.5/0.6 of the first pipe.
        half, most = search_area.walk(
            probability=[0.1, 0.6, 0.3], lengths_m=[1000.0, 100.0, 200.0], shares_frac=(0.5, 0.9)
        )

        assert half == pytest.approx(100 * 0.5 / 0.6)
        assert most == pytest.approx(300.0)

    def test_is_half_of_all_pipe_where_nothing_is_known(self):
        (half,) = search_area.walk(
            probability=[1.0, 1.0], lengths_m=[50.0, 50.0], shares_frac=(0.5,)
        )

        assert half == pytest.approx(50.0)

    def test_does_not_know_where_nothing_is_likely(self):
        (half,) = search_area.walk(probability=[0.0], lengths_m=[50.0], shares_frac=(0.5,))

        assert np.isnan(half)


class TestWidened:
    LENGTHS = np.array([100.0, 300.0])

    def test_takes_the_root_of_the_evidence_per_metre(self):
        # 0.9 in 100 m against 0.1 in 300 m: 27 times as likely per metre; the cube root is 3.
        found = search_area.widened(probability=[0.9, 0.1], lengths_m=self.LENGTHS, times=3.0)

        assert found.sum() == pytest.approx(1.0)
        assert found[0] / 100 == pytest.approx(3 * found[1] / 300)

    def test_leaves_it_when_divided_by_one(self):
        found = search_area.widened(probability=[0.9, 0.1], lengths_m=self.LENGTHS, times=1.0)

        assert found == pytest.approx([0.9, 0.1])

    def test_knows_nothing_where_only_length_spoke(self):
        found = search_area.widened(probability=[0.25, 0.75], lengths_m=self.LENGTHS, times=5.0)

        assert found == pytest.approx([0.25, 0.75])
