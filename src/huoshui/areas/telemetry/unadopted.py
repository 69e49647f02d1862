"""Readings of codes that nobody has declared yet, kept on disk until somebody adopts them.

One SQLite file beside the journal, written by the ingest process and, for what is pushed over
HTTP, by the web process. Bounded in days and in bytes: what is oldest goes first.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import UnknownReadings

BYTES_MAX = 256 * 1024 * 1024
DAYS_MAX = 30
CODES_MAX = 20_000
ROWS_AT_ONCE = 2_000
# What a row costs beside its readings, so that the bound holds for many small rows too.
ROW_BYTES = 120
TABLES = """
CREATE TABLE IF NOT EXISTS code (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, code TEXT NOT NULL, UNIQUE (source, code));
CREATE TABLE IF NOT EXISTS kept (
    id INTEGER PRIMARY KEY, code_id INTEGER NOT NULL, kept_s REAL NOT NULL,
    bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS kept_by_code ON kept (code_id, id);
"""

Readings = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]


class Unadopted:
    """The file of kept readings of one historian's folder; safe from several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        bytes_max: int = BYTES_MAX,
        days_max: float = DAYS_MAX,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "unadopted.sqlite"
        self._bytes_max, self._days_max, self._now_s = bytes_max, days_max, now_s
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            db = self._open()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            db = sqlite3.connect(
                self._path, timeout=10, isolation_level=None, check_same_thread=False
            )
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.executescript(TABLES)
            self._db = db
        return self._db

    def keep(self, readings: Sequence[UnknownReadings]) -> int:
        """Keep readings, safely on disk when this returns; return how many found room."""
        kept = 0
        now_s = self._now_s()
        with self._writing() as db:
            codes = db.execute("SELECT count(*) FROM code").fetchone()[0]
            for one in readings:
                body = _pack(one)
                found = db.execute(
                    "SELECT id FROM code WHERE source = ? AND code = ?", (one.source, one.code)
                ).fetchone()
                if found is None and codes >= CODES_MAX:
                    continue
                if found is None:
                    codes += 1
                    number = db.execute(
                        "INSERT INTO code (source, code) VALUES (?, ?)", (one.source, one.code)
                    ).lastrowid
                else:
                    number = found[0]
                db.execute(
                    "INSERT INTO kept (code_id, kept_s, bytes, body) VALUES (?, ?, ?, ?)",
                    (number, now_s, len(body) + ROW_BYTES, body),
                )
                kept += len(one.at_us)
            self._let_go(db, now_s)
        return kept

    def _let_go(self, db: sqlite3.Connection, now_s: float) -> None:
        """Delete what is too old, then the oldest until the rest fits."""
        db.execute("DELETE FROM kept WHERE kept_s < ?", (now_s - self._days_max * 86_400,))
        size = db.execute("SELECT coalesce(sum(bytes), 0) FROM kept").fetchone()[0]
        while size > self._bytes_max:
            oldest = db.execute(
                "SELECT id, bytes FROM kept ORDER BY id LIMIT ?", (ROWS_AT_ONCE,)
            ).fetchall()
            for number, part in oldest:
                if size <= self._bytes_max:
                    break
                db.execute("DELETE FROM kept WHERE id = ?", (number,))
                size -= part

    def codes(self) -> list[tuple[str, str]]:
        """Return every (source, code) of which something is kept."""
        if not self._path.exists():
            return []
        with self._lock:
            return self._open().execute("SELECT source, code FROM code").fetchall()

    def read(self, source: str, code: str, rows: int = ROWS_AT_ONCE) -> tuple[int, Readings]:
        """Return the oldest kept readings of a code, and the mark to `forget` them by."""
        empty = (np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8))
        if not self._path.exists():
            return 0, empty
        with self._lock:
            found = (
                self._open()
                .execute(
                    "SELECT kept.id, body FROM kept JOIN code ON code.id = code_id"
                    " WHERE source = ? AND code = ? ORDER BY kept.id LIMIT ?",
                    (source, code, rows),
                )
                .fetchall()
            )
        if not found:
            return 0, empty
        parts = [_unpack(body) for _number, body in found]
        return found[-1][0], (
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            np.concatenate([part[2] for part in parts]),
        )

    def forget(self, source: str, code: str, upto: int | None = None) -> None:
        """Delete what was kept of a code: up to a mark of `read`, or all of it and the code."""
        with self._writing() as db:
            found = db.execute(
                "SELECT id FROM code WHERE source = ? AND code = ?", (source, code)
            ).fetchone()
            if found is None:
                return
            limit = upto if upto is not None else 1 << 62
            db.execute("DELETE FROM kept WHERE code_id = ? AND id <= ?", (found[0], limit))
            db.execute(
                "DELETE FROM code WHERE id = ? AND NOT EXISTS"
                " (SELECT 1 FROM kept WHERE code_id = ?)",
                (found[0], found[0]),
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None


def _pack(one: UnknownReadings) -> bytes:
    return (
        np.asarray(one.at_us, np.int64).tobytes()
        + np.asarray(one.value, np.float64).tobytes()
        + np.asarray(one.quality, np.uint8).tobytes()
    )


def _unpack(body: bytes) -> Readings:
    count = len(body) // 17
    return (
        np.frombuffer(body, np.int64, count),
        np.frombuffer(body, np.float64, count, offset=8 * count),
        np.frombuffer(body, np.uint8, count, offset=16 * count),
    )
