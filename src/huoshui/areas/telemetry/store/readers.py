"""Reading lake and journal as one, from any process, while the writer writes.

A snapshot takes the journal's tail first and the lake's file list second. What the writer moved
in between is then in both and recognised by its sequence; in the other order it could be in
neither. DuckDB reads the Parquet files; old files stay on disk for a while after a compaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.store import (
    columns,
    corrections,
    delta,
    hours,
    journal,
    lake,
    pieces,
    sums,
)

# Enough for a year of one zone; the process next door needs memory too.
MEMORY_LIMIT = "128MB"
THREADS = 2

_duck_lock = threading.Lock()
_duck: Any = None


def _cursor() -> Any:
    """Return a cursor of this process's one DuckDB, made at the first question."""
    global _duck
    with _duck_lock:
        if _duck is None:
            import duckdb

            _duck = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})
            _duck.execute("SET parquet_metadata_cache = true")
            # The system keeps local files in memory already; a second copy would be ours to pay.
            _duck.execute("SET enable_external_file_cache = false")
            # We sort by (point, time) ourselves.
            _duck.execute("SET preserve_insertion_order = false")
        return _duck.cursor()


@dataclass(frozen=True)
class _Tail:
    """The journal at one moment: readings not in the lake yet, and how far each day has come."""

    readings: columns.Columns
    days: dict[int, journal.Day]
    unflushed_days: frozenset[int]
    # The newest correction that the roll-ups contain.
    corrected: int = 0
    # Days of which readings were deleted.
    cut: frozenset[int] = frozenset()


