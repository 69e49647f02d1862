"""Courses for other areas: those of the links, and lines of a file."""

from __future__ import annotations

import json

import pytest

from huoshui.areas.network import courses
from huoshui.areas.network import facade as network


@pytest.fixture(autouse=True)
def nothing_remembered():
    courses._known.clear()
    yield
    courses._known.clear()


def written(tmp_path, features, **more):
    path = tmp_path / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
    return path


def feature(kind, coordinates, **fields):
    return {"type": "Feature", "properties": fields,
            "geometry": {"type": kind, "coordinates": coordinates}}  # fmt: skip


class TestReadLines:
    def test_returns_lines_with_their_fields_and_passes_points_over(self, db, tmp_path):
        path = written(tmp_path, [
            feature("LineString", [[113.6, 34.7], [113.7, 34.7], [113.7, 34.8]], name="North"),
            feature("Point", [113.6, 34.7], name="Label"),
            feature("LineString", [[113.6, 34.7], [113.6, 34.6]], name="South"),
        ])  # fmt: skip

        found = network.read_lines(path, name="lines.geojson")

        assert found.courses.offsets.tolist() == [0, 3, 5]
        assert found.fields["name"] == ("North", "South")
        assert [row for _layer, row in found.rows] == [1, 3]

    def test_names_rows_that_have_no_line(self, db, tmp_path):
        path = written(tmp_path, [
            feature("LineString", [[113.6, 34.7], [113.7, 34.7]]),
            {"type": "Feature", "properties": {}, "geometry": None},
        ])  # fmt: skip

        found = network.read_lines(path, name="lines.geojson")

        assert [(one.code, one.line) for one in found.problems if one.line] == [
            ("shape_missing", 2)
        ]
        assert not network.import_problem(found.problems[0]).fatal

    def test_is_empty_for_a_file_without_lines(self, db, tmp_path):
        path = written(tmp_path, [feature("Point", [113.6, 34.7])])

        found = network.read_lines(path, name="lines.geojson")

        assert (len(found.rows), found.problems[-1].code) == (0, "no_lines")


class TestLinkCourses:
    def test_is_empty_for_an_empty_register(self, db):
        assert network.link_courses().offsets.tolist() == [0]
