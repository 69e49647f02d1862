"""When rounds are due, and how dangerous sites are."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.areas.fieldwork.patrol import rules
from huoshui.areas.fieldwork.patrol.kinds import Machine, Risk, Standing

DAY = date(2026, 3, 2)


def begins(begin, every, months=(1, 12), today=DAY):
    found = rules.periods(
        begin=begin, every_days=every, from_month=months[0], until_month=months[1], today=today
    )
    return [one.begin for one in found]


class TestPeriods:
    def test_follow_each_other_to_that_of_today(self):
        assert begins(date(2026, 2, 16), 7) == [date(2026, 2, 16), date(2026, 2, 23), DAY]

    def test_begin_not_before_their_first_day(self):
        assert begins(date(2026, 3, 3), 7) == []

    def test_leave_out_what_begins_outside_the_season(self):
        # Every 30 days from 1 October: 1 and 31 October, 30 November, 30 December, 29 January,
        # 28 February. The season is November to January.
        found = begins(date(2025, 10, 1), 30, (11, 1))

        assert found == [date(2025, 11, 30), date(2025, 12, 30), date(2026, 1, 29)]


@pytest.mark.parametrize(
    ("share", "today", "expected"),
    [
        (0.9, DAY, Standing.WALKED),
        (0.899, DAY, Standing.DUE),
        (None, DAY, Standing.DUE),
        (0.899, date(2026, 3, 9), Standing.PARTLY),
        (0.0, date(2026, 3, 9), Standing.MISSED),
        (None, date(2026, 3, 9), Standing.MISSED),
        (1.0, date(2026, 3, 9), Standing.WALKED),
    ],
)
def test_a_period_stands_as_its_share_and_day_say(share, today, expected):
    period = rules.Period(DAY, date(2026, 3, 9))

    assert rules.standing(share, period=period, today=today) is expected


@pytest.mark.parametrize(
    ("machine", "depth_m", "pipes", "expected"),
    [
        # Points: machine, bore, depth, nearness.
        (Machine.DIRECTIONAL_DRILL, 3.5, [(4.0, 800.0)], Risk.CRITICAL),  # 3 + 2 + 2 + 2
        (Machine.EXCAVATOR, 2.0, [(10.0, 300.0)], Risk.HIGH),  # 1 + 1 + 1 + 1
        (Machine.EXCAVATOR, 0.5, [(30.0, 300.0)], Risk.MEDIUM),  # 1 + 1
        (Machine.HAND, 0.5, [(30.0, 100.0)], Risk.LOW),
        (Machine.HAND, None, [(30.0, None)], Risk.MEDIUM),  # 0 + 1 + 1: not known is the middle
        (Machine.EXCAVATOR, 2.0, [(40.0, 600.0), (10.0, 100.0)], Risk.HIGH),  # 1 + 2 + 1 + 1
        (Machine.DIRECTIONAL_DRILL, 9.0, [], Risk.LOW),
    ],
)
def test_a_site_is_as_dangerous_as_its_points(machine, depth_m, pipes, expected):
    assert rules.risk(machine=machine, depth_m=depth_m, pipes=pipes) is expected


def test_a_site_that_does_not_dig_is_not_one_of_unknown_depth():
    def judged(depth_m):
        return rules.risk(machine=Machine.EXCAVATOR, depth_m=depth_m, pipes=[(30.0, 200.0)])

    # An excavator is one point; a depth of a metre or one that nobody knows is another.
    assert (judged(0.0), judged(None)) == (Risk.LOW, Risk.MEDIUM)


def test_a_more_dangerous_site_is_visited_more_often():
    order = (Risk.LOW, Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL)
    days = [rules.VISIT_EVERY_DAYS[one] for one in order]

    assert days == sorted(days, reverse=True)
    assert len(set(days)) == 4
