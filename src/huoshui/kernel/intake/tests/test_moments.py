"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.intake import moments

SPRING = np.datetime64("2021-03-28T13:05", "us").astype(np.int64)


class TestGuess:
    @pytest.mark.parametrize(
        ("cell", "form"),
        [
            ("2021-03-28T13:05", "year_first"),
            ("2021-03-28 13:05:00", "year_first"),
            ("2021/3/28 13:05", "year_first"),
            ("2021.03.28 13:05:00.000", "year_first"),
            ("2021年3月28日 13时5分", "year_first"),
            ("2021/3/28 下午1:05", "year_first"),
            ("28.03.2021 13:05", "day_first"),
            ("3/28/2021 1:05 PM", "month_first"),
            ("202103281305", "compact"),
            ("20210328130500", "compact"),
            ("2021-03-28T13:05Z", "zoned"),
            ("2021-03-28T21:05:00+08:00", "zoned"),
            ("1616936700", "epoch_s"),
            (1616936700000, "epoch_ms"),
            (44283.545138888891, "excel_days"),
            (datetime(2021, 3, 28, 13, 5), "typed"),  # noqa: DTZ001
            (datetime(2021, 3, 28, 13, 5, tzinfo=UTC), "zoned"),
        ],
    )
    def test_finds_how_a_moment_is_written_and_reads_it(self, cell, form):
        found = moments.guess([cell])

        assert found.form == form
        assert moments.Column(form).read([cell])[0] == SPRING

    def test_shows_both_readings_where_nothing_decides(self):
        found = moments.guess(["03/04/2021 10:00", "04/05/2021 10:00"])

        assert found.form is None
        assert found.readings == (
            ("day_first", "2021-04-03 10:00"),
            ("month_first", "2021-03-04 10:00"),
        )

    def test_is_decided_by_one_day_beyond_the_twelfth(self):
        assert moments.guess(["03/04/2021", "13/04/2021"]).form == "day_first"

    @pytest.mark.parametrize("cell", ["P1", "12.5", 3.25, "", None, True, "1/2", "99999999"])
    def test_takes_nothing_else_for_a_moment(self, cell):
        assert moments.guess([cell]).form is None


class TestColumn:
    def test_knows_midnight_as_the_end_of_a_day(self):
        read = moments.Column("year_first").read(["2021-12-31 24:00"])

        assert read[0] == np.datetime64("2022-01-01", "us").astype(np.int64)

    def test_marks_what_is_no_moment_and_reads_the_rest(self):
        read = moments.Column("year_first").read(["2021-02-30 00:00", "", "2021-03-28 13:05", "x"])

        assert read.tolist() == [moments.NONE, moments.NONE, SPRING, moments.NONE]

    def test_takes_no_wall_clock_in_a_column_with_zones(self):
        assert moments.Column("zoned").read(["2021-03-28 13:05"])[0] == moments.NONE

    @given(st.sampled_from(sorted(moments.WRITTEN)), st.lists(st.text(max_size=30), max_size=5))
    def test_never_raises(self, form, cells):
        assert len(moments.Column(form).read(cells)) == len(cells)
        moments.guess(cells)
