"""The JSON API of cases: the same deeds and refusals as the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from huoshui.kernel import cases
from huoshui.kernel.cases.models import Case

API = "/api/v1/cases"


@pytest.fixture
def caller():
    """Return what calls the API as somebody."""

    def sign_in(user) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def desk(people, caller):
    return caller(people.desk)


def send(client, address, body):
    return client.post(f"{API}{address}", body, content_type="application/json")


class TestTypes:
    def test_tell_the_declaration_to_those_who_read_it(self, desk, people, caller, keys):
        found = {one["code"]: one for one in desk.get(f"{API}/types").json()}

        assert found["office.lost_key"]["states"][0] == {
            "code": "reported",
            "label": "Reported",
            "kind": "open",
        }
        stranger = caller(people.add("stranger", "crew"))
        assert "office.lost_key" not in {one["code"] for one in stranger.get(f"{API}/types").json()}


class TestCases:
    def test_are_opened_once_by_one_key(self, desk, keys, at_ten):
        body = {"type": keys.code, "title": "Key", "fields": {"room": "Cellar"}, "key": "k"}

        first, again = send(desk, "/cases", body), send(desk, "/cases", body)

        assert first.status_code == 201
        assert first.json()["number"] == again.json()["number"]
        assert first.json()["fields"] == {"room": "Cellar"}
        assert first.json()["possible"] == ["search", "give_up"]

    def test_are_refused_with_every_value_that_does_not_fit(self, desk, keys, at_ten):
        body = {"type": keys.code, "title": "Key", "fields": {"lock": "hatch", "colour": "red"}}

        answer = send(desk, "/cases", body)

        assert answer.status_code == 422
        assert answer.json()["code"] == "cases.not_usable"

    def test_are_not_opened_without_the_permission(self, people, caller, keys, at_ten):
        answer = send(caller(people.guest), "/cases", {"type": keys.code, "title": "Key"})

        assert answer.status_code == 403
        assert not Case.objects.exists()

    def test_are_listed_without_personal_data(self, desk, opened):
        opened("Key of the gate", fields={"card": "4101"}, person={"name": "Wang", "phone": "138"})

        answer = desk.get(f"{API}/cases", {"type": "office.lost_key", "q": "gate"})

        assert answer.json()["total"] == 1
        assert "4101" not in answer.content.decode()
        assert "Wang" not in answer.content.decode()

    def test_are_not_told_to_those_who_may_not_see_them(self, people, caller, opened):
        case = opened()
        stranger = caller(people.add("stranger", "crew"))

        assert stranger.get(f"{API}/cases").json() == {"total": 0, "items": []}
        assert stranger.get(f"{API}/cases/{case.number}").status_code == 404
        assert stranger.get(f"{API}/map").json()["features"] == []

    def test_move_by_a_step_and_refuse_an_old_revision(self, desk, people, opened):
        case = opened()
        body = {"transition": "search", "revision": case.revision}

        moved = send(desk, f"/cases/{case.number}/act", body)
        late = send(desk, f"/cases/{case.number}/act", body)

        assert moved.json()["state"] == "searched"
        assert late.status_code == 409

    def test_say_what_a_step_misses(self, desk, people, opened):
        case = opened()
        cases.act(case.number, "search", by_id=people.desk.pk)

        answer = send(desk, f"/cases/{case.number}/act", {"transition": "find"})

        assert answer.status_code == 422
        assert answer.json()["code"] == "cases.missing"

    def test_take_notes(self, desk, opened):
        case = opened()

        answer = send(desk, f"/cases/{case.number}/note", {"note": "Ask the porter"})

        assert answer.json()["steps"][-1]["note"] == "Ask the porter"

    def test_stand_on_the_map_where_they_have_a_place(self, desk, opened):
        opened("Nowhere")
        case = opened("Here", lon=113.6, lat=34.7)

        found = desk.get(f"{API}/map", {"type": "office.lost_key"}).json()["features"]

        assert [one["properties"]["label"] for one in found] == [case.number]
        assert found[0]["properties"]["tone"] == "good"


class TestDeeds:
    def test_give_a_case_to_somebody_by_name(self, desk, people, opened):
        case = opened()

        answer = send(desk, f"/cases/{case.number}/assign", {"owner": "second"})

        assert answer.json()["owner"] == "second"
        nobody = send(desk, f"/cases/{case.number}/assign", {"owner": "nobody"})
        assert nobody.json()["code"] == "cases.not_usable"

    def test_stop_the_clocks_and_let_them_go_on(self, desk, opened):
        case = opened()

        stopped = send(desk, f"/cases/{case.number}/pause", {"reason": "away"}).json()
        going = send(desk, f"/cases/{case.number}/resume", {}).json()

        assert (stopped["paused_for"], stopped["next_due_at"]) == ("away", None)
        assert going["paused_for"] == ""

    def test_write_down_a_call_back_and_reopen(self, desk, people, opened):
        case = opened()
        cases.act(case.number, "search", by_id=people.desk.pk)
        cases.act(case.number, "find", by_id=people.desk.pk, fields={"room": "Attic"})

        answer = send(desk, f"/cases/{case.number}/call-back", {"score": 1, "note": "Wrong key"})

        assert (answer.json()["state"], answer.json()["reopened_count"]) == ("searched", 1)

    def test_reopen_a_closed_case_only(self, desk, people, opened):
        case = opened()
        early = send(desk, f"/cases/{case.number}/reopen", {"note": "Again"})
        cases.act(case.number, "search", by_id=people.desk.pk)
        cases.act(case.number, "give_up", by_id=people.second.pk, note="Gone")

        assert early.json()["code"] == "cases.not_closed"
        assert send(desk, f"/cases/{case.number}/reopen", {"note": "Again"}).status_code == 200

    def test_relate_cases_that_the_caller_sees(self, desk, opened):
        one, other = opened("One"), opened("Other")
        body = {"how": "part_of", "other": other.number}

        assert send(desk, f"/cases/{one.number}/relations", body).status_code == 200
        lost = send(desk, f"/cases/{one.number}/relations", {**body, "other": "K2026-09999"})
        assert lost.status_code == 404

    @pytest.mark.parametrize("deed", ["assign", "pause", "resume", "call-back", "reopen"])
    def test_are_refused_to_those_who_only_read(self, people, caller, opened, deed):
        case = opened()
        body = {"reason": "away", "note": "x", "owner": "guest"}

        answer = send(caller(people.guest), f"/cases/{case.number}/{deed}", body)

        assert answer.status_code in (403, 409)
        assert Case.objects.get().revision == case.revision


class TestEdit:
    def test_changes_what_is_given_and_says_where_it_is(self, desk, opened):
        case = opened("Key", fields={"room": "Cellar", "lock": "door"})
        body = {"fields": {"room": "Attic"}, "spot": {"lon": 117.01, "lat": 36.66}, "revision": 1}

        answer = send(desk, f"/cases/{case.number}/edit", body)

        assert answer.status_code == 200
        assert answer.json()["fields"] == {"room": "Attic", "lock": "door"}
        row = Case.objects.get(number=case.number)
        assert (row.title, row.lon, row.lat) == ("Key", 117.01, 36.66)
        assert send(desk, f"/cases/{case.number}/edit", body).status_code == 409

    def test_is_refused_without_the_permission(self, people, caller, opened):
        case = opened("Key")

        answer = send(caller(people.guest), f"/cases/{case.number}/edit", {"title": "Mine"})

        assert answer.status_code == 403
        assert Case.objects.get(number=case.number).title == "Key"

    def test_names_a_priority_that_there_is_not(self, desk, opened):
        case = opened("Key")

        answer = send(desk, f"/cases/{case.number}/edit", {"priority": "soon"})

        assert (answer.status_code, answer.json()["code"]) == (422, "cases.not_usable")
