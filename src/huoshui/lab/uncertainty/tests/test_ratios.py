"""The ratio of two risks, against a textbook and against another program."""

import math

import pytest
from scipy.stats.contingency import relative_risk

from huoshui.lab.uncertainty import ratios

# Physicians' Health Study: heart attacks of 11,034 who took a placebo and 11,037 who took aspirin,
# as Agresti (2007) tells it: relative risk 1.82, from 1.43 to 2.31.
ASPIRIN = {"hit": 189, "total": 11_034, "hit_other": 104, "total_other": 11_037}


class TestRiskRatio:
    def test_agrees_with_the_textbook(self):
        found = ratios.risk_ratio(**ASPIRIN)

        assert found.ratio == pytest.approx(1.82, abs=0.005)
        assert found.ratio_min == pytest.approx(1.43, abs=0.005)
        assert found.ratio_max == pytest.approx(2.31, abs=0.006)

    @pytest.mark.parametrize("counts", [(189, 11_034, 104, 11_037), (3, 40, 30, 90), (7, 7, 1, 9)])
    @pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
    def test_agrees_with_scipy(self, counts, level):
        hit, total, hit_other, total_other = counts

        found = ratios.risk_ratio(
            hit=hit, total=total, hit_other=hit_other, total_other=total_other, level_frac=level
        )

        theirs = relative_risk(hit, total, hit_other, total_other)
        low, high = theirs.confidence_interval(level)
        assert (found.ratio, found.ratio_min, found.ratio_max) == pytest.approx(
            (theirs.relative_risk, low, high)
        )

    def test_turns_round_with_the_groups(self):
        there = ratios.risk_ratio(hit=3, total=40, hit_other=30, total_other=90)
        back = ratios.risk_ratio(hit=30, total=90, hit_other=3, total_other=40)

        assert math.isclose(there.ratio * back.ratio, 1)
        assert math.isclose(there.ratio_min * back.ratio_max, 1)

    @pytest.mark.parametrize("counts", [(0, 10, 3, 10), (3, 10, 0, 10), (0, 0, 0, 0)])
    def test_says_nothing_where_nobody_was_hit(self, counts):
        hit, total, hit_other, total_other = counts

        assert (
            ratios.risk_ratio(hit=hit, total=total, hit_other=hit_other, total_other=total_other)
            is None
        )

    @pytest.mark.parametrize("counts", [(11, 10, 3, 10), (-1, 10, 3, 10), (1, 10, 4, 3)])
    def test_refuses_more_hit_than_there_are(self, counts):
        hit, total, hit_other, total_other = counts

        with pytest.raises(ratios.OutsideValidRange, match="cannot be"):
            ratios.risk_ratio(hit=hit, total=total, hit_other=hit_other, total_other=total_other)
