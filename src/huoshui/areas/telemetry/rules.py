"""What is true of points and alarms because of how a water group works. Plain Python."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from huoshui.areas.telemetry import contracts

CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")

DEVIATION = "deviation"
LIMIT_KINDS = ("limit_low_low", "limit_low", "limit_high", "limit_high_high")
# What a unit of these can measure here and nothing else.
OF_QUANTITY = {
    "time": "running_hours", "temperature": "temperature", "speed": "vibration", "power": "power",
    "current": "current",
}  # fmt: skip
RULE_KINDS = (*LIMIT_KINDS, "no_data", "rate", "flat", DEVIATION, "expression")

# How pressing an alarm is. One place, so that a control room can be sure what red means.
PRIORITIES: Mapping[str, str] = MappingProxyType(
    {
        "limit_low_low": "critical",
        "limit_high_high": "critical",
        "limit_low": "high",
        "limit_high": "high",
        DEVIATION: "medium",
        "rate": "high",
        "expression": "high",
        "flat": "low",
        "no_data": "low",
    }
)
PRIORITY_ORDER = ("critical", "high", "medium", "low")

# Whether an alarm that went away by itself stays on the list until somebody has seen it, and
# whether it sounds. What a rule says comes before this.
MUST_ACKNOWLEDGE: Mapping[str, bool] = MappingProxyType(
    {"critical": True, "high": True, "medium": False, "low": False}
)
HAS_SOUND = MUST_ACKNOWLEDGE

# What can happen to an alarm, for its history.
ALARM_DEEDS = (
    "raised",
    "returned",
    "acknowledged",
    "commented",
    "shelved",
    "unshelved",
    "suppressed",
    "unsuppressed",
    "out_of_service",
    "in_service",
    "repeated",
    "escalated",
    "reset",
    "closed",
)

# Shelving is for hours; what is out for longer is out of service.
SHELVE_S_MAX = 7 * 86_400
# An alarm that comes again so soon after it went, unseen, is the same trouble still.
COMES_AGAIN_WITHIN = timedelta(minutes=15)


def state_of(
    *,
    cleared_at: datetime | None,
    acknowledged_at: datetime | None,
    closed_at: datetime | None,
    is_latched: bool,
    suppressed: str = "",
) -> str:
    """Return an alarm's state after ISA-18.2 (2016), clause 5.2 and its figure of states.

    A suppressed alarm is in that state whatever its condition does. ``returned`` is "returned to
    normal, unacknowledged"; ``latched`` waits to be reset; ``cleared`` is normal again.
    """
    if closed_at is not None:
        return "cleared"
    if suppressed:
        return suppressed
    if cleared_at is None:
        return "active" if acknowledged_at is None else "acknowledged"
    if acknowledged_at is None:
        return "returned"
    return "latched" if is_latched else "cleared"


def is_done(
    *,
    cleared_at: datetime | None,
    acknowledged_at: datetime | None,
    must_acknowledge: bool,
    is_latched: bool,
) -> bool:
    """Tell whether an alarm may leave the list by itself: gone, seen where it must be, not held."""
    if cleared_at is None or is_latched:
        return False
    return acknowledged_at is not None or not must_acknowledge


# English msgids; labels.py marks them for translation.
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "limit_low_low": "%(value)s %(unit)s, below the lowest limit of %(threshold)s %(unit)s.",
        "limit_low": "%(value)s %(unit)s, below the limit of %(threshold)s %(unit)s.",
        "limit_high": "%(value)s %(unit)s, above the limit of %(threshold)s %(unit)s.",
        "limit_high_high": "%(value)s %(unit)s, above the highest limit of %(threshold)s %(unit)s.",
        "no_data": "No reading for over %(threshold)s minutes.",
        "rate": "Changes by %(value)s %(unit)s an hour, more than %(threshold)s.",
        "flat": "Does not change any more: %(value)s %(unit)s for %(window)s minutes.",
        DEVIATION: "%(value)s %(unit)s away from what is expected, more than %(threshold)s.",
        "expression": "The condition of the rule holds.",
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
    checks = (one.flat_after_s or 0, one.flat_band, one.spike_min or 0.0)
    if any(not math.isfinite(number) or number < 0 for number in checks):
        found.append("checks")
    return found


@dataclass(frozen=True)
class UsualChecks:
    """How readings of a kind are checked where their point does not say otherwise.

    ``flat_after_s`` and ``spike_min`` (in the unit of the kind) of None switch a check off.
    """

    flat_after_s: int | None = None
    flat_zero_ok: bool = False
    spike_min: float | None = None


# A pressure under load never stands still for hours; a full tank may for a night, a closed pipe
# for ever. Customers' hourly use jumps and rests as it likes.
CHECKS: Mapping[str, UsualChecks] = MappingProxyType(
    {
        "pressure": UsualChecks(flat_after_s=6 * 3600, spike_min=5.0),
        "flow": UsualChecks(flat_after_s=12 * 3600, flat_zero_ok=True),
        "level": UsualChecks(flat_after_s=24 * 3600, spike_min=0.5),
    }
)
NO_CHECKS = UsualChecks()
