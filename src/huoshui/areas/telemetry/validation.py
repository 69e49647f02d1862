"""What is wrong with arriving readings, judged for a whole batch at once.

A reading is refused only when it cannot be kept as a fact: nobody declared its point, or its
moment is impossible. Everything else is kept and marked, because a wrong value is evidence too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality

EARLIEST_US = 946_684_800_000_000  # 2000-01-01; earlier moments come from clocks never set.
FUTURE_REFUSED_US = 86_400_000_000
LATE_AFTER_US = 3_600_000_000
LATE_UNTIL_US = 7 * 86_400_000_000
NONE_US = np.iinfo(np.int64).min


@dataclass(frozen=True)
class WatchedPoint:
    """What the writer must know of a point. NaN means that there is no such limit."""

    id: int
    range_min: float
    range_max: float
    rate_max_per_s: float
    limits: tuple[float, float, float, float]
    dead_band: float
    delay_us: int
    expected_every_us: int
    flat_after_us: int = 0
    flat_band: float = 0.0
    flat_zero_ok: bool = False
    spike_min: float = math.nan


def number_or_nan(number: float | None) -> float:
    """Return a limit as the arrays keep it: NaN for none."""
    return math.nan if number is None else float(number)


class PointTable:
    """The declared points as arrays, one slot each; ``slot_of`` finds the slot of a point id."""

    def __init__(self, points: Sequence[WatchedPoint]) -> None:
        self.points = tuple(points)
        self.id = np.array([point.id for point in points], np.int32)
        self.slot_of = np.full(int(self.id.max(initial=0)) + 2, -1, np.int64)
        self.slot_of[self.id] = np.arange(len(points))
        self.range_min = np.array([point.range_min for point in points], np.float64)
        self.range_max = np.array([point.range_max for point in points], np.float64)
        self.rate_max_per_us = np.array([point.rate_max_per_s for point in points]) / 1e6
        self.has_rates = bool(np.isfinite(self.rate_max_per_us).any())
        self.limits = np.array([point.limits for point in points], np.float64).reshape(-1, 4).T
        self.dead_band = np.array([point.dead_band for point in points], np.float64)
        self.delay_us = np.array([point.delay_us for point in points], np.int64)
        self.expected_us = np.array([point.expected_every_us for point in points], np.int64)
        # Three rhythms, an hour at least: a reading older than that on arrival came late.
        self.late_after_us = np.maximum(3 * self.expected_us, LATE_AFTER_US)
        self.flat_after_us = np.array([point.flat_after_us for point in points], np.int64)
        self.flat_band = np.array([point.flat_band for point in points], np.float64)
        self.flat_zero_ok = np.array([point.flat_zero_ok for point in points], bool)
        self.spike_min = np.array([point.spike_min for point in points], np.float64)
        self.is_checked = (self.flat_after_us > 0) | ~np.isnan(self.spike_min)
        self.has_checks = bool(self.is_checked.any())

    def __len__(self) -> int:
        return len(self.id)

    def slots(self, point_id: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the slot of each id, -1 where nobody declared it."""
        # The last place of slot_of is always -1; everything outside is sent there.
        outside = len(self.slot_of) - 1
        known = np.where((point_id >= 0) & (point_id < outside), point_id, outside)
        slots: NDArray[np.int64] = self.slot_of[known]
        return slots


@dataclass
class Judged:
    """The readings worth keeping, in order of arrival, and what was found.

    ``member`` is the number of the batch each came in; ``reasons`` counts by code and batch.
    """

    member: NDArray[np.int64]
    slot: NDArray[np.int64]
    point_id: NDArray[np.int32]
    at_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    future: NDArray[np.bool_] | None
    reasons: list[tuple[str, NDArray[np.int64]]]
    marks: list[tuple[str, NDArray[np.int32], NDArray[np.int64]]] = field(default_factory=list)

    def mark(self, reason: str, rows: NDArray[np.bool_] | NDArray[np.intp], quality: int) -> None:
        """Give these rows a quality no better than ``quality``, and remember why."""
        self.reasons.append((reason, self.member[rows]))
        self.marks.append((reason, self.point_id[rows], self.at_us[rows]))
        self.quality = self.quality.copy()
        self.quality[rows] = np.maximum(self.quality[rows], np.uint8(quality))


