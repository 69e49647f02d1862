"""The journal: what is acknowledged is here first, and stays until the lake has it.

One row is one received batch as Arrow bytes. The commit is the acknowledgement: SQLite in WAL
mode with ``synchronous=FULL`` syncs before it returns. Alarm transitions found in a batch are
written in the same transaction, so that a crash can neither lose nor repeat one.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from huoshui.areas.telemetry.store import columns

FILE_NAME = "journal.sqlite"
TRIM_AT_ONCE = 200
CLOCK_KEPT_EVERY_US = 60_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    received_us INTEGER NOT NULL,
    source TEXT NOT NULL,
    count INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS transition (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    point_id INTEGER NOT NULL,
    rule TEXT NOT NULL,
    raised INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    value REAL,
    threshold REAL
);
CREATE TABLE IF NOT EXISTS standing (
    point_id INTEGER NOT NULL,
    rule TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    PRIMARY KEY (point_id, rule)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS day (
    day INTEGER PRIMARY KEY,
    flushed INTEGER NOT NULL,
    rolled INTEGER NOT NULL DEFAULT 0,
    compacted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cut (
    day INTEGER NOT NULL,
    class INTEGER NOT NULL,
    flushed INTEGER NOT NULL,
    PRIMARY KEY (day, class)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class JournalUnavailable(RuntimeError):
    """The journal could not be written (disk full, disk broken). Nothing was acknowledged."""


@dataclass(frozen=True)
class Entry:
    """One batch ready to be written. ``until_us`` is its latest moment, included."""

    source: str
    received_us: int
    count: int
    from_us: int
    until_us: int
    body: memoryview


@dataclass(frozen=True)
class Transition:
    """One alarm condition of one point that began (``raised``) or ended. ``id`` 0 = not stored."""

    point_id: int
    rule: str
    raised: bool
    at_us: int
    value: float | None
    threshold: float | None
    id: int = 0


@dataclass(frozen=True)
class Day:
    """How far one UTC day has come, in journal sequences. ``day`` counts days since 1970."""

    day: int
    flushed: int
    rolled: int
    compacted: int


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Open the journal's file; a reader's connection can never write."""
    connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    if readonly:
        connection.execute("PRAGMA query_only=ON")
        return connection
    # 16 kB pages hold a batch of 1,000 in one; measured 20 % faster than 4 kB when trimming.
    connection.execute("PRAGMA page_size=16384")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=67108864")
    return connection


