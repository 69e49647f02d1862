"""The twin's pages and API, with and without a run."""

from datetime import UTC, datetime

import pytest

from huoshui.areas.network import facade as network
from huoshui.areas.twin import models
from huoshui.areas.twin.web import panels
from huoshui.democity import worlds
from huoshui.kernel.accounts import actions as accounts

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client):
    user, _password = accounts.add_user("viewer", "Viewer", posts=("viewer",))
    client.force_login(user)
    return client


@pytest.fixture
def run():
    return models.ModelRun.objects.create(
        at=NOON,
        ran_at=NOON,
        engine="EPANET 2.3.5",
        network_sha256="0" * 64,
        sensors=33,
        pressure_error_m=0.21,
        inputs={
            "measured": {"P1.flow": {"value": 27.0, "unit": "m³/h", "at": NOON.isoformat()}},
            "areas": [{"meters": ["P1"], "factor": None}],
        },
        figures={"links": {}, "nodes": {}},
    )


class TestPages:
    def test_lists_runs_and_opens_one_to_its_inputs(self, viewer, run):
        assert "0.21" in viewer.get("/twin/").content.decode()

        page = viewer.get(f"/twin/{run.pk}/").content.decode()

        assert "P1.flow" in page
        assert "27.00" in page
        assert "2026-03-02 12:00" in page
        assert NOON.isoformat() not in page

    def test_asks_a_stranger_to_sign_in(self, client, run):
        assert client.get("/twin/").status_code == 302


class TestApi:
    def test_is_empty_before_the_first_run(self, viewer):
        answer = viewer.get("/api/v1/twin/present").json()

        assert answer["values"] == {}
        assert answer["at"] is None

    def test_gives_the_newest_run_with_its_error(self, viewer, run):
        answer = viewer.get("/api/v1/twin/present?of=pressure").json()

        assert answer["unit"] == "m"
        assert answer["pressure_error_m"] == 0.21

    def test_refuses_a_stranger(self, client):
        assert client.get("/api/v1/twin/present").status_code == 401


class TestPanelOfAnAsset:
    def test_shows_flow_and_friction_loss_as_a_models_values(self, rf, run, tmp_path):
        world = worlds.two_pipes()
        path = tmp_path / "two_pipes.inp"
        path.write_text(world.inp_text)
        grid = network.local_grid(lon=world.lon, lat=world.lat)
        assert network.import_inp(path, crs=grid, by_id=None).ok
        run.figures = {"links": {"P1": [54.0, 0.477]}, "nodes": {"B": 41.2}}
        run.save()

        page = str(panels.asset_model(rf.get("/"), asset_code="P1"))

        # 10.667 x 1000 x 0.015^1.852 / (130^1.852 x 0.2^4.871) = 1.38 m in a kilometre
        assert "1.38" in page
        assert "非测量值" in page

    def test_says_nothing_of_what_the_model_does_not_hold(self, rf, run):
        assert panels.asset_model(rf.get("/"), asset_code="P1") is None
