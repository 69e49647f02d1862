"""How much an alarm system asks of the people who watch it.

The figures and what they should be come from ANSI/ISA-18.2-2016, clause 16 (monitoring and
assessment) and its table of example performance metrics, which agrees with EEMUA Publication 191,
"Alarm systems: a guide to design, management and procurement", 3rd ed. 2013. They are for one
operating position.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOT_S = 600.0
# A flood begins with more than 10 alarms in ten minutes and ends with fewer than 5 (clause 16.5).
FLOOD_BEGINS, FLOOD_ENDS = 10, 5
# Three of the same alarm within a minute.
CHATTER_TIMES, CHATTER_S = 3, 60.0
STALE_S = 86_400.0


@dataclass(frozen=True)
class Bench:
    """What a figure should be: up to ``good`` is acceptable, up to ``most`` can be managed."""

    good: float
    most: float


BENCHES = {
    "per_hour": Bench(6.0, 12.0),
    "per_day": Bench(150.0, 300.0),
    "peak_10_min": Bench(10.0, 10.0),
    "flood_frac": Bench(0.01, 0.01),
    "top_ten_frac": Bench(0.01, 0.05),
    "chattering": Bench(0.0, 0.0),
    "stale": Bench(5.0, 5.0),
}
# Share of the alarms that each priority should have, the lowest first: 80, 15 and 5 % of three.
PRIORITY_FRACS = {"low": 0.80, "medium": 0.15, "high": 0.05}


@dataclass(frozen=True)
class Load:
    """The figures of one period; NaN where nothing can be said.

    ``per_hour`` and ``per_day`` are for one operator. ``kinds`` numbers what was given as
    ``kind``; ``chattering`` and ``stale`` list the kinds and the rows they are true of.
    """

    count: int
    per_hour: float
    per_day: float
    peak_10_min: int
    peak_at_s: float
    flood_frac: float
    floods: tuple[tuple[float, float, int], ...]
    top_ten: tuple[tuple[int, int], ...]
    top_ten_frac: float
    chattering: tuple[int, ...]
    stale: tuple[int, ...]
    acknowledge_mean_s: float
    acknowledge_p95_s: float


def load(
    *,
    raised_s: Floats,
    cleared_s: Floats,
    acknowledged_s: Floats,
    kind: Ints,
    from_s: float,
    until_s: float,
    operators: float = 1.0,
) -> Load:
    """Return the figures of the alarms raised in [from_s, until_s).

    Parameters
    ----------
    raised_s, cleared_s, acknowledged_s : ndarray, shape (n,)
        Moments; NaN for one that has not come. Alarms raised before the period count only as
        stale ones. [s]
    kind : ndarray of int64, shape (n,)
        Which alarm it is: the same number for the same condition of the same point.
    from_s, until_s : float
        The period. [s]
    operators : float
        How many people watch at the same time. [-]
    """
    inside = (raised_s >= from_s) & (raised_s < until_s)
    order = np.argsort(raised_s[inside], kind="stable")
    at, kinds = raised_s[inside][order], kind[inside][order]
    hours = (until_s - from_s) / 3600.0
    slots = max(int(np.ceil((until_s - from_s) / SLOT_S)), 1)
    counts = np.bincount(((at - from_s) // SLOT_S).astype(np.int64), minlength=slots)
    floods = _floods(counts, from_s)
    flooded_s = sum(min(end, until_s) - begin for begin, end, _count in floods)
    names, times = np.unique(kinds, return_counts=True)
    best = np.lexsort((names, -times))[:10]
    took = (acknowledged_s - raised_s)[inside]
    took = took[~np.isnan(took)]
    ends = np.where(np.isnan(cleared_s), until_s, np.minimum(cleared_s, until_s))
    stale = (raised_s < until_s) & (ends > from_s) & (ends - raised_s > STALE_S)
    return Load(
        count=len(at),
        per_hour=len(at) / hours / operators,
        per_day=len(at) / hours * 24.0 / operators,
        peak_10_min=int(counts.max()),
        peak_at_s=from_s + int(counts.argmax()) * SLOT_S if len(at) else np.nan,
        flood_frac=flooded_s / (until_s - from_s),
        floods=floods,
        top_ten=tuple((int(names[one]), int(times[one])) for one in best),
        top_ten_frac=float(times[best].sum() / len(at)) if len(at) else np.nan,
        chattering=_chattering(at, kinds),
        stale=tuple(np.flatnonzero(stale).tolist()),
        acknowledge_mean_s=float(took.mean()) if len(took) else np.nan,
        acknowledge_p95_s=float(np.percentile(took, 95)) if len(took) else np.nan,
    )


def _floods(counts: Ints, from_s: float) -> tuple[tuple[float, float, int], ...]:
    """Return beginning, end and size of each flood."""
    found: list[tuple[float, float, int]] = []
    begun, total = -1, 0
    for slot, count in enumerate([*counts.tolist(), 0]):
        if begun < 0 and count > FLOOD_BEGINS:
            begun, total = slot, 0
        if begun >= 0 and count < FLOOD_ENDS:
            found.append((from_s + begun * SLOT_S, from_s + slot * SLOT_S, total))
            begun = -1
        total += count
    return tuple(found)


def _chattering(at: Floats, kinds: Ints) -> tuple[int, ...]:
    """Return the kinds that came three times within a minute, the smallest number first."""
    order = np.lexsort((at, kinds))
    at, kinds = at[order], kinds[order]
    later = CHATTER_TIMES - 1
    if len(at) <= later:
        return ()
    same = kinds[later:] == kinds[:-later]
    quick = at[later:] - at[:-later] <= CHATTER_S
    return tuple(np.unique(kinds[later:][same & quick]).tolist())


def verdict(name: str, value: float) -> str:
    """Return good, bearable or too_much for a figure of `BENCHES`; unknown for NaN."""
    if np.isnan(value):
        return "unknown"
    bench = BENCHES[name]
    if value <= bench.good:
        return "good"
    return "bearable" if value <= bench.most else "too_much"
