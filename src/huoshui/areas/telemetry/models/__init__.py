"""Tables of telemetry, one module per concern. Readings live in the store."""

from huoshui.areas.telemetry.models.alarms import Alarm, AlarmQuerySet, TransitionCursor
from huoshui.areas.telemetry.models.points import CODE_LENGTH, Point, UnknownPoint

__all__ = [
    "CODE_LENGTH",
    "Alarm",
    "AlarmQuerySet",
    "Point",
    "TransitionCursor",
    "UnknownPoint",
]
