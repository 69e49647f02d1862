"""Tiles of a real network."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import numpy as np
import pytest

from huoshui.areas.network import actions, facade, geo, queries, tile_index, tiles
from huoshui.areas.network.contracts import Attributes, Material
from huoshui.areas.network.models import Asset, Connection

pytestmark = pytest.mark.django_db


def decode(body: bytes) -> dict:
    raw = gzip.decompress(body)
    return mapbox_vector_tile.decode(raw, default_options={"y_coord_down": True}) if raw else {}


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = geo.mercator(np.array([lon, lat])) * (1 << zoom)
    return int(x), int(y)


@pytest.mark.usefixtures("l_town")
class TestTile:
    @pytest.mark.parametrize("zoom", [8, 12, 15, 16])
    def test_draws_every_asset_somewhere(self, zoom: int):
        west, south, east, north = queries.bounds()
        x_min, y_min = tile_at(west, north, zoom)
        x_max, y_max = tile_at(east, south, zoom)
        lines, points = set(), set()
        for x in range(x_min, x_max + 1):
            for y in range(y_min, y_max + 1):
                tile = decode(tiles.tile(queries.revision(), zoom, x, y))
                lines |= {one["id"] for one in tile.get("lines", {"features": []})["features"]}
                points |= {one["id"] for one in tile.get("points", {"features": []})["features"]}

        assert lines == set(Asset.objects.links().values_list("id", flat=True))
        assert points == set(Asset.objects.exclude(kind="pipe").values_list("id", flat=True))

    def test_carries_the_facts_the_map_colours_by(self):
        facade.set_attributes({"p1": Attributes(material=Material.PE, laid_year=1999)}, by_id=None)
        pipe = facade.asset("p1")
        tile = decode(tiles.tile(queries.revision(), 16, *tile_at(pipe.lon, pipe.lat, 16)))

        found = next(one for one in tile["lines"]["features"] if one["id"] == pipe.id)
        assert found["properties"] == {
            "code": "p1", "kind": "pipe", "diameter_mm": 200, "material": "pe", "laid_year": 1999,
        }  # fmt: skip

    def test_names_each_pipe_once_and_along_its_course(self):
        pipe = facade.asset("p1")
        tile = decode(tiles.tile(queries.revision(), 16, *tile_at(pipe.lon, pipe.lat, 16)))
        found = [one for one in tile["names"]["features"] if one["id"] == pipe.id]

        assert len(found) == 1
        # From (724.95, 1097.08) to (725.87, 1121.15) the pipe climbs 87.8 degrees to the north
        # east; on a screen, clockwise is positive.
        assert found[0]["properties"]["angle"] == pytest.approx(-88, abs=1)

    def test_carries_connections_with_their_service_lines_close_by(self):
        pipe = facade.asset("p1")
        Connection.objects.create(
            code="C1", lon=pipe.lon + 0.0001, lat=pipe.lat, tap_lon=pipe.lon, tap_lat=pipe.lat
        )
        Connection.objects.create(code="C2", lon=pipe.lon, lat=pipe.lat)
        actions.new_revision()
        far = decode(tiles.tile(queries.revision(), 15, *tile_at(pipe.lon, pipe.lat, 15)))
        near = decode(tiles.tile(queries.revision(), 16, *tile_at(pipe.lon, pipe.lat, 16)))

        codes = {one["properties"]["code"] for one in near["connections"]["features"]}
        assert codes == {"C1", "C2"}
        assert len(near["services"]["features"]) == 1
        assert "connections" not in far

    def test_is_made_once_per_revision(self, monkeypatch):
        revision = queries.revision()
        first = tiles.tile(revision, 14, *tile_at(113.6, 34.75, 14))
        monkeypatch.setattr(tiles, "index_of", lambda revision: pytest.fail("made again"))

        assert tiles.tile(revision, 14, *tile_at(113.6, 34.75, 14)) == first

    def test_is_there_before_it_is_asked_for_once_warmed(self, monkeypatch):
        revision = queries.revision()
        made = tiles.warm(zoom_max=12)
        monkeypatch.setattr(tiles, "index_of", lambda revision: pytest.fail("made again"))

        assert made >= 5
        assert decode(tiles.tile(revision, 12, *tile_at(113.6, 34.75, 12)))["lines"]

    def test_is_made_even_without_a_cache(self, monkeypatch, tmp_path):
        blocked = tmp_path / "folder"
        blocked.mkdir()
        monkeypatch.setattr(tiles, "cache", lambda: tiles.TileCache(blocked))

        assert decode(tiles.tile(queries.revision(), 14, *tile_at(113.6, 34.75, 14)))["lines"]


class TestMostImportant:
    """Four tiles of zoom 1; the north-western one is the fullest.

    places:  a b c d | e      importance: d a c e b f
             --------+---
             f       |
    """

    PLACES = np.array([[0.1, 0.1], [0.2, 0.1], [0.3, 0.1], [0.4, 0.1], [0.7, 0.1], [0.1, 0.9]])
    ORDER = np.array([3, 0, 2, 4, 1, 5])

    @pytest.mark.parametrize(
        ("most", "kept"), [(1, "d"), (2, "ad"), (3, "acde"), (4, "abcdef"), (9, "abcdef")]
    )
    def test_draws_the_same_rank_everywhere(self, most: int, kept: str):
        mask = tile_index.most_important(self.PLACES, self.ORDER, 1, most)

        assert "".join(np.array(list("abcdef"))[mask]) == kept

    def test_of_nothing_keeps_nothing(self):
        nothing = np.empty((0, 2)), np.array([], dtype=np.int64)

        assert not len(tile_index.most_important(*nothing, 1, 5))


class TestSlopes:
    def test_are_those_of_each_line_alone(self):
        lines = ["[[0,0],[1,0]]", "[[0,0],[0,1],[0,2]]", "[[5,5],[5,5]]", "[[0,0],[1,1],[1.1,5]]"]
        corners, line_of = tile_index.courses(lines)

        alone = [geo.slope(corners[line_of == line]) for line in (0, 1, 3)]
        assert np.delete(tile_index.slopes(corners, line_of), 2).tolist() == alone


class TestTileOfNothing:
    def test_is_empty_before_the_first_import(self):
        assert decode(tiles.tile(queries.revision(), 14, 0, 0)) == {}
