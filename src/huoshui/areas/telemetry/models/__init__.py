"""Tables of telemetry, one module per concern. Readings live in the store."""

from huoshui.areas.telemetry.models.alarms import (
    Alarm,
    AlarmEntry,
    AlarmGroup,
    AlarmQuerySet,
    Suppression,
    TransitionCursor,
)
from huoshui.areas.telemetry.models.corrections import Correction
from huoshui.areas.telemetry.models.mimics import Mimic, MimicVersion
from huoshui.areas.telemetry.models.points import CODE_LENGTH, Point, UnknownPoint
from huoshui.areas.telemetry.models.retention import Deletion, MarkCount, RetentionClass
from huoshui.areas.telemetry.models.rules import AlarmRule, CalculatedPoint, LimitChange
from huoshui.areas.telemetry.models.sources import Push, SentCode, Source
from huoshui.areas.telemetry.models.trends import Remark

__all__ = [
    "CODE_LENGTH",
    "Alarm",
    "AlarmEntry",
    "AlarmGroup",
    "AlarmQuerySet",
    "AlarmRule",
    "CalculatedPoint",
    "Correction",
    "Deletion",
    "LimitChange",
    "MarkCount",
    "Mimic",
    "MimicVersion",
    "Point",
    "Push",
    "Remark",
    "RetentionClass",
    "SentCode",
    "Source",
    "Suppression",
    "TransitionCursor",
    "UnknownPoint",
]
