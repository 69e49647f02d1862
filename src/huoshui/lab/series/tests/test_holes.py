from __future__ import annotations

import numpy as np

from huoshui.lab.series.holes import mean_known

HOLED = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])


class TestMeanKnown:
    def test_leaves_holes_out(self):
        assert mean_known(HOLED)[:2].tolist() == [2.0, 5.0]

    def test_is_not_known_where_nothing_is(self):
        assert np.isnan(mean_known(HOLED)[2])

    def test_goes_over_the_axes_that_are_named(self):
        assert mean_known(HOLED, axis=1).tolist() == [1.0, 4.0]
        assert mean_known(HOLED, axis=(0, 1)) == 3.0
