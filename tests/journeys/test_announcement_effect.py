"""What came of an announcement: the told beside the others, calls and cases apart.

estate E1: A1 told and opened, A2 told, A3 not reached, A4 and A5 not addressed
estate E2: B1 not addressed, and in no comparison, because nobody of E2 was told
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from huoshui.areas.announcements import comparing, models
from huoshui.areas.announcements.contracts import Happened, Happenings, Kind, Way
from huoshui.areas.announcements.tests import conftest as announcing
from huoshui.areas.customers import actions as customers_actions
from huoshui.areas.customers.models import Estate
from huoshui.areas.customers.stating import Row
from huoshui.kernel import cases, clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)


home, gateway, sms, cast = announcing.home, announcing.gateway, announcing.sms, announcing.cast


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def row(sms):
    """Return the announcement of the sketch above, its messages gone."""
    Estate.objects.bulk_create(
        [Estate(code="E1", name="光明小区"), Estate(code="E2", name="金泉苑")]
    )
    doors = {"A1": "E1", "A2": "E1", "A3": "E1", "A4": "E1", "A5": "E1", "B1": "E2"}
    customers_actions.keep_accounts(
        [
            Row(code=code, name=f"王{code}", kind="person", estate=estate, building="1", room=code)
            for code, estate in doors.items()
        ],
        by_id=None,
    )
    row = announcing.queued(
        *({"phone": f"1380000000{n}", "estate_code": "E1"} for n in (1, 2, 3)), kind=Kind.FREEZE
    )
    for code, state in (("A1", "read"), ("A2", "sent"), ("A3", "failed")):
        models.Delivery.objects.filter(recipient__account_code=code).update(state=state)
    return row


@pytest.fixture
def called(monkeypatch):
    """Return a list: what is put there has happened, as calls."""
    happened = []
    monkeypatch.setattr(comparing, "_offered", dict(comparing._offered))
    comparing.offer(
        Happenings(
            "calls", "Calls", "hotline.read_calls",
            lambda _reader, since, until: [one for one in happened if since <= one.at < until],
        )
    )  # fmt: skip

    def call(code, matter="no_water", at=LATER):
        number = f"C{len(happened)}"
        happened.append(Happened(code, at, matter, f"about {matter}", number, f"/calls/{number}/"))

    return call


def compared(row, reader, **how):
    """Return the comparison of a week from noon."""
    everything = comparing.happened(reader, NOON, NOON + timedelta(days=7))
    return comparing.compare(row, everything, **how)


class TestCompare:
    def test_puts_each_account_into_one_group(self, row, cast):
        found = compared(row, cast.mei)

        assert [found.accounts[group] for group in comparing.GROUPS] == [1, 1, 1, 2]

    def test_counts_an_account_once_however_often_it_called(self, row, called, cast):
        called("A2")
        called("A2")
        called("A4")

        found = compared(row, cast.mei)
        assert [found.hit("calls", groups=(group,)) for group in comparing.GROUPS] == [0, 1, 0, 1]
        assert found.hit("calls", way=Way.SMS) == 1
        assert found.hit("calls", estate="E1") == 2

    def test_leaves_out_estates_where_nobody_was_told(self, row, called, cast):
        called("B1")

        assert compared(row, cast.mei).events == []

    def test_counts_one_matter_where_one_is_asked_for(self, row, called, cast):
        called("A2", "bill")
        called("A4", "no_water")

        found = compared(row, cast.mei, matter="calls:no_water")
        assert [one.happened.account_code for one in found.events] == ["A4"]

    def test_counts_a_person_with_two_accounts_as_told_with_both(self, row, cast):
        leader = models.Recipient.objects.get(account_code="A1")
        models.Recipient.objects.create(
            announcement=row, account_code="A4", estate_code="E1", why="list", leader=leader
        )

        found = compared(row, cast.mei)
        assert found.accounts[comparing.OPENED] == 2
        assert found.accounts[comparing.OTHERS] == 1

    def test_takes_cases_about_an_account(self, row, cast):
        with clock.frozen(LATER):
            number = cases.open_case(
                "customers.complaint", "水表冻裂", by_id=cast.mei.pk,
                links=[("customers.account", "A3")], fields={"what": "x"},
            ).number  # fmt: skip

        (event,) = compared(row, cast.mei).events
        assert (event.kind, event.happened.number) == ("cases", number)
        assert event.placed.group == comparing.MISSED

    def test_tells_nobody_of_calls_who_may_not_see_calls(self, row, called, cast):
        called("A2")

        assert compared(row, cast.gao).events == []
        assert len(compared(row, cast.mei).events) == 1


class TestPage:
    def page(self, client, row, **query):
        return client.get(reverse("announcements:effect", args=[row.number]), query)

    def test_opens_the_list_of_each_number(self, row, called, client, cast):
        called("A2")
        called("A4")
        client.force_login(cast.mei)
        text = self.page(client, row).content.decode()

        links = [part.split('"')[0].replace("&amp;", "&") for part in text.split('href="')[1:]]
        (told,) = [link for link in links if "group=told" in link]

        text = client.get(told).content.decode()
        assert ">A2<" in text
        assert ">A4<" not in text

    def test_counts_nothing_from_before_the_release(self, row, called, client, cast):
        called("A2", at=NOON - timedelta(minutes=1))
        client.force_login(cast.mei)

        assert "group=told" not in self.page(client, row).content.decode()

    def test_keeps_to_the_days_that_are_asked_for(self, row, called, client, cast):
        called("A2", at=NOON + timedelta(days=3))
        client.force_login(cast.mei)

        assert "group=told" in self.page(client, row).content.decode()
        shorter = self.page(client, row, at_from="2026-03-02", at_to="2026-03-04")
        assert "group=told" not in shorter.content.decode()

    def test_gives_the_same_as_excel(self, row, called, client, cast):
        called("A2")
        client.force_login(cast.mei)
        answer = self.page(client, row, format="xlsx")
        found = io.BytesIO(b"".join(answer.streaming_content))
        with zipfile.ZipFile(found) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()

        # The group of A2 alone: one account, to which it happened, a share of one.
        assert re.search(r"<v>1</v>.*<v>1</v>.*<v>1</v>", sheet.split("</row>")[4])

    def test_is_closed_to_strangers(self, row, client):
        assert self.page(client, row).status_code in (302, 401)

    def test_costs_the_same_for_few_and_many(
        self, row, called, client, cast, django_assert_max_num_queries
    ):
        client.force_login(cast.mei)
        for count in (1, 40):
            for _ in range(count):
                called("A4")
            with django_assert_max_num_queries(20):
                self.page(client, row)
