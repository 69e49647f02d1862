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
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import (
    checks,
    conditions,
    contracts,
    newest,
    recalling,
    receipts,
    refusals,
    storekeeping,
    validation,
    watch,
)
from huoshui.areas.telemetry.newest import Moment
from huoshui.areas.telemetry.store import columns, inbox, journal, lake, lock

log = logging.getLogger(__name__)

# Older readings are kept but raise nothing: a logger that dials in once a day should still tell
# of last night, a year of history brought in should not.
ALARM_HORIZON_US = 48 * 3600 * 1_000_000
FLUSH_ROWS = 500_000
FLUSH_AFTER_S = 10.0
UNKNOWN_KEPT = 10_000
# Clocks are put right by seconds all the time.
CLOCK_BACK_US = 60_000_000


class Historian:
    """The historian of one folder, open for writing. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        points: Sequence[validation.WatchedPoint],
        moment: Callable[[], Moment],
        rules: Sequence[conditions.WatchedRule] = (),
    ) -> None:
        """Open the files and put right what the last process left half done.

        Refuses with ``telemetry.historian_already_open`` while another process writes.
        """
        try:
            self._held: IO[str] = lock.hold(folder)
        except lock.AlreadyWriting as fault:
            raise refusals.HistorianAlreadyOpen(str(fault.folder), fault.holder) from fault
        self.folder = folder
        self.moment = moment
        self._lock, self.journal = threading.RLock(), journal.Journal(folder)
        self.lake = lake.Lake(folder / "lake")
        self.keeper = storekeeping.Storekeeper(folder, self.journal, self.lake, self._now)
        self.newest = newest.NewestValues(folder, self._lock)
        self.checks = checks.Checks()
        self.marks = checks.Marks()
        self._ids: dict[str, int] = {}
        self._unknown: dict[tuple[str, str], contracts.UnknownCode] = {}
        # A process killed between deleting a file and forgetting its name left the name.
        self._taken_left = True
        self._since_us = moment().now_us
        self._seen_us = self._shown_us = self.journal.latest_clock()
        self._take_points(points, rules)
        flushed = self.lake.flushed()
        self.journal.count_on_from(flushed)
        self._pending_rows = self.newest.recall(self.journal, flushed, moment)
        self._finish_flush(flushed)
        self._oldest_pending = time.monotonic() if self._pending_rows else None
        self.journal.begin()
        recalling.recall(self._watch, folder, moment().now_us)
        recalling.recall_spikes(self.checks, folder, moment().now_us)

    def _now(self) -> Moment:
        return self.moment()

    # Points -------------------------------------------------------------------------------

    def know(
        self,
        codes: dict[str, int],
        points: Sequence[validation.WatchedPoint],
        rules: Sequence[conditions.WatchedRule] = (),
    ) -> None:
        """Take over the declared points and rules; at the start and whenever they change."""
        with self._lock:
            self._ids = dict(codes)
            self._take_points(points, rules)
            ended = self._watch.released(self.moment().now_us)
            if ended:
                self.journal.append([], ended)

    def _take_points(
        self,
        points: Sequence[validation.WatchedPoint],
        rules: Sequence[conditions.WatchedRule],
    ) -> None:
        self._table = validation.PointTable(points)
        self.newest.take_table(self._table)
        self.checks.take_table(self._table)
        before = getattr(self, "_watch", None)
        self._watch = watch.Watch(self._table, self.journal.standing(), rules, before)

    def expect(self, bands: dict[int, conditions.Band]) -> None:
        """Take over what is expected of points in the hours around now, by their numbers."""
        with self._lock:
            self._watch.bands.clear()
            self._watch.bands.update(bands)

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

    def accept_many(
        self, batches: Sequence[contracts.Batch], *, taken: str | None = None
    ) -> list[contracts.Receipt]:
        """Store several batches in one durable commit: all of them, or none.

        ``taken`` names the file of the inbox they came in, kept in the same commit.
        """
        if not batches:
            return []
        with self._lock:
            moment = self._look_at_clock()
            judged = self._judge(batches, moment)
            again = self._check(judged, moment.now_us)
            entries, places = self._entries(batches, judged)
            newer = self.newest.newer(judged, moment)
            outcome = self._watch.judge(*newer.alarming(moment.now_us - ALARM_HORIZON_US))
            sequences: list[int] = []
            if entries or taken:
                try:
                    sequences = self.journal.append(
                        [*entries, *again], outcome.transitions, taken=taken, seen_us=self._seen_us
                    )
                except journal.JournalUnavailable as fault:
                    raise refusals.DiskFull(str(fault)) from fault
                self._watch.adopt(outcome)
                self.newest.remember(newer)
                for mark in judged.marks:
                    self.marks.add(*mark)
                self._pending_rows += len(judged.slot)
                if self._oldest_pending is None:
                    self._oldest_pending = time.monotonic()
        return receipts.receipts(batches, judged, dict(zip(places, sequences, strict=False)))

    def _look_at_clock(self) -> Moment:
        """Return what time it is; keep when the clock was at its latest and when it fell back."""
        moment = self.moment()
        if moment.now_us > self._seen_us:
            self._seen_us = moment.now_us
        elif moment.now_us < self._shown_us - CLOCK_BACK_US:
            back_us = self._shown_us - moment.now_us
            log.warning("The clock was set back by %.0f s", back_us / 1e6)
            with suppress(journal.JournalUnavailable):
                self.journal.note_clock_set_back(self._shown_us, back_us)
        self._shown_us = moment.now_us
        return moment

    def take_in(self) -> int:
        """Take over what others handed in, oldest first; return how many files.

        Once each: the name of a file is committed with its readings and forgotten when the file
        is gone, so that a crash at any moment neither loses nor repeats one.
        """
        waiting = inbox.names(self.folder)
        taken = self.journal.taken() if waiting or self._taken_left else set()
        done = []
        for name in waiting:
            if name not in taken:
                try:
                    batches = inbox.read(self.folder, name)
                except inbox.Unreadable:
                    log.exception("Nobody can read %s, which was handed in; set aside", name)
                    inbox.set_aside(self.folder, name)
                    continue
                self.accept_many(batches, taken=name)
            done.append(name)
            inbox.forget(self.folder, [name])
        self._taken_left = False
        if gone := [*done, *(taken - set(done))]:
            self.journal.forget_taken(gone)
        return len(done)

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
            ahead_us=moment.ahead_us,
            seen_us=self._seen_us,
            # While the clock stands, nothing is late: somebody brings in a past.
            now_us=moment.now_us if moment.speed else None,
        )
        if self._table.has_rates and len(judged.slot):
            fast = validation.too_fast(
                self._table,
                judged.slot,
                judged.at_us,
                judged.value,
                judged.quality,
                self.newest.at_us,
                self.newest.value,
                self.newest.quality,
            )
            if fast.any():
                judged.mark("too_fast", fast, contracts.Quality.DOUBTFUL)
        return judged

    def _check(self, judged: validation.Judged, now_us: int) -> list[journal.Entry]:
        """Mark what is odd beside the readings before; return spikes, to be written once more."""
        if not self._table.has_checks or not len(judged.slot):
            return []
        found = self.checks.judge(judged, now_us)
        if len(found.flat):
            judged.mark("flat", found.flat, contracts.Quality.DOUBTFUL)
        if not len(found.spike_slot):
            return []
        point_id, at_us = self._table.id[found.spike_slot], found.spike_at_us
        judged.marks.append(("spike", point_id, at_us))
        doubtful = np.full(len(point_id), contracts.Quality.DOUBTFUL, np.uint8)
        body = columns.encode(point_id, at_us, found.spike_value, doubtful)
        span = (int(at_us.min()), int(at_us.max()))
        return [journal.Entry("check", time.time_ns() // 1000, len(point_id), *span, body)]

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

    def write_latest(self, *, durable: bool = False) -> int:
        """Write the values changed since the last call for the live pages; return how many."""
        return self.newest.write(durable=durable)

    # Silence ------------------------------------------------------------------------------

    def judge_silence(self) -> int:
        """Raise and clear no-data alarms by the city's clock; return how many changed."""
        with self._lock:
            moment = self.moment()
            self._since_us = min(self._since_us, moment.now_us)
            found, silent = self._watch.silence(
                self.newest.heard(moment),
                since_us=self._since_us,
                now_us=moment.now_us,
                grace_us=watch.grace_us(moment.speed),
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
        with self.keeper.lock:
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
            self.keeper.touch(days)
            return len(arrived)

    def _finish_flush(self, flushed: int) -> None:
        """Let go of what the lake already has; learn its days anew if a crash hid them."""
        if flushed > self.journal.flushed():
            # Recalled from the batches that go now; nothing else would remember them.
            self.write_latest(durable=True)
            days = self.lake.days()
            known = {row.day for row in self.journal.days()}
            self.journal.mark_flushed(
                flushed, [day for day, top in days.items() if top == flushed or day not in known]
            )

    def upkeep(self, *, quiet_s: float = 20.0, files_max: int = 24) -> list[int]:
        """Compact and roll up days at rest; see :meth:`storekeeping.Storekeeper.upkeep`."""
        return self.keeper.upkeep(quiet_s=quiet_s, files_max=files_max)

    def sweep(self) -> int:
        """Delete lake files nobody can be reading any more."""
        return self.keeper.sweep()

    def close(self) -> None:
        """Close the files. What was acknowledged stays in the journal for the next start."""
        with self.keeper.lock, self._lock:
            try:
                self.write_latest()
            finally:
                self.journal.close()
                self.newest.close()
                self._held.close()
