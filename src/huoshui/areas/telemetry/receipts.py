"""What each batch of a commit is told: how much was kept, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from huoshui.areas.telemetry import contracts, validation


def receipts(
    batches: Sequence[contracts.Batch], judged: validation.Judged, sequences: dict[int, int]
) -> list[contracts.Receipt]:
    """Return the receipt of each batch, ``sequences`` by its place where it was stored."""
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
