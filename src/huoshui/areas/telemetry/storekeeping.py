"""Keeping the lake in order: closed days become few sorted files, their hours are rolled up.

Everything here rearranges what is safe already, so it may be killed at any moment and is simply
done again. The journal remembers how far each day has come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from huoshui.areas.telemetry.newest import Moment
from huoshui.areas.telemetry.store import columns, corrections, hours, inbox, journal, lake

DAYS_AT_ONCE = 31


class Storekeeper:
    """Compaction, roll-ups and sweeping for the one writing process.

    ``lock`` is held by whoever rearranges the lake, here or while flushing.
    """

    def __init__(
        self,
        folder: Path,
        journal_: journal.Journal,
        lake_: lake.Lake,
        moment: Callable[[], Moment],
    ) -> None:
        self.folder = folder
        self.journal = journal_
        self.lake = lake_
        self.hours = hours.HoursTable(folder / "lake")
        self.moment = moment
        self.lock = threading.Lock()
        self._touched_at: dict[int, float] = {}
        self._corrections = self._told = corrections.NONE
        self._corrected_days: set[int] = set()

    def see_with(self, known: corrections.Corrections) -> None:
        """Take over all corrections; the days they touch are rolled up again by and by.

        At the next upkeep: who tells must not wait until days are compacted.
        """
        self._told = known

    def touch(self, days: Iterable[int]) -> None:
        """Note that readings were added to these days just now."""
        self._touched_at.update(dict.fromkeys(days, time.monotonic()))

    def upkeep(self, *, quiet_s: float = 20.0, files_max: int = 24) -> list[int]:
        """Compact and roll up days that were touched and have come to rest; return them.

        A closed day is taken when nothing was added for ``quiet_s``; the present day when it has
        gathered ``files_max`` files.
        """
        with self.lock:
            if self._told.revision != self._corrections.revision:
                self._corrected_days = set()
            self._corrections = self._told
            today = self.moment().now_us // columns.DAY_US
            rested = time.monotonic() - quiet_s
            worked: dict[int, int] = {}
            rolled: dict[int, int] = {}
            rows = self.journal.days()
            for row in rows:
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
                if len(worked) >= DAYS_AT_ONCE:
                    break
            if rolled:
                self.hours.rebuild(
                    self.lake, dict.fromkeys(rolled), self._corrections, self._cut_days()
                )
                self.journal.mark_days("rolled", rolled)
            if worked:
                self.journal.mark_days("compacted", worked)
                self.hours.merge()
            return sorted({*worked, *self._correct(rows)})

    def _correct(self, rows: Sequence[journal.Day]) -> list[int]:
        """Roll up again what was corrected since its roll-up; return the days worked on.

        A day that is not rolled up yet will be with its corrections.
        """
        known, done = self._corrections, self.journal.mark("corrected")
        if known.revision <= done:
            return []
        touched = known.behind(done).days()
        rolled = {row.day for row in rows if row.rolled >= row.flushed}
        left = sorted((set(touched) & rolled) - self._corrected_days)
        some = left[:DAYS_AT_ONCE]
        if some:
            self.hours.rebuild(
                self.lake, {day: touched[day] for day in some}, known, self._cut_days()
            )
            self.hours.merge()
            self._corrected_days |= set(some)
        if len(some) == len(left):
            self.journal.set_mark("corrected", known.revision)
        return some

    def _cut_days(self) -> set[int]:
        return {day for day, _class in self.journal.cuts()}

    def cut_due(self, class_: int, before_day: int) -> list[int]:
        """Return the days whose readings of a class may go: rolled up, old enough, not gone yet.

        Rolled up with all corrections too, because there is no doing it again afterwards.
        """
        cuts = self.journal.cuts()
        waiting = self._told.behind(self.journal.mark("corrected")).days()
        return [
            row.day
            for row in self.journal.days()
            if row.day < before_day
            and row.flushed <= row.rolled
            and row.day not in waiting
            and cuts.get((row.day, class_), -1) < row.flushed
        ]

    def cut(self, class_: int, days: Sequence[int], points: Sequence[int]) -> tuple[int, int]:
        """Delete the readings of points of a class on days that are due; their hours stay.

        Returns how many readings went and how many bytes that freed. Repeating it is harmless.
        """
        gone = freed = 0
        wanted = np.array(sorted(points), np.int32)
        with self.lock:
            due = set(self.cut_due(class_, max(days, default=-1) + 1))
            for day in sorted(due & set(days)):
                [row] = [one for one in self.journal.days() if one.day == day]
                # Known as cut before anything goes, and as done only afterwards.
                self.journal.mark_cut(day, class_, -1)
                rows, size = self.lake.cut(day, wanted)
                self.journal.mark_cut(day, class_, row.flushed)
                gone, freed = gone + rows, freed + size
        return gone, freed

    def sweep(self) -> int:
        """Delete lake files nobody can be reading any more."""
        with self.lock:
            inbox.sweep(self.folder)
            return self.lake.readings.sweep() + self.hours.table.sweep()
