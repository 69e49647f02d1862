"""What phones do to the books: parts leave the vehicle, meters change in the register."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import actions, contracts, models, queries
from huoshui.areas.fieldwork.actions import crews, giving, stock, whose
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.tests.conftest import (  # noqa: F401
    NOW,
    day_shift,
    depot,
    make_crew,
    person,
)
from huoshui.kernel.intake import kinds

METER = {
    "old_number": "M100001", "old_reading_m3": 120.0, "new_number": "N1", "start_reading_m3": 0.2,
}  # fmt: skip


def lying(part: str) -> int:
    row = models.Stock.objects.filter(store__code="V-Q", part__code=part).first()
    return row.quantity if row else 0


@pytest.fixture
def ours(make_crew, crew, leader):  # noqa: F811
    """Chen and Li in one crew with two clamps and three meters on board."""
    made = make_crew("Q", clamp=2, meter=3)
    stock.keep_part("meter", name_zh="水表", name_en="Meter", unit="pc", is_meter=True, by_id=None)
    crews.set_members("Q", users=[crew], leader=leader, by_id=None)
    return made


@pytest.fixture
def job(street, dispatcher, ours):
    crews.keep_job_type(
        "exchange",
        values={"name_zh": "换表", "name_en": "Exchange", "kind": "repair", "priority": "normal",
                "usual_minutes": 30, "exchanges_meter": True},
        kit={"meter": 1, "clamp": 1}, by_id=None,
    )  # fmt: skip
    made = actions.request_job(
        place=contracts.Place(asset_code="p2", account_code="A1001"), by_id=dispatcher.pk,
        work=contracts.Work("exchange"),
    )  # fmt: skip
    return giving.give_to_crew(made.number, crew_code="Q", by_id=dispatcher.pk)[0]


@pytest.fixture
def town(db, tmp_path):
    """One customer, whose meter stood at 100 m³ on 1 January."""
    table = tmp_path / "accounts.csv"
    table.write_text(
        "code,name,address,meter,reading_m3,reading_date\n"
        "A1001,张伟,光明小区3号楼,M100001,100,2026-01-01\n",
        encoding="utf-8",
    )
    outcome = kinds.KINDS["accounts"].carry_out(table, table.name, {}, None)
    assert outcome.created == 1, outcome.as_json()


def exchanges():
    return customers.meter_exchanges(since=NOW - timedelta(days=9), until=NOW + timedelta(days=1))


class TestMaterials:
    def test_leave_the_vehicle_of_the_crew_once(self, phone, job):
        entry = phone.entry("material", job.number, name="Clamp", code="clamp", amount=1)

        first, again = phone.send(entry)[0], phone.send(entry)[0]

        assert (first["outcome"], first["code"], first["message"]) == ("taken", "", "")
        assert again == first
        assert lying("clamp") == 1
        (movement,) = models.StockMovement.objects.filter(why="issued")
        assert (movement.job, movement.key) == (job, f"phone:{entry['id']}#clamp")

    def test_are_kept_where_the_books_say_less_and_the_difference_is_named(self, phone, job):
        entry = phone.entry("material", job.number, name="Clamp", code="clamp", amount=5)

        receipt = phone.send(entry)[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", "fieldwork.more_than_booked")
        assert "had 3 less" in receipt["message"]
        assert lying("clamp") == 0
        (difference,) = models.StockMovement.objects.filter(is_difference=True)
        assert (difference.quantity, difference.why, difference.job) == (3, "counted", job)
        assert phone.send(entry)[0] == receipt
        assert models.StockMovement.objects.filter(is_difference=True).count() == 1

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"name": "Hemp", "amount": 1}, "fieldwork.part_not_in_list"),
            ({"name": "Clamp", "code": "clamp", "amount": 0.5}, "fieldwork.part_not_whole"),
        ],
    )
    def test_that_the_books_cannot_follow_are_kept_and_say_so(self, phone, job, body, code):
        receipt = phone.send(phone.entry("material", job.number, **body))[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", code)
        assert receipt["message"]
        assert lying("clamp") == 2

    def test_of_somebody_without_a_vehicle_book_nothing(self, phone, job, crew, leader):
        crews.set_members("Q", users=[], leader=leader, by_id=None)
        models.Job.objects.filter(pk=job.pk).update(crew=None, assigned_to=crew)

        receipt = phone.send(phone.entry("material", job.number, name="C", code="clamp", amount=1))

        assert receipt[0]["code"] == "fieldwork.no_vehicle"
        assert lying("clamp") == 2

    def test_count_also_at_a_job_that_was_cancelled_meanwhile(self, phone, job, dispatcher):
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Not needed.")
        entry = phone.entry("material", job.number, name="Clamp", code="clamp", amount=3)

        receipt = phone.send(entry)[0]

        assert (receipt["outcome"], receipt["code"]) == ("kept", "fieldwork.cancelled_meanwhile")
        assert "cancelled meanwhile" in receipt["message"]
        assert "had 1 less" in receipt["message"]
        assert lying("clamp") == 0

    def test_of_a_shift_handed_in_at_its_end_stand_at_the_hour_they_were_used(self, phone, job):
        phone.send(
            phone.entry("material", job.number, name="C", code="clamp", amount=1, ago_s=8 * 3600),
            phone.entry("material", job.number, name="C", code="clamp", amount=4, ago_s=7 * 3600),
        )

        issued = models.StockMovement.objects.filter(why="issued").order_by("pk")
        assert [one.at for one in issued] == [NOW - timedelta(hours=8), NOW - timedelta(hours=7)]
        # All of it is older than the six hours that say how fast a part is used up now.
        (clamp,) = (one for one in stock_queries.outlook(NOW.date()) if one.part.code == "clamp")
        assert (clamp.used, clamp.runs_out_at) == (0, None)
        (difference,) = models.StockMovement.objects.filter(is_difference=True)
        assert (difference.quantity, difference.at) == (3, NOW - timedelta(hours=7))

    def test_are_offered_with_the_kit_and_what_lies_on_board(self, phone, job):
        day = phone.client.get("/api/v1/fieldwork/phone/day").json()

        assert day["vehicle"]["name"] == "Van Q"
        assert {one["code"]: one["quantity"] for one in day["vehicle"]["parts"]} == {
            "clamp": 2, "meter": 3,
        }  # fmt: skip
        assert [(one["code"], one["quantity"]) for one in day["jobs"][0]["kit"]] == [
            ("clamp", 1), ("meter", 1),
        ]  # fmt: skip


class TestMeterExchange:
    def test_reaches_the_register_and_takes_one_meter_from_the_vehicle(self, town, phone, job):
        entry = phone.entry("meter", job.number, stopped_on="2026-02-27", **METER)

        receipt = phone.send(entry)[0]
        phone.send(entry)

        assert (receipt["outcome"], receipt["code"]) == ("taken", "")
        assert customers.account("A1001").meters[0].number == "N1"
        (row,) = exchanges()
        # 20 m³ in the 57 days from 1 January until 27 February; three days stood still.
        assert row.estimated_m3 == pytest.approx(20 / 57 * 3)
        assert (row.job_number, lying("meter")) == (job.number, 2)

    def test_warns_of_a_reading_below_the_last_one_and_keeps_it(self, town, phone, job):
        body = {**METER, "old_reading_m3": 12.0, "start_reading_m3": 120.0}

        receipt = phone.send(phone.entry("meter", job.number, **body))[0]

        assert receipt["outcome"] == "taken"
        assert "below the one in the register, 100" in receipt["message"]
        assert "rarely begins at 120" in receipt["message"]
        assert exchanges()[0].old_reading_m3 == 12.0

    def test_of_a_meter_that_nobody_knows_is_kept_for_the_office(self, town, phone, job):
        receipt = phone.send(phone.entry("meter", job.number, **{**METER, "old_number": "X"}))[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", "fieldwork.unknown_meter")
        assert (exchanges()[0].problem, lying("meter")) == ("unknown_meter", 2)

    def test_told_by_two_of_a_crew_counts_once_and_takes_one_meter(
        self, town, phone, phone_of, leader, job
    ):
        phone.send(phone.entry("meter", job.number, **METER))
        other = phone_of(leader)

        receipt = other.send(other.entry("meter", job.number, **METER))[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", "fieldwork.told_twice")
        assert "last reading of 120 m³" in receipt["message"]
        assert (len(exchanges()), lying("meter")) == (1, 2)

    def test_of_a_meter_of_another_customer_is_kept_for_the_office(self, town, phone, job):
        models.Job.objects.filter(pk=job.pk).update(account_code="A1002")

        receipt = phone.send(phone.entry("meter", job.number, **METER))[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", "fieldwork.other_account")
        assert "at another customer" in receipt["message"]
        assert customers.account("A1001").meters[0].number == "M100001"
        assert (exchanges()[0].problem, lying("meter")) == ("other_account", 2)

    def test_of_a_neighbour_who_called_about_the_same_is_the_jobs_own(
        self, town, phone, job, monkeypatch
    ):
        # The job was asked for one customer, and the case behind it has the calls of both.
        monkeypatch.setattr(whose, "_asked", [lambda origin: {"case:1": ["A1001"]}.get(origin, [])])
        models.Job.objects.filter(pk=job.pk).update(account_code="A1002", origin="case:1")

        receipt = phone.send(phone.entry("meter", job.number, **METER))[0]

        assert (receipt["outcome"], receipt["code"]) == ("taken", "")
        assert exchanges()[0].account_code == "A1001"

    def test_offers_the_meters_of_the_customer_with_their_last_reading(self, town, phone, job):
        day = phone.client.get("/api/v1/fieldwork/phone/day").json()

        assert day["jobs"][0]["meters"] == [
            {"number": "M100001", "reading_m3": 100.0, "reading_date": "2026-01-01",
             "address": "光明小区3号楼"},
        ]  # fmt: skip

    def test_offers_the_meters_of_everybody_the_job_is_about(
        self, town, phone, job, tmp_path, monkeypatch
    ):
        table = tmp_path / "more.csv"
        table.write_text(
            "code,name,address,meter,reading_m3,reading_date\n"
            "A1000,李娜,光明小区1号楼,M100000,50,2026-01-01\n"
            "A1003,王强,光明小区9号楼,M100003,70,2026-01-01\n",
            encoding="utf-8",
        )
        kinds.KINDS["accounts"].carry_out(table, table.name, {}, None)
        knows = {"case:1": ["A1000", "A1001"]}
        monkeypatch.setattr(whose, "_asked", [lambda origin: knows.get(origin, [])])
        models.Job.objects.filter(pk=job.pk).update(origin="case:1")

        (carried,) = phone.client.get("/api/v1/fieldwork/phone/day").json()["jobs"]

        # Whoever the job was asked for comes first; A1003 called of something else.
        assert [(one["number"], one["address"]) for one in carried["meters"]] == [
            ("M100001", "光明小区3号楼"), ("M100000", "光明小区1号楼"),
        ]  # fmt: skip

    @pytest.mark.parametrize("said", ["27.2.2026", "2026-02-30", 5])
    def test_refuses_a_day_that_is_none(self, town, phone, job, said):
        receipt = phone.send(phone.entry("meter", job.number, stopped_on=said, **METER))[0]

        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.entry_not_valid")
        assert exchanges() == ()


class TestLateEntries:
    def test_of_everybody_of_the_crew_that_lost_the_job_are_kept(
        self,
        phone,
        job,
        make_crew,  # noqa: F811
        person,  # noqa: F811
        dispatcher,
    ):
        make_crew("Z")
        crews.set_members("Z", users=[], leader=person("zhou", "crew"), by_id=None)
        giving.give_to_crew(job.number, crew_code="Z", by_id=dispatcher.pk)

        receipt = phone.send(phone.entry("material", job.number, name="C", code="clamp", amount=1))

        assert (receipt[0]["outcome"], receipt[0]["code"]) == ("kept", "fieldwork.given_away")
        assert lying("clamp") == 1

    def test_of_a_report_written_before_the_job_was_sent_back_count(
        self, phone, phone_of, job, leader, dispatcher
    ):
        phone.send(phone.entry("finish", job.number, found="repaired", note="first", ago_s=600))
        actions.return_job(number=job.number, by_id=dispatcher.pk, reason="Still leaks.")
        other = phone_of(leader)

        other.send(other.entry("finish", job.number, found="thawed", note="second", ago_s=1200))

        assert queries.latest_report(job.pk).note == "second"


class TestMoments:
    def test_of_a_repair_are_taken_over_as_they_were(self, phone, job):
        phone.send(
            phone.entry("set_off", job.number, ago_s=5400),
            phone.entry("arrive", job.number, ago_s=4500),
            phone.entry("repaired", job.number, ago_s=900),
            phone.entry("water_back", job.number, ago_s=300),
            phone.entry("finish", job.number, found="no_leak_found", cause="frost"),
        )

        job.refresh_from_db()
        minutes = [
            round((job.water_back_at - at).total_seconds() / 60)
            for at in (job.set_off_at, job.arrived_at, job.repaired_at)
        ]
        assert minutes == [85, 70, 10]
        assert job.cause == "frost"
