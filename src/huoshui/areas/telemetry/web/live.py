"""The live streams of telemetry: newest values, and alarms as they come and go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.utils import translation

from huoshui.areas.telemetry import labels, models, queries
from huoshui.areas.telemetry.contracts import from_us

# Alarms of one look. A reader who was away longer loads the page anyway.
ALARMS_MAX = 200


def values(cursor: Any) -> tuple[int, list[dict[str, Any]]]:
    """Return the values that changed since ``cursor``; all of them for a new reader."""
    change, found = queries.latest_since(-1 if cursor is None else cursor)
    if not found:
        return change, []
    alarming = _alarming()
    return change, [
        {
            "key": one.code,
            "at": from_us(one.at_us).isoformat(),
            "value": one.value,
            "quality": int(one.quality),
            "alarm": one.code in alarming,
        }
        for one in found
    ]


def _alarming() -> set[str]:
    return set(
        models.Alarm.objects.standing()
        .filter(point__isnull=False)
        .values_list("point__code", flat=True)
    )


def alarms(cursor: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return the alarms raised, acknowledged or cleared since ``cursor``.

    A new reader gets the standing ones. Each item carries ``waiting``: how many stand that nobody
    has acknowledged, for the bell.

    The cursor is what stood, and not a moment: alarms clear at the moment of their reading, which
    may be long past, and many at the same one.
    """
    newest_id = models.Alarm.objects.aggregate(id=Max("id"))["id"] or 0
    standing = dict(models.Alarm.objects.standing().values_list("pk", "acknowledged_at"))
    if cursor == (newest_id, standing):
        return cursor, []
    known_id: int = cursor[0] if cursor else newest_id
    known: dict[int, datetime | None] = cursor[1] if cursor else {}
    changed = {pk for pk, noted_at in standing.items() if pk not in known or known[pk] != noted_at}
    changed |= known.keys() - standing.keys()
    found = models.Alarm.objects.select_related("point").filter(
        Q(pk__in=sorted(changed, reverse=True)[:ALARMS_MAX]) | Q(pk__gt=known_id)
    )
    waiting = sum(noted_at is None for noted_at in standing.values())
    items = [_item(row, waiting) for row in found.order_by("-raised_at")[:ALARMS_MAX]]
    return (newest_id, standing), items


def _item(row: models.Alarm, waiting: int) -> dict[str, Any]:
    with translation.override("en"):
        english = labels.message_text(row.message, row.data)
    with translation.override("zh-hans"):
        chinese = labels.message_text(row.message, row.data)
    return {
        "key": row.subject,
        "id": row.pk,
        "rule": row.rule,
        "priority": row.priority,
        "state": state_of(row),
        "raised_at": row.raised_at.isoformat(),
        # A stream is shared by readers of both languages.
        "message": {"en": english, "zh": chinese},
        "waiting": waiting,
    }


def state_of(row: models.Alarm) -> str:
    """Return active, acknowledged or cleared."""
    if row.cleared_at is not None:
        return "cleared"
    return "active" if row.acknowledged_at is None else "acknowledged"


def in_state(rows: models.AlarmQuerySet, state: str) -> models.AlarmQuerySet:
    """Keep alarms in one of the states a reader may ask for; any other word keeps all."""
    if state == "active":
        return rows.waiting()
    if state == "acknowledged":
        return rows.standing().filter(acknowledged_at__isnull=False)
    if state == "standing":
        return rows.standing()
    return rows.filter(cleared_at__isnull=False) if state == "cleared" else rows
