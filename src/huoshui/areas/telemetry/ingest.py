"""The historian: the one way in for readings, and the keeper of what came in.

``accept`` returns when the batch is on disk; a connector acknowledges to its device only then.
The way of a batch: judge (validation.py) -> find alarm transitions (watch.py) -> one durable
journal transaction for both -> newest values in memory. Everything later (lake, roll-ups, alarm
rows, live pages) can be redone from the journal, so it may fail or be killed at any moment.

The moment and the points are given; rows of the database are the business of keeping.py.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from huoshui.areas.telemetry import contracts, validation, watch
from huoshui.areas.telemetry.store import columns, hours, journal, lake, latest, lock, readers
from huoshui.kernel import errors

log = logging.getLogger(__name__)

# Older readings are kept but raise nothing: a logger that dials in once a day should still tell
# of last night, a year of history brought in should not.
ALARM_HORIZON_US = 48 * 3600 * 1_000_000
FLUSH_ROWS = 500_000
FLUSH_AFTER_S = 10.0
UNKNOWN_KEPT = 10_000


class DiskFull(errors.Unavailable):
    """The journal cannot be written; the sender must keep its readings and try again."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "telemetry.journal_unavailable",
            _("Readings cannot be stored now, most likely because the disk is full."),
            retry_after_s=30,
            data={"detail": detail},
        )


class HistorianAlreadyOpen(errors.Refused):
    """A second writer was started beside the one that writes."""

    def __init__(self, fault: lock.AlreadyWriting) -> None:
        super().__init__(
            "telemetry.historian_already_open",
            _("Another ingest process already writes into this historian."),
            data={"folder": str(fault.folder), "process": fault.holder},
            next_step=_("Stop that process first, or give this one another home folder."),
        )


@dataclass(frozen=True)
class Moment:
    """What time it is for the city, and how fast it runs there (1 in real life)."""

    now_us: int
    speed: float = 1.0

    @property
    def tolerance_us(self) -> int:
        """How far ahead of us a device's clock may be: 5 minutes, and 5 real seconds."""
        return 300_000_000 + int(5_000_000 * self.speed)


