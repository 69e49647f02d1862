"""What the alarm engine forgot when its process ended, read back from the stored readings.

A delay that ran, or the hour of values behind a rate, is not written anywhere by itself: it follows
from the readings, and they are on disk. So the readings of the last delay are taken through the
engine once more at the start, with nothing beginning or ending.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from huoshui.areas.telemetry.checks import Checks
from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store import columns, readers
from huoshui.areas.telemetry.watch import Watch

HORIZON_US = 48 * 3_600_000_000
# A broker sends again what was not acknowledged when the process ended, and that is minutes old.
AGAIN_US = 2 * 3_600_000_000


def recall(watch: Watch, folder: Path, now_us: int) -> int:
    """Take stored readings through the engine as far back as delays reach; return how many."""
    memory_us = np.minimum(watch.memory_us(), HORIZON_US)
    slots = np.flatnonzero(memory_us > 0)
    if not len(slots):
        return 0
    # Twice as far: a reading from before the delay tells whether the condition already held.
    from_us = now_us - 2 * int(memory_us[slots].max())
    ids = watch.table.id[slots].tolist()
    found = readers.Reader(folder).readings(ids, from_us, now_us + 1)
    parts = columns.concat([found[number] for number in ids])
    order = np.argsort(parts.at_us, kind="stable")
    parts = parts.take(order)
    slot = watch.table.slots(parts.point_id)
    watch.recall(slot, parts.at_us, parts.value, parts.quality)
    return len(parts)


def recall_spikes(checks: Checks, folder: Path, now_us: int) -> int:
    """Take over which readings of late are doubtful, so that their repeats are; return how many."""
    ids = checks.table.id[~np.isnan(checks.table.spike_min)].tolist()
    if not ids:
        return 0
    found = readers.Reader(folder).readings(ids, now_us - AGAIN_US, now_us + 1)
    parts = columns.concat([found[number] for number in ids])
    parts = parts.take(parts.quality == Quality.DOUBTFUL)
    checks.remember(parts.point_id, parts.at_us, parts.value)
    return len(parts)