class Reader:
    """Questions to one historian's folder. Safe to share between threads."""

    def __init__(
        self,
        folder: Path,
        seen_with: Callable[[Sequence[int]], corrections.Corrections] = lambda _points: (
            corrections.NONE
        ),
    ) -> None:
        """``seen_with`` gives the corrections of some points, at each question anew."""
        self.folder = folder
        self._seen_with = seen_with
        self._readings = delta.DeltaFolder(folder / "lake" / "readings", lake.READINGS)
        self._hours = delta.DeltaFolder(folder / "lake" / "hours", hours.HOURS)
        self._local = threading.local()

    def readings(
        self, point_ids: Sequence[int], from_us: int, until_us: int, *, raw: bool = False
    ) -> dict[int, columns.Columns]:
        """Return deduplicated readings in [from_us, until_us) by point, each ascending.

        They are given with their corrections, or ``raw`` as they came.
        """
        tail = self._tail(point_ids, from_us, until_us)
        found = self._merged(point_ids, [(from_us, until_us)], tail)
        return pieces.by_point(found if raw else self._seen_with(point_ids).apply(found), point_ids)

    def count(self, point_ids: Sequence[int], from_us: int, until_us: int) -> int:
        """Return how many readings there are in [from_us, until_us) at most: with repeated ones."""
        waiting = len(self._tail(point_ids, from_us, until_us).readings)
        snapshot = self._readings.snapshot()
        files = pieces.in_span(snapshot.files if snapshot else (), point_ids, from_us, until_us)
        condition = pieces.within("taken_at", from_us, until_us)
        rows = _ask(self._readings.folder, files, "count(*) AS count", condition, point_ids)
        return waiting + (int(rows["count"][0]) if rows else 0)

    def hourly(
        self, point_ids: Sequence[int], from_us: int, until_us: int
    ) -> dict[int, hours.Hours]:
        """Return the hours that begin in [from_us, until_us) by point, each ascending.

        Days touched since their roll-up, by readings or by corrections, are rolled up here and
        now from their readings.
        """
        seen_with = self._seen_with(point_ids)
        if not seen_with.rows:
            return self._hourly(point_ids, from_us, until_us, seen_with)
        # The few corrected points by themselves, so that the others need no second reading.
        own = {row.point_id for row in seen_with.rows}
        found = self._hourly(sorted(own), from_us, until_us, seen_with)
        if others := [point for point in point_ids if point not in own]:
            found |= self._hourly(others, from_us, until_us, corrections.NONE)
        return found

    def _hourly(
        self,
        point_ids: Sequence[int],
        from_us: int,
        until_us: int,
        seen_with: corrections.Corrections,
    ) -> dict[int, hours.Hours]:
        first_hour = -(-from_us // columns.HOUR_US) * columns.HOUR_US
        first_day, end_day = from_us // columns.DAY_US, -(-until_us // columns.DAY_US)
        whole = (first_day * columns.DAY_US, end_day * columns.DAY_US)
        tail = self._tail(point_ids, *whole)
        touched = {day for day, row in tail.days.items() if row.flushed > row.rolled}
        touched |= tail.unflushed_days | set(seen_with.behind(tail.corrected).days())
        touched = {day for day in touched if first_day <= day < end_day}
        found = self._rolled_up(point_ids, first_hour, until_us)
        if touched:
            spans = [
                (start * columns.DAY_US, (stop + 1) * columns.DAY_US)
                for start, stop in pieces.runs(sorted(touched))
            ]
            raw = self._merged(point_ids, spans, tail)
            fresh = hours.roll_up(seen_with.apply(raw), 0, gaps=True)
            days = np.fromiter(touched, np.int64)
            inside = np.isin(fresh.hour_us // columns.DAY_US, days)
            inside &= (fresh.hour_us >= first_hour) & (fresh.hour_us < until_us)
            fresh = fresh.take(inside)
            cut = np.isin(found.hour_us // columns.DAY_US, list(tail.cut))
            whole_days = ~np.isin(found.hour_us // columns.DAY_US, days)
            if cut.any():
                # What was deleted since cannot be rolled up again: its hours stay as they are.
                fresh = hours.fuller(found.take(cut), fresh, raw)
                known = hours.pairs(fresh.point_id, fresh.hour_us)
                whole_days |= cut & ~np.isin(hours.pairs(found.point_id, found.hour_us), known)
            found = hours.latest_build(hours.concat([found.take(whole_days), fresh]))
        found = hours.there(found)
        bounds = np.searchsorted(found.point_id, np.asarray(point_ids), "left")
        ends = np.searchsorted(found.point_id, np.asarray(point_ids), "right")
        return {
            point: found.take(slice(start, stop))
            for point, start, stop in zip(point_ids, bounds, ends, strict=True)
        }

    def daily_means(
        self, point_ids: Sequence[int], starts_us: Sequence[int], span_us: int
    ) -> NDArray[np.float64]:
        """Return the mean of each point (row) in the window that begins at each start (column).

        From whole hours that lie in [start, start + span), each weighing the same; NaN without
        any. The night flows of a year, say. Starts ascend and windows do not overlap.
        """
        starts = np.asarray(starts_us, np.int64)
        found = self.hourly(point_ids, int(starts[0]), int(starts[-1]) + span_us)
        return sums.window_means([found[number] for number in point_ids], starts, span_us)

    def hourly_sums(
        self, group_of: NDArray[np.int32], groups: int, from_us: int, until_us: int
    ) -> sums.GroupSums:
        """Return the hourly sums of groups of points in [from_us, until_us), from the readings.

        Of days whose readings were deleted from the roll-ups, which stay. ``group_of`` has the
        group of each point number, -1 for none; see :mod:`.sums`.
        """
        points = np.flatnonzero(group_of >= 0).tolist()
        known = self._tail(points, from_us, until_us)
        tail = known.readings
        seen_with = self._seen_with(points)
        snapshot = self._readings.snapshot()
        if snapshot is not None:
            tail = tail.take(tail.rank > snapshot.flush)
        days: dict[str, list[delta.LakeFile]] = {}
        for file in pieces.in_span(snapshot.files if snapshot else (), points, from_us, until_us):
            days.setdefault(file.partition, []).append(file)
        tail_day = tail.at_us // columns.DAY_US
        for day in np.unique(tail_day).tolist():
            days.setdefault(lake.day_text(day), [])

        found = []
        for text, files in sorted(days.items()):
            if lake.day_number(text) in known.cut:
                continue
            part = tail.take(tail_day == lake.day_number(text))
            found.append((files, part))
        span = (from_us, until_us)
        summed = sums.Summing(self._readings.folder, seen_with, group_of, groups, span).days(found)
        for day in sorted(known.cut):
            start = max(from_us, day * columns.DAY_US)
            end = min(until_us, (day + 1) * columns.DAY_US)
            if start < end:
                summed.add(self.hourly(points, start, end), group_of)
        return summed

    def files(self) -> tuple[tuple[delta.LakeFile, ...], tuple[delta.LakeFile, ...]]:
        """Return the present files of readings and of hours."""
        readings, rolled = self._readings.snapshot(), self._hours.snapshot()
        return readings.files if readings else (), rolled.files if rolled else ()

    def rows_by_point(
        self, files: Sequence[delta.LakeFile]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the points in some files of readings, and how many rows each has there."""
        select = "point_id, count(*) AS rows"
        rows = _ask(self._readings.folder, files, select, "", [], "point_id")
        if rows is None:
            return np.empty(0, np.int32), np.empty(0, np.int64)
        return pieces.plain(rows["point_id"]), pieces.plain(rows["rows"])

    def newest(self, days: int = 31) -> columns.Columns:
        """Return the newest reading of every point in the lake's newest ``days`` days.

        For making the latest values anew; a point silent for longer is shown when it speaks.
        """
        snapshot = self._readings.snapshot()
        by_day: dict[str, list[delta.LakeFile]] = {}
        for file in snapshot.files if snapshot else ():
            by_day.setdefault(file.partition, []).append(file)
        found: dict[int, columns.Columns] = {}
        for day in sorted(by_day, reverse=True)[:days]:
            part = columns.latest_of_each(self._scan(by_day[day], "", []))
            ends = np.append(part.point_id[1:] != part.point_id[:-1], True)
            for row in np.flatnonzero(ends).tolist():
                found.setdefault(int(part.point_id[row]), part.take(slice(row, row + 1)))
        return columns.concat(list(found.values()))

    def _connection(self) -> sqlite3.Connection | None:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        path = self.folder / journal.FILE_NAME
        if connection is None and path.exists():
            connection = journal.connect(path, readonly=True)
            self._local.connection = connection
        return connection

    def _tail(self, point_ids: Sequence[int], from_us: int, until_us: int) -> _Tail:
        connection = self._connection()
        if connection is None:
            return _Tail(columns.empty(), {}, frozenset())
        connection.execute("BEGIN")
        try:
            days = connection.execute("SELECT day, flushed, rolled, compacted FROM day").fetchall()
            mark = connection.execute("SELECT value FROM mark WHERE name = 'corrected'").fetchone()
            cut = connection.execute("SELECT DISTINCT day FROM cut").fetchall()
            rows = connection.execute(
                "SELECT sequence, body FROM batch WHERE from_us < ? AND until_us >= ?"
                " ORDER BY sequence",
                (until_us, from_us),
            ).fetchall()
        except sqlite3.OperationalError as fault:
            if "no such table" not in str(fault):
                # What waits in the journal must not pass for never received.
                raise
            # The writer is making the file this very moment.
            return _Tail(columns.empty(), {}, frozenset())
        finally:
            connection.execute("COMMIT")
        wanted = np.asarray(point_ids, np.int32)
        parts = []
        for sequence, body in rows:
            part = columns.decode(body, sequence)
            inside = (part.at_us >= from_us) & (part.at_us < until_us)
            parts.append(part.take(inside & np.isin(part.point_id, wanted)))
        readings = columns.concat(parts)
        unflushed = frozenset(np.unique(readings.at_us // columns.DAY_US).tolist())
        known = {row[0]: journal.Day(*row) for row in days}
        lost = frozenset(row[0] for row in cut)
        return _Tail(readings, known, unflushed, mark[0] if mark else 0, lost)

    def _merged(
        self, point_ids: Sequence[int], spans: Sequence[tuple[int, int]], tail: _Tail
    ) -> columns.Columns:
        """Return lake and tail in the spans, deduplicated and sorted by (point, time)."""
        snapshot = self._readings.snapshot()
        recent, parts = tail.readings, []
        if snapshot is not None:
            recent = recent.take(recent.rank > snapshot.flush)
            for from_us, until_us in spans:
                files = pieces.in_span(snapshot.files, point_ids, from_us, until_us)
                condition = pieces.within("taken_at", from_us, until_us)
                parts.append(self._scan(files, condition, point_ids))
        inside = np.zeros(len(recent), bool)
        for from_us, until_us in spans:
            inside |= (recent.at_us >= from_us) & (recent.at_us < until_us)
        return columns.latest_of_each(columns.concat([*parts, recent.take(inside)]))

    def _scan(
        self, files: Sequence[delta.LakeFile], condition: str, point_ids: Sequence[int]
    ) -> columns.Columns:
        rows = _ask(
            self._readings.folder,
            files,
            "point_id, epoch_us(taken_at) AS at_us, value, quality, flush",
            condition,
            point_ids,
        )
        if rows is None:
            return columns.empty()
        return columns.Columns(
            pieces.plain(rows["point_id"]).astype(np.int32, copy=False),
            pieces.plain(rows["at_us"]),
            np.ma.filled(rows["value"], np.nan),
            pieces.plain(rows["quality"]).astype(np.uint8),
            pieces.plain(rows["flush"]),
        )

    def _rolled_up(self, point_ids: Sequence[int], from_us: int, until_us: int) -> hours.Hours:
        snapshot = self._hours.snapshot()
        files = pieces.in_span(snapshot.files if snapshot else (), point_ids, from_us, until_us)
        rows = _ask(
            self._hours.folder,
            files,
            f"point_id, epoch_us(hour) AS hour_us, count, {', '.join(hours.VALUES)}, flush",
            pieces.within("hour", from_us, until_us),
            point_ids,
        )
        if rows is None:
            return hours.empty()
        return hours.latest_build(
            hours.Hours(
                pieces.plain(rows["point_id"]).astype(np.int32, copy=False),
                pieces.plain(rows["hour_us"]),
                pieces.plain(rows["count"]).astype(np.int32, copy=False),
                np.stack([pieces.plain(rows[name]) for name in hours.VALUES]),
                pieces.plain(rows["flush"]),
            )
        )


def _ask(
    folder: Path,
    files: Sequence[delta.LakeFile],
    select: str,
    condition: str,
    point_ids: Sequence[int],
    group: str = "",
) -> dict[str, Any] | None:
    if not files:
        return None
    conditions = [condition] if condition else []
    if len(point_ids):
        # The span lets DuckDB skip row groups; the list alone does not.
        conditions.append(f"point_id BETWEEN {min(point_ids)} AND {max(point_ids)}")
        conditions.append(f"point_id IN ({','.join(str(int(point)) for point in point_ids)})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    by = f" GROUP BY {group}" if group else ""
    paths = [str(folder / file.path) for file in files]
    with _cursor() as cursor:
        answer = cursor.execute(
            f"SELECT {select} FROM read_parquet(?, hive_partitioning = false){where}{by}", [paths]
        )
        rows: dict[str, Any] = answer.fetchnumpy()
    return rows
