"""What the chart of a sign of wear draws, as plain values."""

from __future__ import annotations

from datetime import date
from typing import Any

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep.condition import looking, readings


def of_now(row: models.ConditionIndicator, found: looking.Found) -> dict[str, Any] | None:
    """Return the chart of a sign of wear as it is read now; None where nothing is known."""
    if not found.known:
        return None
    it = found.trend
    slopes = (it.slope_a_day, it.slope_a_day_min, it.slope_a_day_max) if it else None
    return _chart(
        row, found.first, found.values, row.limit, it.level_now if it else None, slopes,
        is_clear=bool(it and it.is_clear), middle=it.middle_day if it else 0.0,
    )  # fmt: skip


def of_suggestion(row: models.ConditionSuggestion) -> dict[str, Any]:
    """Return the chart of a suggestion, as it was when it was made or last followed."""
    slopes = (row.slope_a_day, row.slope_a_day_min, row.slope_a_day_max)
    first = date.fromisoformat(row.evidence["first"])
    return {
        **_chart(row.indicator, first, row.evidence["values"], row.limit, row.level, slopes,
                 is_clear=True, middle=row.evidence["middle"]),
        "due": row.due_date.isoformat(),
    }  # fmt: skip


def _chart(
    row: models.ConditionIndicator,
    first: date,
    values: list[float | None],
    limit: float,
    level: float | None,
    slopes: tuple[float, float, float] | None,
    *,
    is_clear: bool,
    middle: float,
) -> dict[str, Any]:
    unit, decimals = readings.unit_of(row)
    return {
        "first": first.isoformat(), "values": values, "limit": limit, "level": level,
        "slopes": slopes, "is_clear": is_clear, "unit": unit, "decimals": decimals, "due": None,
        "middle": middle,
        "ahead_days": row.warn_days,
    }  # fmt: skip
