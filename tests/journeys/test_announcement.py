"""From the register of customers to the telephone: one announcement, its people, each told once.

光明小区  A1 王 138…1   A2 王 138…1 (the same person)   A3 李 landline   A4 赵 opted out
泉水花园  A5 孙 138…5, in special care, where the area is drawn
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from huoshui.areas.announcements import account_lists, actions, audience, models, outbox
from huoshui.areas.announcements.contracts import DeliveryState, Kind, Risk, State, Way
from huoshui.areas.announcements.tests import standin
from huoshui.areas.announcements.tests.conftest import set_up_sms
from huoshui.areas.customers import actions as customers
from huoshui.areas.customers import contracts as customers_contracts
from huoshui.areas.customers import models as customers_models
from huoshui.areas.customers import placing
from huoshui.areas.customers.models import Estate
from huoshui.areas.customers.stating import Row
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions as accounts

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
AROUND_A5 = [(117.0299, 36.6699), (117.0303, 36.6699), (117.0303, 36.6703), (117.0299, 36.6703)]


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def town(db):
    """Five accounts of four people in two estates."""
    made = Estate.objects.bulk_create(
        Estate(code=code, name=name, zone_code=f"Z-{code}")
        for code, name in (("XQ-1", "光明小区"), ("XQ-2", "泉水花园"))
    )
    placing.keep_keys(estates=made)
    home = {"estate": "XQ-1", "building": "1", "unit": "1"}
    customers.keep_accounts(
        (
            Row("A1", name="王强", phones=("13800000001",), room="101", **home),
            Row("A2", name="王强", phones=("13800000001",), room="102", **home),
            Row("A3", name="李娜", phones=("053188881234",), room="201", **home),
            Row("A4", name="赵敏", phones=("13800000004",), room="202", **home),
            Row("A5", name="孙丽", phones=("13800000005",), estate="XQ-2", building="2",
                room="301", lon=117.0301, lat=36.6701),
        ),
        by_id=None,
    )  # fmt: skip
    customers.choose_channels("A4", [customers_contracts.Channel.SMS], by_id=None)


def draft(**chosen):
    """Return a draft of a burst, told by short message, to whom was chosen."""
    said = actions.Composed(
        kind=Kind.BURST, title_zh="停水", text_zh="{name}您好，户号{account}今晚停水。"
    )
    row = actions.compose(said, by_id=None)
    actions.choose_people(row.number, by_id=None, **chosen)
    actions.choose_ways(row.number, [Way.SMS], by_id=None)
    row.refresh_from_db()
    return row


def codes(row):
    """Return the accounts that are chosen."""
    return sorted(one.recipient.account_code for one in audience.gathered(row))


class TestChoosing:
    def test_by_estate_by_area_and_everybody(self, town):
        assert codes(draft(estates=["XQ-1"])) == ["A1", "A2", "A3", "A4"]
        assert codes(draft(polygon=AROUND_A5)) == ["A5"]
        assert codes(draft(everyone=True)) == ["A1", "A2", "A3", "A4", "A5"]

    def test_names_every_reason_and_each_account_once(self, town):
        row = draft(estates=["XQ-2"], polygon=AROUND_A5)

        (only,) = audience.gathered(row)
        assert sorted(only.why) == ["estate:XQ-2", "polygon"]

    def test_counts_people_once_and_says_why_some_are_not_reached(self, town):
        counted = actions.gather(draft(estates=["XQ-1"]).number, by_id=None)

        assert (counted.people, counted.accounts) == (3, 4)
        sms = counted.ways[Way.SMS]
        assert (sms.reached, sms.no_address, sms.opted_out) == (1, 1, 1)

    def test_narrows_to_special_care(self, town):
        customers.begin_care(
            "A5", reason=customers_contracts.CareReason.DIALYSIS, consent_date=NOON.date(),
            consent_by="儿子", by_id=None,
        )  # fmt: skip

        assert codes(draft(risks=[Risk.SPECIAL_CARE])) == ["A5"]
        assert codes(draft(estates=["XQ-1"], risks=[Risk.SPECIAL_CARE])) == []

    def test_takes_a_list_and_names_its_bad_rows(self, town, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text("户号,备注\nA1,x\nA5,\nA999,\nA1,again\n", encoding="utf-8")
        read = account_lists.read(path, "名单.csv")

        assert read.codes == ("A1", "A5")
        wrong = [(one.line, one.value) for one in read.problems if one.value]
        assert (4, "A999") in wrong
        row = draft()
        actions.list_accounts(row.number, read.codes, by_id=None)
        assert codes(row) == ["A1", "A5"]


def test_a_mass_notice_goes_from_two_people_to_every_telephone_once(town, tmp_path, monkeypatch):
    chosen = settings.get().model_copy(update={"home": tmp_path, "message_hosts": "127.0.0.1"})
    monkeypatch.setattr(settings, "get", lambda: chosen)
    first, second = (
        accounts.add_user(name, name, posts=("service_manager",))[0] for name in ("mei", "lin")
    )
    actions.change_rules(
        quiet_from=NOON.time(), quiet_until=NOON.time(), mass_from=2, keep_days=90,
        page_address="https://water.example.cn", by_id=first.pk,
    )  # fmt: skip
    with standin.running() as gateway:
        set_up_sms(gateway.address)
        row = draft(everyone=True)
        assert actions.submit(row.number, by_id=first.pk).state == State.WAITING
        actions.release(row.number, by_id=second.pk)
        actions.queue(row.pk)
        outbox.send_slice()

    told = {one["phone"]: one["text"] for one in gateway.taken.values()}
    assert told == {
        "13800000001": "王强您好，户号A1今晚停水。",
        "13800000005": "孙丽您好，户号A5今晚停水。",
    }
    states = models.Delivery.objects.values_list("state", flat=True)
    assert sorted(states) == sorted([DeliveryState.SENT] * 2 + [DeliveryState.LEFT_OUT] * 2)
    row.refresh_from_db()
    assert row.state == State.DONE
    assert row.estimate_cents == Decimal("9.0")


class TestMetersExposedToFrost:
    @pytest.fixture(autouse=True)
    def _exposed(self, town):
        for code in ("A1", "A5"):
            account = customers_models.Account.objects.get(code=code)
            customers_models.ServicePoint.objects.create(
                premises=account.premises, account=account, meter_number=f"M-{code}",
                is_exposed=True,
            )  # fmt: skip

    def test_are_told_alone_or_within_what_was_chosen(self):
        assert codes(draft(risks=[Risk.FROST])) == ["A1", "A5"]
        assert codes(draft(risks=[Risk.FROST], estates=["XQ-1"])) == ["A1"]
