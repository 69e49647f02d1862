"""Meters exposed to frost: said singly, of many at once and by a table; listed for others."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from huoshui.areas.customers import facade
from huoshui.areas.customers.models import Account, ServicePoint
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.intake import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def specialist(town, client):
    user, _ = accounts.add_user("zheng", "Zheng", posts=("grid_specialist",))
    client.force_login(user)
    return user


def bring(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, "utf-8")
    return kinds.KINDS["accounts"].carry_out(path, "table.csv", {}, None)


@pytest.mark.usefixtures("specialist")
class TestTag:
    def test_is_set_and_taken_away_on_the_page_of_an_account(self, client):
        address = reverse("customers:tag_exposed", args=["A1001"])

        client.post(address, {"exposed": "1"})
        assert facade.exposed_accounts() == ["A1001"]
        client.post(address, {"exposed": ""})

        assert facade.exposed_accounts() == []
        assert AuditRecord.objects.filter(action="customers.exposed_tagged").count() == 2

    def test_is_set_for_many_at_once_and_goes_to_excel(self, client):
        ids = [row.pk for row in Account.objects.filter(code__in=("A1001", "A1002", "A1009"))]
        address = reverse("customers:accounts")

        client.post(address, {"bulk": "exposed", "id": ids})
        answer = client.get(address, {"show": "exposed", "format": "xlsx"})

        with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as book:
            told = "".join(book.read(name).decode() for name in book.namelist() if "xml" in name)
        answer.close()
        assert all(code in told for code in ("A1001", "A1002", "A1009"))
        assert "A1003" not in told
        assert "张伟" not in told

    def test_is_closed_to_those_who_only_read(self, client, dispatcher):
        client.force_login(dispatcher)

        answer = client.post(reverse("customers:tag_exposed", args=["A1001"]), {"exposed": "1"})

        assert answer.status_code == 403
        assert facade.exposed_accounts() == []


class TestTable:
    def test_says_it_of_the_account_without_naming_a_meter(self, tmp_path):
        outcome = bring(tmp_path, "户号,水表外露,年用水量\nA1001,是,\nA1006,否,52000\n")

        assert outcome.changed == 2
        assert facade.exposed_accounts() == ["A1001"]
        assert Account.objects.get(code="A1006").use_m3_year == 52_000

    def test_leaves_the_tag_where_the_cell_is_empty(self, tmp_path):
        ServicePoint.objects.filter(account__code="A1001").update(is_exposed=True)

        outcome = bring(tmp_path, "户号,水表外露\nA1001,\n")

        assert outcome.unchanged == 1
        assert facade.exposed_accounts() == ["A1001"]

    def test_refuses_a_use_below_nothing(self, tmp_path):
        outcome = bring(tmp_path, "户号,年用水量\nA1006,-1\n")

        assert "customers.use_negative" in outcome.problems.counts
        assert outcome.left_out == 1

    def test_closed_accounts_are_no_longer_warned(self):
        ServicePoint.objects.filter(account__code="A1001").update(is_exposed=True)
        Account.objects.filter(code="A1001").update(state="closed")

        assert facade.exposed_accounts() == []
