"""Working days, against the arrangements that the State Council published.

2025: Guobanfa Mingdian [2024] No. 12. 2026: Guobanfa Mingdian [2025] No. 7. Both name the days off
and the weekend days that are worked instead; every other weekend is off.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases import deadlines, limits, refusals, workdays
from huoshui.kernel.cases.models import LocalDay

# First and last day off, and the weekend days worked for them.
PUBLISHED = {
    2025: (
        (("01-01", "01-01"), ("01-28", "02-04"), ("04-04", "04-06"), ("05-01", "05-05"),
         ("05-31", "06-02"), ("10-01", "10-08")),
        ("01-26", "02-08", "04-27", "09-28", "10-11"),
    ),
    2026: (
        (("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"),
         ("06-19", "06-21"), ("09-25", "09-27"), ("10-01", "10-07")),
        ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
}  # fmt: skip


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=one) for one in range(365)]


def published_working(day: date) -> bool:
    spans, worked = PUBLISHED[day.year]
    short = f"{day:%m-%d}"
    if short in worked:
        return True
    return day.weekday() < 5 and not any(begin <= short <= end for begin, end in spans)


def moment(words: str) -> datetime:
    """Return a moment on the wall of the city."""
    return datetime.fromisoformat(words).replace(tzinfo=clock.local_zone()).astimezone(UTC)


class TestIsWorkingDay:
    @pytest.mark.parametrize("year", PUBLISHED)
    def test_agrees_with_the_published_arrangement_on_every_day(self, year):
        wrong = [d for d in days_of(year) if workdays.is_working_day(d, {}) != published_working(d)]

        assert wrong == []

    @pytest.mark.django_db
    def test_takes_a_local_exception_over_the_country(self):
        LocalDay.objects.create(
            day=date(2026, 3, 3), is_working=False, note="Flood", set_at=clock.now()
        )
        LocalDay.objects.create(
            day=date(2026, 3, 7), is_working=True, note="Instead", set_at=clock.now()
        )

        assert not workdays.is_working_day(date(2026, 3, 3))
        assert workdays.is_working_day(date(2026, 3, 7))
        assert workdays.is_working_day(date(2026, 3, 4))

    def test_says_which_years_nobody_has_published_yet(self):
        assert not workdays.is_provisional(2026)
        assert workdays.is_provisional(2090)


class TestDueAt:
    @pytest.mark.parametrize(
        ("begin", "count", "due"),
        [
            # Friday and the worked Saturday, then nine days off, then Tuesday to Thursday.
            ("2026-02-12T10:00", 5, "2026-02-26T17:30"),
            ("2026-02-12T23:59", 1, "2026-02-13T17:30"),
            # Asked on a day off: the first working day after it is the first.
            ("2026-02-17T10:00", 1, "2026-02-24T17:30"),
            # National Day: eight days off, and Saturday the eleventh is worked.
            ("2025-09-29T09:00", 3, "2025-10-10T17:30"),
            ("2025-09-29T09:00", 4, "2025-10-11T17:30"),
            ("2025-09-26T09:00", 1, "2025-09-28T17:30"),
        ],
    )
    def test_counts_working_days_from_the_day_after(self, begin, count, due):
        found = deadlines.due_at(moment(begin), limits.working_days(count), {})

        assert found == moment(due)

    def test_runs_minutes_through_the_night(self):
        found = deadlines.due_at(moment("2026-02-14T23:50"), limits.minutes(30), {})

        assert found == moment("2026-02-15T00:20")


class TestWarnAt:
    def test_warns_as_the_last_of_five_days_begins(self):
        due = moment("2026-02-26T17:30")

        found = deadlines.warn_at(due, limits.working_days(5), 0.8, {})

        assert found == moment("2026-02-26T08:30")

    def test_steps_back_over_the_holiday(self):
        # Of fifteen days three are left: Wednesday, Tuesday, and the Saturday before the feast.
        found = deadlines.warn_at(moment("2026-02-25T17:30"), limits.working_days(15), 0.8, {})

        assert found == moment("2026-02-14T08:30")

    def test_warns_at_its_share_of_minutes(self):
        found = deadlines.warn_at(moment("2026-03-02T10:30"), limits.minutes(30), 0.8, {})

        assert found == moment("2026-03-02T10:24")


class TestPausedLimit:
    def test_is_unchanged_when_it_goes_on_the_same_day(self):
        limit, due = limits.working_days(5), moment("2026-02-26T17:30")
        now = moment("2026-02-13T09:00")

        left = deadlines.left_of(now, due, limit, {})

        assert left == 4  # Saturday, Tuesday, Wednesday, Thursday
        assert deadlines.due_with(moment("2026-02-13T16:00"), left, limit, {}) == due

    def test_goes_on_with_as_many_days_as_were_left(self):
        limit, due = limits.working_days(5), moment("2026-02-26T17:30")
        left = deadlines.left_of(moment("2026-02-13T09:00"), due, limit, {})

        # Resumed on Monday 2 March: 3, 4, 5, 6 March.
        assert deadlines.due_with(moment("2026-03-02T09:00"), left, limit, {}) == moment(
            "2026-03-06T17:30"
        )

    def test_keeps_seconds_of_a_limit_in_minutes(self):
        limit = limits.minutes(30)
        left = deadlines.left_of(moment("2026-03-02T10:10"), moment("2026-03-02T10:30"), limit, {})

        assert left == 20 * 60
        assert deadlines.due_with(moment("2026-03-03T08:00"), left, limit, {}) == moment(
            "2026-03-03T08:20"
        )


@pytest.mark.django_db
class TestSetLocalDay:
    def test_is_a_deed_of_somebody_with_a_reason(self, people):
        workdays.set_local_day(
            date(2026, 3, 3), is_working=False, note="Flood", by_id=people.boss.pk
        )
        assert not workdays.is_working_day(date(2026, 3, 3))

        workdays.clear_local_day(date(2026, 3, 3), by_id=people.boss.pk)
        assert workdays.is_working_day(date(2026, 3, 3))
        deeds = AuditRecord.objects.filter(subject="cases.day:2026-03-03").order_by("sequence")
        assert [one.action for one in deeds] == ["cases.day_set", "cases.day_cleared"]

    def test_is_refused_without_reason_or_permission(self, people):
        with pytest.raises(refusals.NotUsable):
            workdays.set_local_day(
                date(2026, 3, 3), is_working=False, note=" ", by_id=people.boss.pk
            )
        with pytest.raises(permissions.NotAllowed):
            workdays.set_local_day(
                date(2026, 3, 3), is_working=False, note="Flood", by_id=people.desk.pk
            )
