"""Filters and columns by the fields that a type declares: on the page, in Excel, in the API."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from python_calamine import CalamineWorkbook

from huoshui.kernel import cases
from huoshui.kernel.cases import by_field, refusals
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.tests.conftest import lost_key
from huoshui.kernel.views import kept
from huoshui.kernel.views.models import SavedView

pytestmark = pytest.mark.django_db
LIST = "/cases/office.lost_key/"
API = "/api/v1/cases/cases"
MORE = (
    cases.Field("dug", "Dug", "yes_no"),
    cases.Field("depth", "Depth", "number", unit="cm"),
    cases.Field("seen_on", "Seen on", "date"),
    cases.Field("rung_at", "Rung at", "moment"),
    cases.Field("smith", "Smith", "person"),
)
GATE = {
    "lock": "door", "dug": True, "depth": 9, "seen_on": "2026-02-11",
    "rung_at": "2026-02-11T23:30+08:00",
}  # fmt: skip
CHEST = {
    "lock": "box", "dug": False, "depth": 12.5, "seen_on": "2026-02-12",
    "rung_at": "2026-02-12T00:00+08:00", "card": "4101",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _views_of_this_test():
    """Forget the saved views that a process remembers."""
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def client(people) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.desk, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def two(declare, keys, opened, people):
    """Return the numbers of two cases with all of their fields filled."""
    declare(lost_key(fields=(*keys.fields, *MORE)))
    gate = opened("Gate", fields={**GATE, "smith": people.second.pk})
    return gate.number, opened("Chest", fields={**CHEST, "smith": people.boss.pk}).number


def numbers_of(client: Client, query: str) -> set[str]:
    """Return what page and API show for the same question; they must agree."""
    page = client.get(f"{LIST}?{query}").content.decode()
    answer = client.get(f"{API}?type=office.lost_key&{query}")
    assert answer.status_code == 200, answer.content
    found = {one["number"] for one in answer.json()["items"]}
    everything = Case.objects.values_list("number", flat=True)
    assert {one for one in everything if f">{one}<" in page} == found
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f_lock=door", (0,)),
        ("f_lock=box", (1,)),
        ("f_dug=yes", (0,)),
        ("f_dug=no", (1,)),
        ("f_depth_from=9", (0, 1)),
        ("f_depth_from=10", (1,)),
        ("f_depth_to=12.5", (0, 1)),
        ("f_depth_from=9.5&f_depth_to=12", ()),
        ("f_seen_on_from=2026-02-12", (1,)),
        ("f_seen_on_to=2026-02-11", (0,)),
        ("f_rung_at_to=2026-02-11", (0,)),
        ("f_rung_at_from=2026-02-12", (1,)),
        ("f_lock=door&f_depth_from=10", ()),
        ("f_lock=door&show=everything", (0,)),
    ],
)
def test_cases_are_narrowed_by_their_own_fields(two, client, query, expected):
    assert numbers_of(client, query) == {two[n] for n in expected}


def test_cases_are_narrowed_by_a_person(two, client, people):
    assert numbers_of(client, f"f_smith={people.boss.pk}") == {two[1]}


def test_no_filter_and_no_column_tells_of_personal_data(two, client):
    page = client.get(f"{LIST}?cols=number,field_card&f_card=4101").content.decode()

    assert 'name="f_card"' not in page
    assert "4101" not in page.replace("f_card=4101", "")
    assert f">{two[0]}<" in page


@pytest.mark.parametrize("query", ["f_card=4101", "f_lock=hatch", "f_depth_from=deep", "show=all"])
def test_the_api_refuses_what_it_cannot_narrow_by(two, client, query):
    answer = client.get(f"{API}?type=office.lost_key&{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "cases.not_usable")


def test_excel_has_the_chosen_columns_as_what_they_are(two, client, people):
    columns = "number,field_lock,field_dug,field_depth,field_seen_on,field_smith"
    answer = client.get(f"{LIST}?f_lock=box&cols={columns}&format=xlsx")

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    heads, row = book.get_sheet_by_index(0).to_python()
    assert heads == ["Number", "Lock", "Dug", "Depth [cm]", "Seen on", "Smith"]
    assert row == [two[1], "Box", "No", 12.5, date(2026, 2, 12), "Boss"]


def test_a_saved_view_belongs_to_its_kind(two, client, declare, people):
    declare(lost_key(code="office.lost_bag", prefix="B"))
    client.post(
        f"{LIST}?f_lock=door&cols=number,field_lock",
        {"list": "save_view", "name": "Doors", "first": "1"},
    )

    view = SavedView.objects.get()
    assert view.page == "cases:list:office.lost_key"
    assert "f_lock=door" in client.get(LIST)["Location"]
    assert client.get("/cases/office.lost_bag/").status_code == 200


def test_an_index_is_made_for_each_field_and_dropped_with_it(declare, keys, db):
    by_field.ensure()
    declare(lost_key(fields=(*keys.fields, *MORE)))

    assert by_field.ensure() == (len(MORE), 0)
    assert by_field.ensure() == (0, 0)
    if connection.vendor == "sqlite":
        rows = by_field.equal(by_field.of_type(Case.objects.all(), keys.code), "smith", 3).order_by(
            "opened_at"
        )
        plan = rows.explain()
        assert by_field.NAMED in plan
        assert "TEMP B-TREE" not in plan
    declare(keys)
    assert by_field.ensure() == (0, len(MORE))


def test_an_order_that_no_index_leads_to_is_not_offered_for_all_that_ever_was(two, client):
    def offered(query: str) -> bool:
        return "sort=title" in client.get(f"{LIST}?{query}").content.decode()

    assert offered("show=open")
    assert not offered("show=everything")
    assert not offered("show=closed")


@pytest.mark.parametrize("given", [10**400, "1e400", float("nan"), True])
def test_a_number_that_cannot_be_kept_is_refused(opened, declare, keys, given):
    declare(lost_key(fields=(*keys.fields, *MORE)))

    with pytest.raises(refusals.NotUsable):
        opened("Chest", fields={"depth": given})
