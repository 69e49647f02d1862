"""Kinds of days, and the country whose feasts a history shows."""

from datetime import date, timedelta

import numpy as np
import pytest

from huoshui.lab.demand import calendars

FIRST = date(2021, 1, 1)
WORK = 10 + 3 * np.sin(np.arange(24) / 24 * 2 * np.pi)
FREE = 10 + 3 * np.cos(np.arange(24) / 24 * 2 * np.pi)


def lived_in(country, days=500):
    """Return a history whose Sundays and feasts differ from workdays, with a little noise."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(days):
        kind = calendars.kind_of(FIRST + timedelta(number), country)
        rows.append(FREE if kind == calendars.DayKind.SUNDAY else WORK)
    return np.array(rows)[:, :, None] + rng.normal(0, 0.5, (days, 24, 2))


class TestKindOf:
    @pytest.mark.parametrize(
        ("day", "country", "kind"),
        [
            # 2021-10-01 began the national holidays; 2021-10-09, a Saturday, was worked for them.
            (date(2021, 10, 1), "CN", calendars.DayKind.SUNDAY),
            (date(2021, 10, 9), "CN", calendars.DayKind.WORKDAY),
            (date(2021, 10, 9), "IT", calendars.DayKind.SATURDAY),
            (date(2021, 6, 2), "IT", calendars.DayKind.SUNDAY),
            (date(2021, 6, 2), None, calendars.DayKind.WORKDAY),
            (date(2021, 6, 6), None, calendars.DayKind.SUNDAY),
        ],
    )
    def test_follows_the_country(self, day, country, kind):
        assert calendars.kind_of(day, country) is kind

    def test_refuses_a_country_nobody_keeps(self):
        with pytest.raises(calendars.UnknownCountry, match="QQ"):
            calendars.kind_of(date(2021, 6, 2), "QQ")


class TestLikelyCountry:
    @pytest.mark.parametrize("country", ["IT", "DE", "CN"])
    def test_is_the_one_lived_in(self, country):
        value = lived_in(country)

        assert calendars.likely_country(begins_on=FIRST, value=value) == country

    def test_is_none_where_feasts_are_like_any_day(self):
        assert calendars.likely_country(begins_on=FIRST, value=lived_in(None)) is None

    def test_is_none_for_a_history_of_weeks(self):
        assert calendars.likely_country(begins_on=FIRST, value=lived_in("IT")[:30]) is None
