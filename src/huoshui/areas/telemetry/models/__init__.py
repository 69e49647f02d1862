"""Tables of telemetry, one module per concern. Readings live in the store."""

from huoshui.areas.telemetry.models.alarms import (
    Alarm,
    AlarmEntry,
    AlarmGroup,
    AlarmQuerySet,
    Suppression,
    TransitionCursor,
)
from huoshui.areas.telemetry.models.points import CODE_LENGTH, Point, UnknownPoint
from huoshui.areas.telemetry.models.rules import AlarmRule, CalculatedPoint, LimitChange

__all__ = [
    "CODE_LENGTH",
    "Alarm",
    "AlarmEntry",
    "AlarmGroup",
    "AlarmQuerySet",
    "AlarmRule",
    "CalculatedPoint",
    "LimitChange",
    "Point",
    "Suppression",
    "TransitionCursor",
    "UnknownPoint",
]
