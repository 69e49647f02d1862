"""The API of maintenance, to read."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork.upkeep import actions


@pytest.fixture
def desk(browser, dispatcher):
    return browser(dispatcher)


class TestPlans:
    def test_are_listed_the_soonest_due_first(self, make_plan, desk):
        make_plan("LATER", every_days=300)
        make_plan("SOON", asset_code="p1")
        found = desk.get(reverse("api:upkeep-plans")).json()

        assert found["total"] == 2
        # Done on 1 February, every 30 days: 3 March; today is 2 March.
        assert [(one["code"], one["due_date"], one["standing"]) for one in found["items"]] == [
            ("SOON", "2026-03-03", "soon"), ("LATER", "2026-11-28", "later"),
        ]  # fmt: skip

    def test_are_chosen_by_asset_day_and_page(self, make_plan, desk):
        make_plan("A")
        make_plan("B", asset_code="p1")
        url = reverse("api:upkeep-plans")

        def codes(**asked):
            return [one["code"] for one in desk.get(url, asked).json()["items"]]

        assert codes(asset="p1") == ["B"]
        assert codes(due_until="2026-03-02") == []
        assert codes(offset=1) == ["B"]
        assert desk.get(url, {"limit": 0}).status_code == 422

    def test_tell_their_past(self, make_plan, desk):
        make_plan("A")
        actions.record_done("A", date(2026, 3, 1), by_id=None)
        found = desk.get(reverse("api:upkeep-plan", args=["A"])).json()

        assert [(one["outcome"], one["done_date"]) for one in found["history"]] == [
            ("done", "2026-03-01")
        ]

    def test_that_do_not_exist_are_refused(self, desk, db):
        answer = desk.get(reverse("api:upkeep-plan", args=["NONE"]))

        assert (answer.status_code, answer.json()["code"]) == (404, "fieldwork.no_such_upkeep")


class TestSigns:
    def test_and_suggestions_are_empty_where_nothing_is_watched(self, desk):
        assert desk.get(reverse("api:upkeep-signs")).json() == []
        assert desk.get(reverse("api:upkeep-suggestions")).json() == {
            "total": 0, "right": 0, "wrong": 0, "items": [],
        }  # fmt: skip
