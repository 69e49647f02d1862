"""Handing readings over to the ingest process, from any other process."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import transaction

from huoshui.areas.telemetry import contracts, queries, refusals
from huoshui.areas.telemetry.store import inbox
from huoshui.kernel import audit

LOOK_EVERY_S = 0.05


def hand_in(
    batches: Sequence[contracts.Batch], *, by_id: int | None = None, wait_s: float = 0.0
) -> contracts.Handed:
    """Write readings durably where the ingest process takes them from; see the facade."""
    readings = sum(len(batch) for batch in batches)
    if not readings:
        return contracts.Handed("", 0, stored=True)
    folder = queries.folder()
    try:
        names = inbox.put(folder, batches)
    except inbox.InboxUnavailable as fault:
        raise refusals.DiskFull(str(fault)) from fault
    if by_id is not None:
        with transaction.atomic():
            audit.record(
                by_id,
                "telemetry.readings_handed_in",
                "telemetry:readings",
                {
                    "name": names[0],
                    "readings": readings,
                    "sources": sorted({batch.source for batch in batches}),
                    "from_at": contracts.from_us(min(_earliest(b) for b in batches if len(b))),
                },
            )
    return contracts.Handed(names[0], readings, _stored(names[-1], wait_s))


def _earliest(batch: contracts.Batch) -> int:
    return int(batch.at_us.min())


def _stored(name: str, wait_s: float) -> bool:
    """Tell whether the last file is taken in before ``wait_s`` has passed."""
    until = time.monotonic() + wait_s
    while inbox.is_waiting(queries.folder(), name):
        if time.monotonic() >= until:
            return False
        time.sleep(min(LOOK_EVERY_S, wait_s))
    return True
