"""All drawn assets of one revision in memory, ready to be cut into tiles.

Read as columns and turned into geometry by arrays, because a city of 200,000 pipes is read anew
after each change of the network.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from huoshui.areas.network import geo, mvt, queries, rules
from huoshui.areas.network.contracts import LINK_KINDS, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

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
class TileIndex:
    """All drawn assets of one revision; ``kept`` holds the thinned zooms of each layer."""

    revision: str
    lines: mvt.Layer
    points: mvt.Layer
    names: mvt.Layer
    services: mvt.Layer
    connections: mvt.Layer
    kept: Mapping[int, Mapping[str, Mask]] = field(default_factory=dict)

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """Return one tile, not compressed; empty where nothing lies."""
        layers = [self.lines, self.points]
        if zoom >= rules.NAMES_FROM_ZOOM:
            layers += [self.names, self.services, self.connections]
        return mvt.encode_tile(layers, zoom, x, y, self.kept.get(zoom, {}))


def build(revision: str) -> TileIndex:
    """Read all drawn assets and connections and index them, in two queries."""
    rows = queries.drawn_assets()
    links = [row for row in rows if row.kind in LINK_KINDS and row.line]
    # Valves and pumps are short lines with a sign half-way; they stand in both layers.
    signs = [row for row in rows if row.kind != Kind.PIPE]
    corners, line_of = courses([row.line or "[]" for row in links])
    is_pipe = np.array([row.kind == Kind.PIPE for row in links], dtype=bool)
    pipes = list(itertools.compress(links, is_pipe))
    line_places, sign_places, pipe_places = _places(links), _places(signs), _places(pipes)
    columns = _columns(links)
    services, connections = _connections()
    return TileIndex(
        revision=revision,
        lines=mvt.Layer(
            "lines",
            mvt.LINE,
            _ids(links),
            shapely.linestrings(corners, indices=line_of) if links else np.array([], object),
            columns,
        ),
        points=mvt.Layer(
            "points", mvt.POINT, _ids(signs), shapely.points(sign_places), _columns(signs)
        ),
        names=mvt.Layer(
            "names",
            mvt.POINT,
            _ids(pipes),
            shapely.points(pipe_places),
            {
                "code": mvt.Column.unique([row.code for row in pipes]),
                "angle": mvt.Column.of(slopes(corners, line_of)[is_pipe].tolist()),
            },
        ),
        services=services,
        connections=connections,
        kept=_thinned(
            lines=(line_places, _line_order(links, is_pipe, corners, line_of)),
            points=(sign_places, _sign_order(signs)),
        ),
    )


def _connections() -> tuple[mvt.Layer, mvt.Layer]:
    """Return the service lines from their pipes, and the connections at their other ends."""
    rows = queries.drawn_connections()
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


def _line_order(
    links: Sequence[queries.DrawnAsset], is_pipe: Mask, corners: Floats, line_of: Ints
) -> Ints:
    """Return links from the most to the least important: wide before narrow, long before short."""
    if not links:
        return np.array([], dtype=np.int64)
    _step, length, owner = _steps(corners, line_of)
    lengths = np.bincount(owner, weights=length, minlength=len(links))
    diameters = np.array([row.diameter_mm or 0.0 for row in links])
    # Valves and pumps have signs of their own; as lines they are a stroke that nobody sees.
    return np.lexsort((-lengths, -diameters, ~is_pipe))


def _sign_order(signs: Sequence[queries.DrawnAsset]) -> Ints:
    kinds = np.array([IMPORTANCE.get(Kind(row.kind), 9) for row in signs], dtype=np.int64)
    diameters = np.array([row.diameter_mm or 0.0 for row in signs], dtype=float)
    return np.lexsort((-diameters, kinds))


def _thinned(**layers: tuple[Floats, Ints]) -> dict[int, dict[str, Mask]]:
    """Return the masks of the zooms at which a layer's fullest tile would hold too much."""
    found: dict[int, dict[str, Mask]] = {}
    for zoom in range(rules.TILE_ZOOM_MIN, rules.TILE_ZOOM_MAX):
        for name, (places, order) in layers.items():
            mask = most_important(places, order, zoom, rules.MOST_IN_A_TILE[name])
            if not mask.all():
                found.setdefault(zoom, {})[name] = mask
    return found


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
    kept = np.zeros(len(key), dtype=bool)
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
