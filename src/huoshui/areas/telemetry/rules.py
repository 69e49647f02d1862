"""What is true of points and alarms because of how a water group works. Plain Python."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

from huoshui.areas.telemetry import contracts

CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")

DEVIATION = "deviation"

# How pressing an alarm is. One place, so that a control room can be sure what red means.
PRIORITIES: Mapping[str, str] = MappingProxyType(
    {
        "limit_low_low": "critical",
        "limit_high_high": "critical",
        "limit_low": "high",
        "limit_high": "high",
        DEVIATION: "medium",
        "no_data": "low",
    }
)
PRIORITY_ORDER = ("critical", "high", "medium", "low")

# English msgids; labels.py marks them for translation.
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "limit_low_low": "%(value)s %(unit)s, below the lowest limit of %(threshold)s %(unit)s.",
        "limit_low": "%(value)s %(unit)s, below the limit of %(threshold)s %(unit)s.",
        "limit_high": "%(value)s %(unit)s, above the limit of %(threshold)s %(unit)s.",
        "limit_high_high": "%(value)s %(unit)s, above the highest limit of %(threshold)s %(unit)s.",
        "no_data": "No reading for over %(threshold)s minutes.",
    }
)


def faults(one: contracts.PointDeclaration) -> list[str]:
    """Return the codes of everything that is wrong with a declaration; empty when it is sound."""
    found = []
    if not CODE_PATTERN.fullmatch(one.code):
        found.append("code")
    if not one.name_en.strip() or not one.name_zh.strip():
        found.append("name")
    if one.kind not in contracts.KINDS:
        found.append("kind")
    numbers = (
        one.range_min,
        one.limit_low_low,
        one.limit_low,
        one.limit_high,
        one.limit_high_high,
        one.range_max,
    )
    if any(number is not None and not math.isfinite(number) for number in numbers):
        found.append("not_finite")
    given = [number for number in numbers if number is not None]
    if given != sorted(given) or len(set(given)) != len(given):
        found.append("limits_order")
    if one.dead_band < 0 or one.delay_s < 0:
        found.append("negative")
    if one.rate_max_per_s is not None and not one.rate_max_per_s > 0:
        found.append("rate")
    if one.expected_every_s is not None and one.expected_every_s <= 0:
        found.append("expected_every")
    return found
