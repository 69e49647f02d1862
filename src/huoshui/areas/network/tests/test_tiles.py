"""Tiles of a real network."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import numpy as np
import pytest

from huoshui.areas.network import (
    actions,
    facade,
    geo,
    queries,
    rules,
    tile_index,
    tiles,
)
from huoshui.areas.network.contracts import Attributes, Material
from huoshui.areas.network.models import Asset, Connection
from huoshui.kernel import clock
from huoshui.kernel.events import dispatcher
from huoshui.kernel.events.models import Delivery

pytestmark = pytest.mark.django_db


def decode(body: bytes) -> dict:
    raw = gzip.decompress(body)
    return mapbox_vector_tile.decode(raw, default_options={"y_coord_down": True}) if raw else {}


def by_id(tile: dict) -> dict:
    return {
        name: {one["id"]: (one["geometry"], one["properties"]) for one in layer["features"]}
        for name, layer in tile.items()
    }


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
        signs = Asset.objects.exclude(kind="pipe")
        # The map shows these from there on only.
        if zoom < 15:
            signs = signs.exclude(kind="junction")
        if zoom < 11:
            signs = signs.exclude(kind__in=("valve", "hydrant"))
        assert points == set(signs.values_list("id", flat=True))

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


@pytest.mark.usefixtures("l_town")
class TestPatchedIndex:
    """Whatever was changed, a patched index makes the tiles of one that is built anew."""

    @staticmethod
    def same(patched: tile_index.TileIndex) -> None:
        built = tile_index.build(patched.revision)
        west, south, east, north = queries.bounds()
        for zoom in (8, 11, 13, 15, 16):
            (x_min, y_min), (x_max, y_max) = tile_at(west, north, zoom), tile_at(east, south, zoom)
            for x in range(x_min, x_max + 1):
                for y in range(y_min, y_max + 1):
                    found = [
                        by_id(decode(gzip.compress(one.tile(zoom, x, y))))
                        for one in (patched, built)
                    ]
                    assert found[0] == found[1]

    @pytest.fixture(autouse=True)
    def few(self, l_town, monkeypatch):
        # So few that L-Town is thinned as well.
        monkeypatch.setattr(rules, "MOST_IN_A_TILE", {"lines": 60, "points": 40})
        tiles.forget()
        self.first = tiles.index_of(queries.revision())
        monkeypatch.setattr(tile_index, "build", lambda revision: pytest.fail("read anew"))
        yield
        tiles.forget()

    def patched(self, monkeypatch) -> tile_index.TileIndex:
        found = tiles.index_of(queries.revision())
        assert found is not self.first
        monkeypatch.undo()
        monkeypatch.setattr(rules, "MOST_IN_A_TILE", {"lines": 60, "points": 40})
        return found

    def test_after_other_attributes(self, monkeypatch):
        known = Attributes(material=Material.PE, diameter_mm=900.0)
        facade.set_attributes({"p1": known, "p700": known}, by_id=None)

        self.same(self.patched(monkeypatch))

    def test_after_several_changes_of_the_same_asset(self, monkeypatch):
        for diameter_mm in (900.0, 50.0, 300.0):
            facade.set_attributes({"p1": Attributes(diameter_mm=diameter_mm)}, by_id=None)
            tiles.index_of(queries.revision())

        self.same(self.patched(monkeypatch))

    def test_after_changes_that_were_not_looked_at_one_by_one(self, monkeypatch):
        for code in ("p1", "p2", "p3"):
            facade.set_attributes({code: Attributes(laid_year=1977)}, by_id=None)

        self.same(self.patched(monkeypatch))

    def test_after_assets_were_moved_added_and_taken_out(self, monkeypatch):
        gone, moved = Asset.objects.get(code="p2"), Asset.objects.get(code="p3")
        Asset.objects.filter(pk=gone.pk).update(retired_at=clock.now())
        line = [[lon + 0.001, lat] for lon, lat in moved.line]
        Asset.objects.filter(pk=moved.pk).update(line=line, lon=moved.lon + 0.001)
        new = Asset.objects.create(
            code="new", kind="pipe", start=moved.start, end=moved.end, line=moved.line,
            lon=moved.lon, lat=moved.lat, diameter_mm=1000.0,
        )  # fmt: skip
        actions.new_revision(assets=[gone.pk, moved.pk, new.pk])

        self.same(self.patched(monkeypatch))

    def test_after_connections_came_and_moved(self, monkeypatch):
        pipe = facade.asset("p1")
        row = Connection.objects.create(code="C1", lon=pipe.lon + 0.0001, lat=pipe.lat)
        actions.new_revision(connections=[row.pk])
        tiles.index_of(queries.revision())
        Connection.objects.filter(pk=row.pk).update(tap_lon=pipe.lon, tap_lat=pipe.lat)
        actions.new_revision(connections=[row.pk])

        found = self.patched(monkeypatch)
        assert len(found.layers["services"].ids) == 1
        self.same(found)


@pytest.mark.usefixtures("l_town")
class TestIndexOf:
    def test_reads_anew_what_changed_altogether(self):
        first = tiles.index_of(queries.revision())
        facade.set_attributes({"p1": Attributes(laid_year=1977)}, by_id=None)
        actions.new_revision()

        assert queries.drawn_changes(first.revision, queries.revision()) is None
        assert tiles.index_of(queries.revision()).late == 0

    def test_reads_anew_when_the_way_from_its_revision_is_forgotten(self, monkeypatch):
        monkeypatch.setattr(rules, "MAP_STEPS_KEPT", 1)
        first = queries.revision()
        for year in (1977, 1978):
            facade.set_attributes({"p1": Attributes(laid_year=year)}, by_id=None)

        assert queries.drawn_changes(first, queries.revision()) is None

    def test_grows_the_tree_anew_when_too_much_stands_beside_it(self, monkeypatch):
        tiles.index_of(queries.revision())
        facade.set_attributes({"p1": Attributes(laid_year=1977)}, by_id=None)
        assert tiles.index_of(queries.revision()).late == 1
        monkeypatch.setattr(tiles, "LATE_MOST", 0)
        facade.set_attributes({"p1": Attributes(laid_year=1978)}, by_id=None)

        assert tiles.index_of(queries.revision()).late == 0


@pytest.mark.usefixtures("l_town")
class TestWarmMap:
    def test_makes_the_tiles_of_what_was_imported(self, monkeypatch):
        dispatcher.spread()
        for delivery in Delivery.objects.filter(listener="network.warm_map"):
            assert dispatcher.deliver(delivery)
        monkeypatch.setattr(tiles, "index_of", lambda revision: pytest.fail("made again"))

        assert decode(tiles.tile(queries.revision(), 13, *tile_at(113.6, 34.75, 13)))["lines"]


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
