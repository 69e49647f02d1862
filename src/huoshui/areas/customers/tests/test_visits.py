"""Key accounts, their visits, and events in communities."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from huoshui.areas.customers import actions, facade, key_accounts, rules, visit_types
from huoshui.areas.customers.models import Account
from huoshui.kernel import cases, clock, errors
from huoshui.kernel.accounts import actions as accounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def manager(town, client):
    user, _ = accounts.add_user("ada", "Ada", posts=("service_manager",))
    client.force_login(user)
    return user


@pytest.fixture
def mill(manager):
    """A great user without a manager, long with us."""
    Account.objects.filter(code="A1006").update(
        use_m3_year=rules.KEY_USE_GREAT_M3, opened_date=date(2010, 1, 1)
    )
    return Account.objects.get(code="A1006")


def row_of(code):
    return next((one for one in key_accounts.rows() if one["code"] == code), None)


class TestKeyAccounts:
    def test_are_those_with_a_manager_and_those_who_use_much(self, mill, manager):
        facade.choose_key_manager("A1001", manager.pk, by_id=None)

        assert facade.key_account_codes() == ["A1006", "A1001"]
        assert row_of("A1001")["manager"] == manager.name

    def test_who_was_never_visited_is_due_today(self, mill):
        row = row_of("A1006")

        assert row["standing"] == "due"
        assert row["due_date"] == clock.local(clock.now()).date()

    def test_a_visit_that_was_made_puts_the_next_one_off_by_use(self, mill, manager):
        today = clock.local(clock.now()).date()
        actions.plan_visits([mill.pk], by_id=manager.pk)
        number = row_of("A1006")["planned"]

        said = {"visited_date": today.isoformat(), "needs": "夏季加压", "promises": "五天内答复"}
        cases.act(number, "visit", by_id=manager.pk, fields=said)
        row = row_of("A1006")

        assert (row["visited_date"], row["visits"], row["promises"]) == (today, 1, 1)
        assert row["due_date"] == today + rules.KEY_VISIT_EVERY_GREAT
        assert row["standing"] == "later"
        cases.act(number, "keep", by_id=manager.pk, fields={"answers": "已加压"})
        assert row_of("A1006")["promises"] == 0

    def test_a_visit_is_planned_once_for_its_manager(self, mill, manager):
        actions.choose_key_manager("A1006", manager.pk, by_id=None)

        assert actions.plan_visits([mill.pk], by_id=manager.pk) == 1
        assert actions.plan_visits([mill.pk], by_id=manager.pk) == 0
        (found,) = cases.linked("customers.account", "A1006")
        assert (found.type_code, found.owner_id) == (visit_types.KEY_VISIT, manager.pk)

    def test_is_planned_from_the_list(self, mill, client, django_assert_max_num_queries):
        address = reverse("customers:key_accounts")

        answer = client.post(address, {"bulk": "plan", "id": [mill.pk]})

        assert answer.status_code == 302
        assert row_of("A1006")["standing"] == "planned"
        with django_assert_max_num_queries(18):
            page = client.get(address).content.decode()
        assert row_of("A1006")["planned"] in page
        assert "A1001" not in page


class TestButler:
    def test_ticks_every_line_inside_before_advice(self, mill, manager):
        case = cases.open_case(visit_types.BUTLER, "厂内水箱", fields={"wish": "看水箱"},
                               by_id=manager.pk)  # fmt: skip

        with pytest.raises(errors.Refused) as refused:
            cases.act(case.number, "check", by_id=manager.pk, fields={"found": "阀门锈"})

        assert refused.value.code == "cases.missing"
        ticked = [code for code, _label in visit_types.INSIDE]
        done = cases.act(case.number, "check", by_id=manager.pk, fields={"found": "阀门锈"},
                         checklist=ticked)  # fmt: skip
        assert done.state == "checked"


class TestEvents:
    def test_show_the_estates_where_none_was(self, manager, client):
        today = clock.local(clock.now()).date()
        for estate, day in (("XQ-01", today), ("XQ-02", today - 2 * rules.OUTREACH_EVERY)):
            one = cases.open_case(
                visit_types.OUTREACH, estate, fields={"what": "水质检测"},
                links=[("customers.estate", estate)], by_id=manager.pk,
            )  # fmt: skip
            said = {"held_date": day.isoformat(), "people": 40, "opinions": "水压"}
            cases.act(one.number, "hold", by_id=manager.pk, fields=said)

        page = client.get(reverse("customers:estates"), {"show": "no_event"}).content.decode()

        assert "光明小区" not in page
        assert "光明花园" in page

    def test_an_event_planned_only_does_not_count(self, manager):
        cases.open_case(visit_types.OUTREACH, "XQ-01", fields={"what": "水质检测"},
                        links=[("customers.estate", "XQ-01")], by_id=manager.pk)  # fmt: skip

        assert key_accounts.estates_reached(date(2000, 1, 1)) == set()

    def test_are_planned_from_the_page_of_an_estate(self, manager, client):
        page = client.get(reverse("customers:estate", args=["XQ-01"])).content.decode()
        address = next(
            part.split('"')[0].replace("&amp;", "&")
            for part in page.split('href="') if "customers.outreach/new" in part.split('"')[0]
        )  # fmt: skip

        form = client.get(address)

        assert form.status_code == 200
        assert "customers.estate:XQ-01" in form.content.decode()
