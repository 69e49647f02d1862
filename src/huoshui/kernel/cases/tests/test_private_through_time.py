"""Personal data stays personal: when a field becomes it, and in forms of who may not see it."""

from __future__ import annotations

import pytest
from django.test import Client

from huoshui.kernel import cases
from huoshui.kernel.accounts import personal
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases import checking, reading
from huoshui.kernel.cases.models import Case, CasePrivate
from huoshui.kernel.cases.tests.conftest import lost_key

pytestmark = pytest.mark.django_db

ROOM = "cellar, second door of Mrs Wang"


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def with_private_room():
    fields = (cases.Field("room", "Room", private=True), *lost_key().fields[1:])
    return lost_key(fields=fields)


class TestFieldThatBecamePersonalData:
    @pytest.fixture
    def number(self, opened, declare):
        number = opened(fields={"room": ROOM}).number
        declare(with_private_room())
        return number

    @pytest.mark.parametrize(
        "address",
        ["/cases/{}/", "/cases/{}/print/", "/api/v1/cases/cases/{}", "/api/v1/cases/cases"],
    )
    def test_is_told_to_nobody(self, number, people, address):
        answer = signed_in(people.guest).get(address.format(number))

        assert answer.status_code == 200
        assert number in answer.content.decode()
        assert ROOM not in answer.content.decode()

    def test_is_not_told_to_other_parts(self, number):
        assert cases.case(number).fields == {}

    def test_stays_readable_for_who_may_see_it(self, number):
        row = Case.objects.get(number=number)

        (room,) = [one for one in reading.fields_of(row, masked=False) if one.code == "room"]
        assert room.value == ROOM

    def test_leaves_the_plain_values_when_it_is_written_again(self, number, people):
        cases.edit(number, by_id=people.desk.pk, fields={"room": "attic"})

        assert Case.objects.get(number=number).values == {}
        assert CasePrivate.objects.get(case__number=number).values == {"room": "attic"}

    def test_that_is_plain_again_stays_masked_where_it_was_given_as_personal(self, opened, declare):
        declare(with_private_room())
        number = opened(fields={"room": ROOM}).number
        declare(lost_key())

        row = Case.objects.get(number=number)
        (room,) = [one for one in reading.fields_of(row) if one.code == "room"]
        assert (room.masked, room.value) == (True, personal.STARS)


class TestStepWithAPrivateField:
    @pytest.fixture
    def number(self, opened, declare, keys):
        first, *others = keys.transitions
        step = cases.Transition(first.code, first.label, first.from_, first.to, "work",
                                fields=("card",))  # fmt: skip
        declare(lost_key(transitions=(step, *others)))
        return opened(fields={"card": "4101"}).number

    def test_keeps_it_when_taken_by_who_may_not_see_it(self, number, people, monkeypatch):
        monkeypatch.setattr(reading, "may_unmask", lambda user, case: False)
        client = signed_in(people.second)
        address = f"/cases/{number}/do/search/"

        assert "4101" not in client.get(address).content.decode()
        client.post(address, {"note": "", "revision": "1"})

        assert cases.case(number).state == "searched"
        assert CasePrivate.objects.get(case__number=number).values == {"card": "4101"}

    def test_records_who_saw_it(self, number, people, monkeypatch):
        monkeypatch.setattr(reading, "may_unmask", lambda user, case: True)
        seen = AuditRecord.objects.filter(action="cases.personal_read")

        signed_in(people.second).get(f"/cases/{number}/do/search/")

        assert [(one.by_id, one.subject) for one in seen] == [
            (people.second.pk, f"cases.case:{number}")
        ]


def test_a_photo_cannot_be_private():
    declared = lost_key(fields=(cases.Field("room", "Room", "photo", private=True),))

    assert any("photos stand in the timeline" in one for one in checking.problems_of(declared))
