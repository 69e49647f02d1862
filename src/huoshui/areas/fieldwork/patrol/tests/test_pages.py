"""Pages of rounds and findings, and what phones carry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, kinds
from huoshui.areas.fieldwork.patrol.tests.conftest import NOW
from huoshui.areas.fieldwork.patrol.web import walks
from huoshui.kernel.audit.models import AuditRecord


@pytest.fixture
def office(browser, dispatcher):
    return browser(dispatcher)


@pytest.fixture
def walk(round_a, crew, track):
    return actions.take_walk(
        round_a, by=crew, began_at=NOW - timedelta(hours=1), track=track(0, 600),
        source=kinds.Source.PHONE,
    )  # fmt: skip


@pytest.fixture
def finding(round_a, crew, places):
    ((lon, lat),) = places((100, 0))
    return actions.take_finding(
        by=crew, kind=kinds.FindingKind.COVER, lon=lon, lat=lat, found_at=NOW, row=round_a,
        asset_code="p1", note="cracked",
    )  # fmt: skip


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


class TestRounds:
    def test_are_listed_with_how_they_stand(self, office, walk):
        page = text(office.get("/patrol/rounds/"))

        assert "XJ-01" in page
        assert "67.7" in page  # 610 of 900 m is 67.78 %, and never more than was walked
        assert "Due" in page

    def test_are_made_from_a_zone(self, office, street):
        given = {"code": "XJ-02", "name": "Main street", "purpose": "patrol", "zone": "A",
                 "every_days": 30, "begin_date": "2026-03-01", "from_month": 1,
                 "until_month": 12, "near_m": 25}  # fmt: skip

        answer = office.post("/patrol/rounds/new/", given)

        assert answer["Location"] == "/patrol/rounds/XJ-02/"
        assert models.PatrolRound.objects.get().asset_codes == ["p1", "p2"]

    def test_are_made_from_what_was_drawn(self, office, places):
        ring = places((600, -50), (1000, -50), (1000, 50), (600, 50))
        given = {"code": "XJ-02", "name": "East", "purpose": "leak_survey",
                 "outline": json.dumps(ring), "every_days": 30, "begin_date": "2026-03-01",
                 "from_month": 11, "until_month": 3, "near_m": 25}  # fmt: skip

        office.post("/patrol/rounds/new/", given)

        assert models.PatrolRound.objects.get().asset_codes == ["p2"]

    def test_say_what_is_wrong_with_what_was_typed(self, office, street):
        given = {"code": "XJ-02", "name": "East", "purpose": "patrol", "assets": "p1, p9",
                 "every_days": 30, "begin_date": "2026-03-01", "from_month": 1,
                 "until_month": 12, "near_m": 25, "outline": ""}  # fmt: skip

        answer = office.post("/patrol/rounds/new/", given)

        assert answer.status_code == 422
        assert "p9" in answer.content.decode()

    def test_keep_their_way_when_only_the_rest_is_changed(self, office, round_a):
        given = {
            "name": "New name",
            "purpose": "patrol",
            "every_days": 14,
            "begin_date": "2026-02-16",
            "from_month": 1,
            "until_month": 12,
            "near_m": 10,
        }

        assert office.post("/patrol/rounds/XJ-01/change/", given).status_code == 302

        round_a.refresh_from_db()
        assert (round_a.name, round_a.every_days) == ("New name", 14)
        assert (round_a.asset_codes, round_a.zone_code) == (["p1", "p2"], "A")

    def test_show_periods_walks_and_the_map(self, office, walk):
        page = text(office.get("/patrol/rounds/XJ-01/"))

        assert "Missed" in page
        assert f"/patrol/walks/{walk.pk}/" in page
        assert "network/asset-map" in page

    def test_name_the_pieces_that_are_missing(self, office, walk):
        page = text(office.get("/patrol/rounds/pieces/?round=XJ-01"))

        assert "p2" in page
        assert ">p1<" not in page
        assert "290" in page

    def test_miss_whole_pipes_where_nobody_walked(self, office, round_a):
        page = text(office.get("/patrol/rounds/pieces/"))

        assert "p1" in page
        assert "500" in page

    def test_that_were_missed_are_listed(self, office, walk):
        page = text(office.get("/patrol/rounds/missed/"))

        assert page.count("XJ-01") >= 2

    @pytest.mark.parametrize(
        "where", ["rounds/", "rounds/pieces/", "rounds/missed/", "walks/", "findings/", "hazards/",
                  "sites/"],
    )  # fmt: skip
    def test_and_all_lists_go_out_as_a_table(self, office, walk, finding, where):
        answer = office.get(f"/patrol/{where}?format=xlsx")

        assert answer.status_code == 200
        assert "spreadsheet" in answer["Content-Type"]
        assert b"".join(answer.streaming_content).startswith(b"PK")

    def test_show_on_the_page_of_their_pipe_and_zone(self, office, walk, finding):
        page = text(office.get("/network/assets/p1/"))

        assert "/patrol/rounds/XJ-01/" in page
        assert "cracked" in page
        assert "/patrol/rounds/XJ-01/" in text(office.get("/network/zones/A/"))


class TestWalks:
    def test_show_the_way_of_a_walker_only_to_those_who_plan(
        self, office, walk, browser, person, crew, dispatcher, monkeypatch
    ):
        drawn = []
        real = walks.maps.track
        monkeypatch.setattr(walks.maps, "track", lambda row: drawn.append(row) or real(row))
        url = f"/patrol/walks/{walk.pk}/"

        text(browser(person("wei", "viewer")).get(url))
        assert drawn == []
        text(browser(crew).get(url))
        text(office.get(url))

        assert len(drawn) == 2
        (read,) = AuditRecord.objects.filter(action="fieldwork.track_read")
        assert (read.by_id, read.subject) == (dispatcher.pk, f"fieldwork.walk:{walk.pk}")

    def test_show_what_they_missed(self, office, walk):
        page = text(office.get(f"/patrol/walks/{walk.pk}/"))

        assert "110–400 m" in page
        assert "67.7" in page

    def test_are_listed(self, office, walk):
        assert "Chen" in text(office.get("/patrol/walks/"))


class TestFindings:
    def test_are_listed_and_become_jobs(self, office, finding):
        assert "Cover missing or broken" in text(office.get("/patrol/findings/"))

        answer = office.post(f"/patrol/findings/{finding.pk}/job/", {})

        assert answer["Location"].startswith("/fieldwork/jobs/J-")
        page = text(office.get(f"/patrol/findings/{finding.pk}/"))
        assert "Make a job of it" not in page

    def test_stand_on_the_map_until_they_are_done_with(self, office, finding):
        found = office.get("/api/v1/fieldwork/patrol/map").json()["features"]

        assert [one["properties"]["label"] for one in found] == ["Cover missing or broken"]

    def test_are_not_for_who_may_not_ask_for_jobs(self, browser, person, finding):
        viewer = browser(person("vera", "viewer"))

        assert viewer.get(f"/patrol/findings/{finding.pk}/job/").status_code == 403


class TestWhatAPhoneCarries:
    def test_is_the_rounds_with_what_to_pass(self, browser, crew, walk):
        found = browser(crew).get("/api/v1/fieldwork/patrol/rounds").json()

        (one,) = found["rounds"]
        assert (one["code"], one["standing"], one["near_m"]) == ("XJ-01", "due", 10.0)
        assert [pipe["code"] for pipe in one["pipes"]] == ["p1", "p2"]
        assert len(one["pipes"][0]["line"]) == 2
        assert one["walked_frac"] == pytest.approx(610 / 900, abs=0.001)
        assert found["limits"]["jump_s"] == 90

    def test_leaves_out_the_rounds_of_others(self, browser, crew, leader, round_a):
        actions.keep_round("XJ-01", values={"walker": leader}, asset_codes=None, by_id=None)

        assert browser(crew).get("/api/v1/fieldwork/patrol/rounds").json()["rounds"] == []
