"""A file of the network that comes again after people changed what came from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network.actions import importing
from huoshui.areas.network.importing import problems
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.models import Asset, Connection
from huoshui.areas.network.tests.conftest import GRID
from huoshui.areas.network.tests.test_changes import (  # noqa: F401 - fixtures
    INP,
    apply,
    people,
    place_along,
    town,
)


@pytest.mark.usefixtures("town")
class TestTheFileComesAgain:
    def compare(self, path: Path, *, whole: bool = False):
        options = Options(placement=Placement(crs=GRID, anywhere=True), whole=whole)
        return importing.check_network(path, file_name=path.name, options=options)

    def test_and_names_what_people_changed_since(self, people, tmp_path: Path):  # noqa: F811
        apply(
            people,
            ("modify", "p1", {"attributes": {"diameter_mm": 300.0, "lining": "epoxy"}}),
            ("split", "p2", place_along("p2", 0.4)),
            ("retire", "p3", {}),
            ("modify", "c", {"attributes": {"name": "not in the file"}}),
        )

        found = self.compare(tmp_path / "town.inp")

        named = [one for one in found.network.problems if one.code == "edit_overwritten"]
        assert [(one.subject, one.value, one.fatal) for one in named] == [
            ("p1", "drawing 12", False), ("p3", "drawing 12", False),
        ]  # fmt: skip
        assert problems.explained(named[0]).code == "network.edit_overwritten"

    @pytest.mark.parametrize("is_whole", [False, True])
    def test_and_a_split_pipe_is_never_there_twice(
        self, people, tmp_path: Path, is_whole  # noqa: F811
    ):  # fmt: skip
        before = {row.code: row.length_m for row in Asset.objects.filter(kind="pipe")}
        apply(people, ("split", "p2", {**place_along("p2", 0.4), "new_code": "part"}))
        pipe = Asset.objects.get(code="part")
        tapped = Connection.objects.create(
            code="C9", pipe=pipe, tap_lon=pipe.lon, tap_lat=pipe.lat, lon=pipe.lon, lat=pipe.lat
        )

        found = self.compare(tmp_path / "town.inp", whole=is_whole)
        assert importing.apply_network(found, by_id=None, only_good=False).ok

        pipes = Asset.objects.present().filter(kind="pipe")
        assert sum(pipes.values_list("length_m", flat=True)) == pytest.approx(
            sum(before.values()), abs=0.05
        )
        named = [(one.subject, one.value) for one in found.network.problems
                 if one.code == "split_here"]  # fmt: skip
        tapped.refresh_from_db()
        if is_whole:
            assert named == []
            assert Asset.objects.get(code="part").retired_at is not None
            assert pipes.get(code="p2").length_m == pytest.approx(before["p2"])
            assert tapped.pipe.code == "p2"
        else:
            assert named == [("p2", "part")]
            assert pipes.filter(code="part").exists()
            assert tapped.pipe.code == "part"
            assert self.compare(tmp_path / "town.inp").plan.is_empty

    def test_and_a_split_with_a_branch_stays(self, people, tmp_path: Path):  # noqa: F811
        apply(
            people,
            ("split", "p2", {**place_along("p2", 0.4), "node_code": "N", "new_code": "part"}),
            ("create", "far", {"kind": "junction", "lon": 113.7, "lat": 34.8}),
            ("create", "branch", {"kind": "pipe", "start": "N", "end": "far"}),
        )

        found = self.compare(tmp_path / "town.inp", whole=True)

        named = [(one.code, one.subject, one.value) for one in found.network.problems]
        assert ("split_has_branch", "p2", "branch") in named
        assert found.plan.is_empty

    def test_and_says_nothing_of_its_own_changes(self, people, tmp_path: Path):  # noqa: F811
        path = tmp_path / "town.inp"
        apply(people, ("modify", "p1", {"attributes": {"diameter_mm": 300.0}}))
        assert importing.apply_network(self.compare(path), by_id=None, only_good=False).ok
        path.write_text(INP.replace("p1 R a 100 200", "p1 R a 100 250"))

        found = self.compare(path)

        assert [one.code for one in found.plan.changed] == ["p1"]
        assert found.network.problems == []


@pytest.mark.django_db
def test_a_pipe_without_a_stated_length_has_the_one_it_is_drawn(tmp_path: Path):
    path = tmp_path / "pipes.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"code": "p"}, "geometry": {"type": "LineString", '
        '"coordinates": [[113.62, 34.75], [113.62, 34.751]]}}]}'
    )

    found = importing.check_network(path, file_name=path.name, options=Options())

    # A thousandth of a degree of latitude at 34.75 degrees is 110.9 m.
    (pipe,) = (one for one in found.plan.new if one.kind == "pipe")
    assert pipe.values["length_m"] == pytest.approx(110.9, abs=0.2)


@pytest.mark.django_db
def test_a_moved_pipe_without_a_stated_length_is_measured_anew(tmp_path: Path):
    path = tmp_path / "pipes.geojson"
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"code": "p"}, "geometry": {"type": "LineString", '
        '"coordinates": [[113.62, 34.75], [113.62, NORTH]]}}]}'
    )
    for north in ("34.751", "34.752"):
        path.write_text(text.replace("NORTH", north))
        found = importing.check_network(path, file_name=path.name, options=Options())
        assert importing.apply_network(found, by_id=None, only_good=True).ok

    assert Asset.objects.get(code="p").length_m == pytest.approx(221.9, abs=0.4)
