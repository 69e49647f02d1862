"""What we take for granted when a measurement is missing; plain Python."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

FRESH = timedelta(hours=1)
"""A reading older than this says nothing about the present."""

FACTOR_MIN = 0.02
FACTOR_MAX = 10.0
"""Demand factors beyond these tell of a wrong meter, not of thirsty customers."""

PUMP_RUNS_ABOVE_M3H = 0.5
RUNS_KEPT = timedelta(days=90)


def demand_factor(*, measured_m3s: float, file_m3s: float) -> float | None:
    """Return by how much the file's demand is multiplied, or None where no meter can tell."""
    if file_m3s <= 0 or not math.isfinite(measured_m3s):
        return None
    factor = measured_m3s / file_m3s
    return factor if FACTOR_MIN <= factor <= FACTOR_MAX else None


def is_fresh(at: datetime, *, now: datetime) -> bool:
    """Say whether a reading tells of the present."""
    return now - FRESH <= at <= now + FRESH


def pattern_place(local: datetime, *, periods: int, step_s: int) -> int:
    """Return the place in a demand pattern of a local moment; patterns begin on a Monday."""
    monday = (local - timedelta(days=local.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return int((local - monday).total_seconds() // step_s) % periods
