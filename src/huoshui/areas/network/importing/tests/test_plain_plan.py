"""The pipes of a file as a plan, without a register."""

from __future__ import annotations

import pytest
import shapely

from huoshui.areas.network.contracts import FilePlan
from huoshui.areas.network.importing import plain_plan
from huoshui.areas.network.importing.tests.test_gis import line, point, town, write


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> FilePlan:
    path = town(tmp_path_factory.mktemp("town") / "town.gpkg")
    write(path, "测压点", [point(280, 3), point(900, 900)], 编号=["S1", "S2"])
    return plain_plan.read(path, name="town.gpkg")


class TestRead:
    def test_joins_pipes_and_valves(self, plan):
        ends = {one.code: {one.start, one.end} for one in plan.links}

        assert set(ends) == {"P1", "P2", "P3", "P4", "V1"}
        assert ends["P1"] == {"W1", "J1"}
        assert ends["P1"] & ends["P2"] & ends["P4"] == {"J1"}
        assert ends["P2"] & ends["V1"]
        assert ends["V1"] & ends["P3"]

    def test_measures_what_is_drawn_where_no_length_is_stated(self, plan):
        length_m = {one.code: one.length_m for one in plan.links}

        # On the ground: the grid of the zone is stretched there by some parts in ten thousand.
        assert length_m["P1"] == pytest.approx(100, rel=1e-3)
        assert length_m["P2"] == pytest.approx(2 * (50**2 + 20**2) ** 0.5, rel=1e-3)
        assert length_m["V1"] == 0

    def test_takes_a_stated_length(self, tmp_path):
        path = tmp_path / "one.gpkg"
        write(path, "给水管线", [line((0, 0), (100, 0))], 管段编号=["P1"], 管长=[123.0])

        (link,) = plain_plan.read(path, name="one.gpkg").links

        assert link.length_m == 123.0

    def test_knows_diameters_and_names_what_is_none(self, plan):
        diameter_mm = {one.code: one.diameter_mm for one in plan.links}

        assert diameter_mm == {"P1": 300, "P2": 200, "P3": 200, "P4": None, "V1": None}
        assert [one.line for one in plan.problems if one.value == "一百"] == [4]

    def test_knows_where_water_comes_in(self, plan):
        assert plan.entrances == ("W1",)

    def test_gives_a_point_beside_the_pipes_the_nearest_node(self, plan):
        node, away_m = plan.moved["S1"]

        (last,) = {
            end for one in plan.links if one.code == "P3" for end in (one.start, one.end)
        } - {end for one in plan.links if one.code == "V1" for end in (one.start, one.end)}
        assert node == last
        assert away_m == pytest.approx((20**2 + 3**2) ** 0.5, rel=0.01)

    def test_leaves_a_point_far_away_alone(self, plan):
        assert "S2" not in plan.moved

    @pytest.mark.filterwarnings("ignore:'crs' was not provided")
    def test_asks_for_the_coordinate_system_and_takes_it(self, tmp_path):
        path = tmp_path / "local.gpkg"
        write(path, "给水管线", [shapely.LineString([(400_012, 3_847_040), (400_112, 3_847_040)])],
              crs=None, 管段编号=["P1"])  # fmt: skip

        refused = plain_plan.read(path, name="local.gpkg")
        told = plain_plan.read(path, name="local.gpkg", crs="EPSG:4547")

        assert refused.refused
        assert [one.code for one in refused.problems if one.fatal] == ["meridian_needed"]
        assert told.links[0].length_m == pytest.approx(100, rel=1e-3)
