"""The tiles of the network: an index of all assets in memory, and a cache of made tiles on disk.

Both belong to one revision of the map. A process notices a new revision at the next tile asked
of it; tiles of older revisions are deleted by whoever first writes one of the new.
"""

from __future__ import annotations

import gzip
import logging
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from huoshui.areas.network import geo, mvt, queries, rules
from huoshui.areas.network.contracts import LINK_KINDS, Kind
from huoshui.kernel import settings

logger = logging.getLogger(__name__)

FILE_NAME = "tiles.sqlite"


@dataclass(frozen=True)
class TileIndex:
    """All drawn assets of one revision, ready to be cut into tiles."""

    revision: str
    lines: mvt.Layer
    points: mvt.Layer
    names: mvt.Layer
    diameters_mm: NDArray[np.float64]
    is_pipe: NDArray[np.bool_]
    is_junction: NDArray[np.bool_]

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """Return one tile, not compressed; empty where nothing lies."""
        layers = [self.lines, self.points]
        if zoom >= rules.NAMES_FROM_ZOOM:
            layers.append(self.names)
        return mvt.encode_tile(layers, zoom, x, y, self._thinned(zoom))

    def _thinned(self, zoom: int) -> Mapping[str, NDArray[np.bool_]]:
        links = len(self.lines.ids)
        keep: dict[str, NDArray[np.bool_]] = {}
        least_mm = rules.least_diameter_mm(zoom, links)
        if least_mm > 0:
            keep["lines"] = ~self.is_pipe | (self.diameters_mm >= least_mm)
        if not rules.draws_junctions(zoom, links):
            keep["points"] = ~self.is_junction
        return keep


def build_index(revision: str) -> TileIndex:
    """Read all drawn assets and index them. One query; some tenths of a second per 200,000."""
    rows = queries.drawn_assets()
    links = [row for row in rows if row["kind"] in LINK_KINDS and row["line"]]
    # Valves and pumps are short lines with a sign half-way; they stand in both layers.
    signs = [row for row in rows if row["kind"] != Kind.PIPE]
    pipes = [row for row in links if row["kind"] == Kind.PIPE]
    lines = np.array([shapely.linestrings(_course(row)) for row in links], dtype=object)
    return TileIndex(
        revision=revision,
        lines=mvt.Layer("lines", mvt.LINE, _ids(links), lines, _columns(links)),
        points=mvt.Layer("points", mvt.POINT, _ids(signs), _places(signs), _columns(signs)),
        names=mvt.Layer(
            "names",
            mvt.POINT,
            _ids(pipes),
            _places(pipes),
            {
                "code": mvt.Column.of([row["code"] for row in pipes]),
                "angle": mvt.Column.of([geo.slope(_course(row)) for row in pipes]),
            },
        ),
        diameters_mm=np.array([row["diameter_mm"] or 0.0 for row in links], dtype=float),
        is_pipe=np.array([row["kind"] == Kind.PIPE for row in links], dtype=bool),
        is_junction=np.array([row["kind"] == Kind.JUNCTION for row in signs], dtype=bool),
    )


def _ids(rows: list[queries.DrawnAsset]) -> NDArray[np.int64]:
    return np.array([row["id"] for row in rows], dtype=np.int64)


def _course(row: queries.DrawnAsset) -> NDArray[np.float64]:
    return geo.mercator(np.asarray(row["line"], dtype=float))


def _places(rows: list[queries.DrawnAsset]) -> NDArray[Any]:
    lonlat = np.array([(row["lon"], row["lat"]) for row in rows], dtype=float).reshape(-1, 2)
    points: NDArray[Any] = shapely.points(geo.mercator(lonlat))
    return points


def _columns(rows: list[queries.DrawnAsset]) -> dict[str, mvt.Column]:
    diameters = [None if row["diameter_mm"] is None else round(row["diameter_mm"]) for row in rows]
    return {
        "code": mvt.Column.of([row["code"] for row in rows]),
        "kind": mvt.Column.of([row["kind"] for row in rows]),
        "zone": mvt.Column.of([row["zone__code"] for row in rows]),
        "diameter_mm": mvt.Column.of(diameters),
        "material": mvt.Column.of([row["material"] for row in rows]),
        "laid_year": mvt.Column.of([row["laid_year"] for row in rows]),
    }


class TileCache:
    """Made tiles, gzipped, in an SQLite file of their own; losing it costs only time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = threading.local()

    def get(self, revision: str, zoom: int, x: int, y: int) -> bytes | None:
        """Return a made tile, or None."""
        try:
            row = (
                self._connection()
                .execute(
                    "SELECT body FROM tile WHERE z=? AND x=? AND y=? AND revision=?",
                    (zoom, x, y, revision),
                )
                .fetchone()
            )
        except sqlite3.Error as problem:
            logger.warning("tile cache not readable: %s", problem)
            return None
        return row[0] if row else None

    def put(self, revision: str, zoom: int, x: int, y: int, body: bytes) -> None:
        """Keep a made tile, and drop those of other revisions."""
        try:
            with self._connection() as connection:
                connection.execute("DELETE FROM tile WHERE revision<>?", (revision,))
                connection.execute(
                    "INSERT OR REPLACE INTO tile (z, x, y, revision, body) VALUES (?,?,?,?,?)",
                    (zoom, x, y, revision, body),
                )
        except sqlite3.Error as problem:
            logger.warning("tile cache not writable: %s", problem)

    def clear(self) -> None:
        """Drop all made tiles: for measurements."""
        with self._connection() as connection:
            connection.execute("DELETE FROM tile")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=2.0)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS tile (z INTEGER, x INTEGER, y INTEGER, revision TEXT,"
                " body BLOB NOT NULL, PRIMARY KEY (z, x, y)) WITHOUT ROWID"
            )
            self._own.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None


class _Memory:
    """The index and the cache of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.index: TileIndex | None = None
        self.cache: TileCache | None = None


_memory = _Memory()


def forget() -> None:
    """Drop what this process remembers: for tests and measurements of the cold path."""
    with _memory.lock:
        _memory.index = None
        if _memory.cache is not None:
            _memory.cache.close()
            _memory.cache = None


def index_of(revision: str) -> TileIndex:
    """Return the index of a revision, building it if this process has another one."""
    with _memory.lock:
        if _memory.index is None or _memory.index.revision != revision:
            _memory.index = build_index(revision)
        return _memory.index


def cache() -> TileCache:
    """Return the cache of this installation."""
    path = settings.get().home / FILE_NAME
    with _memory.lock:
        if _memory.cache is None or _memory.cache.path != path:
            _memory.cache = TileCache(path)
        return _memory.cache


def tile(revision: str, zoom: int, x: int, y: int) -> bytes:
    """Return one tile of a revision, gzipped, from the cache or newly made."""
    store = cache()
    body = store.get(revision, zoom, x, y)
    if body is None:
        body = gzip.compress(index_of(revision).tile(zoom, x, y), 6, mtime=0)
        store.put(revision, zoom, x, y, body)
    return body
