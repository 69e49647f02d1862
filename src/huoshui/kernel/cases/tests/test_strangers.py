"""What goes wrong where two things meet: duplicates and call-backs, steps and what comes along."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import deadlines, refusals
from huoshui.kernel.cases.models import Case, CaseClockRun, CasePhoto
from huoshui.kernel.cases.tests.conftest import lost_key
from huoshui.kernel.cases.tests.test_deadlines import told
from huoshui.kernel.cases.web import timeline
from huoshui.kernel.organisation.models import Unit, UnitPeriod

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(opened, people):
    """Return an original and its duplicate, both of them looked for, the original found."""
    first, second = opened().number, opened().number
    for number in (first, second):
        cases.act(number, "search", by_id=people.desk.pk)
        cases.act(number, "find", by_id=people.desk.pk, fields={"room": "Cellar"})
    cases.relate(second, cases.DUPLICATE_OF, first, by_id=people.desk.pk)
    return first, second


def close(number: str, people) -> None:
    cases.call_back(number, True, by_id=people.desk.pk)
    cases.act(number, "hand_over", by_id=people.desk.pk)


class TestDuplicate:
    def test_is_not_called_back_while_it_rests(self, pair, people):
        with pytest.raises(refusals.Merged):
            cases.call_back(pair[1], False, by_id=people.desk.pk)
        assert cases.case(pair[1]).state_kind == "merged"

    def test_is_neither_moved_nor_called_back_after_it_was_closed_with_its_original(
        self, pair, people
    ):
        close(pair[0], people)

        with pytest.raises(refusals.Merged):
            cases.act(pair[1], "hand_over", by_id=people.desk.pk)
        with pytest.raises(refusals.Merged):
            cases.call_back(pair[1], False, by_id=people.desk.pk)
        assert cases.case(pair[1]).state_kind == "done"

    def test_is_open_again_when_it_proves_none_after_the_closing(self, pair, people):
        close(pair[0], people)

        cases.unrelate(pair[1], cases.DUPLICATE_OF, pair[0], by_id=people.desk.pk)

        apart = cases.case(pair[1])
        assert (apart.is_open, apart.merged_into, apart.closed_at) == (True, "", None)
        assert apart.next_due_clock == "settle"
        close(pair[1], people)
        assert cases.case(pair[1]).state_kind == "done"


class TestWhatComesWithAStep:
    """A step is no way round the permissions to edit and to assign."""

    @pytest.fixture
    def number(self, opened, declare, keys, people):
        extra = (
            cases.Permission("edit", "Change", ("manager",)),
            cases.Permission("assign", "Give", ("manager",)),
        )
        declare(lost_key(permissions=(*keys.permissions, *extra)))
        return opened().number

    @pytest.mark.parametrize(
        "more",
        [
            {"fields": {"room": "Attic"}},
            {"due_at": datetime.fromisoformat("2027-01-01T00:00+00:00")},
            {"owner": "boss"},
        ],
    )
    def test_is_refused_where_the_step_does_not_ask_for_it(self, number, people, more):
        if "owner" in more:
            more = {"owner_id": people.boss.pk}

        with pytest.raises(permissions.NotAllowed):
            cases.act(number, "search", by_id=people.desk.pk, **more)
        assert cases.case(number).state == "reported"

    def test_is_taken_from_the_system_and_for_oneself(self, number, people):
        cases.act(number, "search", by_id=people.desk.pk, owner_id=people.desk.pk)

        assert cases.case(number).owner_id == people.desk.pk
        cases.act(number, "find", by_id=None, fields={"room": "Cellar", "lock": "door"})


class TestClocks:
    def test_that_stood_still_are_not_missed_by_going_on_after_work(self, opened, people):
        number = opened().number
        run = CaseClockRun.objects.get(case__number=number, clock="settle")
        clock.advance(run.due_at - clock.now() - timedelta(hours=3))
        cases.pause(number, "away", by_id=people.desk.pk)
        clock.advance(timedelta(hours=6))

        cases.resume(number, by_id=people.desk.pk)

        run.refresh_from_db()
        assert run.due_at > clock.now()
        # Thursday 26 February 2026 is over; Friday is what remained.
        assert run.due_at == datetime.fromisoformat("2026-02-27T09:30+00:00")

    def test_go_on_at_the_end_of_a_year_into_the_first_working_day_of_the_next(self):
        # 1 to 3 January 2026 are off, and Sunday the 4th is worked in their place.
        evening = datetime.fromisoformat("2025-12-31T20:00+08:00")

        due = deadlines.due_with(evening, 0, cases.working_days(3), {})

        assert due == datetime.fromisoformat("2026-01-04T17:30+08:00")


class TestPhotosOfFields:
    def test_are_shown_with_the_step_that_brought_them(self, opened, declare, keys, people):
        from huoshui.kernel.files.models import StoredFile

        declare(lost_key(fields=(*keys.fields, cases.Field("scene", "Scene", "photo"))))
        kept = StoredFile.objects.create(
            key="11111111-1111-4111-8111-111111111111", content_hash="0" * 64, kind="case_k",
            media_type="image/jpeg", size_bytes=1, permission="office.lost_key.read",
            kept_at=clock.now(),
        )  # fmt: skip

        number = opened(fields={"scene": [kept.pk]}).number

        assert list(CasePhoto.objects.values_list("field", "file_id")) == [("scene", kept.pk)]
        (line,) = timeline.lines(Case.objects.get(number=number))
        assert [one.file_id for one in line["photos"]] == [kept.pk]


class TestGiving:
    @pytest.fixture
    def unit(self, people):
        row = Unit.objects.create(code="LOCKS", created_at=clock.now())
        UnitPeriod.objects.create(
            unit=row, name_zh="锁具班", name_en="Locks", kind="team", from_date="2020-01-01"
        )
        return row

    def test_to_a_unit_tells_who_takes_care_of_the_state_there(self, opened, people, unit):
        people.add("smith", "dispatcher", unit)
        number = opened().number
        before = set(told("stands"))

        cases.assign(number, by_id=people.boss.pk, unit="LOCKS")

        assert "smith" in told("stands")
        assert told("stands").count("smith") == 1 + ("smith" in before)

    def test_a_deadline_does_not_tell_the_responsible_person_that_the_case_is_theirs(
        self, opened, people
    ):
        number = opened(owner_id=people.second.pk).number

        cases.assign(number, by_id=people.desk.pk, due_at=clock.now() + timedelta(days=2))

        assert told("given") == []


def test_an_attempt_that_reached_nobody_says_so_in_the_timeline(opened, people):
    number = opened().number
    cases.act(number, "search", by_id=people.desk.pk)
    cases.act(number, "find", by_id=people.desk.pk, fields={"room": "Cellar"})

    cases.call_back(number, by_id=people.desk.pk)

    details = timeline.lines(Case.objects.get(number=number))[0]["details"]
    assert len(details) == 1
    assert str(details[0]["text"]) in ("No", "否")


def test_the_nearest_of_many_cases_come_first(opened, monkeypatch):
    from huoshui.kernel.cases import queries

    monkeypatch.setattr(queries, "FOUND_MAX", 1)
    numbers = [opened(lon=104.06 - n / 10_000, lat=30.66).number for n in range(9, -1, -1)]

    found = cases.near(104.06, 30.66, 1000)

    assert [fact.number for _away, fact in found] == numbers[:-6:-1]
