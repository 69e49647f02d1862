"""Readings of a file on their way in: put down on disk, then looked at as a whole.

A file of a gigabyte is never in memory. Its readings are written to Parquet as they are read;
DuckDB finds the repeated ones, spilling to the same folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

MEMORY = "400MB"
BLOCK_ROWS = 500_000
DAY_US = 86_400_000_000
CONFLICTS_SHOWN = 500

_SCHEMA = pa.schema(
    [("slot", pa.int32()), ("at_us", pa.int64()), ("value", pa.float64()), ("q", pa.uint8()),
     ("line", pa.int64()), ("seq", pa.int64())]
)  # fmt: skip


@dataclass(frozen=True)
class Conflict:
    """Two values for one point and moment in one file; the later line wins."""

    slot: int
    at_us: int
    first_line: int
    first: float
    last_line: int
    last: float


@dataclass(frozen=True)
class Repeats:
    """What stands in the file more than once."""

    duplicates: int
    conflicts: int
    shown: tuple[Conflict, ...]


@dataclass(frozen=True)
class Block:
    """Readings of some hours and points, each moment once, ordered by point and time."""

    slot: NDArray[np.int32]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]


class Stage:
    """The readings of one file. Add pieces, then call `settle` once, then read `blocks`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "readings.parquet"
        self._folder = folder
        self._writer = parquet.ParquetWriter(self._path, _SCHEMA, compression="lz4")
        self._db: Any = None
        self.rows = 0

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._writer.close()
        if self._db is not None:
            self._db.close()

    def add(
        self, slot: NDArray[np.int32], at_us: NDArray[np.int64], value: NDArray[np.float64],
        quality: NDArray[np.uint8], line: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Put down readings, all arrays of one length."""
        seq = np.arange(self.rows, self.rows + len(slot))
        self._writer.write_batch(
            pa.record_batch([slot, at_us, value, quality, line, seq], schema=_SCHEMA)
        )
        self.rows += len(slot)

    def settle(self, counters: list[int]) -> tuple[Repeats, int]:
        """Find what is repeated; return it, and how many counter readings fell back.

        ``counters`` are the slots whose values count up: each becomes the mean rate per hour
        since the one before.
        """
        import duckdb

        self._writer.close()
        self._db = duckdb.connect(config={"memory_limit": MEMORY, "threads": 2})
        self._db.execute(f"SET temp_directory = '{self._quoted(self._folder / 'spill')}'")
        self._db.execute(
            f"CREATE VIEW r AS SELECT * FROM read_parquet('{self._quoted(self._path)}')"
        )
        self._db.execute(
            "CREATE TABLE twice AS SELECT slot, at_us, count(*) AS n, count(DISTINCT value) AS d, "
            "arg_min(value, seq) AS first_value, arg_max(value, seq) AS last_value, "
            "min(line) AS first_line, max(line) AS last_line, max(seq) AS seq FROM r "
            "GROUP BY slot, at_us HAVING count(*) > 1"
        )
        groups, rows, different = self._db.execute(
            "SELECT count(*), coalesce(sum(n), 0), coalesce(sum(d), 0) FROM twice"
        ).fetchone()
        shown = self._db.execute(
            "SELECT slot, at_us, first_line, first_value, last_line, last_value FROM twice "
            "WHERE d > 1 ORDER BY last_line LIMIT ?",
            [CONFLICTS_SHOWN],
        ).fetchall()
        self._db.execute(
            "CREATE VIEW once AS SELECT slot, at_us, value, q FROM r"
            if not groups
            else "CREATE VIEW once AS SELECT r.slot, r.at_us, r.value, r.q FROM r "
            "LEFT JOIN twice t ON r.slot = t.slot AND r.at_us = t.at_us "
            "WHERE t.seq IS NULL OR r.seq = t.seq"
        )
        fell_back = self._rates(counters)
        repeats = Repeats(
            int(rows - different), int(different - groups), tuple(Conflict(*one) for one in shown)
        )
        return repeats, fell_back

    def _rates(self, counters: list[int]) -> int:
        """Make ``final``: readings as they are, counters as the rates between their readings."""
        if not counters:
            self._db.execute("CREATE VIEW final AS SELECT * FROM once")
            return 0
        chosen = ", ".join(str(int(slot)) for slot in counters)
        self._db.execute(
            f"CREATE TABLE rates AS SELECT slot, at_us, q, value - lag(value) OVER w AS rise, "
            f"(at_us - lag(at_us) OVER w) / 3.6e9 AS hours FROM once WHERE slot IN ({chosen}) "
            "WINDOW w AS (PARTITION BY slot ORDER BY at_us)"
        )
        self._db.execute(
            f"CREATE VIEW final AS SELECT * FROM once WHERE slot NOT IN ({chosen}) UNION ALL "
            "SELECT slot, at_us, rise / hours AS value, q FROM rates WHERE rise >= 0"
        )
        return int(self._db.execute("SELECT count(*) FROM rates WHERE rise < 0").fetchone()[0])

    def extent(self) -> list[tuple[int, int, int, int]]:
        """Return slot, number of readings, earliest and latest moment of each point."""
        return [
            (int(slot), int(n), int(low), int(high))
            for slot, n, low, high in self._db.execute(
                "SELECT slot, count(*), min(at_us), max(at_us) FROM final "
                "GROUP BY slot ORDER BY slot"
            ).fetchall()
        ]

    def blocks(self) -> Iterator[Block]:
        """Yield all readings in the order of time, some days (or points of a day) at once."""
        days = self._db.execute(
            f"SELECT at_us // {DAY_US} AS day, count(*) FROM final GROUP BY day ORDER BY day"
        ).fetchall()
        start = 0
        while start < len(days):
            end, rows = start, 0
            while end < len(days) and (end == start or rows + days[end][1] <= BLOCK_ROWS):
                rows += days[end][1]
                end += 1
            low, high = int(days[start][0]) * DAY_US, (int(days[end - 1][0]) + 1) * DAY_US
            parts = max(1, -(-rows // (2 * BLOCK_ROWS)))
            for part in range(parts):
                yield self._block(low, high, part, parts)
            start = end

    def _block(self, low: int, high: int, part: int, parts: int) -> Block:
        found = self._db.execute(
            "SELECT slot, at_us, value, q FROM final WHERE at_us >= ? AND at_us < ? "
            "AND slot % ? = ? ORDER BY slot, at_us",
            [low, high, parts, part],
        ).fetchnumpy()
        return Block(
            found["slot"].astype(np.int32),
            found["at_us"].astype(np.int64),
            np.ma.filled(found["value"].astype(np.float64), np.nan),
            found["q"].astype(np.uint8),
        )

    @staticmethod
    def _quoted(path: Path) -> str:
        return str(path).replace("'", "''")
