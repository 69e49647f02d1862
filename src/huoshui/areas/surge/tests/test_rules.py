"""Numbers of waves, ranks and triggers: worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huoshui.areas.surge import rules, words
from huoshui.areas.surge.contracts import Kind
from huoshui.areas.surge.web import shown

NOW = datetime(2026, 1, 7, 9, 0, tzinfo=UTC)


class TestTerms:
    @pytest.mark.parametrize(
        ("care", "households", "waiting_h", "low_c", "expected"),
        [
            (False, 1, 0, None, 0),
            (True, 1, 0, None, 30),
            (False, 8, 0, None, 15),
            (False, 1000, 0, None, 30),
            (False, 1, 3, None, 15),
            (False, 1, 30, None, 40),
            (False, 1, 0, -9, 8),
            (False, 1, 0, -30, 20),
            (False, 1, 0, 3, 0),
            (True, 4, 2, -8, 30 + 10 + 10 + 6),
        ],
    )
    def test_add_up_as_they_are_said_to(self, care, households, waiting_h, low_c, expected):
        found = rules.terms(
            is_care=care, households=households, waiting_h=waiting_h, temperature_c=low_c,
            kind=Kind.COLD,
        )  # fmt: skip

        assert sum(one.points for one in found) == pytest.approx(expected)

    def test_count_heat_only_in_the_heat(self):
        def points(kind):
            return sum(
                one.points
                for one in rules.terms(
                    is_care=False, households=1, waiting_h=0, temperature_c=39, kind=kind
                )
            )

        assert (points(Kind.HEAT), points(Kind.COLD), points(Kind.STORM)) == (8, 0, 0)

    @pytest.mark.parametrize(
        ("points", "priority"), [(0, "normal"), (29.9, "normal"), (30, "high"), (60, "urgent")]
    )
    def test_propose_a_priority(self, points, priority):
        assert rules.priority_of(points) == priority

    @pytest.mark.parametrize(
        ("points", "before", "proposed"),
        [
            (45, "urgent", "urgent"), (0, "high", "high"), (0, "low", "normal"),
            (60, "high", "urgent"),
        ],
    )  # fmt: skip
    def test_propose_no_lower_priority_than_a_burst_has(self, points, before, proposed):
        assert rules.priority_of(points, before) == proposed


def days(*lows):
    return {
        date(2026, 1, 5) + timedelta(days=n): (low, low + 8)
        for n, low in enumerate(lows)
        if low is not None
    }


class TestNightsBeyond:
    @pytest.mark.parametrize(
        ("lows", "first"),
        [
            ((-8, -9), 5),
            ((-8,), None),
            ((-8, -3, -9, -10), 7),
            ((-8, None, -9), None),
            ((2, 1, 0), None),
            ((-7.9, -8), None),
        ],
    )
    def test_finds_the_first_days_in_a_row(self, lows, first):
        found = rules.nights_beyond(Kind.COLD, days(*lows), limit_c=-8, nights=2)

        assert (found[0].day if found else None) == first

    def test_looks_at_the_high_in_the_heat(self):
        hot = days(28, 29, 30)

        assert len(rules.nights_beyond(Kind.HEAT, hot, limit_c=37, nights=2)) == 2


class TestFigures:
    def test_all_have_a_name(self):
        assert set(words.FIGURES) == set(rules.FIGURES)


class TestReorder:
    @pytest.mark.parametrize(
        ("minimum", "lying", "wanted", "order"),
        [(160, 30, 12, 142), (10, 40, 5, 0), (10, 12, 5, 3)],
    )
    def test_fills_up_to_the_minimum_after_open_jobs(self, minimum, lying, wanted, order):
        assert rules.reorder(minimum=minimum, lying=lying, wanted=wanted) == order


class TestBars:
    @pytest.mark.parametrize(
        ("hours", "bars", "first_label"),
        [(11, 11, "06"), (40, 40, "06"), (60, 10, "06"), (400, 17, "01-07")],
    )
    def test_are_not_more_than_anybody_reads(self, hours, bars, first_label):
        begin = datetime(2026, 1, 6, 22, tzinfo=UTC)
        given = [(begin + timedelta(hours=n), 2, 1) for n in range(hours)]

        found = shown.bars(given)

        assert len(found["bars"]) == bars
        assert sum(one["total"] for one in found["bars"]) == 3 * hours
        assert found["bars"][0]["label"] == first_label

    def test_are_none_without_calls(self):
        assert shown.bars([]) is None
