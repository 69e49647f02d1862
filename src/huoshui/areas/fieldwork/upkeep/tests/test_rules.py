"""When maintenance is due again."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from huoshui.areas.fieldwork.upkeep import rules
from huoshui.areas.fieldwork.upkeep.rules import Hours, Season, Standing

CITY = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 2)
YEAR = Season()


def due(done=date(2026, 1, 1), season=YEAR, days=None, hours=None):
    found = rules.next_due(done_date=done, today=TODAY, season=season, every_days=days, hours=hours)
    return (found.date, found.by) if found else None


class TestNextDue:
    # Days from 1 January 2026, hours from 2 March; each counted by hand.
    @pytest.mark.parametrize(
        ("days", "hours", "expected"),
        [
            (90, None, (date(2026, 4, 1), "days")),
            (None, Hours(every=2000, now=1900, done=0, a_day=10), (date(2026, 3, 12), "hours")),
            (90, Hours(every=2000, now=1900, done=0, a_day=10), (date(2026, 3, 12), "hours")),
            (90, Hours(every=2000, now=100, done=0, a_day=10), (date(2026, 4, 1), "days")),
            (None, Hours(every=500, now=900, done=300, a_day=10), (TODAY, "hours")),
            (None, Hours(every=500, now=900, done=300, a_day=None), (TODAY, "hours")),
            (None, Hours(every=500, now=400, done=300, a_day=None), None),
            (None, Hours(every=500, now=400, done=300, a_day=0), None),
            # No day has thirty hours: such a counter says nothing of the days to come.
            (None, Hours(every=500, now=400, done=300, a_day=30), None),
            (90, Hours(every=500, now=400, done=300, a_day=None), (date(2026, 4, 1), "days")),
            # Five days from the day of the last reading, and not before today.
            (None, Hours(2000, 1900, 0, 20, date(2026, 2, 28)), (date(2026, 3, 5), "hours")),
            (None, Hours(2000, 1900, 0, 20, date(2026, 2, 20)), (TODAY, "hours")),
            # Half a day of hours is left: today, not tomorrow.
            (None, Hours(every=500, now=495, done=0, a_day=10), (TODAY, "hours")),
        ],
    )
    def test_takes_what_comes_first(self, days, hours, expected):
        assert due(days=days, hours=hours) == expected

    @pytest.mark.parametrize(
        ("season", "day", "expected"),
        [
            (Season(4, 10), date(2026, 3, 31), date(2026, 4, 1)),
            (Season(4, 10), date(2026, 4, 1), date(2026, 4, 1)),
            (Season(4, 10), date(2026, 10, 31), date(2026, 10, 31)),
            (Season(4, 10), date(2026, 11, 1), date(2027, 4, 1)),
            (Season(11, 2), date(2026, 12, 5), date(2026, 12, 5)),
            (Season(11, 2), date(2027, 2, 28), date(2027, 2, 28)),
            (Season(11, 2), date(2027, 3, 1), date(2027, 11, 1)),
        ],
    )
    def test_waits_for_its_season(self, season, day, expected):
        assert season.at_or_after(day) == expected

    def test_lets_a_routine_go_on_from_its_own_day(self):
        assert rules.routine_after(date(2026, 2, 28), every_days=1, season=YEAR) == date(2026, 3, 1)


class TestHeat:
    heat = rules.Heat(time(12), time(15), 35.0)

    # Moments in UTC; the city is eight hours ahead.
    @pytest.mark.parametrize(
        ("hour_utc", "temperature_c", "expected"),
        [
            (4, 36.0, True),
            (4, 35.0, False),
            (4, None, True),
            (3, 40.0, False),
            (7, 40.0, False),
            (6, 35.1, True),
        ],
    )
    def test_forbids_the_hours_in_which_it_is_hotter(self, hour_utc, temperature_c, expected):
        now = datetime(2026, 8, 3, hour_utc, tzinfo=UTC)

        assert self.heat.rest(now, CITY, temperature_c) is expected

    @pytest.mark.parametrize(
        ("window", "expected"),
        [
            ((8, 11), (8, 11)),
            ((8, 14), (8, 12)),
            ((8, None), (8, 12)),
            ((13, 18), (15, 18)),
            ((13, 14), (15, None)),
            ((16, 18), (16, 18)),
            ((None, None), (None, 12)),
        ],
    )
    def test_cuts_the_window_where_nothing_is_measured(self, window, expected):
        at = [None if one is None else datetime(2026, 8, 3, one, tzinfo=CITY) for one in window]
        rest = (datetime(2026, 8, 3, 12, tzinfo=CITY), datetime(2026, 8, 3, 15, tzinfo=CITY))

        found = rules.cooler(*at, rest=rest)

        assert tuple(one.hour if one else None for one in found) == expected


class TestStanding:
    @pytest.mark.parametrize(
        ("due_date", "is_asked", "trouble", "is_retired", "expected"),
        [
            (date(2026, 3, 1), False, "", False, Standing.OVERDUE),
            (date(2026, 3, 1), True, "", False, Standing.OVERDUE),
            (date(2026, 3, 2), True, "", False, Standing.ASKED),
            (date(2026, 3, 9), False, "", False, Standing.SOON),
            (date(2026, 3, 10), False, "", False, Standing.LATER),
            (None, False, "", False, Standing.UNKNOWN),
            (date(2026, 3, 1), False, "fieldwork.no_place", False, Standing.TROUBLE),
            (date(2026, 3, 1), False, "fieldwork.no_place", True, Standing.RETIRED),
        ],
    )
    def test_says_what_presses_most(self, due_date, is_asked, trouble, is_retired, expected):
        found = rules.standing(
            today=TODAY, due_date=due_date, is_asked=is_asked, trouble=trouble,
            is_retired=is_retired,
        )  # fmt: skip

        assert found is expected