def judge(
    table: PointTable,
    member: NDArray[np.int64],
    point_id: NDArray[np.int32],
    at_us: NDArray[np.int64],
    value: NDArray[np.float64],
    quality: NDArray[np.uint8],
    *,
    ahead_us: int,
    seen_us: int = NONE_US,
    now_us: int | None = None,
) -> Judged:
    """Sort out what cannot be kept and mark what cannot be trusted; never change a value.

    ``ahead_us`` is the latest moment a device's clock may show now, ``seen_us`` the latest that
    our own clock ever showed: set back by mistake, it must not make us refuse right readings.
    With ``now_us`` late readings are counted.
    """
    reasons: list[tuple[str, NDArray[np.int64]]] = []
    slot = table.slots(point_id)
    unknown = slot < 0
    impossible = (at_us < EARLIEST_US) | (at_us > max(ahead_us, seen_us) + FUTURE_REFUSED_US)
    refused = unknown | impossible
    if refused.any():
        reasons.append(("unknown_point", member[unknown]))
        reasons.append(("impossible_time", member[impossible & ~unknown]))
        kept = ~refused
        member, slot, point_id = member[kept], slot[kept], point_id[kept]
        at_us, value, quality = at_us[kept], value[kept], quality[kept]
    quality = np.minimum(quality, np.uint8(Quality.MISSING))

    finite = np.isfinite(value)
    missing = quality == Quality.MISSING
    if missing.any() or not finite.all():
        silent = ~finite & ~missing
        if silent.any():
            reasons.append(("no_value", member[silent]))
        missing |= silent
        quality = np.where(missing, np.uint8(Quality.MISSING), quality)
        value = np.where(missing, np.nan, value)

    judged = Judged(member, slot, point_id, at_us, value, quality, None, reasons)
    outside = (value < table.range_min[slot]) | (value > table.range_max[slot])
    if outside.any():
        judged.mark("outside_range", outside, Quality.BAD)
    future: NDArray[np.bool_] = at_us > ahead_us
    if future.any():
        judged.mark("future", future, Quality.DOUBTFUL)
        judged.future = future
    if now_us is not None:
        # Who brings in years of history is not late.
        late = (at_us < now_us - table.late_after_us[slot]) & (at_us > now_us - LATE_UNTIL_US)
        if late.any():
            judged.marks.append(("late", point_id[late], at_us[late]))
    return judged


def too_fast(
    table: PointTable,
    slot: NDArray[np.int64],
    at_us: NDArray[np.int64],
    value: NDArray[np.float64],
    quality: NDArray[np.uint8],
    before_at_us: NDArray[np.int64],
    before_value: NDArray[np.float64],
    before_quality: NDArray[np.uint8],
) -> NDArray[np.bool_]:
    """Tell which readings jumped faster than their point can, against the one before.

    ``before_*`` hold each slot's newest reading until now. Of several readings of one point in
    a batch each is held against the one before it in time. A jump is doubtful, not bad: a pump
    that starts jumps too.
    """
    found = np.zeros(len(slot), bool)
    limited = np.flatnonzero(np.isfinite(table.rate_max_per_us[slot]) & (quality < Quality.BAD))
    if not len(limited):
        return found
    order = limited[np.lexsort((at_us[limited], slot[limited]))]
    s, t, v = slot[order], at_us[order], value[order]
    same = np.append(False, s[1:] == s[:-1])
    earlier_at = np.where(same, np.roll(t, 1), before_at_us[s])
    earlier_value = np.where(same, np.roll(v, 1), before_value[s])
    # A bad value is nothing to have jumped from.
    known = same | (before_quality[s] < Quality.BAD)
    known &= (earlier_at != NONE_US) & (t > earlier_at)
    span = np.where(known, t - np.where(known, earlier_at, 0), 1)
    jumped = known & (np.abs(v - earlier_value) > table.rate_max_per_us[s] * span)
    found[order] = jumped
    return found
