"""Drawing changes through the API and the pages, as an editor on the map does."""

from __future__ import annotations

import pytest

from huoshui.areas.network.models import Asset, ChangeSet
from huoshui.kernel import clock

API = "/api/v1/network/changes"


@pytest.mark.usefixtures("l_town")
class TestDrawing:
    def test_goes_from_draft_to_network(self, signed_in):
        engineer, manager = signed_in("leakage_engineer"), signed_in("manager")
        pipe = Asset.objects.get(code="p1")
        lon, lat = pipe.lon, pipe.lat

        def post(client, path, body=None, status=200):
            answer = client.post(f"{API}{path}", body or {}, content_type="application/json")
            assert answer.status_code == status, answer.content
            return answer.json()

        snapped = engineer.get(f"{API}/snap?lon={lon}&lat={lat}&within_m=5").json()
        assert snapped["code"] == "p1"
        number = post(engineer, "/", {"title": "new valve"}, 201)["id"]
        step = {"deed": "split", "asset_code": "p1", "wanted": {"lon": lon, "lat": lat}}
        change = post(engineer, f"/{number}/steps", step)
        assert change["problems"] == []
        assert {one["code"] for one in change["preview"]} == {"p1", "p1-1", "p1-N-1"}
        assert not post(engineer, f"/{number}/undo")["can_undo"]
        assert post(engineer, f"/{number}/redo")["can_undo"]
        post(engineer, f"/{number}/submit")
        post(engineer, f"/{number}/approve", {"words": "mine"}, 403)
        post(manager, f"/{number}/approve", {"words": "seen"})

        assert Asset.objects.filter(code="p1-1").exists()
        for client in (engineer, manager):
            page = client.get(f"/network/changes/{number}/")
            assert page.status_code == 200
            assert b"p1-N-1" in page.content

    @pytest.mark.parametrize(("lon", "lat"), [("nan", "0"), ("0", "inf"), ("1e9", "0")])
    def test_snaps_nothing_that_is_nowhere(self, signed_in, lon, lat):
        answer = signed_in("leakage_engineer").get(f"{API}/snap?lon={lon}&lat={lat}")

        assert answer.status_code == 422

    def test_warns_of_what_joins_nothing_and_of_a_missing_diameter(self, signed_in):
        engineer = signed_in("leakage_engineer")
        known = Asset.objects.get(code="n1")

        def post(path, body=None):
            answer = engineer.post(f"{API}{path}", body or {}, content_type="application/json")
            assert answer.status_code in (200, 201), answer.content
            return answer.json()

        number = post("/", {"title": "x"})["id"]

        def step(deed, code, **wanted):
            return post(f"/{number}/steps", {"deed": deed, "asset_code": code, "wanted": wanted})

        def told(change):
            return [(one["position"], one["asset"], one["code"]) for one in change["warnings"]]

        for n in (1, 2):
            step("create", f"new{n}", kind="junction", lon=known.lon + n / 1e3, lat=known.lat)
        change = step("create", "loose", kind="pipe", start="new1", end="new2")
        assert told(change) == [
            (1, "new1", "joins_nothing"), (2, "new2", "joins_nothing"),
            (3, "loose", "joins_nothing"), (3, "loose", "no_diameter"),
        ]  # fmt: skip
        assert all(one["words"] for one in change["warnings"])
        page = engineer.get(f"/network/changes/{number}/").content.decode()
        assert "things look forgotten" in page
        assert "joined to nothing of the network" in page

        change = step("create", "joint", kind="pipe", start="n1", end="new1",
                      attributes={"diameter_mm": 100})  # fmt: skip
        assert told(change) == [(3, "loose", "no_diameter")]
        change = step("modify", "loose", attributes={"diameter_mm": 100})
        assert told(change) == []
        step("retire", "joint")
        change = step("retire", "loose")
        assert {one["asset"] for one in change["warnings"]} >= {"new1", "new2"}
        # Never refused: what is meant so may be handed in.
        assert post(f"/{number}/submit")["state"] == "submitted"
        manager = signed_in("manager").get(f"/network/changes/{number}/").content.decode()
        assert "things look forgotten" in manager

    def test_says_problems_in_words(self, signed_in):
        engineer = signed_in("leakage_engineer")
        number = engineer.post(f"{API}/", {"title": "x"}, content_type="application/json").json()[
            "id"
        ]

        change = engineer.post(
            f"{API}/{number}/steps",
            {"deed": "retire", "asset_code": "n1"},
            content_type="application/json",
        ).json()

        assert change["problems"][0]["code"] == "still_joined"
        assert change["problems"][0]["words"] == "Links still end at this node:"

    @pytest.mark.parametrize(
        "wanted",
        [
            '{"lon": Infinity, "lat": 1}',
            '{"kind": "junction", "lon": 1, "lat": 1, "attributes": [1]}',
            '{"kind": "pipe", "line": [' + ",".join(["[1,1]"] * 5_001) + "]}",
        ],
    )
    def test_keeps_no_step_that_can_never_be_shown(self, signed_in, wanted):
        engineer = signed_in("leakage_engineer")
        change = ChangeSet.objects.create(title="x", made_at=clock.now())

        answer = engineer.post(
            f"{API}/{change.pk}/steps",
            f'{{"deed": "create", "wanted": {wanted}}}',
            content_type="application/json",
        )

        assert answer.status_code == 422
        assert not change.items.exists()

    def test_suggests_the_next_free_code(self, signed_in):
        assert signed_in("manager").get(f"{API}/free-code?kind=pipe").json() == "p906"


@pytest.mark.usefixtures("l_town")
class TestPermissions:
    def test_who_may_only_read_draws_nothing(self, signed_in):
        viewer = signed_in("viewer")

        answer = viewer.post(f"{API}/", {"title": "x"}, content_type="application/json")

        assert answer.status_code == 403
        assert not ChangeSet.objects.exists()

    def test_a_button_needs_the_permission_of_its_deed(self, signed_in):
        change = ChangeSet.objects.create(title="x", state="submitted", made_at="2026-01-01T00:00Z")

        answer = signed_in("leakage_engineer").post(f"/network/changes/{change.pk}/approve/")

        assert answer.status_code == 403


@pytest.mark.usefixtures("l_town")
class TestRestore:
    def test_is_no_step_that_a_person_can_send(self, signed_in):
        engineer = signed_in("leakage_engineer")
        kind = "application/json"
        made = engineer.post(f"{API}/", {"title": "sly"}, content_type=kind).json()
        wanted = {"expected": {}, "values": {"diameter_mm": -5, "surprise": 1}}
        step = {"deed": "restore", "asset_code": "p1", "wanted": wanted}
        answer = engineer.post(f"{API}/{made['id']}/steps", step, content_type=kind)

        assert answer.status_code == 422
        assert not ChangeSet.objects.get(pk=made["id"]).items.exists()