class Journal:
    """The journal open for writing. Safe to call from several threads of the one writer."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._write = connect(self.path)
        self._write.executescript(_SCHEMA)
        self._read = connect(self.path, readonly=True)
        self._lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._clock_kept_us = 0
        self._refused_us = 0

    def close(self) -> None:
        """Note an orderly end and close both connections; what is written stays."""
        with suppress(JournalUnavailable):
            self.set_mark("open", 0)
        with self._lock, self._read_lock:
            self._write.close()
            self._read.close()

    def count_on_from(self, sequence: int) -> None:
        """Let the next batch come behind ``sequence``, which the lake has reached.

        Only a journal whose file was lost and remade is behind the lake. Counting from one again,
        its batches would pass for moved into the lake, and be let go of unread.
        """
        with self._transaction() as write:
            write.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'batch', 0 WHERE NOT EXISTS"
                " (SELECT 1 FROM sqlite_sequence WHERE name = 'batch')"
            )
            write.execute(
                "UPDATE sqlite_sequence SET seq = ? WHERE name = 'batch' AND seq < ?",
                (sequence, sequence),
            )

    def append(
        self,
        entries: Sequence[Entry],
        transitions: Sequence[Transition] = (),
        *,
        taken: str | None = None,
        seen_us: int | None = None,
    ) -> list[int]:
        """Write batches and transitions in one durable transaction; return the sequences.

        ``taken`` is the file of the inbox that they came in, which is then never taken again;
        ``seen_us`` the latest moment our own clock has shown, kept about once a minute.
        Raises :class:`JournalUnavailable` when nothing of it was kept.
        """
        sequences = []
        with self._transaction() as write:
            for entry in entries:
                cursor = write.execute(
                    "INSERT INTO batch (received_us, source, count, from_us, until_us, body)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        entry.received_us,
                        entry.source,
                        entry.count,
                        entry.from_us,
                        entry.until_us,
                        entry.body,
                    ),
                )
                sequences.append(int(cursor.lastrowid or 0))
            self._append_transitions(transitions)
            if self._refused_us:
                _set_mark(write, "refused_us", self._refused_us)
            if taken is not None:
                write.execute("INSERT INTO taken (name) VALUES (?)", (taken,))
            if seen_us is not None and seen_us > self._clock_kept_us + CLOCK_KEPT_EVERY_US:
                _set_mark(write, "clock_us", seen_us)
                self._clock_kept_us = seen_us
        self._refused_us = 0
        return sequences

    def begin(self) -> None:
        """Note that a process writes from now on, and whether the one before ended unawares."""
        with self._transaction() as write:
            row = write.execute("SELECT value FROM mark WHERE name = 'open'").fetchone()
            if row and row[0]:
                _set_mark(write, "killed_us", time.time_ns() // 1000)
                write.execute(
                    "INSERT INTO mark (name, value) VALUES ('killed', 1)"
                    " ON CONFLICT (name) DO UPDATE SET value = value + 1"
                )
            _set_mark(write, "open", 1)

    def latest_clock(self) -> int:
        """Return about the latest moment that our own clock has ever shown here."""
        self._clock_kept_us = self.mark("clock_us")
        return self._clock_kept_us

    def note_clock_set_back(self, shown_us: int, back_us: int) -> None:
        """Keep that the clock showed ``shown_us`` and then ``back_us`` less, for health."""
        with self._transaction() as write:
            _set_mark(write, "clock_back_from_us", shown_us)
            _set_mark(write, "clock_back_us", back_us)

    def mark(self, name: str) -> int:
        """Return a number kept under a name, 0 when there is none."""
        with self._read_lock:
            row = self._read.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def set_mark(self, name: str, value: int) -> None:
        """Keep a number under a name, durably."""
        with self._transaction() as write:
            _set_mark(write, name, value)

    def taken(self) -> set[str]:
        """Return the files of the inbox that are in the journal but perhaps still in the inbox."""
        with self._read_lock:
            rows = self._read.execute("SELECT name FROM taken").fetchall()
        return {row[0] for row in rows}

    def forget_taken(self, names: Sequence[str]) -> None:
        """Let go of names whose files are gone for certain."""
        with self._transaction() as write:
            write.executemany("DELETE FROM taken WHERE name = ?", [(name,) for name in names])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._write.execute("BEGIN IMMEDIATE")
                yield self._write
                self._write.execute("COMMIT")
            except sqlite3.Error as fault:
                self._roll_back()
                # Kept as soon as something can be written again, for the health page.
                self._refused_us = time.time_ns() // 1000
                raise JournalUnavailable(str(fault)) from fault
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        # After "disk full" SQLite has often rolled back by itself; on a broken disk it cannot.
        if self._write.in_transaction:
            with suppress(sqlite3.Error):
                self._write.execute("ROLLBACK")

    def _append_transitions(self, transitions: Sequence[Transition]) -> None:
        for item in transitions:
            self._write.execute(
                "INSERT INTO transition (point_id, rule, raised, at_us, value, threshold)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (item.point_id, item.rule, item.raised, item.at_us, item.value, item.threshold),
            )
            if item.raised:
                self._write.execute(
                    "INSERT OR REPLACE INTO standing (point_id, rule, since_us) VALUES (?, ?, ?)",
                    (item.point_id, item.rule, item.at_us),
                )
            else:
                self._write.execute(
                    "DELETE FROM standing WHERE point_id = ? AND rule = ?",
                    (item.point_id, item.rule),
                )

    def batches(self, after: int, rows_max: int) -> tuple[int, columns.Columns]:
        """Return the batches behind ``after``, about ``rows_max`` readings, and the last sequence.

        At least one batch is returned when there is one.
        """
        parts, rows, upto = [], 0, after
        with self._read_lock:
            cursor = self._read.execute(
                "SELECT sequence, body FROM batch WHERE sequence > ? ORDER BY sequence", (after,)
            )
            for sequence, body in cursor:
                parts.append(columns.decode(body, sequence))
                rows += len(parts[-1])
                upto = sequence
                if rows >= rows_max:
                    break
            cursor.close()
        return upto, columns.concat(parts)

    def pending(self) -> tuple[int, int, int]:
        """Return how many batches and readings wait for the lake, and when the oldest came."""
        with self._read_lock:
            row = self._read.execute(
                "SELECT count(*), coalesce(sum(count), 0), coalesce(min(received_us), 0) FROM batch"
            ).fetchone()
        return int(row[0]), int(row[1]), int(row[2])

    def days(self) -> list[Day]:
        """Return every day that the lake has, earliest first."""
        with self._read_lock:
            rows = self._read.execute(
                "SELECT day, flushed, rolled, compacted FROM day ORDER BY day"
            ).fetchall()
        return [Day(*row) for row in rows]

    def cuts(self) -> dict[tuple[int, int], int]:
        """Return for (day, class) whose readings were deleted, up to which sequence they were."""
        with self._read_lock:
            rows = self._read.execute("SELECT day, class, flushed FROM cut").fetchall()
        return {(day, class_): flushed for day, class_, flushed in rows}

    def mark_cut(self, day: int, class_: int, flushed: int) -> None:
        """Note, before anything is deleted, that a day loses the readings of a class.

        From then on an hour of that day is never replaced by one of fewer readings.
        """
        with self._transaction() as write:
            write.execute("INSERT OR REPLACE INTO cut VALUES (?, ?, ?)", (day, class_, flushed))

    def mark_flushed(self, upto: int, days: Iterable[int]) -> None:
        """Note that the lake has everything up to ``upto``, then let go of those batches.

        The batches go in small transactions so that nobody waits long for the next receipt.
        """
        with self._transaction() as write:
            write.executemany(
                "INSERT INTO day (day, flushed) VALUES (?, ?)"
                " ON CONFLICT (day) DO UPDATE SET flushed = max(flushed, excluded.flushed)",
                [(day, upto) for day in days],
            )
            _set_mark(write, "flushed", upto)
        gone = TRIM_AT_ONCE
        while gone == TRIM_AT_ONCE:
            with self._transaction() as write:
                gone = write.execute(
                    "DELETE FROM batch WHERE sequence IN"
                    " (SELECT sequence FROM batch WHERE sequence <= ? ORDER BY sequence LIMIT ?)",
                    (upto, TRIM_AT_ONCE),
                ).rowcount

    def mark_days(self, column: str, reached: dict[int, int]) -> None:
        """Note per day up to which sequence it was rolled up or compacted."""
        if column not in {"rolled", "compacted"}:
            msg = f"no such progress: {column}"
            raise ValueError(msg)
        with self._transaction() as write:
            write.executemany(
                f"UPDATE day SET {column} = ? WHERE day = ?",
                [(sequence, day) for day, sequence in reached.items()],
            )

    def flushed(self) -> int:
        """Return the last sequence that the journal knows to be in the lake."""
        return self.mark("flushed")

    def transitions(self, after: int, limit: int = 1000) -> list[Transition]:
        """Return alarm transitions behind ``after`` in the order they happened."""
        with self._read_lock:
            rows = self._read.execute(
                "SELECT point_id, rule, raised, at_us, value, threshold, id FROM transition"
                " WHERE id > ? ORDER BY id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            Transition(point, rule, bool(raised), at_us, value, threshold, id)
            for point, rule, raised, at_us, value, threshold, id in rows
        ]

    def newest_transition(self) -> int:
        """Return the number of the newest transition ever written here, 0 for none."""
        with self._read_lock:
            row = self._read.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'transition'"
            ).fetchone()
        return int(row[0]) if row else 0

    def forget_transitions(self, upto: int) -> None:
        """Let go of transitions that became alarms."""
        with self._transaction() as write:
            write.execute("DELETE FROM transition WHERE id <= ?", (upto,))

    def standing(self) -> list[tuple[int, str, int]]:
        """Return the alarm conditions that stand: point, rule, since."""
        with self._read_lock:
            return self._read.execute("SELECT point_id, rule, since_us FROM standing").fetchall()


def _set_mark(write: sqlite3.Connection, name: str, value: int) -> None:
    write.execute("INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", (name, value))
