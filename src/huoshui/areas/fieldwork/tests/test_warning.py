"""Parts that run out: said once before they do, and again only after it was over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import actions, contracts, facade, models, refusals, rules
from huoshui.areas.fieldwork.actions import stock, warning
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.kernel import clock
from huoshui.kernel.notices.models import Notice

Moved = contracts.Moved
Way = stock.Way


@pytest.fixture
def parts(db, dispatcher):
    """Twenty meters in the store, and somebody who keeps it."""
    stock.keep_part("meter", name_zh="水表", name_en="Meter", unit="pc", by_id=None)
    stock.keep_store("S", name="Store", is_vehicle=False, by_id=None)
    stock.move(Way(Moved.RECEIVED, to_code="S"), {"meter": 20}, by_id=None)


@pytest.fixture
def job(street, meter_exchange, dispatcher):
    return actions.request_job(
        place=contracts.Place(asset_code="p2"), by_id=dispatcher.pk, work=contracts.Work("meter")
    )


def use(job, count):
    stock.move(
        Way(Moved.ISSUED, from_code="S", job_number=job.number), {"meter": count}, by_id=None
    )


class TestWatch:
    def test_is_silent_while_there_is_enough(self, parts, job):
        use(job, 3)

        assert not models.StockWarning.objects.exists()

    def test_tells_the_keeper_once_before_it_runs_out(self, parts, job):
        # Seven in six hours: thirteen are left for eleven hours, which is less than twelve.
        use(job, 6)
        assert not Notice.objects.exists()
        use(job, 1)

        warned = models.StockWarning.objects.get()
        assert (warned.lying, warned.per_day) == (13, 28)
        assert warned.runs_out_at == NOW + timedelta(hours=6) * 13 / 7
        for _ in range(3):
            use(job, 1)
            warning.watch()
        assert Notice.objects.filter(title_en__startswith="Meter is running out: 13 left").count()
        assert Notice.objects.count() == models.StockWarning.objects.count() == 1
        assert models.Stock.objects.get().quantity == 10

    def test_ends_when_more_came_and_warns_again_the_next_time(self, parts, job):
        use(job, 10)
        stock.move(Way(Moved.RECEIVED, to_code="S"), {"meter": 200}, by_id=None)
        assert models.StockWarning.objects.get().ended_at == NOW

        stock.count("S", {"meter": 2}, by_id=None)

        assert models.StockWarning.objects.filter(ended_at=None).count() == 1
        assert Notice.objects.count() == 2

    def test_warns_where_open_jobs_need_more_than_there_is(self, parts, job):
        stock.count("S", {"meter": 0}, by_id=None)

        (warned,) = facade.stock_warnings(since=NOW)
        assert (warned.part_code, warned.wanted, warned.runs_out_at) == ("meter", 1, None)

    def test_forgets_what_was_used_long_ago(self, parts, job):
        use(job, 10)

        with clock.frozen(NOW + rules.RATE_OVER + timedelta(minutes=1)):
            warning.watch()

        assert models.StockWarning.objects.get().ended_at is not None


class TestRunOut:
    @pytest.mark.parametrize(
        ("lying", "used", "hours"), [(13, 7, 6 * 13 / 7), (0, 1, 0), (5, 0, None), (-1, 2, 0)]
    )
    def test_goes_on_at_the_rate_of_the_last_hours(self, lying, used, hours):
        found = rules.run_out(lying=lying, used=used, now=NOW)

        assert found.hours_left == (None if hours is None else pytest.approx(hours))
        assert found.at == (None if hours is None else NOW + timedelta(hours=hours))
        assert found.per_hour == pytest.approx(used / 6)

    def test_is_what_other_areas_are_told(self, parts, job):
        use(job, 7)

        later = NOW + timedelta(hours=1)
        told = facade.part_ends(["meter"], later)["meter"]
        (shown,) = stock_queries.outlook(later.date(), now=later)

        # Thirteen lie there, and seven were used within six hours.
        assert (told.lying, told.over_h) == (13, 6)
        assert told.at == shown.runs_out_at == later + timedelta(hours=6) * 13 / 7


class TestSettle:
    def test_takes_a_difference_from_the_list_with_a_reason(self, parts, dispatcher):
        (found,) = stock.count("S", {"meter": 18}, by_id=None)

        stock.settle(found.pk, note="Two lent to the works.", by_id=dispatcher.pk)

        assert not models.StockMovement.objects.filter(
            is_difference=True, settlement__isnull=True
        ).exists()

    def test_wants_a_second_person(self, parts, dispatcher, leader):
        (found,) = stock.count("S", {"meter": 18}, by_id=dispatcher.pk)

        with pytest.raises(refusals.OwnDifference):
            stock.settle(found.pk, note="Two lent to the works.", by_id=dispatcher.pk)
        stock.settle(found.pk, note="Two lent to the works.", by_id=leader.pk)
        assert models.Settlement.objects.get().by == leader
