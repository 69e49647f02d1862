"""The Chinese loss rate."""

from datetime import date

import numpy as np
import pytest

from huoshui.lab.leakage import cjj92

# 10,000 x 10^4 m³ a year with 1,000 km of mains, half of it read in the home.
CITY = {
    "supplied_m3": 1e8, "authorised_m3": 8.7e7, "household_read_m3": 5e7, "mains_m": 1e6,
    "outlet_pressure_mpa": 0.40, "frost_depth_m": 0.6,
}  # fmt: skip


class TestLossRate:
    def test_takes_four_corrections_off(self):
        """Worked by hand from 5.2: A = 1000 / 10000 = 0.1 km/10^4 m³, 99 x (0.1 - 0.0693) = 3.04,
        held at 3; R1 = 0.08 x 0.5 = 4 %; R3 = 0.5 %; R4 = 0; 13 - 7.5 = 5.5 %: first grade.
        """
        found = cjj92.loss_rate(**CITY)

        assert found.gross_pct == pytest.approx(13.0)
        corrections = (found.r1_pct, found.r2_pct, found.r3_pct, found.r4_pct)
        assert [one.item() for one in corrections] == pytest.approx([4.0, 3.0, 0.5, 0.0])
        assert found.rate_pct == pytest.approx(5.5)
        assert found.grade.item() == 1

    @pytest.mark.parametrize(
        ("mains_m", "r2"),
        [(0.08e7, 99 * 0.0107), (0.0693e7, 0.0), (0.06e7, -99 * 0.0093), (0.0, -3.0), (9e6, 3.0)],
    )
    def test_counts_the_length_of_pipe_for_each_unit_of_water(self, mains_m, r2):
        assert cjj92.loss_rate(**{**CITY, "mains_m": mains_m}).r2_pct == pytest.approx(r2, abs=1e-9)

    @pytest.mark.parametrize(
        ("mpa", "r3"),
        [(0.30, 0), (0.35, 0), (0.36, 0.5), (0.55, 0.5), (0.56, 1), (0.75, 1), (0.76, 2)],
    )
    def test_counts_the_pressure_with_the_limits_below(self, mpa, r3):
        assert cjj92.loss_rate(**{**CITY, "outlet_pressure_mpa": mpa}).r3_pct.item() == r3

    @pytest.mark.parametrize(("frost_m", "r4"), [(0, 0), (1.4, 0), (1.41, 1)])
    def test_counts_deep_frost(self, frost_m, r4):
        assert cjj92.loss_rate(**{**CITY, "frost_depth_m": frost_m}).r4_pct.item() == r4

    @pytest.mark.parametrize(
        ("rate", "grade"), [(9.99, 1), (10.0, 1), (10.01, 2), (12.0, 2), (12.01, 0), (-1.0, 1)]
    )
    def test_grades_with_the_limits_inside(self, rate, grade):
        authorised = 1e8 * (1 - (rate + 7.5) / 100)

        found = cjj92.loss_rate(**{**CITY, "authorised_m3": authorised})

        assert found.grade.item() == grade

    def test_gives_no_rate_where_a_correction_is_unknown(self):
        found = cjj92.loss_rate(**{**CITY, "frost_depth_m": np.nan})

        assert found.gross_pct == pytest.approx(13.0)
        assert np.isnan(found.rate_pct)
        assert found.grade.item() == -1

    def test_scales_a_month_up_to_a_year_for_the_length_of_pipe(self):
        month = {key: CITY[key] * 30 / 365 for key in
                 ("supplied_m3", "authorised_m3", "household_read_m3")}  # fmt: skip

        found = cjj92.loss_rate(**{**CITY, **month}, days=30)

        assert found.rate_pct == pytest.approx(5.5)

    def test_says_whether_the_grade_is_sure(self):
        authorised = [8.7e7, 8.3e7]

        found = cjj92.loss_rate(**{**CITY, "authorised_m3": authorised}, half_width_frac=0.01)

        # 5.5 ± 1 % is first grade for sure; 9.5 ± 1 % is not.
        assert found.grade.tolist() == [1, 1]
        assert found.grade_sure.tolist() == [True, False]


class TestEditions:
    def test_go_by_the_day(self):
        assert cjj92.edition_of(date(2025, 12, 31)) == (cjj92.editions()[-1], True)
        assert cjj92.edition_of(date(2018, 12, 31))[1] is False


class TestOthers:
    def test_weigh_systems_by_their_water(self):
        assert cjj92.regional_rate(rate_pct=[8, 12], supplied_m3=[3, 1]) == pytest.approx(9)

    def test_tell_the_gap_between_supplied_and_sold(self):
        assert cjj92.sales_gap_pct(supplied_m3=1000, sold_m3=870) == pytest.approx(13)

    def test_find_the_water_that_meters_miss(self):
        """A meter that misses 5 % of 100 m³ shows 95."""
        assert cjj92.meter_loss_m3(metered_m3=95, loss_frac=0.05) == pytest.approx(5)

    def test_refuse_a_meter_that_misses_everything(self):
        with pytest.raises(ValueError, match="below 1"):
            cjj92.meter_loss_m3(metered_m3=1, loss_frac=1)