class Historian:
    """The historian of one folder, open for writing. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        points: Sequence[validation.WatchedPoint],
        moment: Callable[[], Moment],
    ) -> None:
        """Open the files and put right what the last process left half done.

        Refuses with ``telemetry.historian_already_open`` while another process writes.
        """
        try:
            self._held: IO[str] = lock.hold(folder)
        except lock.AlreadyWriting as fault:
            raise HistorianAlreadyOpen(fault) from fault
        self.folder = folder
        self.moment = moment
        self._lock = threading.RLock()
        self._upkeep_lock = threading.Lock()
        self.journal = journal.Journal(folder)
        self.lake = lake.Lake(folder / "lake")
        self.hours = hours.HoursTable(folder / "lake")
        self._latest_file = latest.LatestFile(folder)
        self._ids: dict[str, int] = {}
        self._unknown: dict[tuple[str, str], contracts.UnknownCode] = {}
        self._touched_at: dict[int, float] = {}
        self._since_us = moment().now_us
        self._pending_rows = 0
        self._oldest_pending: float | None = None
        self._table = validation.PointTable([])
        self._take_points(points, {})
        self._finish_flush()
        self._recall()

    # Points -------------------------------------------------------------------------------

    def know(self, codes: dict[str, int], points: Sequence[validation.WatchedPoint]) -> None:
        """Take over the declared points; called at the start and whenever they change."""
        with self._lock:
            self._ids = dict(codes)
            before = {
                int(point): (int(at), float(value), int(quality), int(heard))
                for point, at, value, quality, heard in zip(
                    self._table.id, self._at, self._value, self._quality, self._heard, strict=True
                )
                if at != validation.NONE_US
            }
            self._take_points(points, before)
            ended = self._watch.released(self.moment().now_us)
            if ended:
                self.journal.append([], ended)

    def _take_points(
        self,
        points: Sequence[validation.WatchedPoint],
        before: dict[int, tuple[int, float, int, int]],
    ) -> None:
        table = validation.PointTable(points)
        count = len(table)
        self._at = np.full(count, validation.NONE_US, np.int64)
        self._value = np.full(count, np.nan)
        self._quality = np.full(count, contracts.Quality.MISSING, np.uint8)
        self._heard = np.full(count, validation.NONE_US, np.int64)
        self._dirty = np.zeros(count, bool)
        for slot, point in enumerate(table.id.tolist()):
            if point in before:
                self._at[slot], self._value[slot], self._quality[slot], self._heard[slot] = before[
                    point
                ]
                # A delayed bulk may be lost with the old array: write it again, it costs little.
                self._dirty[slot] = True
        self._table = table
        self._watch = watch.Watch(table, self.journal.standing())

    def ids(self, codes: Sequence[str]) -> NDArray[np.int32]:
        """Return the store's number of each code, -1 for a code nobody declared."""
        get = self._ids.get
        return np.fromiter((get(code, -1) for code in codes), np.int32, len(codes))

    def note_unknown(
        self, source: str, code: str, at_us: int, value: float, count: int = 1
    ) -> None:
        """Count readings of a code nobody declared, so that somebody can declare it."""
        with self._lock:
            seen = self._unknown.get((source, code))
            if seen is None and len(self._unknown) >= UNKNOWN_KEPT:
                return
            self._unknown[source, code] = contracts.UnknownCode(
                source,
                code,
                count + (seen.count if seen else 0),
                min(at_us, seen.earliest_us) if seen else at_us,
                max(at_us, seen.latest_us) if seen else at_us,
                value,
            )

    def take_unknown(self) -> list[contracts.UnknownCode]:
        """Return what was noted since the last call."""
        with self._lock:
            noted, self._unknown = list(self._unknown.values()), {}
        return noted

    # The way in ---------------------------------------------------------------------------

    def accept(self, batch: contracts.Batch) -> contracts.Receipt:
        """Store a batch durably and return its receipt.

        Raises ``telemetry.journal_unavailable`` when nothing was stored; send it again then.
        The same batch sent twice is stored once (same point and moment).
        """
        return self.accept_many([batch])[0]

    def accept_many(self, batches: Sequence[contracts.Batch]) -> list[contracts.Receipt]:
        """Store several batches in one durable commit: all of them, or none."""
        if not batches:
            return []
        with self._lock:
            moment = self.moment()
            judged = self._judge(batches, moment)
            entries, places = self._entries(batches, judged)
            newest = self._newest(judged, moment)
            outcome = self._watch.judge(*newest.trusted(moment.now_us - ALARM_HORIZON_US))
            sequences: list[int] = []
            if entries:
                try:
                    sequences = self.journal.append(entries, outcome.transitions)
                except journal.JournalUnavailable as fault:
                    raise DiskFull(str(fault)) from fault
                self._watch.adopt(outcome)
                self._remember(newest)
                self._pending_rows += len(judged.slot)
                if self._oldest_pending is None:
                    self._oldest_pending = time.monotonic()
        return _receipts(batches, judged, dict(zip(places, sequences, strict=True)))

    def _judge(self, batches: Sequence[contracts.Batch], moment: Moment) -> validation.Judged:
        if len(batches) == 1:
            batch = batches[0]
            member = np.zeros(len(batch), np.int64)
            parts = (batch.point_id, batch.at_us, batch.value, batch.quality)
        else:
            member = np.repeat(np.arange(len(batches)), [len(batch) for batch in batches])
            parts = (
                np.concatenate([batch.point_id for batch in batches]),
                np.concatenate([batch.at_us for batch in batches]),
                np.concatenate([batch.value for batch in batches]),
                np.concatenate([batch.quality for batch in batches]),
            )
        judged = validation.judge(
            self._table,
            member,
            *parts,
            now_us=moment.now_us,
            tolerance_us=moment.tolerance_us,
        )
        if self._table.has_rates and len(judged.slot):
            fast = validation.too_fast(
                self._table,
                judged.slot,
                judged.at_us,
                judged.value,
                judged.quality,
                self._at,
                self._value,
            )
            if fast.any():
                judged.reasons.append(("too_fast", judged.member[fast]))
                doubtful = np.maximum(judged.quality, np.uint8(contracts.Quality.DOUBTFUL))
                judged.quality = np.where(fast, doubtful, judged.quality)
        return judged

    def _entries(
        self, batches: Sequence[contracts.Batch], judged: validation.Judged
    ) -> tuple[list[journal.Entry], list[int]]:
        """Return a journal row for each batch with something to keep, and the batch's place."""
        received_us = time.time_ns() // 1000
        entries, places = [], []
        ends = np.cumsum(np.bincount(judged.member, minlength=len(batches)))
        start = 0
        for place, (batch, stop) in enumerate(zip(batches, ends.tolist(), strict=True)):
            if stop > start:
                at_us = judged.at_us[start:stop]
                body = columns.encode(
                    judged.point_id[start:stop],
                    at_us,
                    judged.value[start:stop],
                    judged.quality[start:stop],
                )
                span = (int(at_us.min()), int(at_us.max()))
                entries.append(journal.Entry(batch.source, received_us, stop - start, *span, body))
                places.append(place)
            start = stop
        return entries, places

    # Newest values ------------------------------------------------------------------------

    def _newest(self, judged: validation.Judged, moment: Moment) -> _Newest:
        """Return the readings newer than what we have, ascending in time."""
        slot, at_us, value, quality = judged.slot, judged.at_us, judged.value, judged.quality
        if judged.future is not None:
            past = ~judged.future
            slot, at_us, value, quality = slot[past], at_us[past], value[past], quality[past]
        if len(at_us) > 1 and bool((at_us[1:] < at_us[:-1]).any()):
            order = np.argsort(at_us, kind="stable")
            slot, at_us, value, quality = slot[order], at_us[order], value[order], quality[order]
        known = self._at[slot]
        # Known moments ahead of us date from before somebody set the clock back.
        newer = (at_us >= known) | (known > moment.now_us + moment.tolerance_us)
        if not newer.all():
            slot, at_us, value, quality = slot[newer], at_us[newer], value[newer], quality[newer]
            known = known[newer]
        return _Newest(slot, at_us, value, quality, known)

    def _remember(self, newest: _Newest) -> None:
        # Assigning by an index with repeats keeps the last, and the readings ascend in time.
        self._at[newest.slot] = newest.at_us
        self._value[newest.slot] = newest.value
        self._quality[newest.slot] = newest.quality
        self._dirty[newest.slot] = True
        valued = newest.quality != contracts.Quality.MISSING
        if valued.all():
            self._heard[newest.slot] = newest.at_us
        else:
            self._heard[newest.slot[valued]] = newest.at_us[valued]

    def write_latest(self, *, durable: bool = False) -> int:
        """Write the values changed since the last call for the live pages; return how many."""
        with self._lock:
            rows = np.flatnonzero(self._dirty)
            if not len(rows) and not durable:
                return 0
            self._dirty[rows] = False
            bulk = (
                self._table.id[rows],
                self._at[rows],
                self._value[rows],
                self._quality[rows],
                self._heard[rows],
            )
        try:
            self._latest_file.write(*bulk, durable=durable)
        except Exception:
            with self._lock:
                self._dirty[self._table.slots(bulk[0])] = True
            raise
        return len(rows)

    def _recall(self) -> None:
        """Fill the newest values from their file, the lake where it was lost, and the journal."""
        rows = self._latest_file.rows()
        if rows:
            known = columns.Columns(
                np.array([row[0] for row in rows], np.int32),
                np.array([row[1] for row in rows], np.int64),
                np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64),
                np.array([row[3] for row in rows], np.uint8),
                np.zeros(len(rows), np.int64),
            )
            self._recall_part(known)
            slots = self._table.slots(known.point_id)
            heard = np.array([row[4] for row in rows], np.int64)
            self._heard[slots[slots >= 0]] = heard[slots >= 0]
        else:
            self._recall_part(readers.Reader(self.folder).newest())
        after = self.lake.flushed()
        while True:
            upto, part = self.journal.batches(after, lake.ROWS_AT_ONCE)
            if upto == after:
                break
            self._recall_part(part)
            self._pending_rows += len(part)
            self._oldest_pending = time.monotonic()
            after = upto

    def _recall_part(self, part: columns.Columns) -> None:
        slot = self._table.slots(part.point_id)
        ahead = part.at_us > self.moment().now_us + self.moment().tolerance_us
        order = np.argsort(part.at_us, kind="stable")
        order = order[(slot[order] >= 0) & ~ahead[order]]
        slot, part = slot[order], part.take(order)
        newer = part.at_us >= self._at[slot]
        self._remember(
            _Newest(
                slot[newer],
                part.at_us[newer],
                part.value[newer],
                part.quality[newer],
                self._at[slot[newer]],
            )
        )

    # Silence ------------------------------------------------------------------------------

    def judge_silence(self) -> int:
        """Raise and clear no-data alarms by the city's clock; return how many changed.

        A reading may be under way for 15 real seconds, which is long where the demo's clock runs
        fast.
        """
        with self._lock:
            moment = self.moment()
            found, silent = self._watch.silence(
                self._heard,
                since_us=self._since_us,
                now_us=moment.now_us,
                grace_us=int(15_000_000 * moment.speed),
            )
            if found:
                self.journal.append([], found)
                self._watch.silent = silent
        return len(found)

    # Upkeep -------------------------------------------------------------------------------

    def flush_due(self) -> bool:
        """Tell whether enough has gathered, or waited long enough, to go into the lake."""
        if self._pending_rows >= FLUSH_ROWS:
            return True
        oldest = self._oldest_pending
        return oldest is not None and time.monotonic() - oldest >= FLUSH_AFTER_S

    def flush(self) -> int:
        """Move the oldest batches into the lake; return how many readings went.

        The order is the promise: files, log and newest values are on disk before the journal
        lets go.
        """
        with self._upkeep_lock:
            after = self.lake.flushed()
            # Set before reading: a batch that arrives meanwhile starts its own waiting.
            self._oldest_pending = None
            try:
                upto, arrived = self.journal.batches(after, lake.ROWS_AT_ONCE)
                if upto == after:
                    return 0
                days = self.lake.write(arrived, upto)
                self.write_latest(durable=True)
                self.journal.mark_flushed(upto, days)
            except BaseException:
                self._oldest_pending = time.monotonic()
                raise
            with self._lock:
                self._pending_rows = max(self._pending_rows - len(arrived), 0)
                if self._pending_rows and self._oldest_pending is None:
                    self._oldest_pending = time.monotonic()
            moment = time.monotonic()
            self._touched_at.update(dict.fromkeys(days, moment))
            return len(arrived)

    def _finish_flush(self) -> None:
        """Let go of what the lake already has; learn its days anew if a crash hid them."""
        flushed = self.lake.flushed()
        if flushed > self.journal.flushed():
            days = self.lake.days()
            known = {row.day for row in self.journal.days()}
            self.journal.mark_flushed(
                flushed, [day for day, top in days.items() if top == flushed or day not in known]
            )

    def upkeep(self, *, quiet_s: float = 20.0, files_max: int = 24) -> list[int]:
        """Compact and roll up days that were touched and have come to rest; return them.

        A closed day is taken when nothing was added for ``quiet_s``; the present day when it has
        gathered ``files_max`` files.
        """
        with self._upkeep_lock:
            today = self.moment().now_us // columns.DAY_US
            rested = time.monotonic() - quiet_s
            worked: dict[int, int] = {}
            rolled: dict[int, int] = {}
            for row in self.journal.days():
                if row.flushed <= min(row.rolled, row.compacted):
                    continue
                files = self.lake.files_of(row.day)
                closed = row.day < today and self._touched_at.get(row.day, 0.0) <= rested
                if not closed and len(files) < files_max:
                    continue
                self.lake.compact(row.day, files)
                worked[row.day] = row.flushed
                if closed and row.flushed > row.rolled:
                    rolled[row.day] = row.flushed
                if len(worked) >= 31:
                    break
            if rolled:
                self.hours.rebuild(self.lake, sorted(rolled))
                self.journal.mark_days("rolled", rolled)
            if worked:
                self.journal.mark_days("compacted", worked)
                self.hours.merge()
            return sorted(worked)

    def sweep(self) -> int:
        """Delete lake files nobody can be reading any more."""
        with self._upkeep_lock:
            return self.lake.readings.sweep() + self.hours.table.sweep()

    def close(self) -> None:
        """Close the files. What was acknowledged stays in the journal for the next start."""
        with self._upkeep_lock, self._lock:
            try:
                self.write_latest()
            finally:
                self.journal.close()
                self._latest_file.close()
                self._held.close()


@dataclass(frozen=True)
class _Newest:
    """Readings newer than what was known, ascending in time; ``known_us`` is what was."""

    slot: NDArray[np.int64]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    known_us: NDArray[np.int64]

    def trusted(
        self, from_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
        """Return what alarms are judged by: recent, and not the known moment once more."""
        fresh = (self.at_us >= from_us) & (self.at_us != self.known_us)
        if fresh.all():
            return self.slot, self.at_us, self.value, self.quality
        return self.slot[fresh], self.at_us[fresh], self.value[fresh], self.quality[fresh]


def _receipts(
    batches: Sequence[contracts.Batch], judged: validation.Judged, sequences: dict[int, int]
) -> list[contracts.Receipt]:
    kept = np.bincount(judged.member, minlength=len(batches)).tolist()
    reasons: list[dict[str, int]] = [{} for _ in batches]
    for code, members in judged.reasons:
        for place, count in enumerate(np.bincount(members, minlength=len(batches)).tolist()):
            if count:
                reasons[place][code] = count
    return [
        contracts.Receipt(sequences.get(place, 0), kept[place], len(batch) - kept[place], why)
        for place, (batch, why) in enumerate(zip(batches, reasons, strict=True))
    ]
