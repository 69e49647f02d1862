"""Many ticked cases are given to somebody at once; what is refused is listed with its reason."""

from __future__ import annotations

import pytest
from django.test import Client

from huoshui.kernel import cases, clock
from huoshui.kernel.cases.models import Case
from huoshui.kernel.organisation.models import Unit, UnitPeriod

pytestmark = pytest.mark.django_db
LIST = "/cases/office.lost_key/"


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(client: Client, numbers: list[str]) -> str:
    """Tick cases in the list, choose the deed, and return where that leads."""
    keys = list(Case.objects.filter(number__in=numbers).values_list("pk", flat=True))
    answer = client.post(f"{LIST}?show=everything", {"bulk": "give", "id": keys})
    assert answer.status_code == 302
    return answer["Location"]


def test_gives_what_may_be_given_and_lists_what_is_refused(opened, people):
    numbers = [opened(f"Key {n}").number for n in range(3)]
    cases.act(numbers[1], "give_up", by_id=people.second.pk, note="No")
    client = signed_in(people.desk)
    where = form_of(client, numbers)
    assert "Give 3 cases" in client.get(where).content.decode()

    page = client.post(where, {"owner": people.boss.pk, "unit": "", "note": ""}).content.decode()

    owners = Case.objects.order_by("pk").values_list("owner_id", flat=True)
    assert list(owners) == [people.boss.pk, None, people.boss.pk]
    assert "1 case was left as it is" in page
    assert f"Case {numbers[1]} is closed." in page
    assert "Reopen it first" in page
    assert "2 cases were given" in page


def test_asks_each_case_for_the_permission_in_its_unit(opened, people):
    for code in ("NORTH", "SOUTH"):
        row = Unit.objects.create(code=code, created_at=clock.now())
        UnitPeriod.objects.create(
            unit=row, name_zh=code, name_en=code, kind="team", from_date="2020-01-01"
        )
    north = people.add("north", "dispatcher", Unit.objects.get(code="NORTH"))
    ours = opened(unit="NORTH").number
    raised = opened(unit=None, by_id=north.pk).number
    client = signed_in(north)

    page = client.post(form_of(client, [ours, raised]), {"owner": north.pk}).content.decode()

    assert cases.case(ours).owner_id == north.pk
    assert cases.case(raised).owner_id is None
    assert "1 case was left as it is" in page
    # Nobody gives a case away into a part that they may not give cases in.
    client.post(form_of(client, [ours]), {"unit": "SOUTH"})
    assert cases.case(ours).unit_id == Unit.objects.get(code="NORTH").pk


def test_reaches_no_case_that_the_reader_does_not_see(opened, people, db):
    row = Unit.objects.create(code="NORTH", created_at=clock.now())
    north = people.add("north", "dispatcher", row)
    other = opened().number
    key = Case.objects.get(number=other).pk

    answer = signed_in(north).post(f"{LIST}give/?ids={key}", {"owner": north.pk})

    assert answer.status_code == 422
    assert cases.case(other).owner_id is None


def test_wants_somebody_and_not_thousands(opened, people):
    client = signed_in(people.desk)
    where = form_of(client, [opened().number])

    assert client.post(where, {"owner": "", "unit": ""}).status_code == 422
    many = ",".join(str(n) for n in range(1, 600))
    assert client.get(f"{LIST}give/?ids={many}").status_code == 422


def test_is_refused_to_who_may_not_give(opened, people):
    assert signed_in(people.guest).get(f"{LIST}give/?ids=1").status_code == 403


def test_takes_the_responsible_person_off_a_case(opened, people):
    case = opened(owner_id=people.second.pk)
    client = signed_in(people.desk)
    where = f"/cases/{case.number}/give/"
    page = client.get(where).context
    given = {"owner": "", "unit": "", "note": "On leave", "revision": page["revision"]}

    assert client.post(where, {**given, "key": "off-1"}).status_code == 302

    row = Case.objects.get(number=case.number)
    assert row.owner_id is None
    assert row.steps.last().data == {"owner": None}
    assert "Nobody responsible" in client.get(f"/cases/{case.number}/").content.decode()


def test_a_program_gives_to_nobody_only_when_it_says_so(opened, people):
    case = opened(owner_id=people.second.pk)
    client, where = signed_in(people.desk), f"/api/v1/cases/cases/{case.number}/assign"

    kept = client.post(where, {"note": "x"}, content_type="application/json").json()
    off = client.post(where, {"owner": ""}, content_type="application/json").json()

    assert (kept["owner"], off["owner"]) == ("second", None)
