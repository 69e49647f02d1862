"""Numbers as people and files write them."""

from __future__ import annotations

import math

import pytest

from huoshui.kernel.intake import values


class TestNumber:
    @pytest.mark.parametrize(
        ("written", "decimal", "expected"),
        [
            (7, ".", 7.0),
            ("1,234.5", ".", 1234.5),
            ("1.234,5", ",", 1234.5),
            ("\uff11\uff12", ".", 12.0),
            ("\u22123", ".", -3.0),
        ],
    )
    def test_reads(self, written, decimal, expected):
        assert values.number(written, decimal) == expected

    @pytest.mark.parametrize(
        "written", [10**400, -(10**400), "9" * 400, 1e400, math.nan, "1_000", "infinity", True]
    )
    def test_refuses_what_is_no_finite_number(self, written):
        with pytest.raises(ValueError, match="number"):
            values.number(written)
