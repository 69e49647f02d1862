"""All drawn assets of one revision in memory, ready to be cut into tiles.

Read as columns and turned into geometry by arrays, because a city of 200,000 pipes is read anew
after each change of the network.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from huoshui.areas.network import geo, mvt, queries, rules
from huoshui.areas.network.contracts import LINK_KINDS, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# The layers of every tile, and those that are drawn from near only.
FAR = ("lines", "points")
NEAR = ("names", "services", "connections")

# Which signs stay when there is no room for all: first what feeds the city.
IMPORTANCE = {
    Kind.RESERVOIR: 0,
    Kind.TANK: 1,
    Kind.PUMP: 2,
    Kind.VALVE: 3,
    Kind.HYDRANT: 4,
    Kind.JUNCTION: 5,
}


@dataclass(frozen=True)
class Rank:
    """Which features of a layer stay where there is no room for all.

    ``keys`` sort from the most to the least important, the last one first, as in ``np.lexsort``;
    the number of the asset decides between equals, so that every way to an index gives the same.
    """

    places: Floats
    keys: tuple[NDArray[Any], ...]
    from_zoom: Ints
    """From which zoom on each feature is drawn at all."""

    def order(self) -> Ints:
        """Return all features, the most important first."""
        return np.asarray(np.lexsort(self.keys))

    def and_(self, other: Rank) -> Rank:
        """Return this rank with another one below it."""
        return Rank(
            np.concatenate([self.places, other.places]),
            tuple(np.concatenate(both) for both in zip(self.keys, other.keys, strict=True)),
            np.concatenate([self.from_zoom, other.from_zoom]),
        )


@dataclass(frozen=True)
class TileIndex:
    """All drawn assets of one revision; ``kept`` holds the thinned zooms of each layer."""

    revision: str
    layers: Mapping[str, mvt.Layer]
    ranks: Mapping[str, Rank]
    kept: Mapping[int, Mapping[str, Mask]]

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """Return one tile, not compressed; empty where nothing lies."""
        names = FAR if zoom < rules.NAMES_FROM_ZOOM else (*FAR, *NEAR)
        layers = [self.layers[name] for name in names]
        return mvt.encode_tile(layers, zoom, x, y, self.kept.get(zoom, {}))

    @property
    def late(self) -> int:
        """How many features came after the index was built."""
        return max(layer.late for layer in self.layers.values())

    def patched(
        self, revision: str, asset_ids: Collection[int], connection_ids: Collection[int]
    ) -> TileIndex:
        """Return the index of a later revision, reading only what was changed."""
        fresh, ranks = _read(
            queries.drawn_assets(asset_ids), queries.drawn_connections(connection_ids)
        )
        of_assets = np.array(sorted(asset_ids), dtype=np.int64)
        of_connections = np.array(sorted(connection_ids), dtype=np.int64)
        ids = dict.fromkeys(("services", "connections"), of_connections)
        changed = {
            name: layer.replaced(ids.get(name, of_assets), fresh[name])
            for name, layer in self.layers.items()
        }
        return _index(
            revision, changed, {name: rank.and_(ranks[name]) for name, rank in self.ranks.items()}
        )


def build(revision: str) -> TileIndex:
    """Read all drawn assets and connections and index them, in two queries."""
    return _index(revision, *_read(queries.drawn_assets(), queries.drawn_connections()))


def _index(revision: str, layers: Mapping[str, mvt.Layer], ranks: Mapping[str, Rank]) -> TileIndex:
    kept: dict[int, dict[str, Mask]] = {}
    for name, rank in ranks.items():
        order = rank.order()
        order = order[~layers[name].gone[order]]
        for zoom in range(rules.TILE_ZOOM_MIN, rules.TILE_ZOOM_MAX + 1):
            drawn = order[rank.from_zoom[order] <= zoom]
            most = rules.MOST_IN_A_TILE[name]
            # Close by everything is drawn, and the mask only says what is gone.
            mask = most_important(
                rank.places, drawn, zoom, most if zoom < rules.TILE_ZOOM_MAX else len(drawn)
            )
            if not mask.all():
                kept.setdefault(zoom, {})[name] = mask
    return TileIndex(revision, layers, ranks, kept)


def _read(
    rows: Sequence[queries.DrawnAsset], connections: Sequence[queries.DrawnConnection]
) -> tuple[dict[str, mvt.Layer], dict[str, Rank]]:
    """Return assets and connections as layers, and the ranks of those that are thinned."""
    links = [row for row in rows if row.kind in LINK_KINDS and row.line]
    # Valves and pumps are short lines with a sign half-way; they stand in both layers.
    signs = [row for row in rows if row.kind != Kind.PIPE]
    corners, line_of = courses([row.line or "[]" for row in links])
    is_pipe = np.array([row.kind == Kind.PIPE for row in links], dtype=bool)
    pipes = list(itertools.compress(links, is_pipe))
    lines = shapely.linestrings(corners, indices=line_of) if links else np.array([], object)
    sign_places = _places(signs)
    names = {
        "code": mvt.Column.unique([row.code for row in pipes]),
        "angle": mvt.Column.of(slopes(corners, line_of)[is_pipe].tolist()),
    }
    layers = [
        mvt.Layer("lines", mvt.LINE, _ids(links), lines, _columns(links)),
        mvt.Layer("points", mvt.POINT, _ids(signs), shapely.points(sign_places), _columns(signs)),
        mvt.Layer("names", mvt.POINT, _ids(pipes), shapely.points(_places(pipes)), names),
        *_connections(connections),
    ]
    ranks = {
        "lines": _rank_of_lines(links, is_pipe, corners, line_of),
        "points": _rank_of_signs(signs, sign_places),
    }
    return {layer.name: layer for layer in layers}, ranks


def _connections(rows: Sequence[queries.DrawnConnection]) -> tuple[mvt.Layer, mvt.Layer]:
    """Return the service lines from their pipes, and the connections at their other ends."""
    ids = np.array([row.id for row in rows], dtype=np.int64)
    facts = {
        "code": mvt.Column.unique([row.code for row in rows]),
        "status": mvt.Column.of([row.status for row in rows]),
    }
    ends = geo.mercator(np.array([(row.lon, row.lat) for row in rows], float).reshape(-1, 2))
    taps = np.array([(row.tap_lon, row.tap_lat) for row in rows], float).reshape(-1, 2)
    tapped = ~np.isnan(taps).any(axis=1)
    lines = np.stack([geo.mercator(taps[tapped]), ends[tapped]], axis=1)
    return (
        mvt.Layer("services", mvt.LINE, ids[tapped], shapely.linestrings(lines), {}),
        mvt.Layer("connections", mvt.POINT, ids, shapely.points(ends), facts),
    )


def courses(texts: Sequence[str]) -> tuple[Floats, Ints]:
    """Return the corners of all lines in the map's square, and to which line each belongs.

    ``texts`` are the courses as they are stored: JSON lists of [longitude, latitude].
    """
    lines = orjson.loads(f"[{','.join(texts)}]")
    counts = [len(line) for line in lines]
    flat = list(itertools.chain.from_iterable(lines))
    lonlat = np.array(flat, dtype=float).reshape(-1, 2)
    return geo.mercator(lonlat), np.repeat(np.arange(len(lines)), counts)


def slopes(corners: Floats, line_of: Ints) -> Ints:
    """Return how a text along the middle of each line is turned: see ``geo.slope``."""
    if not len(corners):
        return np.array([], dtype=np.int64)
    steps, length, owner = _steps(corners, line_of)
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    along = np.cumsum(length)
    before = along[first] - length[first]
    total = np.add.reduceat(length, first)
    early = along - before[owner] < total[owner] / 2
    middle = first + np.add.reduceat(early.astype(np.int64), first)
    # A line whose length is nothing has its middle in its first step.
    middle = np.minimum(middle, np.append(first[1:], len(owner)) - 1)
    dx, dy = steps[middle, 0], steps[middle, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.degrees(np.arctan(dy / dx))
    return np.where(dx == 0, -90, np.rint(np.nan_to_num(degrees))).astype(np.int64)


def _steps(corners: Floats, line_of: Ints) -> tuple[Floats, Floats, Ints]:
    """Return each step between two corners of a line, its length, and its line."""
    inside = line_of[1:] == line_of[:-1]
    steps = np.diff(corners, axis=0)[inside]
    return steps, np.hypot(steps[:, 0], steps[:, 1]), line_of[1:][inside]


def _rank_of_lines(
    links: Sequence[queries.DrawnAsset], is_pipe: Mask, corners: Floats, line_of: Ints
) -> Rank:
    """Rank links: wide before narrow, long before short."""
    _step, length, owner = _steps(corners, line_of)
    lengths = np.bincount(owner, weights=length, minlength=len(links))
    # Valves and pumps have signs of their own; as lines they are a stroke that nobody sees.
    keys = (_ids(links), -lengths, -_diameters(links), ~is_pipe)
    return Rank(_places(links), keys, np.zeros(len(links), dtype=np.int64))


def _rank_of_signs(signs: Sequence[queries.DrawnAsset], places: Floats) -> Rank:
    """Rank signs: first what feeds the city; what is many is drawn from near only."""
    kinds = np.array([IMPORTANCE.get(Kind(row.kind), 9) for row in signs], dtype=np.int64)
    near = np.where(kinds >= IMPORTANCE[Kind.VALVE], rules.SIGNS_FROM_ZOOM, 0)
    near[kinds >= IMPORTANCE[Kind.JUNCTION]] = rules.JUNCTIONS_FROM_ZOOM
    return Rank(places, (_ids(signs), -_diameters(signs), kinds), near)


def _diameters(rows: Sequence[queries.DrawnAsset]) -> Floats:
    return np.array([row.diameter_mm or 0.0 for row in rows], dtype=float)


def most_important(places: Floats, order: Ints, zoom: int, most: int) -> Mask:
    """Keep as many features, by importance, that no tile of ``zoom`` holds more than ``most``.

    One limit for the whole map, not one for each tile: else the edges of the tiles would show.
    """
    tile = (places[order] * (1 << zoom)).astype(np.int64)
    key = tile[:, 0] << 32 | tile[:, 1]
    grouped = np.argsort(key, kind="stable")
    starts = np.append(True, key[grouped][1:] != key[grouped][:-1])
    first = np.flatnonzero(starts)
    rank = np.arange(len(key)) - np.repeat(first, np.diff(np.append(first, len(key))))
    beyond = grouped[rank >= most]
    kept = np.zeros(len(places), dtype=bool)
    kept[order[: beyond.min() if len(beyond) else len(key)]] = True
    return kept


def _ids(rows: Sequence[queries.DrawnAsset]) -> Ints:
    return np.array([row.id for row in rows], dtype=np.int64)


def _places(rows: Sequence[queries.DrawnAsset]) -> Floats:
    lonlat = np.array([(row.lon, row.lat) for row in rows], dtype=float).reshape(-1, 2)
    return geo.mercator(lonlat)


def _columns(rows: Sequence[queries.DrawnAsset]) -> dict[str, mvt.Column]:
    diameters = [None if row.diameter_mm is None else round(row.diameter_mm) for row in rows]
    return {
        "code": mvt.Column.unique([row.code for row in rows]),
        "kind": mvt.Column.of([row.kind for row in rows]),
        "zone": mvt.Column.of([row.zone for row in rows]),
        "diameter_mm": mvt.Column.of(diameters),
        "material": mvt.Column.of([row.material for row in rows]),
        "laid_year": mvt.Column.of([row.laid_year for row in rows]),
    }
