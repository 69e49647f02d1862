"""A file of the network that comes again after people changed what came from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network.actions import importing
from huoshui.areas.network.importing import problems
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
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
    def compare(self, path: Path):
        options = Options(placement=Placement(crs=GRID, anywhere=True))
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
            ("p1", "drawing 12", False), ("p2", "drawing 12", False), ("p3", "drawing 12", False),
        ]  # fmt: skip
        assert problems.explained(named[0]).code == "network.edit_overwritten"

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
