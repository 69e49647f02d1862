"""The tiles of the network: an index of all assets in memory, and a cache of made tiles on disk.

Both belong to one revision of the map. A process notices a new revision at the next tile asked
of it; tiles of older revisions are deleted by whoever first writes one of the new.
"""

from __future__ import annotations

import gzip
import logging
import sqlite3
import threading
from pathlib import Path

import numpy as np

from huoshui.areas.network import geo, queries, rules, tile_index
from huoshui.kernel import settings

logger = logging.getLogger(__name__)

FILE_NAME = "tiles.sqlite"

WARM_ZOOM_MAX = 13
"""Tiles up to here show much of a city and are many times asked for; beyond, one costs little."""

LATE_MOST = 5_000
"""So many features may stand beside the index's tree before it is grown anew."""


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
        # Of its own, so that made tiles are given out while a great city is read.
        self.index_lock = threading.Lock()
        self.index: tile_index.TileIndex | None = None
        self.cache: TileCache | None = None


_memory = _Memory()


def forget() -> None:
    """Drop what this process remembers: for tests and measurements of the cold path."""
    with _memory.lock, _memory.index_lock:
        _memory.index = None
        if _memory.cache is not None:
            _memory.cache.close()
            _memory.cache = None


def index_of(revision: str) -> tile_index.TileIndex:
    """Return the index of a revision: the one in memory, patched, or built anew."""
    with _memory.index_lock:
        known = _memory.index
        if known is None or known.revision != revision:
            known = _memory.index = _patched(known, revision) or tile_index.build(revision)
        return known


def _patched(known: tile_index.TileIndex | None, revision: str) -> tile_index.TileIndex | None:
    """Return an index with what changed since; None if too much did, or nobody knows what."""
    if known is None or known.late > LATE_MOST:
        return None
    changes = queries.drawn_changes(known.revision, revision)
    if changes is None or len(changes.assets) + len(changes.connections) > LATE_MOST:
        return None
    return known.patched(revision, changes.assets, changes.connections)


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


def warm(*, zoom_max: int = WARM_ZOOM_MAX) -> int:
    """Make the tiles of the present revision from afar to ``zoom_max``; return how many.

    Called after an import, so that a great city's map is there at once for whoever opens it.
    """
    revision, bounds = queries.revision(), queries.bounds()
    if bounds is None:
        return 0
    west, south, east, north = bounds
    corners = geo.mercator(np.array([[west, north], [east, south]]))
    made = 0
    for zoom in range(rules.TILE_ZOOM_MIN, zoom_max + 1):
        (x_min, y_min), (x_max, y_max) = (corners * (1 << zoom)).astype(int).tolist()
        for x in range(x_min, x_max + 1):
            for y in range(y_min, y_max + 1):
                tile(revision, zoom, x, y)
                made += 1
    return made
