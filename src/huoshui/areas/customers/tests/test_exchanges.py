"""Meters that were exchanged: the register follows, and what does not fit waits for somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from huoshui.areas.customers import actions, contracts, facade, refusals
from huoshui.areas.customers.models import MeterExchange, ServicePoint
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events.models import Event
from huoshui.kernel.notices.models import Notice

# Half past two in the afternoon of 7 January in the city (UTC+8).
AT = datetime(2026, 1, 7, 6, 30, tzinfo=UTC)
DEED = contracts.Exchanged(
    key="phone:1", at=AT, old_number="M100001", old_reading_m3=112.0, new_number="N200001",
    start_reading_m3=0.5, stopped_from_date=date(2025, 12, 31), job_number="J-20260107-001",
)  # fmt: skip


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(AT):
        yield


@pytest.fixture
def read(town):
    """The old meter was read on 1 December: 100 m³."""
    ServicePoint.objects.filter(meter_number="M100001").update(
        reading_m3=100.0, reading_date=date(2025, 12, 1)
    )


@pytest.fixture
def keeper(db):
    return accounts.add_user("fang", "Fang", posts=("service_manager",), language="en")[0]


class TestExchangeMeter:
    def test_lets_the_place_have_the_new_meter_and_keeps_the_end_of_the_old(self, read):
        found = facade.exchange_meter(DEED, by_id=None)

        point = ServicePoint.objects.get(account__code="A1001")
        assert (point.meter_number, point.reading_m3) == ("N200001", 0.5)
        assert point.reading_date == date(2026, 1, 7)
        assert facade.account("A1001").meters[0].number == "N200001"
        row = MeterExchange.objects.get()
        assert (row.read_before_m3, row.old_reading_m3) == (100.0, 112.0)
        assert found.is_in_register
        # 12 m³ in the 30 days from 1 until 31 December are 0.4 m³ a day; 7 days stood still.
        assert (found.stopped_days, found.estimated_m3) == (7, pytest.approx(2.8))
        assert found.basis == "metered"

    def test_finds_the_account_by_the_new_number_afterwards(self, read):
        facade.exchange_meter(DEED, by_id=None)

        assert [one.account_code for one in facade.find("N200001")] == ["A1001"]

    def test_told_twice_counts_once(self, read):
        for _ in range(2):
            facade.exchange_meter(DEED, by_id=None)

        assert MeterExchange.objects.count() == 1
        assert Event.objects.filter(kind__endswith="MeterExchanged").count() == 1

    def test_told_by_two_of_a_crew_counts_once(self, read, keeper):
        first = facade.exchange_meter(DEED, by_id=None)
        later = replace(DEED, key="phone:2", at=AT + timedelta(hours=9), new_number=" n200001")

        again = facade.exchange_meter(later, by_id=keeper.pk)

        assert (first.is_repeated, again.is_repeated) == (False, True)
        assert (again.id, again.problem) == (first.id, "")
        assert MeterExchange.objects.count() == 1
        assert Event.objects.filter(kind__endswith="MeterExchanged").count() == 1
        assert not Notice.objects.exists()

    def test_of_the_same_numbers_by_another_job_on_another_day_is_one_of_its_own(self, read):
        facade.exchange_meter(DEED, by_id=None)
        other = replace(DEED, key="phone:2", at=AT + timedelta(days=2), job_number="J-2")

        assert not facade.exchange_meter(other, by_id=None).is_repeated
        assert facade.exchange_meter(replace(other, key="phone:3"), by_id=None).is_repeated

    def test_never_changes_the_meter_of_another_account_than_that_of_the_job(self, read, keeper):
        deed = replace(DEED, old_number="M100001", account_code="A1002")

        found = facade.exchange_meter(deed, by_id=None)

        assert (found.problem, found.account_code) == ("other_account", "")
        assert ServicePoint.objects.get(account__code="A1001").meter_number == "M100001"
        assert Notice.objects.count() == 1
        told = Event.objects.get(kind__endswith="MeterExchanged").payload
        assert (told["account_code"], told["estimated_m3"]) == ("", None)

    def test_of_the_account_of_the_job_goes_into_the_register(self, read):
        found = facade.exchange_meter(replace(DEED, account_code="A1001"), by_id=None)

        assert (found.problem, found.account_code) == ("", "A1001")

    def test_of_a_neighbour_that_the_job_is_about_too_goes_into_the_register(self, read):
        deed = replace(DEED, account_code="A1002", other_accounts=frozenset({"A1001"}))

        found = facade.exchange_meter(deed, by_id=None)

        assert (found.problem, found.account_code) == ("", "A1001")

    def test_tells_billing_both_readings_and_the_moment(self, read):
        facade.exchange_meter(DEED, by_id=None)

        told = Event.objects.get(kind__endswith="MeterExchanged").payload
        assert (told["account_code"], told["old_reading_m3"]) == ("A1001", 112.0)
        assert (told["start_reading_m3"], told["estimated_m3"]) == (0.5, pytest.approx(2.8))

    def test_keeps_what_the_register_does_not_know_and_tells_somebody(self, town, keeper):
        found = facade.exchange_meter(replace(DEED, old_number="M999"), by_id=None)

        assert (found.problem, found.account_code) == ("unknown_meter", "")
        assert Notice.objects.get().title_en.startswith("Exchange of meter M999 for N200001")

    def test_never_hangs_one_meter_at_two_places(self, town):
        found = facade.exchange_meter(replace(DEED, new_number="M100002"), by_id=None)

        assert found.problem == "number_taken"
        assert ServicePoint.objects.filter(meter_number="M100001").exists()

    def test_a_report_that_comes_late_does_not_bring_an_older_meter_back(self, read):
        facade.exchange_meter(DEED, by_id=None)
        facade.exchange_meter(
            replace(DEED, key="phone:2", old_number="N200001", new_number="N3"), by_id=None
        )
        early = replace(DEED, key="phone:0", at=AT.replace(hour=1), old_number="N3")

        facade.exchange_meter(replace(early, new_number="N0"), by_id=None)

        assert ServicePoint.objects.get(account__code="A1001").meter_number == "N3"

    def test_a_meter_that_ran_until_then_has_nothing_to_estimate(self, read):
        found = facade.exchange_meter(replace(DEED, stopped_from_date=None), by_id=None)

        assert (found.estimated_m3, found.basis) == (0.0, "not_stopped")


class TestSettleExchange:
    def test_puts_the_meter_into_its_place_with_the_number_put_right(self, read, keeper):
        facade.exchange_meter(replace(DEED, old_number="M10001"), by_id=None)
        row = MeterExchange.objects.get()

        actions.settle_exchange(row.pk, old_number="M100001", new_number="N200001", by_id=keeper.pk)

        row.refresh_from_db()
        assert (row.problem, row.old_number, row.settled_by) == ("", "M10001", keeper)
        told = Event.objects.filter(kind__endswith="MeterExchanged").order_by("-pk").first().payload
        assert (told["old_number"], told["account_code"]) == ("M100001", "A1001")
        assert ServicePoint.objects.get(account__code="A1001").meter_number == "N200001"

    def test_refuses_a_number_that_still_does_not_fit(self, read, keeper):
        facade.exchange_meter(replace(DEED, old_number="M10001"), by_id=None)

        with pytest.raises(refusals.NoSuch):
            actions.settle_exchange(
                MeterExchange.objects.get().pk, old_number="M10001", new_number="N1",
                by_id=keeper.pk,
            )  # fmt: skip

    def test_believes_who_has_seen_that_the_meter_is_another_accounts(self, read, keeper):
        facade.exchange_meter(replace(DEED, account_code="A1002"), by_id=None)
        row = MeterExchange.objects.get()

        actions.settle_exchange(row.pk, old_number="M100001", new_number="N200001", by_id=keeper.pk)

        assert ServicePoint.objects.get(account__code="A1001").meter_number == "N200001"
        assert not Notice.objects.standing_at(clock.now()).exists()


class TestSettleAsToldTwice:
    @pytest.fixture
    def both(self, read):
        """One exchange told by two, the second with a number mistyped."""
        facade.exchange_meter(DEED, by_id=None)
        facade.exchange_meter(replace(DEED, key="phone:2", new_number="N200007"), by_id=None)
        return list(MeterExchange.objects.order_by("pk"))

    def test_lets_it_count_once_and_says_so_in_the_trail(self, both, keeper):
        first, again = both

        actions.settle_as_told_twice(again.pk, same_as_id=first.pk, by_id=keeper.pk)

        again.refresh_from_db()
        assert (again.problem, again.same_as, again.settled_by) == ("told_twice", first, keeper)
        day = timedelta(days=1)
        assert [one.id for one in facade.meter_exchanges(since=AT - day, until=AT + day)] == [
            first.pk
        ]
        record = AuditRecord.objects.get(action="customers.exchange_told_twice")
        assert record.detail["same_as"] == "M100001 → N200001"
        assert not Notice.objects.standing_at(clock.now()).exists()

    def test_refuses_an_exchange_of_another_job_and_other_meters(self, both, keeper):
        other = replace(
            DEED, key="phone:3", old_number="M100002", new_number="N5", job_number="J-2"
        )
        found = facade.exchange_meter(other, by_id=None)

        with pytest.raises(refusals.NoSuch):
            actions.settle_as_told_twice(both[1].pk, same_as_id=found.id, by_id=keeper.pk)

    def test_leaves_nothing_to_settle(self, both, keeper):
        first, again = both
        actions.settle_as_told_twice(again.pk, same_as_id=first.pk, by_id=keeper.pk)

        with pytest.raises(refusals.Impossible):
            actions.settle_exchange(
                again.pk, old_number="M100001", new_number="N200007", by_id=keeper.pk
            )


class TestDoubtOfReading:
    @pytest.mark.parametrize(("reading", "code"), [(99.9, "below_last"), (100.0, None)])
    def test_names_a_reading_below_the_one_before(self, read, reading, code):
        doubt = facade.doubt_of_reading("M100001", reading)

        assert (doubt.code if doubt else None) == code

    def test_says_nothing_of_a_meter_nobody_knows(self, town):
        assert facade.doubt_of_reading("M999", 1.0) is None


class TestPages:
    def browser(self, user):
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_the_list_shows_both_meters_and_what_waits(self, read, keeper):
        facade.exchange_meter(replace(DEED, old_number="M10001"), by_id=None)

        page = self.browser(keeper).get("/customers/meter-exchanges/?show=open").content.decode()

        assert "M10001" in page
        assert 'href="/fieldwork/jobs/J-20260107-001/"' in page
        assert "Old meter is not in the register" in page

    def test_the_form_settles_it(self, read, keeper):
        facade.exchange_meter(replace(DEED, old_number="M10001"), by_id=None)
        pk = MeterExchange.objects.get().pk

        answer = self.browser(keeper).post(
            f"/customers/meter-exchanges/{pk}/",
            {"old_number": "M100001", "new_number": "N200001"},
        )

        assert answer.status_code == 302
        assert not MeterExchange.objects.exclude(problem="").exists()

    def test_the_form_says_that_it_was_told_twice(self, read, keeper):
        first = facade.exchange_meter(DEED, by_id=None)
        again = facade.exchange_meter(
            replace(DEED, key="phone:2", new_number="N200007"), by_id=None
        )
        browser, url = self.browser(keeper), f"/customers/meter-exchanges/{again.id}/"

        page = browser.get(url).content.decode()
        answer = browser.post(
            url, {"same_as": first.id, "old_number": "M100001", "new_number": "N200007"}
        )

        assert "M100001 → N200001" in page
        assert "Settle the exchange" in page
        assert "Put it into the register" not in page
        assert answer.status_code == 302
        assert MeterExchange.objects.get(pk=again.id).same_as_id == first.id
        page = browser.get("/customers/meter-exchanges/").content.decode()
        assert "Told twice" in page
        assert url not in page

    def test_the_form_names_the_account_of_the_job(self, read, keeper):
        found = facade.exchange_meter(replace(DEED, account_code="A1002"), by_id=None)

        page = self.browser(keeper).get(f"/customers/meter-exchanges/{found.id}/").content.decode()

        assert "The job is about account A1002" in page
        assert "The same exchange as" not in page

    def test_who_only_reads_may_not_settle(self, read, dispatcher):
        facade.exchange_meter(replace(DEED, old_number="M10001"), by_id=None)
        pk = MeterExchange.objects.get().pk

        answer = self.browser(dispatcher).get(f"/customers/meter-exchanges/{pk}/")

        assert answer.status_code == 403
