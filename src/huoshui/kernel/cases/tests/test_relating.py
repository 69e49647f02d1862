"""Cases that hang together: duplicates, causes, parts of a whole, and what lies nearby."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.kernel import cases, clock
from huoshui.kernel.cases import refusals
from huoshui.kernel.cases.models import CaseStep
from huoshui.kernel.events.models import Event
from huoshui.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db


def closed_events() -> list[tuple[str, str]]:
    rows = Event.objects.filter(kind__endswith=".CaseClosed").order_by("id")
    return [(one.payload["number"], one.payload["merged_into"]) for one in rows]


class TestDuplicates:
    def test_rest_with_their_original_and_close_with_it(self, opened, people):
        first, second = opened().number, opened().number

        cases.relate(second, cases.DUPLICATE_OF, first, by_id=people.desk.pk)

        resting = cases.case(second)
        assert (resting.merged_into, resting.is_open, resting.next_due_at) == (first, False, None)
        with pytest.raises(refusals.Merged):
            cases.act(second, "search", by_id=people.desk.pk)

        cases.act(first, "give_up", by_id=people.second.pk, note="No")
        assert cases.case(second).state_kind == "cancelled"
        assert closed_events() == [(first, ""), (second, first)]
        assert CaseStep.objects.filter(case__number=second, kind="closed_with_original").exists()

    def test_are_separated_with_their_old_deadline(self, opened, people):
        first, second = opened().number, opened()
        cases.relate(second.number, cases.DUPLICATE_OF, first, by_id=people.desk.pk)
        clock.advance(timedelta(minutes=5))

        cases.unrelate(second.number, cases.DUPLICATE_OF, first, by_id=people.desk.pk)

        apart = cases.case(second.number)
        assert (apart.is_open, apart.merged_into) == (True, "")
        assert apart.next_due_at == second.next_due_at
        assert cases.act(second.number, "search", by_id=people.desk.pk).state == "searched"

    def test_of_a_duplicate_rest_with_the_first_of_all(self, opened, people):
        one, two, three = (opened().number for _case in range(3))
        cases.relate(two, cases.DUPLICATE_OF, one, by_id=people.desk.pk)
        cases.relate(three, cases.DUPLICATE_OF, two, by_id=people.desk.pk)

        assert cases.case(three).merged_into == one

    def test_move_along_when_their_original_is_merged_and_back(self, opened, people):
        one, two, three = (opened().number for _case in range(3))
        cases.relate(three, cases.DUPLICATE_OF, two, by_id=people.desk.pk)
        cases.relate(two, cases.DUPLICATE_OF, one, by_id=people.desk.pk)
        assert [d.number for d in cases.duplicates(one)] == [two, three]

        cases.unrelate(two, cases.DUPLICATE_OF, one, by_id=people.desk.pk)
        assert cases.duplicates(one) == []
        assert [d.number for d in cases.duplicates(two)] == [three]

    def test_are_merged_once(self, opened, people):
        first, second = opened().number, opened().number

        for _again in range(2):
            cases.relate(second, cases.DUPLICATE_OF, first, by_id=people.desk.pk)

        assert CaseStep.objects.filter(case__number=second, kind="merged").count() == 1

    def test_open_as_duplicates(self, opened):
        first = opened().number

        assert opened(duplicate_of=first).state_kind == "merged"

    def test_stay_closed_when_their_original_is_reopened(self, opened, people):
        first, second = opened().number, opened().number
        cases.relate(second, cases.DUPLICATE_OF, first, by_id=people.desk.pk)
        cases.act(first, "give_up", by_id=people.second.pk, note="No")

        cases.reopen(first, by_id=people.boss.pk, note="It turned up")

        assert cases.case(second).state_kind == "cancelled"
        assert CaseStep.objects.filter(case__number=second).last().kind == "original_reopened"

    def test_tell_who_raised_them_that_they_ended(self, opened, people):
        first = opened().number
        second = opened(by_id=people.boss.pk).number
        cases.relate(second, cases.DUPLICATE_OF, first, by_id=people.desk.pk)

        cases.act(first, "give_up", by_id=people.second.pk, note="No")

        (told,) = Notice.objects.filter(key__startswith="cases.ended:")
        assert told.title_en == f"Lost key {second} was closed with its original {first}"
        assert [one.user_id for one in told.receipts.all()] == [people.boss.pk]


class TestRelate:
    @pytest.mark.parametrize("how", ["duplicate_of", "caused_by", "part_of"])
    def test_refuses_itself(self, opened, people, how):
        number = opened().number

        with pytest.raises(refusals.NotRelated):
            cases.relate(number, how, number, by_id=people.desk.pk)

    def test_refuses_a_circle(self, opened, people):
        one, two, three = (opened().number for _case in range(3))
        cases.relate(two, cases.PART_OF, one, by_id=people.desk.pk)
        cases.relate(three, cases.PART_OF, two, by_id=people.desk.pk)

        with pytest.raises(refusals.NotRelated):
            cases.relate(one, cases.PART_OF, three, by_id=people.desk.pk)

    def test_refuses_an_unknown_kind(self, opened, people):
        with pytest.raises(refusals.NotRelated):
            cases.relate(opened().number, "cousin_of", opened().number, by_id=people.desk.pk)

    def test_shows_from_both_sides(self, opened):
        one = opened().number
        two = opened(caused_by=one).number

        assert [(how, back, c.number) for how, back, c in cases.related(two)] == [
            ("caused_by", False, one)
        ]
        assert [(how, back, c.number) for how, back, c in cases.related(one)] == [
            ("caused_by", True, two)
        ]


class TestLinked:
    def test_finds_what_is_about_a_thing(self, opened, people):
        here = opened(links=[("office.door", "D7"), ("office.door", "D7")]).number
        opened(links=[("office.door", "D8")])

        assert [one.number for one in cases.linked("office.door", "D7")] == [here]

    def test_leaves_out_what_is_closed_unless_asked(self, opened, people):
        number = opened(links=[("office.door", "D7")]).number
        cases.act(number, "give_up", by_id=people.second.pk, note="No")

        assert cases.linked("office.door", "D7") == []
        assert len(cases.linked("office.door", "D7", open_only=False)) == 1


class TestNear:
    def test_finds_by_distance_the_nearest_first(self, opened):
        # A hundredth of a degree of latitude on the mean sphere is 2 pi 6 371 009 m / 36 000 =
        # 1112 m; of longitude at 30 degrees, times 0.866, 963 m.
        far = opened(lon=104.01, lat=30.0).number
        near = opened(lon=104.0, lat=30.001).number
        opened(lon=104.0, lat=30.02)

        found = cases.near(104.0, 30.0, 1000)

        assert [one.number for _away, one in found] == [near, far]
        assert [round(away) for away, _one in found] == [111, 963]

    def test_leaves_out_older_ones_when_asked(self, opened):
        opened(lon=104.0, lat=30.0)
        clock.advance(timedelta(hours=2))

        assert cases.near(104.0, 30.0, 10, since=clock.now() - timedelta(hours=1)) == []
