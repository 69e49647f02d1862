"""Reads of alarms: what keeps them silent, what happened to them, when they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from huoshui.areas.telemetry import models, rules

# Of several suppressions the one that lasts longest is the one to name.
_WEIGHT = {"out_of_service": 0, "shelved": 1, "by_design": 2}


def suppression_of(
    point: models.Point | None, zone_code: str | None, rule: str, code: str
) -> models.Suppression | None:
    """Return what keeps a condition silent now, or None."""
    subject = Q(point=point) if point is not None else Q(zone=zone_code)
    rows = models.Suppression.objects.filter(
        subject, Q(rule="") | Q(rule=rule, code=code), ended_at__isnull=True
    )
    return min(rows, key=lambda row: _WEIGHT[row.kind], default=None)


def covered_by(row: models.Suppression) -> models.AlarmQuerySet:
    """Return the alarms on the list that a suppression keeps silent."""
    subject = Q(zone=row.zone_id) if row.point_id is None else Q(point=row.point_id)
    found = models.Alarm.objects.open().filter(subject)
    return found.filter(rule=row.rule, code=row.code) if row.rule else found


def state_of(row: models.Alarm) -> str:
    """Return an alarm's state after ISA-18.2; fetch ``suppression`` with the row."""
    return rules.state_of(
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        is_latched=row.is_latched,
        suppressed=row.suppression.kind if row.suppression else "",
    )


def in_state(rows: models.AlarmQuerySet, state: str) -> models.AlarmQuerySet:
    """Keep alarms in one of the states a reader may ask for; any other word keeps all."""
    audible = rows.filter(closed_at__isnull=True, suppression__isnull=True)
    choices: dict[str, models.AlarmQuerySet] = {
        "open": rows.filter(closed_at__isnull=True),
        "standing": rows.filter(cleared_at__isnull=True),
        "waiting": audible.filter(acknowledged_at__isnull=True),
        "active": audible.filter(cleared_at__isnull=True, acknowledged_at__isnull=True),
        "acknowledged": audible.filter(cleared_at__isnull=True, acknowledged_at__isnull=False),
        "returned": audible.filter(cleared_at__isnull=False, acknowledged_at__isnull=True),
        "latched": audible.filter(
            cleared_at__isnull=False, acknowledged_at__isnull=False, is_latched=True
        ),
        "cleared": rows.filter(closed_at__isnull=False),
    }
    for kind in _WEIGHT:
        choices[kind] = rows.filter(closed_at__isnull=True, suppression__kind=kind)
    return choices.get(state, rows)


@dataclass(frozen=True)
class AlarmSpan:
    """One stretch of time an alarm of a point stood; ``until`` is None while it does."""

    alarm_id: int
    point_code: str
    rule: str
    priority: str
    from_at: datetime
    until: datetime | None
    acknowledged_at: datetime | None


def alarm_spans(
    codes: Sequence[str], from_at: datetime, until: datetime, *, limit: int = 2000
) -> list[AlarmSpan]:
    """Return when alarms of these points stood within [from_at, until), the newest first."""
    rows = models.Alarm.objects.filter(
        Q(cleared_at__isnull=True) | Q(cleared_at__gt=from_at),
        point__code__in=list(codes),
        raised_at__lt=until,
    ).select_related("point")
    return [
        AlarmSpan(
            row.pk,
            row.point.code if row.point else "",
            row.rule,
            row.priority,
            row.raised_at,
            row.cleared_at,
            row.acknowledged_at,
        )
        for row in rows.order_by("-raised_at")[:limit]
    ]
