"""Mimic pages: what is drawn follows the points, and earlier drawings come back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, facade, models
from huoshui.areas.telemetry.mimics import actions, drawing, queries, standard
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

TWO_PUMPS = """
[JUNCTIONS]
 a 10
 b 10
[RESERVOIRS]
 r 50
[PIPES]
 p1 r a 100 200 130 0 Open
[PUMPS]
 PU1 a b POWER 1
 PU2 a b POWER 1
[COORDINATES]
 a 0 0
 b 100 0
 r 0 100
[OPTIONS]
 Units LPS
[END]
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text id="t">?</text><rect id="box"/></svg>'
NAMES = {"name_zh": "泵房", "name_en": "Pump house"}


def somebody(post: str) -> Client:
    user = User.objects.create(username=post, name=post, created_at=clock.now())
    PostHolding.objects.create(user=user, post=Post.objects.get(code=post), from_at=clock.now())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def pumps(home: Path, tmp_path: Path) -> SimpleNamespace:
    """Two pumps; only the first has a flow meter."""
    file = tmp_path / "two.inp"
    file.write_text(TWO_PUMPS)
    grid = network.local_grid(lon=113.6, lat=34.7)
    assert network.import_inp(file, crs=grid, by_id=None).ok
    facade.declare_points(
        [
            contracts.PointDeclaration(
                "PU1.flow", "Pump flow", "水泵流量", "flow", asset_code="PU1"
            ),
            contracts.PointDeclaration("T.level", "Level", "水位", "level"),
        ],
        by_id=None,
    )
    return SimpleNamespace(kind=network_contracts.Kind.PUMP)


class TestStandardTemplates:
    def test_are_sound_and_lose_nothing_in_the_sieve(self):
        for code, _kind, _name in standard.TEMPLATES:
            found = drawing.read((standard.FOLDER / f"{code}.svg").read_bytes())
            assert not found.faults, code
            assert not found.dropped, code
            assert found.bindings, code


@pytest.mark.usefixtures("pumps")
class TestTemplate:
    def test_is_drawn_for_each_asset_that_has_points(self):
        page = somebody("viewer").get(reverse("telemetry:mimic", args=["pump"])).content.decode()

        assert page.count('data-point="PU1.flow"') >= 4
        assert "PU2" not in page

    def test_shows_on_the_page_of_the_asset(self):
        client = somebody("viewer")
        with_meter = client.get(reverse("network:asset", args=["PU1"])).content.decode()
        without = client.get(reverse("network:asset", args=["PU2"])).content.decode()

        assert 'data-point="PU1.flow"' in with_meter
        assert "mm-drawing" not in without

    def test_one_change_holds_for_all_and_can_be_taken_back(self):
        own = b'<svg><text id="x" data-kind="flow">?</text></svg>'
        actions.save("pump", own, **NAMES, asset_kind="pump", by_id=None)
        changed = queries.template_for("pump")
        actions.remove("pump", by_id=None)

        assert not changed.is_standard
        assert queries.template_for("pump").is_standard


@pytest.mark.usefixtures("pumps")
class TestPage:
    def test_follows_points_by_their_code_and_names_unknown_ones(self):
        raw = b'<svg><text data-point="T.level">?</text><text data-point="X.flow">?</text></svg>'
        actions.save("plant", raw, **NAMES, asset_kind="", by_id=None)
        page = somebody("manager").get(reverse("telemetry:mimic", args=["plant"])).content.decode()

        assert 'data-point="T.level"' in page
        assert 'data-missing="true"' in page
        assert "X.flow" in page

    def test_is_bound_by_pointing_at_parts(self):
        actions.save("plant", SVG, **NAMES, asset_kind="", by_id=None)
        given = {"t": {"point": "T.level", "show": "value", "onclick": "alert(1)"}}
        answer = somebody("manager").post(
            reverse("telemetry:mimic-bindings", args=["plant"]), {"bindings": json.dumps(given)}
        )

        assert answer.status_code == 302
        row = models.Mimic.objects.get(code="plant")
        assert 'data-point="T.level"' in row.svg
        assert "alert" not in row.svg
        assert AuditRecord.objects.filter(action="telemetry.mimic_saved").count() == 2

    def test_refuses_a_binding_that_cannot_work_and_changes_nothing(self):
        actions.save("plant", SVG, **NAMES, asset_kind="", by_id=None)
        with pytest.raises(actions.BindingsImpossible) as refused:
            actions.bind("plant", {"box": {"point": "T.level", "show": "level"}}, by_id=None)

        assert refused.value.data == {"parts": [["box", "data-max"]]}
        assert "data-point" not in models.Mimic.objects.get(code="plant").svg

    def test_is_refused_where_nothing_is_drawn(self):
        with pytest.raises(actions.NoSuchMimic):
            actions.bind("nowhere", {}, by_id=None)
        manager = somebody("manager")
        for name in ("mimic-bindings", "mimic-remove"):
            assert manager.post(reverse(f"telemetry:{name}", args=["nowhere"])).status_code == 404

    def test_brings_an_earlier_drawing_back(self):
        actions.save("plant", SVG, **NAMES, asset_kind="", by_id=None)
        first = models.MimicVersion.objects.latest("id")
        actions.save("plant", b"<svg><g id='new'/></svg>", **NAMES, asset_kind="", by_id=None)
        somebody("manager").post(reverse("telemetry:mimic-restore", args=[first.pk]))

        assert models.Mimic.objects.get(code="plant").svg == first.svg
        assert models.MimicVersion.objects.count() == 3


@pytest.mark.usefixtures("pumps")
class TestList:
    def test_names_pages_and_templates(self):
        actions.save("plant", SVG, **NAMES, asset_kind="", by_id=None)
        page = somebody("viewer").get(reverse("telemetry:mimics")).content.decode()

        assert "泵房" in page
        assert reverse("telemetry:mimic", args=["tank"]) in page


class TestForm:
    def test_keeps_what_was_typed_when_the_file_is_no_drawing(self, home: Path):
        given = {"code": "plant", **NAMES, "asset_kind": "", "svg": "<html/>"}
        answer = somebody("manager").post(reverse("telemetry:new-mimic"), given)

        assert answer.status_code == 422
        assert "Pump house" in answer.content.decode()

    def test_never_takes_over_another_drawing_by_its_code(self, home: Path):
        given = {"code": "pump", **NAMES, "asset_kind": "", "svg": SVG.decode()}
        answer = somebody("manager").post(reverse("telemetry:new-mimic"), given)

        assert answer.status_code == 409
        assert queries.mimic("pump").is_standard

    @pytest.mark.parametrize("name", ["new-mimic", "mimic-edit", "mimic-bindings"])
    def test_is_for_those_who_draw(self, home: Path, name: str):
        address = reverse(f"telemetry:{name}", args=[] if name == "new-mimic" else ["pump"])

        assert somebody("viewer").get(address).status_code == 403
        assert somebody("dispatcher").get(address).status_code == 200
