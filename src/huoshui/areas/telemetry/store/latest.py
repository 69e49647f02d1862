"""The newest value of each point in a small file of its own, for pages that live.

Written in bulk several times a second with ``synchronous=NORMAL``: a power cut may take the last
moments, which the journal gives back at the next start. Each bulk has one change number, greater
than any before, so that a reader asks only for what changed.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE_NAME = "latest.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS latest (
    point_id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    value REAL,
    quality INTEGER NOT NULL,
    heard_us INTEGER NOT NULL,
    change INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS latest_change ON latest (change);
"""


class LatestFile:
    """The file open for writing, by the one writer."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.connection = sqlite3.connect(
            self.path, timeout=20, isolation_level=None, check_same_thread=False
        )
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(_SCHEMA)
        self._lock = threading.Lock()
        row = self.connection.execute("SELECT max(change) FROM latest").fetchone()
        self._change = int(row[0] or 0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.connection.close()

    def rows(self) -> list[tuple[int, int, float | None, int, int]]:
        """Return every row: point, moment, value, quality, when last heard."""
        with self._lock:
            return self.connection.execute(
                "SELECT point_id, at_us, value, quality, heard_us FROM latest"
            ).fetchall()

    def write(
        self,
        point_id: NDArray[np.int32],
        at_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
        heard_us: NDArray[np.int64],
        *,
        durable: bool = False,
    ) -> None:
        """Write these points under the next change number; ``durable`` also syncs to disk."""
        with self._lock:
            # Counted from the clock, so that a file made anew still counts above the old one
            # and no open page waits for a number that was already passed.
            self._change = max(self._change + 1, time.time_ns() // 1_000_000)
            values = [None if number != number else number for number in value.tolist()]
            if durable:
                self.connection.execute("PRAGMA synchronous=FULL")
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                self.connection.executemany(
                    "INSERT OR REPLACE INTO latest"
                    f" (point_id, at_us, value, quality, heard_us, change)"
                    f" VALUES (?, ?, ?, ?, ?, {self._change})",
                    zip(
                        point_id.tolist(),
                        at_us.tolist(),
                        values,
                        quality.tolist(),
                        heard_us.tolist(),
                        strict=True,
                    ),
                )
                if durable:
                    # One changed row at least, or SQLite has nothing to sync.
                    self.connection.execute(f"PRAGMA user_version={self._change & 0x7FFFFFFF}")
                self.connection.execute("COMMIT")
            except sqlite3.Error:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            finally:
                if durable:
                    self.connection.execute("PRAGMA synchronous=NORMAL")


class LatestReader:
    """The file open for reading, from any process. One per thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._connection: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and self.path.exists():
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
            connection.execute("PRAGMA query_only=ON")
            if not connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'latest'"
            ).fetchone():
                connection.close()
                return None
            self._connection = connection
        return self._connection

    def since(self, change: int) -> list[tuple[int, int, float | None, int, int]]:
        """Return point, moment, value, quality, change of all that changed after ``change``."""
        connection = self._open()
        if connection is None:
            return []
        return connection.execute(
            "SELECT point_id, at_us, value, quality, change FROM latest"
            " WHERE change > ? ORDER BY change",
            (change,),
        ).fetchall()

    def of(self, point_ids: Sequence[int]) -> list[tuple[int, int, float | None, int, int]]:
        """Return the same for some points."""
        connection = self._open()
        if connection is None:
            return []
        found: list[tuple[int, int, float | None, int, int]] = []
        for start in range(0, len(point_ids), 500):
            some = list(point_ids[start : start + 500])
            places = ",".join("?" * len(some))
            found += connection.execute(
                "SELECT point_id, at_us, value, quality, change FROM latest"
                f" WHERE point_id IN ({places})",
                some,
            ).fetchall()
        return found

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
