"""Figures of cases, worked out by hand for a handful of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.kernel import cases, clock
from huoshui.kernel.cases import driving, statistics
from huoshui.kernel.cases.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(opened, people):
    """Let four cases live.

    One is closed in time with a score of 5; one is closed late with a score of 4, after it was
    reopened by a 2; one is given up; one stands where it was opened, overdue.
    """
    from huoshui.kernel.organisation.models import Unit

    Unit.objects.create(code="U1", created_at=clock.now())
    begin = clock.now()
    first = opened("In time", unit="U1").number
    second = opened("Late").number
    third = opened("Given up").number
    opened("Stands")
    clock.advance(timedelta(minutes=10))
    cases.act(first, "search", by_id=people.desk.pk)
    cases.act(third, "give_up", by_id=people.second.pk, note="No")
    clock.advance(timedelta(minutes=50))
    cases.act(second, "search", by_id=people.desk.pk)
    for number, scores in ((first, (5,)), (second, (2, 4))):
        for score in scores:
            cases.act(number, "find", by_id=people.desk.pk, fields={"room": "1"})
            cases.call_back(number, score=score, by_id=people.boss.pk)
        cases.act(number, "hand_over", by_id=people.boss.pk)
    driving.check_deadlines(clock.now())
    return begin, begin + timedelta(days=1)


class TestFigures:
    def test_count_what_happened(self, lived):
        (found,) = statistics.figures(Case.objects.all(), *lived)

        assert (found.opened, found.closed, found.cancelled, found.reopened) == (4, 2, 1, 1)
        assert (found.closed_on_time, found.on_time_frac) == (1, 0.5)
        assert (found.asked, found.content, found.content_frac) == (3, 2, pytest.approx(2 / 3))
        assert found.score_mean == pytest.approx((5 + 2 + 4) / 3)

    def test_are_none_for_a_day_without_cases(self, lived):
        begin, _end = lived

        (found,) = statistics.figures(Case.objects.all(), begin - timedelta(days=1), begin)

        assert (found.opened, found.on_time_frac, found.content_frac) == (0, None, None)

    def test_divide_by_unit_and_leave_nobody_last(self, lived):
        found = statistics.figures(Case.objects.all(), *lived, by="unit")

        assert [(one.key is None, one.opened, one.closed) for one in found] == [
            (False, 1, 1),
            (True, 3, 1),
        ]

    @pytest.mark.parametrize("by", statistics.GROUPS)
    def test_add_up_however_they_are_divided(self, lived, by):
        found = statistics.figures(Case.objects.all(), *lived, by=by)

        assert sum(one.opened for one in found) == 4
        assert sum(one.asked for one in found) == 3

    def test_begin_a_day_at_midnight_of_the_city(self, lived):
        (found,) = statistics.figures(Case.objects.all(), *lived, by="day")

        assert clock.local(found.key).isoformat() == "2026-02-12T00:00:00+08:00"

    @pytest.mark.parametrize("by", ["none", "unit", "day"])
    def test_ask_four_questions(self, lived, by, django_assert_num_queries):
        with django_assert_num_queries(4):
            statistics.figures(Case.objects.all(), *lived, by=by)


class TestTimeInStates:
    def test_counts_from_coming_to_leaving(self, lived):
        found = {one.state: one for one in statistics.time_in_states(Case.objects.all(), *lived)}

        # Left after 10, 10 and 60 minutes.
        assert found["reported"].count == 3
        assert found["reported"].mean_s == pytest.approx(80 * 60 / 3)
        assert found["reported"].longest_s == 3600


class TestDeadlinesKept:
    def test_counts_the_kept_and_the_missed(self, lived):
        found = {
            one.clock: (one.kept, one.missed)
            for one in statistics.deadlines_kept(Case.objects.all(), *lived)
        }

        # To look in half an hour: one kept, one late, one given up, one still missed.
        assert found["look"] == (1, 2)
        assert found["settle"] == (2, 0)


class TestStanding:
    def test_counts_what_is_open_and_overdue(self, lived):
        (found,) = statistics.standing(Case.objects.all(), clock.now())

        assert (found.state, found.count, found.overdue) == ("reported", 1, 1)
