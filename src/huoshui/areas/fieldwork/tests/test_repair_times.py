"""From the call to water back: the moments of a repair, and what takes how long in the middle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from huoshui.areas.fieldwork import actions, contracts, facade, models, refusals
from huoshui.areas.fieldwork.actions import giving, stock, timing
from huoshui.areas.fieldwork.queries import repairs, sharing
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.kernel.audit import words
from huoshui.kernel.audit.models import AuditRecord

MIN = timedelta(minutes=1)


@pytest.fixture
def repair(street, dispatcher, place):
    """Make a repair that was called so many minutes ago and took so long."""

    def make(cause="", *, ago=300, arrived=None, repaired=None, back=None, crew=None):
        job = actions.request_job(
            place=place, by_id=dispatcher.pk, kind=contracts.JobKind.REPAIR,
            called_at=NOW - ago * MIN,
        )  # fmt: skip
        if crew is not None:
            giving.give_to_crew(job.number, crew_code=crew.code, by_id=dispatcher.pk)
        begin = NOW - ago * MIN
        moments = {
            "arrived_at": arrived, "repaired_at": repaired, "water_back_at": back,
        }  # fmt: skip
        models.Job.objects.filter(pk=job.pk).update(
            cause=cause, **{k: begin + v * MIN for k, v in moments.items() if v is not None}
        )
        return job

    return make


def by(grouping, past):
    return repairs.groups(facade.repair_times(since=NOW - past, until=NOW), grouping)


class TestGroups:
    def test_say_median_mean_and_count_of_each_cause(self, repair):
        for back in (60, 90, 240):
            repair("frost", arrived=20, repaired=back - 5, back=back)
        repair("joint", arrived=30)

        frost, joint = repairs.groups(
            facade.repair_times(since=NOW - 400 * MIN, until=NOW), "cause"
        )

        assert (frost.key, frost.count, frost.ended) == ("frost", 3, 3)
        # Of 60, 90 and 240 minutes 90 lies in the middle; together they are 390, a third 130.
        assert (frost.median_min, frost.mean_min, frost.longest_min) == (90, 130, 240)
        assert frost.work_min == 65
        assert (joint.count, joint.ended, joint.median_min) == (1, 0, None)

    def test_leave_out_what_ends_before_it_begins(self, repair):
        repair("frost", back=-10)

        (found,) = by("cause", 400 * MIN)

        assert (found.count, found.ended) == (1, 0)

    def test_months_stand_in_their_order_and_are_those_of_the_city(self, repair):
        # 1 March at two in the morning in the city is still 28 February in UTC.
        repair(ago=60 * 36)
        repair(ago=60 * 24 * 10)

        found = repairs.groups(
            facade.repair_times(since=NOW - timedelta(days=30), until=NOW), "month"
        )

        assert [one.key for one in found] == ["2026-03", "2026-02"]

    def test_count_the_call_and_not_when_the_job_was_asked_for(self, repair):
        repair(ago=300, back=100)

        assert facade.repair_times(since=NOW - 299 * MIN, until=NOW) == []
        assert len(facade.repair_times(since=NOW - 300 * MIN, until=NOW)) == 1


class TestPages:
    def test_show_groups_single_repairs_and_the_panel(self, browser, dispatcher, repair):
        job = repair("frost", arrived=20, repaired=80, back=90)
        client = browser(dispatcher)

        groups = client.get(reverse("fieldwork:repair-times")).content.decode()
        single = client.get(reverse("fieldwork:repairs")).content.decode()
        page = client.get(reverse("fieldwork:job", args=[job.number])).content.decode()

        assert "Frost" in groups
        assert '<option value="">By cause</option>' in groups
        assert '<option value="">12 months</option>' in groups
        assert job.number in single
        assert "+90 min" in page

    @pytest.mark.parametrize("by", ["cause", "crew", "month", "nonsense"])
    def test_give_an_excel_file_of_each_grouping(self, browser, dispatcher, repair, by):
        repair("frost", back=90)

        answer = browser(dispatcher).get(
            reverse("fieldwork:repair-times"), {"by": by, "format": "xlsx"}
        )

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:2] == b"PK"

    def test_let_the_office_put_moments_right(self, browser, dispatcher, repair):
        job = repair()

        answer = browser(dispatcher).post(
            reverse("fieldwork:times", args=[job.number]),
            {"repaired_at": "2026-03-02T13:00", "water_back_at": "2026-03-02T13:30",
             "cause": "joint"},
        )  # fmt: skip

        assert answer.status_code == 302
        job.refresh_from_db()
        assert (job.water_back_at, job.cause) == (NOW - 30 * MIN, "joint")

    def test_refuse_water_that_is_back_before_the_call(self, dispatcher, repair):
        job = repair(ago=60)

        with pytest.raises(refusals.MomentImpossible):
            timing.tell(
                job.number, repaired_at=None, water_back_at=NOW - 61 * MIN, cause="",
                by=dispatcher,
            )  # fmt: skip

    def test_put_right_say_in_the_trail_what_stood_there_before(self, dispatcher, repair):
        job = repair("frost", ago=300, repaired=80, back=90)
        told = {"repaired_at": NOW - 220 * MIN, "water_back_at": NOW - 30 * MIN, "cause": "joint"}

        for _ in range(2):
            timing.tell(job.number, **told, by=dispatcher)

        record = AuditRecord.objects.get(action="fieldwork.job_timed")
        with translation.override("en"):
            found = words.rows_of(record.action, record.detail)
            rows = {str(label): said for label, said in found}
        assert rows["Cause"] == "Frost → Joint"
        assert rows["Water back"].count("→") == 1
        assert "Repaired" not in rows
        assert job.events.filter(what="timed").count() == 1

    def test_of_a_cancelled_job_cannot_be_put_right(self, dispatcher, repair):
        job = repair(ago=60)
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Not needed.")

        with pytest.raises(refusals.NotInThisState):
            timing.tell(job.number, repaired_at=NOW, water_back_at=None, cause="", by=dispatcher)


class TestTransfers:
    def test_come_from_the_nearest_vehicle_that_can_spare(
        self, street, make_crew, meter_exchange, dispatcher, place
    ):
        lacking = make_crew("A", "fit", meter=1)
        make_crew("near", "fit", east=0.01, meter=3)
        make_crew("far", "fit", east=0.05, meter=9)
        for _ in range(5):
            job = actions.request_job(
                place=place, by_id=dispatcher.pk, work=contracts.Work("meter")
            )
            giving.give_to_crew(job.number, crew_code=lacking.code, by_id=dispatcher.pk)

        found = sharing.transfers(NOW.date())

        said = [(one.source.code, one.target.code, one.quantity) for one in found]
        assert said == [("V-near", "V-A", 3), ("V-far", "V-A", 1)]
        # 0.01 degrees of longitude at 34.75 degrees north are 914 m.
        assert found[0].distance_m == pytest.approx(914, abs=1)

    def test_bring_what_a_job_lacks_after_some_of_its_kit_was_issued(
        self, street, make_crew, meter_exchange, dispatcher, place
    ):
        make_crew("A", "fit")
        make_crew("B", "fit", meter=4, clamp=2)
        models.KitLine.objects.create(
            job_type=meter_exchange, part=models.Part.objects.get(code="clamp"), quantity=1
        )
        job = actions.request_job(place=place, by_id=dispatcher.pk, work=contracts.Work("meter"))
        giving.give_to_crew(job.number, crew_code="A", by_id=dispatcher.pk)
        way = stock.Way(contracts.Moved.ISSUED, from_code="V-B", job_number=job.number)
        stock.move(way, {"clamp": 1}, by_id=None)

        found = sharing.transfers(NOW.date())

        # Its clamp it has; its meter it still lacks.
        assert [(one.part.code, one.target.code, one.quantity) for one in found] == [
            ("meter", "V-A", 1)
        ]

    def test_are_booked_with_one_press_and_never_twice(
        self, browser, street, make_crew, dispatcher
    ):
        make_crew("A")
        make_crew("B", meter=1)
        said = {"part": "meter", "quantity": "1", "source": "V-B", "target": "V-A"}
        client = browser(dispatcher)

        first = client.post(reverse("fieldwork:transfer"), said)
        again = client.post(reverse("fieldwork:transfer"), said)

        assert (first.status_code, again.status_code) == (302, 409)
        assert models.Stock.objects.get(store__code="V-A").quantity == 1
