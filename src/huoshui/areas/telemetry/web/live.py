"""The live streams of telemetry: newest values, and alarms as they come and go."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Q
from django.utils import translation

from huoshui.areas.telemetry import labels, models, queries, queries_alarms, rules
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

    The cursor is what was on the list, and not a moment: alarms clear at the moment of their
    reading, which may be long past, and many at the same one.
    """
    newest_id = models.Alarm.objects.aggregate(id=Max("id"))["id"] or 0
    listed = {
        row[0]: row[1:] for row in models.Alarm.objects.open().values_list("pk", *_SEEN_FIELDS)
    }
    if cursor == (newest_id, listed):
        return cursor, []
    known_id: int = cursor[0] if cursor else newest_id
    known: dict[int, tuple[Any, ...]] = cursor[1] if cursor else {}
    changed = {pk for pk, seen in listed.items() if known.get(pk) != seen}
    changed |= known.keys() - listed.keys()
    found = models.Alarm.objects.select_related("point", "suppression").filter(
        Q(pk__in=sorted(changed, reverse=True)[:ALARMS_MAX]) | Q(pk__gt=known_id)
    )
    waiting = [seen for seen in listed.values() if seen[1] is None and seen[2] is None]
    sounding = _sounding(waiting)
    items = [
        _item(row, len(waiting), sounding) for row in found.order_by("-raised_at")[:ALARMS_MAX]
    ]
    return (newest_id, listed), items


# What of an alarm on the list a reader may see change.
_SEEN_FIELDS = (
    "cleared_at", "acknowledged_at", "suppression", "group", "repeated_at", "has_sound", "priority",
)  # fmt: skip


def _sounding(waiting: list[tuple[Any, ...]]) -> str:
    """Return the most pressing priority that sounds, or nothing."""
    heard = {seen[6] for seen in waiting if seen[5]}
    return next((one for one in rules.PRIORITY_ORDER if one in heard), "")


def _item(row: models.Alarm, waiting: int, sounding: str) -> dict[str, Any]:
    with translation.override("en"):
        english = labels.message_text(row.message, row.data)
    with translation.override("zh-hans"):
        chinese = labels.message_text(row.message, row.data)
    return {
        "key": row.subject,
        "id": row.pk,
        "rule": row.rule,
        "priority": row.priority,
        "state": queries_alarms.state_of(row),
        "raised_at": row.raised_at.isoformat(),
        # A stream is shared by readers of both languages.
        "message": {"en": english, "zh": chinese},
        "waiting": waiting,
        "sounding": sounding,
    }
