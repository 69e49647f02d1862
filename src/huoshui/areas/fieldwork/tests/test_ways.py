"""What crews drive over: pipes where nothing else is known, roads once they are brought in.

The street of the cast runs 900 m east of 113.6° E, 34.75° N.
"""

from __future__ import annotations

import json

import pytest

from huoshui.areas.fieldwork import models, roads, roads_in
from huoshui.areas.fieldwork.queries import ways
from huoshui.kernel.accounts import permissions
from huoshui.kernel.audit import models as audit
from huoshui.lab.planning.travel import DETOUR_FACTOR

DEPOT, END = (113.6, 34.75), (113.6098, 34.75)


@pytest.fixture(autouse=True)
def nothing_remembered():
    ways.forget()
    yield
    ways.forget()


@pytest.fixture
def bring(tmp_path, dispatcher):
    """Bring in lines as GeoJSON; each is its fields and its course."""

    def carry_out(*lines, name="roads.geojson"):
        features = [
            {"type": "Feature", "properties": fields,
             "geometry": {"type": "LineString", "coordinates": course}}
            for fields, course in lines
        ]  # fmt: skip
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return roads_in.carry_out(path, name, {}, dispatcher.pk)

    return carry_out


class TestBetween:
    def test_follows_the_pipes_where_no_roads_are_known(self, street):
        found = ways.between([DEPOT, END])

        assert found.over == ways.PIPES
        # Along the pipes, without the detour of a straight line: 900 m at 25 km/h.
        assert found.driving.way_m[0, 1] == pytest.approx(900, rel=0.01)
        assert found.driving.time_s[0, 1] == pytest.approx(900 / (25 / 3.6), rel=0.01)

    def test_takes_the_line_in_an_empty_register(self, db):
        found = ways.between([DEPOT, END])

        assert found.over == ways.LINE
        assert found.driving.way_m[0, 1] == pytest.approx(896 * DETOUR_FACTOR, rel=0.01)

    def test_follows_roads_at_their_speed_once_there_are_any(self, street, bring):
        before = ways.between([DEPOT, END]).driving.way_m[0, 1]
        # Round by the north: 0.01 degrees of latitude there and back, 1112 m each.
        detour = [DEPOT, (113.6, 34.76), (113.6098, 34.76), END]
        bring(({"highway": "primary"}, detour))

        found = ways.between([DEPOT, END, DEPOT])

        assert found.over == ways.ROADS
        assert found.driving.way_m[0, 1] == pytest.approx(2 * 1112 + before, rel=0.01)
        assert found.driving.time_s[0, 1] == pytest.approx(
            (2 * 1112 + before) / (40 / 3.6), rel=0.01
        )
        assert found.driving.time_s[0, 2] == 0

    def test_counts_the_newest_roads(self, street, bring):
        bring(({"speed_kmh": 20}, [DEPOT, END]), name="old.geojson")
        ways.between([DEPOT, END])
        bring(({"speed_kmh": 50}, [DEPOT, END]), name="new.geojson")

        found = ways.between([DEPOT, END])

        assert found.driving.time_s[0, 1] == pytest.approx(896 / (50 / 3.6), rel=0.01)


class TestImport:
    def test_keeps_roads_and_names_what_it_could_not_understand(self, street, bring, dispatcher):
        outcome = bring(
            ({"highway": "primary", "maxspeed": "60"}, [DEPOT, END]),
            ({"highway": "footway"}, [DEPOT, (113.6, 34.751)]),
            ({"highway": "boulevard", "maxspeed": "fast"}, [END, (113.61, 34.76)]),
        )

        row = models.RoadMap.objects.get()
        assert (row.lines, row.file_name, outcome.created, outcome.left_out) == (
            2, "roads.geojson", 2, 1,
        )  # fmt: skip
        found = {(one.code, one.line, one.value) for one in outcome.problems}
        assert ("fieldwork.road_class_unknown", 3, "boulevard") in found
        assert ("fieldwork.road_speed_impossible", 3, "fast") in found
        assert audit.AuditRecord.objects.filter(action="fieldwork.roads_imported").exists()

    def test_takes_the_same_file_once(self, street, bring):
        bring(({"highway": "primary"}, [DEPOT, END]))
        outcome = bring(({"highway": "primary"}, [DEPOT, END]))

        assert (outcome.unchanged, models.RoadMap.objects.count()) == (1, 1)

    def test_refuses_a_layer_without_any_road(self, street, bring):
        outcome = bring(({"highway": "footway"}, [DEPOT, END]))

        assert outcome.problems.fatal
        assert not models.RoadMap.objects.exists()

    def test_refuses_what_is_no_file_of_lines(self, street, tmp_path):
        path = tmp_path / "notes.txt"
        path.write_text("no roads here")

        outcome = roads_in.check(path, "notes.txt", {})

        assert [one.code for one in outcome.problems if one.fatal] == ["network.format_unknown"]

    def test_turns_a_road_round_that_is_driven_against_its_drawing(self, street, bring):
        bring(({"speed_kmh": 36, "oneway": "-1"}, [DEPOT, END]))

        found = ways.between([DEPOT, END]).driving

        assert found.by_line[0, 1]
        assert not found.by_line[1, 0]

    def test_is_for_dispatchers_not_for_crews(self, dispatcher, crew):
        assert permissions.holds(dispatcher, "fieldwork.import_roads")
        assert not permissions.holds(crew, "fieldwork.import_roads")


COLUMNS = roads.Columns.of(["fclass", "maxspeed", "oneway", "车速"])


class TestRoadOf:
    @pytest.mark.parametrize(
        ("said", "speed_kmh", "sense"),
        [
            ({"fclass": "primary"}, 40.0, 0),
            ({"fclass": "primary", "maxspeed": 60}, 40.0, 0),
            ({"fclass": "primary", "maxspeed": "30"}, 30.0, 0),
            ({"fclass": "primary", "maxspeed": 0}, 40.0, 0),
            ({"fclass": "主干路", "车速": 52.5}, 52.5, 0),
            ({"fclass": "steps"}, 0.0, 0),
            ({"fclass": None}, 25.0, 0),
            ({"fclass": None, "maxspeed": 30}, 30.0, 0),
            ({"fclass": "residential", "oneway": "F"}, 20.0, 1),
            ({"fclass": "residential", "oneway": "B"}, 20.0, 0),
            ({"fclass": "residential", "oneway": -1.0}, 20.0, -1),
        ],
    )
    def test_reads_class_speed_and_sense(self, said, speed_kmh, sense):
        road, wrong = roads.road_of(said, COLUMNS)

        assert (road.speed_kmh, road.sense, wrong) == (speed_kmh, sense, [])

    @pytest.mark.parametrize("speed", ["900", "30 mph", -3])
    def test_leaves_impossible_speeds_out(self, speed):
        road, wrong = roads.road_of({"fclass": "primary", "maxspeed": speed}, COLUMNS)

        assert road.speed_kmh == 40.0
        assert wrong == [("speed_impossible", "maxspeed")]
