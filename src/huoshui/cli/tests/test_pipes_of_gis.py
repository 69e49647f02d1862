"""Pipes from a geographic information system for the ranking of leaks, by command."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from huoshui.cli.main import main
from huoshui.cli.tests.test_leaks_rank import given  # noqa: F401

EAST, NORTH = 0.00218, 0.001803  # degrees of 200 m at 34.7° N
STREETS = {"a": (1, 0), "b": (0, 1), "c": (-1, 0)}
SINCE = ("--since", "2018-02-15 08:00")


def feature(shape: str, coordinates: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": fields,
            "geometry": {"type": shape, "coordinates": coordinates}}  # fmt: skip


def at(steps: float, street: str, beside: float = 0.0) -> list[float]:
    east, north = STREETS[street]
    return [113.6 + (steps * east + beside * north) * EAST, 34.7 + steps * north * NORTH]


@pytest.fixture
def features() -> list[dict[str, Any]]:
    """Return three streets of three pipes from the works, with a sensor near each third end."""
    pipes = [
        feature("LineString", [at(pipe - 1, street), at(pipe, street)], code=f"{street}{pipe}",
                kind="管段", diameter=100)
        for street in STREETS for pipe in (1, 2, 3)
    ]  # fmt: skip
    sensors = [
        feature("Point", at(3, street, beside=0.02), code=f"{street}n3", kind="节点")
        for street in STREETS
    ]
    return [*pipes, *sensors, feature("Point", [113.6, 34.7], code="works", kind="水厂")]


@pytest.fixture
def rank(given, tmp_path, features):  # noqa: F811
    """Return what ranks the streets as the file then has them."""

    def run(*more: str, name: str = "plan.geojson") -> int:
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        words = [str(path) if word.endswith("pipes.csv") else word for word in given[:-2]]
        return main(["leaks", "rank", *words, *SINCE, *more])

    return run


class TestPipesOfGis:
    def test_rank_the_street_whose_sensor_fell(self, rank, capsys):
        assert rank("--json") == 0

        said = capsys.readouterr()
        found = json.loads(said.out)
        assert found["ranked"][0]["link"] == "b3"
        assert found["walk_m_50"] <= found["walk_m_90"] <= 1810
        assert re.search(r"bn3 stands on no pipe; \S+, 4 m away", said.err)

    def test_know_a_works_of_the_file_as_the_source(self, rank, features, capsys):
        features.pop()

        assert rank() == 2
        assert "--source" in capsys.readouterr().err

    def test_do_not_lead_through_what_is_closed_or_abandoned(self, rank, features, capsys):
        features[1]["properties"]["normal_state"] = "closed"
        features[7]["properties"]["status"] = "废弃"

        rank()

        assert "0.4 km" in capsys.readouterr().err

    def test_name_rows_that_are_left_out(self, rank, features, capsys):
        features.append({"type": "Feature", "properties": {"code": "ghost"}, "geometry": None})

        assert rank() == 0

        said = capsys.readouterr().err
        assert "ghost" in said
        assert "line 14" in said

    def test_refuse_a_sensor_that_stands_nowhere_near(self, rank, features, capsys):
        features[9]["geometry"]["coordinates"] = [113.7, 34.75]

        assert rank() == 2
        assert "an3" in capsys.readouterr().err

    def test_refuse_a_file_without_pipes(self, rank, features, capsys):
        del features[:9]

        assert rank() == 2

        said = capsys.readouterr().err
        assert "cannot be used" in said
        assert "Say" in said or "Bring" in said

    def test_refuse_coordinates_that_are_none(self, rank, features, capsys):
        for one in features:
            places = one["geometry"]["coordinates"]
            for place in places if isinstance(places[0], list) else [places]:
                place[0] *= 1000

        assert rank() == 2
        assert "Check the coordinate system" in capsys.readouterr().err
