"""The newest value of every point, in memory: one array slot per point, written out in bulk.

A reading is newer when its moment is not before the known one, or when the known one lies ahead
of the clock, as it does after somebody set the clock back. Readings ahead of the clock wait in the
store until the clock gets there; they are never the newest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, validation
from huoshui.areas.telemetry.store import columns, journal, lake, latest, readers
from huoshui.areas.telemetry.validation import NONE_US, PointTable


@dataclass(frozen=True)
class Moment:
    """What time it is for the city, and how fast it runs there (1 in real life)."""

    now_us: int
    speed: float = 1.0

    @property
    def ahead_us(self) -> int:
        """The latest moment that counts as now: 5 minutes ahead, and 5 real seconds."""
        return self.now_us + 300_000_000 + int(5_000_000 * self.speed)


@dataclass(frozen=True)
class Newer:
    """Readings newer than what was known, ascending in time; ``known_us`` is what was."""

    slot: NDArray[np.int64]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    known_us: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Newer:
        """Return the given rows."""
        return Newer(
            self.slot[rows],
            self.at_us[rows],
            self.value[rows],
            self.quality[rows],
            self.known_us[rows],
        )

    def alarming(
        self, from_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
        """Return what alarms are judged by: recent, and not the known moment once more."""
        fresh = (self.at_us >= from_us) & (self.at_us != self.known_us)
        part = self if fresh.all() else self.take(fresh)
        return part.slot, part.at_us, part.value, part.quality


class NewestValues:
    """The newest values of the points of a table, and the file they are written to."""

    def __init__(self, folder: Path, lock: threading.RLock) -> None:
        self.folder = folder
        self.file = latest.LatestFile(folder)
        self._lock = lock
        self.table = PointTable([])
        self._make_slots()

    def _make_slots(self) -> None:
        count = len(self.table)
        self.at_us = np.full(count, NONE_US, np.int64)
        self.value = np.full(count, np.nan)
        self.quality = np.full(count, contracts.Quality.MISSING, np.uint8)
        # When a point last had a value to report; a report without one does not count.
        self.heard_us = np.full(count, NONE_US, np.int64)
        # How many newer readings there have been, to tell one from several.
        self.times = np.zeros(count, np.int64)
        self._dirty = np.zeros(count, bool)

    def take_table(self, table: PointTable) -> None:
        """Go over to the points of another table, keeping what is known of those in both."""
        before = (self.table, self.at_us, self.value, self.quality, self.heard_us, self.times)
        self.table = table
        self._make_slots()
        slot = table.slots(before[0].id)
        kept = slot >= 0
        self.at_us[slot[kept]] = before[1][kept]
        self.value[slot[kept]] = before[2][kept]
        self.quality[slot[kept]] = before[3][kept]
        self.heard_us[slot[kept]] = before[4][kept]
        self.times[slot[kept]] = before[5][kept]
        # What was waiting to be written is not known any more: write all, it costs little.
        self._dirty = self.at_us != NONE_US

    def newer(self, judged: validation.Judged, moment: Moment) -> Newer:
        """Return the readings newer than what is known, ascending in time."""
        part = Newer(
            judged.slot, judged.at_us, judged.value, judged.quality, self.at_us[judged.slot]
        )
        if judged.future is not None:
            part = part.take(~judged.future)
        if len(part.at_us) > 1 and bool((part.at_us[1:] < part.at_us[:-1]).any()):
            part = part.take(np.argsort(part.at_us, kind="stable"))
        newer = (part.at_us >= part.known_us) | (part.known_us > moment.ahead_us)
        return part if newer.all() else part.take(newer)

    def remember(self, newer: Newer) -> None:
        """Take over readings, once they are on disk."""
        # Assigning by an index with repeats keeps the last, and the readings ascend in time.
        self.at_us[newer.slot] = newer.at_us
        self.value[newer.slot] = newer.value
        self.quality[newer.slot] = newer.quality
        self.times += np.bincount(newer.slot, minlength=len(self.times))
        self._dirty[newer.slot] = True
        valued = newer.quality != contracts.Quality.MISSING
        if valued.all():
            self.heard_us[newer.slot] = newer.at_us
        else:
            self.heard_us[newer.slot[valued]] = newer.at_us[valued]

    def heard(self, moment: Moment) -> NDArray[np.int64]:
        """Return when each point last had a value to report, never later than the clock shows.

        What was heard before the clock was set back was heard just now, by the clock there is.
        """
        self.heard_us[self.heard_us > moment.ahead_us] = moment.now_us
        return self.heard_us

    def of(self, point_ids: Sequence[int]) -> list[tuple[int, float, int]]:
        """Return moment, value and quality of each point's newest reading; MISSING for none."""
        with self._lock:
            slot = self.table.slots(np.array(point_ids, np.int32))
            found = [(NONE_US, float("nan"), int(contracts.Quality.MISSING))] * len(slot)
            for place in np.flatnonzero(slot >= 0).tolist():
                own = slot[place]
                found[place] = (
                    int(self.at_us[own]),
                    float(self.value[own]),
                    int(self.quality[own]),
                )
        return found

    def counted(self, point_ids: Sequence[int]) -> tuple[int, ...]:
        """Return for each point how many newer readings there have been since the start."""
        with self._lock:
            slot = self.table.slots(np.array(point_ids, np.int32))
            return tuple(int(self.times[own]) if own >= 0 else 0 for own in slot.tolist())

    def write(self, *, durable: bool = False) -> int:
        """Write the values changed since the last call for the live pages; return how many."""
        with self._lock:
            rows = np.flatnonzero(self._dirty)
            if not len(rows) and not durable:
                return 0
            self._dirty[rows] = False
            bulk = (
                self.table.id[rows],
                self.at_us[rows],
                self.value[rows],
                self.quality[rows],
                self.heard_us[rows],
            )
        try:
            self.file.write(*bulk, durable=durable)
        except Exception:
            with self._lock:
                slot = self.table.slots(bulk[0])
                self._dirty[slot[slot >= 0]] = True
            raise
        return len(rows)

    def recall(self, journal_: journal.Journal, flushed: int, moment: Callable[[], Moment]) -> int:
        """Fill in from the file, the lake where it was lost, and the journal.

        Returns how many readings of the journal are not in the lake yet.
        """
        rows = self.file.rows()
        if rows:
            known = columns.Columns(
                np.array([row[0] for row in rows], np.int32),
                np.array([row[1] for row in rows], np.int64),
                np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64),
                np.array([row[3] for row in rows], np.uint8),
                np.zeros(len(rows), np.int64),
            )
            self._recall_part(known, moment())
            slot = self.table.slots(known.point_id)
            heard_us = np.array([row[4] for row in rows], np.int64)
            self.heard_us[slot[slot >= 0]] = heard_us[slot >= 0]
        else:
            self._recall_part(readers.Reader(self.folder).newest(), moment())
        # From the first batch still there: a process killed between the lake's commit and its own
        # note of the newest values left batches that the lake has and the file has not.
        after, waiting = 0, 0
        while True:
            upto, part = journal_.batches(after, lake.ROWS_AT_ONCE)
            if upto == after:
                return waiting
            self._recall_part(part, moment())
            waiting += int(np.count_nonzero(part.rank > flushed))
            after = upto

    def _recall_part(self, part: columns.Columns, moment: Moment) -> None:
        slot = self.table.slots(part.point_id)
        order = np.argsort(part.at_us, kind="stable")
        order = order[(slot[order] >= 0) & (part.at_us[order] <= moment.ahead_us)]
        slot, part = slot[order], part.take(order)
        all_ = Newer(slot, part.at_us, part.value, part.quality, self.at_us[slot])
        self.remember(all_.take(all_.at_us >= all_.known_us))

    def close(self) -> None:
        """Close the file."""
        self.file.close()
