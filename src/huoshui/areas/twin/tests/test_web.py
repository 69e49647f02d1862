"""The twin's pages and API, with and without a run."""

from datetime import UTC, datetime

import pytest

from huoshui.areas.twin import models
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
