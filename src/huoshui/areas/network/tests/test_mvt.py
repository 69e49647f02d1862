"""Our tiles, read back by another program (mapbox-vector-tile)."""

from __future__ import annotations

import itertools

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.areas.network import mvt

DOWN = {"y_coord_down": True}


def lines_layer(lines: list[list[tuple[float, float]]]) -> mvt.Layer:
    ids = np.arange(1, len(lines) + 1) * 1000
    geometry = np.array([shapely.LineString(line) for line in lines], dtype=object)
    columns = {"code": mvt.Column.of([f"p{number}" for number in ids])}
    return mvt.Layer("lines", mvt.LINE, ids, geometry, columns)


def decoded(tile: bytes, layer: str) -> dict[int, dict]:
    if not tile:
        return {}
    features = mapbox_vector_tile.decode(tile, default_options=DOWN)[layer]["features"]
    assert len({feature["id"] for feature in features}) == len(features)
    return {feature["id"]: feature for feature in features}


class TestEncodeTile:
    def test_writes_what_another_reader_understands(self):
        layer = mvt.Layer(
            "points",
            mvt.POINT,
            np.array([7, 300_000_000_000]),
            shapely.points([[0.25, 0.25], [0.75, 0.5]]),
            {
                "code": mvt.Column.of(["n1", "阀门 2"]),
                "laid_year": mvt.Column.of([1987, None]),
                "depth": mvt.Column.of([-3, 4]),
            },
        )
        found = decoded(mvt.encode_tile([layer], 0, 0, 0), "points")

        assert found[7]["properties"] == {"code": "n1", "laid_year": 1987, "depth": -3}
        assert found[7]["geometry"]["coordinates"] == [1024, 1024]
        assert found[300_000_000_000]["properties"] == {"code": "阀门 2", "depth": 4}

    def test_cuts_a_long_main_at_the_buffer(self):
        found = decoded(mvt.encode_tile([lines_layer([[(0, 0.1), (1, 0.1)]])], 3, 2, 0), "lines")

        x = [point[0] for point in found[1000]["geometry"]["coordinates"]]
        assert (min(x), max(x)) == (-mvt.BUFFER, mvt.EXTENT + mvt.BUFFER)

    def test_splits_a_line_that_leaves_and_comes_back(self):
        line = [(0.1, 0.1), (0.1, 0.9), (0.2, 0.9), (0.2, 0.1)]
        found = decoded(mvt.encode_tile([lines_layer([line])], 1, 0, 0), "lines")

        assert found[1000]["geometry"]["type"] == "MultiLineString"
        assert len(found[1000]["geometry"]["coordinates"]) == 2

    def test_is_empty_where_nothing_lies(self):
        assert mvt.encode_tile([lines_layer([[(0.1, 0.1), (0.2, 0.2)]])], 4, 15, 15) == b""

    @settings(max_examples=60)
    @given(
        lines=st.lists(
            st.lists(
                st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)),
                min_size=2,
                max_size=5,
            ),
            min_size=1,
            max_size=12,
        ),
        zoom=st.integers(0, 12),
        near=st.integers(0, 11),
    )
    def test_holds_every_line_of_its_extent_and_no_other(self, lines, zoom, near):
        side = 1 / (1 << zoom)
        x, y = (int(value / side) for value in lines[near % len(lines)][0])
        found = decoded(mvt.encode_tile([lines_layer(lines)], zoom, x, y), "lines")

        inside = shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side)
        wide = inside.buffer(side * (mvt.BUFFER + 1) / mvt.EXTENT, join_style="mitre")
        touching = {
            1000 * (number + 1)
            for number, line in enumerate(lines)
            if shapely.LineString(line).intersection(inside).length > 0
        }
        near_enough = {
            1000 * (number + 1)
            for number, line in enumerate(lines)
            if shapely.LineString(line).intersects(wide)
        }
        assert touching <= set(found) <= near_enough

    @given(st.lists(st.integers(0, 2**40), min_size=1, max_size=50))
    def test_writes_varints_as_protobuf_does(self, numbers):
        packed, offsets = mvt.varints(np.array(numbers, dtype=np.int64))

        def unpacked(piece: bytes) -> int:
            return sum((byte & 0x7F) << (7 * at) for at, byte in enumerate(piece))

        pieces = [packed[low:high] for low, high in itertools.pairwise(offsets)]
        assert [unpacked(piece) for piece in pieces] == numbers
        assert all(piece[-1] < 0x80 for piece in pieces)
