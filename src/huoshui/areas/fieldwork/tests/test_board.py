"""The board, its proposals and the pages of crews and stock, as people with posts meet them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.actions import giving, planning, stock
from huoshui.areas.fieldwork.queries import board as board_queries
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.areas.fieldwork.web import board

SPOT = contracts.Place(lon=113.62, lat=34.75)


@pytest.fixture
def job(street, dispatcher):
    return actions.request_job(place=SPOT, by_id=dispatcher.pk, title="Wet road")


def post(client, name, body, *args):
    return client.post(reverse(f"api:{name}", args=args), json.dumps(body), "application/json")


class TestBoard:
    def test_lists_open_jobs_and_crews_at_work(self, browser, dispatcher, job, make_crew):
        make_crew("a", "fit")

        found = browser(dispatcher).get(reverse("api:fieldwork-board")).json()

        (row,), (crew,) = found["jobs"], found["crews"]
        assert (row["number"], row["title"], row["crew"]) == (job.number, "Wet road", "")
        assert (crew["code"], crew["skills"], crew["people"]) == ("a", ["fit"], ["La"])

    def test_costs_as_many_queries_for_many_jobs_as_for_one(
        self, job, make_crew, dispatcher, django_assert_max_num_queries
    ):
        make_crew("a")
        for _ in range(5):
            actions.request_job(place=SPOT, by_id=dispatcher.pk)

        with django_assert_max_num_queries(1):
            assert len(board_queries.jobs()) == 6

    def test_gives_a_job_and_takes_it_back(self, browser, dispatcher, job, make_crew):
        make_crew("a")
        client = browser(dispatcher)

        answer = post(client, "fieldwork-board-move", {"job": job.number, "crew": "a"})
        job.refresh_from_db()
        assert (answer.json(), job.crew.code) == ({"broken": []}, "a")

        post(client, "fieldwork-board-move", {"job": job.number})
        job.refresh_from_db()
        assert job.crew is None

    @pytest.mark.parametrize("plan", ["²", "9" * 40])
    def test_shows_the_day_where_the_address_names_no_plan(self, browser, dispatcher, plan):
        answer = browser(dispatcher).get(reverse("fieldwork:board"), {"plan": plan})

        assert answer.status_code == 200

    def test_is_read_only_for_who_may_not_give_jobs(self, browser, crew, job, make_crew):
        make_crew("a")
        client = browser(crew)

        assert client.get(reverse("fieldwork:board")).status_code == 200
        answer = post(client, "fieldwork-board-move", {"job": job.number, "crew": "a"})
        assert answer.status_code == 403

    def test_proposes_crews_for_one_job(self, browser, dispatcher, job, make_crew):
        make_crew("a")

        (one,) = (
            browser(dispatcher).get(reverse("api:fieldwork-job-crews", args=[job.number])).json()
        )

        assert (one["crew"], one["faults"], one["waiting"]) == ("a", [], 0)

    def test_lays_a_proposal_over_the_jobs_without_giving_any(
        self, browser, dispatcher, job, make_crew
    ):
        make_crew("a")
        client = browser(dispatcher)
        client.post(reverse("fieldwork:plan-many"))
        plan = models.Plan.objects.get()
        planning.compute(plan.pk, limit_s=0.1)

        found = client.get(reverse("api:fieldwork-board"), {"plan": plan.pk}).json()
        job.refresh_from_db()
        assert (found["jobs"][0]["crew"], found["plan"]["state"]) == ("a", "proposed")
        assert job.crew is None

        answer = post(client, "fieldwork-plan-accept", {}, plan.pk)
        assert answer.json() == {"given": 1, "passed_over": []}
        assert client.get(reverse("fieldwork:plans")).status_code == 200

    def test_says_404_for_a_proposal_nobody_asked_for(self, browser, dispatcher, street):
        answer = browser(dispatcher).get(reverse("api:fieldwork-board"), {"plan": 99})

        assert answer.status_code == 404


class TestChanges:
    def test_begin_with_where_the_stream_stands(self, job):
        cursor, items = board.changes(None)

        assert items == [{"key": "cursor", "cursor": cursor[0]}]
        assert board.changes(cursor) == (cursor, [])

    def test_carry_what_changed_and_the_rest_of_its_crew(self, job, make_crew, dispatcher):
        make_crew("a")
        other = actions.request_job(place=SPOT, by_id=dispatcher.pk)
        giving.give_to_crew(other.number, crew_code="a", by_id=dispatcher.pk)
        cursor, _items = board.changes(None)

        giving.give_to_crew(job.number, crew_code="a", at_place=0, by_id=dispatcher.pk)
        _cursor, items = board.changes(cursor)

        assert {one["row"][0] for one in items if one["key"] == "job"} == {job.number, other.number}

    def test_say_that_a_job_left_the_board(self, job, dispatcher):
        cursor, _items = board.changes(None)
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Twice.")

        _cursor, (item, _last) = board.changes(cursor)

        assert item["row"][board_queries.PACKED.index("state")] == contracts.JobState.CANCELLED


class TestCrewPages:
    def test_add_a_crew_with_people_and_an_exception(self, browser, dispatcher, person, day_shift):
        client, chen = browser(dispatcher), person("chen", "crew")
        client.post(reverse("fieldwork:new-crew"), {
            "code": "Q-1", "name": "Crew one", "pattern": day_shift.pk, "pattern_offset_days": 0,
        })  # fmt: skip
        client.post(reverse("fieldwork:crew-people", args=["Q-1"]), {"leader": chen.pk})
        client.post(reverse("fieldwork:crew-day", args=["Q-1"]), {"day": "2026-03-02"})

        page = client.get(reverse("fieldwork:crew", args=["Q-1"])).content.decode()

        assert "Chen (leader)" in page
        assert "off" in page
        assert "Crew one" in client.get(reverse("fieldwork:crews")).content.decode()

    def test_change_keeps_what_is_not_in_the_form(self, browser, dispatcher, make_crew):
        make_crew("a")
        client = browser(dispatcher)

        client.post(reverse("fieldwork:change-crew", args=["a"]), {
            "name": "Night crew", "pattern_offset_days": 3,
        })  # fmt: skip

        row = models.Crew.objects.get(code="a")
        assert (row.name, row.pattern_offset_days, row.lon) == ("Night crew", 3, 113.6)

    def test_refuse_half_a_shift(self, browser, dispatcher, make_crew):
        make_crew("a")

        answer = browser(dispatcher).post(
            reverse("fieldwork:crew-day", args=["a"]),
            {"day": "2026-03-02", "from_at": "2026-03-02T20:00"},
        )

        assert answer.status_code == 422

    @pytest.mark.parametrize("name", ["new-crew", "plans", "plan-many"])
    def test_are_closed_to_a_crew_member(self, browser, crew, name):
        client = browser(crew)
        send = client.post if name == "plan-many" else client.get
        assert send(reverse(f"fieldwork:{name}")).status_code == 403


class TestStockPages:
    @pytest.fixture
    def parts(self, db, depot):
        stock.keep_part("meter", name_zh="水表", name_en="Meter", unit="pc", by_id=None)
        stock.move(stock.Way(contracts.Moved.RECEIVED, to_code="D"), {"meter": 5}, by_id=None)

    def test_book_a_movement_and_show_it(self, browser, dispatcher, parts, job):
        client = browser(dispatcher)
        values = {"why": "issued", "part": models.Part.objects.get().pk, "quantity": 2,
                  "from_store": models.Store.objects.get().pk, "job": job.number}  # fmt: skip

        assert client.post(reverse("fieldwork:move"), values).status_code == 302

        assert job.number in client.get(reverse("fieldwork:movements")).content.decode()
        assert "Depot" in client.get(reverse("fieldwork:stock")).content.decode()

    def test_say_what_is_missing(self, browser, dispatcher, parts):
        values = {"why": "scrapped", "part": models.Part.objects.get().pk, "quantity": 9,
                  "from_store": models.Store.objects.get().pk}  # fmt: skip

        answer = browser(dispatcher).post(reverse("fieldwork:move"), values)

        assert answer.status_code == 409
        assert "Meter 4" in answer.content.decode()

    def test_want_the_ends_of_each_kind_of_movement(self, browser, dispatcher, parts):
        values = {"why": "issued", "part": models.Part.objects.get().pk, "quantity": 1}

        answer = browser(dispatcher).post(reverse("fieldwork:move"), values)

        assert answer.content.decode().count("This movement needs it.") == 2

    def test_count_and_show_the_outlook(self, browser, dispatcher, parts):
        client = browser(dispatcher)
        values = {"store": models.Store.objects.get().pk, "part": models.Part.objects.get().pk,
                  "quantity": 3}  # fmt: skip

        assert client.post(reverse("fieldwork:count"), values).status_code == 302
        assert "Meter" in client.get(reverse("fieldwork:outlook")).content.decode()

    def test_add_a_part_a_store_and_a_minimum(self, browser, dispatcher, parts):
        client = browser(dispatcher)
        client.post(reverse("fieldwork:new-part"), {
            "code": "clamp", "name_zh": "抱箍", "name_en": "Clamp", "unit": "pc",
        })  # fmt: skip
        client.post(
            reverse("fieldwork:new-store"), {"code": "V", "name": "Van", "is_vehicle": "on"}
        )
        part, van = models.Part.objects.get(code="clamp"), models.Store.objects.get(code="V")
        client.post(reverse("fieldwork:set-minimum"), {
            "store": van.pk, "part": part.pk, "quantity": 2, "from_month": 11, "until_month": 3,
        })  # fmt: skip

        assert van.is_vehicle
        assert models.StockMinimum.objects.get().quantity == 2
        half = {"code": "W", "name": "Half", "lon": "113"}
        assert client.post(reverse("fieldwork:new-store"), half).status_code == 422

    def test_are_closed_to_a_viewer(self, browser, person, parts):
        assert browser(person("wei", "viewer")).get(reverse("fieldwork:stock")).status_code == 403


class TestNewJob:
    def test_takes_type_and_window(self, browser, street, dispatcher, meter_exchange):
        values = {"kind": "other", "asset_code": "p1", "priority": "low",
                  "job_type": meter_exchange.pk, "window_from_at": "2026-03-03T09:00",
                  "window_until": "2026-03-03T11:00"}  # fmt: skip

        browser(dispatcher).post(reverse("fieldwork:new-job"), values)

        job = models.Job.objects.get()
        assert (job.kind, job.duration_minutes) == ("repair", 30)
        assert job.window_until - job.window_from_at == timedelta(hours=2)

    def test_refuses_a_window_that_ends_before_it_begins(self, browser, street, dispatcher):
        values = {"kind": "other", "asset_code": "p1", "priority": "low",
                  "window_from_at": "2026-03-03T11:00",
                  "window_until": "2026-03-03T09:00"}  # fmt: skip

        answer = browser(dispatcher).post(reverse("fieldwork:new-job"), values)

        assert answer.status_code == 422


class TestFrame:
    def test_shows_the_hour_before_and_twelve_ahead(self):
        begin, end = board_queries.frame(NOW + timedelta(minutes=20))

        assert (begin, end) == (NOW - timedelta(hours=1), NOW + timedelta(hours=12))
