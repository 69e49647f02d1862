"""What other areas are told of customers."""

from __future__ import annotations

import pytest

from huoshui.areas.customers import actions, facade, registering, stating
from huoshui.areas.customers.contracts import Channel, Role
from huoshui.areas.customers.models import Account, Person
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


class TestByPhone:
    @pytest.mark.parametrize("number", ["13800138001", "+86 138-0013-8001", "013800138001"])
    def test_finds_a_person_with_every_account(self, number):
        (caller,) = facade.by_phone(number)

        assert [one.code for one in caller.accounts] == ["A1001", "A1008"]
        assert caller.accounts[0].meters[0].number == "M100001"
        assert caller.accounts[0].balance_cents == 3560
        assert caller.accounts[0].premises.estate_code == "XQ-01"
        assert caller.roles == {"A1001": "holder", "A1008": "holder"}

    def test_masks_for_those_who_may_not_see(self, dispatcher):
        (caller,) = facade.by_phone("13800138002", reader=dispatcher)

        assert (caller.name, caller.phone) == ("王*国", "138****8002")
        assert caller.accounts[0].holder_phones == ("138****8002", "053****1234")
        assert not AuditRecord.objects.filter(action="customers.unmasked").exists()

    def test_shows_in_full_and_records_it(self, agent):
        (caller,) = facade.by_phone("13800138002", reader=agent)

        assert (caller.name, caller.is_masked) == ("王建国", False)
        seen = AuditRecord.objects.get(action="customers.unmasked")
        assert (seen.subject, seen.by_id) == ("customers.account:A1002", agent.pk)

    @pytest.mark.parametrize("number", ["053188881234", "88881234"])
    def test_knows_a_landline_with_and_without_its_area(self, number):
        assert [one.accounts[0].code for one in facade.by_phone(number)] == ["A1002"]

    def test_knows_who_speaks_for_somebody(self):
        actions.add_person("A1003", name="曾明", phone="13700137000", role=Role.FAMILY, by_id=None)

        (caller,) = facade.by_phone("13700137000")

        assert caller.roles == {"A1003": "family"}

    @pytest.mark.parametrize("number", ["", "110", "anonymous", "13000000000"])
    def test_says_nothing_of_strangers(self, number):
        assert facade.by_phone(number) == ()

    def test_asks_the_same_number_of_questions_for_many(self, django_assert_num_queries):
        rows = (stating.Row(f"B{n}", name="物业公司", phones=("13811112222",)) for n in range(80))
        actions.keep_accounts(rows, by_id=None)

        with django_assert_num_queries(7):
            (caller,) = facade.by_phone("13811112222")

        assert (len(caller.accounts), caller.accounts_total) == (50, 80)


class TestRecipients:
    def test_are_those_of_an_estate_or_its_zone(self):
        by_estate = [one.account_code for one in facade.recipients(estates=["XQ-01"])]
        by_zone = [one.account_code for one in facade.recipients(zones=["Z-XQ-01"])]

        assert by_estate == by_zone == ["A1001", "A1002", "A1003"]

    def test_are_those_inside_a_line_each_once(self):
        ring = [(117.005, 36.655), (117.015, 36.655), (117.015, 36.665), (117.005, 36.665)]

        found = list(facade.recipients(polygon=ring, accounts=["A1001", "A1004"]))

        assert [one.account_code for one in found] == ["A1001", "A1004", "A1002"]

    def test_are_those_whom_a_connection_feeds(self):
        found = [one.account_code for one in facade.recipients(connections=["10001"])]

        assert found == ["A1001", "A1002"]

    def test_say_what_each_declined(self):
        actions.choose_channels("A1001", [Channel.SMS], by_id=None)

        (found,) = facade.recipients(accounts=["A1001"])

        assert found.opted_out == {"sms"}
        assert (found.phone, found.person_name) == ("13800138001", "张伟")

    def test_leave_out_what_is_closed(self):
        Account.objects.filter(code="A1001").update(state="closed")

        assert not list(facade.recipients(accounts=["A1001"]))


class TestKeepAccounts:
    def write(self, *rows):
        writer = registering.Writer(clock.now())
        writer.write(rows)
        return writer.created, writer.changed, writer.unchanged

    def test_finds_nothing_changed_the_second_time(self):
        from huoshui.areas.customers.tests import conftest

        assert self.write(*conftest.ROWS) == (0, 0, len(conftest.ROWS))

    def test_says_what_differs(self):
        said = []
        writer = registering.Writer(
            clock.now(), dry=True, differ=lambda *difference: said.append(difference)
        )

        writer.write([stating.Row("A1001", tariff="居民", reading_m3=120.0, meter="M100001")])

        assert said == [("A1001", "tariff", "", "居民"), ("A1001", "reading_m3", None, 120.0)]
        assert Account.objects.get(code="A1001").tariff == ""

    def test_a_new_name_with_a_new_number_is_somebody_else(self):
        self.write(stating.Row("A1002", name="赵六", phones=("13600136000",)))

        assert Account.objects.get(code="A1002").holder.name == "赵六"
        assert Person.objects.get(name="王建国").held.count() == 0

    def test_never_renames_the_holder_of_other_accounts(self):
        self.write(stating.Row("A1001", name="张卫"))

        assert Account.objects.get(code="A1008").holder.name == "张伟"
        assert Account.objects.get(code="A1001").holder.name == "张卫"

    def test_a_corrected_name_is_found_by_its_new_sound(self):
        self.write(stating.Row("A1002", name="汪建国"))

        assert [one.account_code for one in facade.find("wangjianguo")] == ["A1002"]
        assert facade.by_phone("13800138002")[0].accounts[0].holder_name == "汪*国"

    def test_a_corrected_door_is_found_by_its_new_path(self):
        self.write(stating.Row("A1001", estate="XQ-01", building="5", unit="1", room="301"))

        assert [one.account_code for one in facade.find("gmxq 5-1-301")] == ["A1001"]
        assert facade.find("gmxq 3-2-501") == []


class TestSpecialist:
    def test_is_nobody_before_somebody_is_chosen(self):
        assert facade.specialist_of("XQ-01") is None
