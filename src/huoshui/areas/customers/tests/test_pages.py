"""The pages of customers, as an administrator and as somebody without a post."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.urls import reverse

from huoshui.areas.customers import actions
from huoshui.kernel.accounts import actions as accounts

pytestmark = pytest.mark.django_db
QUERY_COUNTS = json.loads(Path(__file__).with_name("query_counts.json").read_text("utf-8"))


@pytest.fixture
def administrator(client):
    user, _ = accounts.add_user("ada", "Ada", posts=("administrator",))
    client.force_login(user)
    return client


class TestAccountList:
    @pytest.mark.parametrize("rows", [1, 20])
    def test_costs_the_same_for_few_and_many(
        self, administrator, django_assert_max_num_queries, rows
    ):
        for number in range(rows):
            actions.add_account(code=f"A-{number}", name="One", by_id=None)

        with django_assert_max_num_queries(QUERY_COUNTS["customers:accounts"]):
            response = administrator.get(reverse("customers:accounts"))

        assert "A-0" in response.content.decode()

    def test_is_closed_to_strangers(self, client):
        assert client.get(reverse("customers:accounts")).status_code in (302, 401)


class TestNewAccount:
    def test_adds_one(self, administrator):
        response = administrator.post(reverse("customers:add"), {"code": "A-1", "name": "One"})

        assert response.status_code == 302

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, administrator):
        actions.add_account(code="A-1", name="One", by_id=None)

        response = administrator.post(reverse("customers:add"), {"code": "A-1", "name": "Two"})

        assert response.status_code in (409, 422)
        assert 'value="Two"' in response.content.decode()
