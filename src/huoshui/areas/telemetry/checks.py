"""Readings that are possible each by itself, and odd beside the ones before: flat lines, spikes.

A value that does not change for hours says that the instrument hangs; the readings from then on
are doubtful. A spike is one reading far from those before *and* behind it, after Hampel: with the
median m and the median absolute deviation of the last seven, further from m than
max(spike_min, 6 x 1.4826 x deviation), while the next one is back. So it is known one reading
later, and then written once more as doubtful, also when it comes once more after that. A step
stays: there the next one is not back.

Source: F. R. Hampel, "The influence curve and its role in robust estimation", J. Am. Stat. Assoc.
69 (1974); 1.4826 makes the deviation that of a normal distribution.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns
from huoshui.areas.telemetry.validation import NONE_US, Judged, PointTable

WINDOW = 7
LEAST_KNOWN = 5
DEVIATIONS = 6 * 1.4826
# Months brought in at once are kept as they are; what comes now and what loggers tell is checked.
HORIZON_US = 48 * 3_600_000_000
# What is remembered from further ahead of the clock is from before the clock was set back.
AHEAD_US = 3_600_000_000
GATHERED_MAX = 500_000
# Days since 1970 fit for 2,800 years.
DAY_BITS = 20


@dataclass(frozen=True)
class Found:
    """What was odd: rows of the judged readings that are flat, and earlier readings that spiked."""

    flat: NDArray[np.intp]
    spike_slot: NDArray[np.int64]
    spike_at_us: NDArray[np.int64]
    spike_value: NDArray[np.float64]


class Checks:
    """What is remembered of each point's latest readings, one slot each."""

    def __init__(self) -> None:
        self.table = PointTable([])
        # The value of each reading found to be a spike, by its point's number and moment.
        self._spiked: dict[tuple[int, int], float] = {}
        self._make_slots(0)

    def _make_slots(self, count: int) -> None:
        self._at_us = np.full(count, NONE_US, np.int64)
        self._flat_value = np.full(count, np.nan)
        self._flat_since = np.zeros(count, np.int64)
        self._window = np.full((count, WINDOW), np.nan)
        # A reading far from the median, until the next one tells what it was.
        self._odd_value = np.full(count, np.nan)
        self._odd_at_us = np.zeros(count, np.int64)

    def take_table(self, table: PointTable) -> None:
        """Go over to the points of another table, keeping what is known of those in both."""
        names = ("_at_us", "_flat_value", "_flat_since", "_window", "_odd_value", "_odd_at_us")
        before = {name: getattr(self, name) for name in names}
        slot = table.slots(self.table.id)
        kept = slot >= 0
        self.table = table
        self._make_slots(len(table))
        for name in names:
            getattr(self, name)[slot[kept]] = before[name][kept]

    def judge(self, judged: Judged, now_us: int) -> Found:
        """Look at arrived readings in the order of their moments, and remember them."""
        self._mark_again(judged, now_us)
        usable = (judged.quality < Quality.BAD) & ~np.isnan(judged.value)
        usable &= self.table.is_checked[judged.slot] & (judged.at_us > now_us - HORIZON_US)
        known_us = self._at_us[judged.slot]
        usable &= (judged.at_us > known_us) | (known_us > now_us + AHEAD_US)
        if judged.future is not None:
            usable &= ~judged.future
        rows = np.flatnonzero(usable)
        rows = rows[np.lexsort((judged.at_us[rows], judged.slot[rows]))]
        slot = judged.slot[rows]
        # How many readings of the same point came before in this batch: one round for each.
        starts = np.flatnonzero(np.append(True, slot[1:] != slot[:-1])) if len(slot) else slot
        place = np.arange(len(slot)) - np.repeat(starts, np.diff(np.append(starts, len(slot))))
        flat, spikes = [], []
        for number in range(int(place.max(initial=-1)) + 1):
            some = rows[place == number]
            s, at, v = judged.slot[some], judged.at_us[some], judged.value[some]
            flat.append(some[self._flat(s, at, v)])
            spikes.append(self._spikes(s, at, v))
            self._at_us[s] = at
        if not flat:
            none = np.empty(0, np.int64)
            return Found(none, none, none, np.empty(0))
        slots, at_us, values = (np.concatenate(parts) for parts in zip(*spikes, strict=True))
        self.remember(self.table.id[slots], at_us, values)
        return Found(np.concatenate(flat), slots, at_us, values)

    def remember(
        self, point_id: NDArray[np.int32], at_us: NDArray[np.int64], value: NDArray[np.float64]
    ) -> None:
        """Know these readings as spikes, also when they come again."""
        keys = zip(point_id.tolist(), at_us.tolist(), strict=True)
        self._spiked.update(zip(keys, value.tolist(), strict=True))

    def _mark_again(self, judged: Judged, now_us: int) -> None:
        """Keep the mark of a spike that is sent once more; a new value for its moment is another.

        Counted once: the repeat is the same reading.
        """
        if not self._spiked:
            return
        self._spiked = {
            key: one for key, one in self._spiked.items() if key[1] > now_us - HORIZON_US
        }
        moments = np.fromiter({at_us for _point, at_us in self._spiked}, np.int64)
        for row in np.flatnonzero(np.isin(judged.at_us, moments)).tolist():
            key = (int(judged.point_id[row]), int(judged.at_us[row]))
            if self._spiked.get(key) == float(judged.value[row]):
                judged.quality = judged.quality.copy()
                judged.quality[row] = max(int(judged.quality[row]), int(Quality.DOUBTFUL))

    def _flat(
        self, s: NDArray[np.int64], at: NDArray[np.int64], v: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        table = self.table
        near = np.abs(v - self._flat_value[s]) <= table.flat_band[s]
        near &= self._flat_since[s] <= at
        self._flat_value[s[~near]] = v[~near]
        self._flat_since[s[~near]] = at[~near]
        long = (table.flat_after_us[s] > 0) & (at - self._flat_since[s] >= table.flat_after_us[s])
        # Nothing flows through a closed valve for weeks.
        rests = table.flat_zero_ok[s] & (np.abs(v) <= table.flat_band[s])
        flat: NDArray[np.bool_] = near & long & ~rests
        return flat

    def _spikes(
        self, s: NDArray[np.int64], at: NDArray[np.int64], v: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return the readings before these that turn out to be spikes: slot, moment, value."""
        wanted = ~np.isnan(self.table.spike_min[s])
        s, at, v = s[wanted], at[wanted], v[wanted]
        window = self._window[s]
        known = (~np.isnan(window)).sum(axis=1) >= LEAST_KNOWN
        middle = np.full(len(s), np.nan)
        spread = np.full(len(s), np.nan)
        if known.any():
            middle[known] = np.nanmedian(window[known], axis=1)
            away = np.abs(window[known] - middle[known, None])
            spread[known] = np.nanmedian(away, axis=1)
        far = np.abs(v - middle) > np.maximum(self.table.spike_min[s], DEVIATIONS * spread)
        was_odd = ~np.isnan(self._odd_value[s])
        spiked = was_odd & ~far
        found = (s[spiked], self._odd_at_us[s[spiked]], self._odd_value[s[spiked]])
        # Twice far away is a step: from here on the new level is the normal one.
        stepped = was_odd & far
        self._window[s[stepped]] = np.nan
        self._window[s[stepped], -1] = self._odd_value[s[stepped]]
        settled = ~far | stepped
        moved = self._window[s[settled]]
        self._window[s[settled]] = np.concatenate([moved[:, 1:], v[settled, None]], axis=1)
        odd = far & ~was_odd
        self._odd_value[s] = np.where(odd, v, np.nan)
        self._odd_at_us[s] = np.where(odd, at, 0)
        return found


class Marks:
    """How many readings of a point got which mark on which day, until somebody writes it down.

    Arrivals must not wait for the counting: marks are gathered as they come, and counted when
    they are taken or have become many.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gathered: dict[str, list[NDArray[np.int64]]] = {}
        self._rows = 0
        self._counts: Counter[tuple[int, int, str]] = Counter()

    def add(self, reason: str, point_id: NDArray[np.int32], at_us: NDArray[np.int64]) -> None:
        """Count marks of one reason."""
        keys = (point_id.astype(np.int64) << DAY_BITS) | (at_us // columns.DAY_US)
        with self._lock:
            self._gathered.setdefault(reason, []).append(keys)
            self._rows += len(keys)
            if self._rows > GATHERED_MAX:
                self._count()

    def _count(self) -> None:
        for reason, parts in self._gathered.items():
            keys, counts = np.unique(np.concatenate(parts), return_counts=True)
            for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
                self._counts[key >> DAY_BITS, key & ((1 << DAY_BITS) - 1), reason] += count
        self._gathered, self._rows = {}, 0

    def take(self) -> dict[tuple[int, int, str], int]:
        """Return what was counted since the last call: by point, day since 1970 and reason."""
        with self._lock:
            self._count()
            taken, self._counts = dict(self._counts), Counter()
        return taken

    def give_back(self, taken: dict[tuple[int, int, str], int]) -> None:
        """Count again what could not be written down."""
        with self._lock:
            self._counts.update(taken)
