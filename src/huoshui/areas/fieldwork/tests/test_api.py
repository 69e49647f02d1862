"""The JSON API of jobs."""

from __future__ import annotations

import pytest

from huoshui.areas.fieldwork import actions

JOBS = "/api/v1/fieldwork/jobs"


@pytest.fixture
def job(street, dispatcher, place):
    return actions.request_job(place=place, by_id=dispatcher.pk)


def post(client, url: str, body: dict):
    return client.post(url, body, content_type="application/json")


class TestJobsApi:
    def test_takes_a_job_from_asking_to_closing(self, browser, street, dispatcher, crew):
        asked = post(browser(dispatcher), JOBS, {"place": {"asset_code": "p1"}, "kind": "repair"})
        assert asked.status_code == 201, asked.content
        url = f"{JOBS}/{asked.json()['number']}"

        post(browser(dispatcher), f"{url}/assign", {"username": "chen"})
        post(browser(crew), f"{url}/report", {"found": "no_leak_found", "note": "All dry."})
        closed = post(browser(dispatcher), f"{url}/close", {}).json()

        assert closed["state"] == "closed"
        assert [step["what"] for step in closed["steps"]] == [
            "requested",
            "assigned",
            "reported",
            "closed",
        ]
        assert closed["reports"][0]["reported_by"] == "chen"

    def test_lists_and_narrows(self, browser, job, crew):
        client = browser(crew)

        assert client.get(JOBS).json()["total"] == 1
        assert client.get(JOBS, {"state": "closed"}).json()["total"] == 0
        assert client.get(JOBS, {"zone": "A"}).json()["items"][0]["number"] == job.number
        assert client.get(JOBS, {"mine": "true"}).json()["total"] == 0

    def test_refuses_with_code_and_next_step(self, browser, job, dispatcher, leader):
        client = browser(leader)
        post(client, f"{JOBS}/{job.number}/assign", {"username": "li"})
        post(client, f"{JOBS}/{job.number}/report", {"found": "no_leak_found"})

        refused = post(client, f"{JOBS}/{job.number}/close", {})

        assert refused.status_code == 409
        assert refused.json()["code"] == "fieldwork.same_person_may_not_close"
        assert refused.json()["next_step"]

    def test_answers_404_for_an_unknown_number(self, browser, job, crew):
        answer = browser(crew).get(f"{JOBS}/J-1")

        assert (answer.status_code, answer.json()["code"]) == (404, "fieldwork.no_such_job")

    @pytest.mark.parametrize(
        ("step", "body"),
        [
            ("assign", {"username": "chen"}),
            ("close", {}),
            ("return", {"reason": "x"}),
            ("cancel", {"reason": "x"}),
        ],
    )
    def test_refuses_what_a_post_does_not_have(self, browser, job, crew, step, body):
        answer = post(browser(crew), f"{JOBS}/{job.number}/{step}", body)

        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.not_allowed")

    def test_is_closed_to_strangers(self, client, job):
        assert client.get(JOBS).status_code == 401


class TestMapLayer:
    def test_shows_open_jobs_where_they_are(self, browser, job, crew):
        answer = browser(crew).get("/api/v1/fieldwork/map").json()

        (feature,) = answer["features"]
        assert feature["geometry"]["coordinates"] == [job.lon, job.lat]
        assert feature["properties"]["sign"] == "job"
        assert job.number in feature["properties"]["href"]

    def test_forgets_jobs_that_are_over(self, browser, job, dispatcher):
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Twice.")

        answer = browser(dispatcher).get("/api/v1/fieldwork/map").json()

        assert answer["features"] == []
