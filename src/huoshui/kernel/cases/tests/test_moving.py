"""A case from its opening to its end: numbers, steps, what they ask for, who may."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from huoshui.kernel import cases, clock, files
from huoshui.kernel.accounts import permissions
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases import refusals
from huoshui.kernel.cases.models import Case, CasePrivate, CaseStep
from huoshui.kernel.events.models import Event
from huoshui.kernel.notices.models import Receipt
from huoshui.kernel.organisation.models import Unit

pytestmark = pytest.mark.django_db


def events(kind: str) -> list[dict]:
    rows = Event.objects.filter(kind__endswith=f".{kind}").order_by("id")
    return [one.payload for one in rows]


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG")
    return SimpleUploadedFile("key.jpg", out.getvalue())


class TestOpenCase:
    def test_numbers_without_a_gap_also_after_a_refusal(self, opened):
        first = opened()
        with pytest.raises(refusals.NotUsable):
            opened(fields={"room": "1", "smell": "of roses"})
        with pytest.raises(refusals.NotRelated):
            opened(duplicate_of=first.number, caused_by="K2026-00002")

        assert [first.number, opened().number] == ["K2026-00001", "K2026-00002"]

    def test_numbers_on_when_the_clock_goes_back_over_new_year(self, opened):
        last_year = clock.now() - timedelta(days=60)

        numbers = [opened().number]
        with clock.frozen(last_year):
            numbers.append(opened().number)
        numbers.append(opened().number)

        assert numbers == ["K2026-00001", "K2025-00001", "K2026-00002"]

    def test_opens_once_for_one_request(self, opened):
        first, second = opened(key="form-7"), opened("Another", key="form-7")

        assert first == second
        assert Case.objects.count() == 1
        assert len(events("CaseOpened")) == 1

    def test_keeps_personal_data_apart(self, opened):
        fact = opened(person={"name": "王小明", "phone": "138-1234 5678"}, fields={"card": "X1"})

        row = Case.objects.get(number=fact.number)
        assert (row.values, fact.fields) == ({}, {})
        assert CasePrivate.objects.get(case=row).values == {"card": "X1"}
        assert [one.number for one in cases.of_phone("13812345678")] == [fact.number]
        trail = str(list(AuditRecord.objects.values_list("detail", flat=True)))
        told = str(list(Event.objects.values_list("payload", flat=True)))
        steps = str(list(CaseStep.objects.values_list("data", flat=True)))
        assert not any(word in trail + told + steps for word in ("王小明", "13812345678", "X1"))

    def test_tells_the_post_it_waits_for_but_not_who_opened_it(self, opened, people):
        opened()

        readers = Receipt.objects.values_list("user_id", flat=True)
        assert list(readers) == [people.second.pk]

    def test_refuses_everything_unusable_at_once(self, opened):
        with pytest.raises(refusals.NotUsable) as refused:
            opened("  ", priority="soon", lon=12.0)

        assert refused.value.data["fields"] == ["place", "priority", "title"]

    def test_refuses_who_may_not(self, opened, people):
        with pytest.raises(permissions.NotAllowed):
            opened(by_id=people.guest.pk)


class TestAct:
    def test_goes_from_the_opening_to_the_end(self, opened, people):
        number = opened(links=[("office.door", "D7")]).number
        clock.advance(timedelta(minutes=10))
        cases.act(number, "search", by_id=people.desk.pk)
        cases.act(number, "find", by_id=people.desk.pk, fields={"room": "Cellar"})
        cases.call_back(number, True, score=5, by_id=people.boss.pk)
        fact = cases.act(number, "hand_over", by_id=people.boss.pk)

        assert (fact.state, fact.state_kind, fact.is_open) == ("closed", "done", False)
        assert fact.closed_at == clock.now()
        assert fact.fields == {"room": "Cellar"}
        kinds = CaseStep.objects.filter(case__number=number).values_list("kind", flat=True)
        assert list(kinds) == ["opened", "moved", "moved", "called_back", "moved"]
        stayed = CaseStep.objects.get(case__number=number, transition="search").stayed_s
        assert stayed == 600
        assert [one["links"] for one in events("CaseClosed")] == [[["office.door", "D7"]]]
        assert len(events("CaseMoved")) == 3

    def test_names_all_that_is_missing(self, opened, people):
        number = opened().number

        with pytest.raises(refusals.Missing) as refused:
            cases.act(number, "give_up", by_id=people.desk.pk)

        assert refused.value.data["missing"] == ["note", "second_person"]
        assert cases.case(number).state == "reported"

    def test_lets_a_second_person_do_it(self, opened, people):
        number = opened().number

        fact = cases.act(number, "give_up", by_id=people.second.pk, note="Lock was changed")

        assert fact.state_kind == "cancelled"

    def test_refuses_a_step_that_does_not_begin_here(self, opened, people):
        with pytest.raises(refusals.NotPossibleHere):
            cases.act(opened().number, "find", by_id=people.desk.pk)

    def test_refuses_the_second_of_two_who_saw_the_same(self, opened, people):
        seen = opened()
        cases.act(seen.number, "search", by_id=people.desk.pk, revision=seen.revision)

        with pytest.raises(refusals.ChangedMeanwhile) as refused:
            cases.act(
                seen.number, "find", by_id=people.second.pk, revision=seen.revision,
                fields={"room": "1"},
            )  # fmt: skip

        assert refused.value.data["by"] == "Desk"
        assert cases.case(seen.number).fields == {}

    def test_does_a_repeated_request_once(self, opened, people):
        number = opened().number

        for _again in range(3):
            fact = cases.act(number, "search", by_id=people.desk.pk, key="tap-1")

        assert fact.state == "searched"
        assert len(events("CaseMoved")) == 1

    def test_refuses_who_may_not(self, opened, people):
        with pytest.raises(permissions.NotAllowed):
            cases.act(opened().number, "search", by_id=people.guest.pk)

    def test_reaches_no_further_than_the_unit_of_a_post(self, opened, people):
        here = Unit.objects.create(code="U1", created_at=clock.now())
        Unit.objects.create(code="U2", created_at=clock.now())
        limited = people.add("limited", "dispatcher", here)

        fact = cases.act(opened(unit="U1").number, "search", by_id=limited.pk)

        assert fact.state == "searched"
        for other in (opened(unit="U2"), opened()):
            with pytest.raises(refusals.NotInYourUnit):
                cases.act(other.number, "search", by_id=limited.pk)

    def test_asks_for_photos_ticks_and_a_signature(self, keys, declare, people, at_ten):
        ticks = cases.NeedsChecklist(
            "safe", "Safety", (cases.CheckItem("lamp", "Lamp"), cases.CheckItem("rope", "Rope"))
        )
        needs = (cases.NeedsPhotos(1), ticks, cases.NeedsSignature())
        first, *rest = keys.transitions
        strict = dataclasses.replace(first, requires=needs)
        declare(dataclasses.replace(keys, transitions=(strict, *rest)))
        number = cases.open_case(keys.code, "Key", by_id=people.desk.pk).number
        kept = [files.keep(photo(), people.desk.pk, keys.photo_kind).pk for _one in range(2)]

        with pytest.raises(refusals.Missing) as refused:
            cases.act(number, "search", by_id=people.desk.pk, checklist=["lamp"])
        assert refused.value.data["missing"] == ["photos", "safe.rope", "signature"]

        cases.act(
            number, "search", by_id=people.desk.pk, checklist=["lamp", "rope"],
            photos=kept[:1], signature=kept[1],
        )  # fmt: skip
        step = CaseStep.objects.get(case__number=number, transition="search")
        assert sorted(step.photos.values_list("is_signature", flat=True)) == [False, True]
        assert step.data == {"checklist": ["lamp", "rope"]}

    def test_takes_no_photo_that_was_kept_for_something_else(self, opened, people, monkeypatch):
        files.declare_kind("passport", permission="accounts.see_personal")
        foreign = files.keep(photo(), people.boss.pk, "passport")

        with pytest.raises(refusals.NotUsable):
            cases.act(opened().number, "search", by_id=people.desk.pk, photos=[foreign.pk])

    def test_leaves_a_step_to_the_responsible_person(self, keys, declare, people, at_ten):
        first, *rest = keys.transitions
        declare(
            dataclasses.replace(keys, transitions=(dataclasses.replace(first, only="owner"), *rest))
        )
        number = cases.open_case(
            keys.code, "Key", by_id=people.desk.pk, owner_id=people.second.pk
        ).number

        with pytest.raises(refusals.NotYours):
            cases.act(number, "search", by_id=people.desk.pk)
        assert cases.act(number, "search", by_id=people.second.pk).state == "searched"

    def test_gives_it_to_somebody_with_a_deadline_in_the_same_step(self, opened, people):
        due = clock.now() + timedelta(days=1)

        fact = cases.act(
            opened().number, "search", by_id=people.desk.pk, owner_id=people.second.pk, due_at=due
        )

        assert (fact.owner_id, fact.deadline_at, fact.next_due_at) == (people.second.pk, due, due)
        assert fact.next_due_clock == "agreed"


class TestEdit:
    def test_changes_only_what_is_given(self, opened, people):
        number = opened(fields={"room": "1", "lock": "door"}).number

        fact = cases.edit(number, by_id=people.desk.pk, fields={"room": "2"}, place="Cellar")

        assert fact.fields == {"room": "2", "lock": "door"}
        assert fact.place == "Cellar"
        step = CaseStep.objects.filter(case__number=number).last()
        assert step.data == {"fields": {"room": "2"}, "place": "Cellar"}

    def test_corrects_who_raised_it_without_telling_who(self, opened, people):
        number = opened(person={"name": "王", "phone": "13800000001"}).number

        cases.edit(number, by_id=people.desk.pk, person={"phone": "138 0000 0002"})

        private = CasePrivate.objects.get(case__number=number)
        assert (private.name, private.phone_digits) == ("王", "13800000002")
        step = CaseStep.objects.filter(case__number=number).last()
        assert step.data == {"private": ["*person"]}

    def test_leaves_no_step_when_nothing_changes(self, opened, people):
        fact = opened(fields={"room": "1"})

        again = cases.edit(fact.number, by_id=people.desk.pk, fields={"room": "1"})

        assert again.revision == fact.revision

    def test_says_where_it_is_and_tells_others(self, opened, people):
        number = opened().number

        fact = cases.edit(number, by_id=people.desk.pk, lon=117.01, lat=36.66)
        cases.edit(number, by_id=people.desk.pk, lon=117.01, lat=36.66)

        assert (fact.lon, fact.lat) == (117.01, 36.66)
        told = Event.objects.get(kind__contains="CasePlaced").payload
        assert (told["number"], told["lon"], told["state"]) == (number, 117.01, "reported")

    @pytest.mark.parametrize("spot", [{"lon": 117.0}, {"lon": 117.0, "lat": 91.0}])
    def test_refuses_half_a_place_and_one_not_on_earth(self, opened, people, spot):
        with pytest.raises(refusals.NotUsable):
            cases.edit(opened().number, by_id=people.desk.pk, **spot)

    def test_refuses_a_closed_case(self, opened, people):
        number = opened().number
        cases.act(number, "give_up", by_id=people.second.pk, note="No")

        with pytest.raises(refusals.AlreadyClosed):
            cases.edit(number, by_id=people.desk.pk, fields={"room": "2"})


class TestOfAnOlderDeclaration:
    def test_reads_states_and_fields_that_are_gone(self, opened, keys, declare, people):
        from huoshui.kernel.cases import reading

        number = opened(fields={"room": "Cellar", "lock": "box"}).number
        newer = dataclasses.replace(
            keys,
            states=(cases.State("new", "New"), *keys.states[1:]),
            transitions=(
                cases.Transition("search", "Look", ("new",), "searched", "work"),
                *keys.transitions[1:3],
                cases.Transition("give_up", "Give up", ("new",), "given_up", "check"),
            ),
            fields=(cases.Field("room", "Room"),),
        )
        declare(newer)

        row = Case.objects.get(number=number)
        shown = {one.code: one for one in reading.fields_of(row)}
        assert reading.state_label(row) == "Reported"
        assert (shown["lock"].label, shown["lock"].value, shown["lock"].gone) == (
            "Lock", "Box", True
        )  # fmt: skip
        with pytest.raises(refusals.NotPossibleHere):
            cases.act(number, "search", by_id=people.desk.pk)

    def test_follows_a_state_that_was_renamed(self, opened, keys, declare, people):
        number = opened().number
        declare(
            dataclasses.replace(
                keys,
                states=(cases.State("new", "New", was=("reported",)), *keys.states[1:]),
                transitions=(
                    cases.Transition("search", "Look", ("new",), "searched", "work"),
                    *keys.transitions[1:3],
                    cases.Transition("give_up", "Give up", ("new",), "given_up", "check"),
                ),
            )
        )

        assert cases.act(number, "search", by_id=people.desk.pk).state == "searched"

    def test_reads_a_type_that_is_gone(self, opened, keys):
        from huoshui.kernel.cases import declaring, queries, reading

        number = opened().number
        declaring.forget(keys.code)

        row = Case.objects.get(number=number)
        assert (reading.type_label(keys.code), reading.state_label(row)) == ("Lost key", "Reported")
        assert not queries.may_read(row.opened_by, row)

    def test_is_brought_into_the_present_by_an_administrator(self, opened, keys, declare, people):
        number = opened().number
        admin = people.add("admin", "administrator")
        declare(
            dataclasses.replace(
                keys,
                states=keys.states[1:],
                transitions=(
                    keys.transitions[1],
                    keys.transitions[2],
                    cases.Transition("give_up", "Give up", ("searched",), "given_up", "check"),
                ),
            )
        )

        with pytest.raises(permissions.NotAllowed):
            cases.mend(number, "searched", by_id=people.boss.pk, note="State is gone")
        fact = cases.mend(number, "searched", by_id=admin.pk, note="State is gone")

        assert fact.state == "searched"
        assert cases.act(number, "give_up", by_id=people.boss.pk).state == "given_up"
