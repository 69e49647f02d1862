"""Alarms by themselves: raised and returned by readings and by other areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from huoshui.areas.telemetry import (
    contracts,
    models,
    queries,
    queries_alarms,
    queries_rules,
    refusals,
    rules,
)
from huoshui.kernel import clock, events

if TYPE_CHECKING:
    from huoshui.areas.telemetry.store.journal import Transition


def apply_transitions(transitions: Sequence[Transition]) -> int:
    """Make alarms of the journal's transitions, each exactly once; return the cursor.

    The cursor moves in the same transaction as the alarms. Publishes ``AlarmRaised`` and
    ``AlarmCleared``.
    """
    with transaction.atomic():
        cursor, _ = models.TransitionCursor.objects.select_for_update().get_or_create(id=1)
        fresh = [item for item in transitions if item.id > cursor.reached]
        if not fresh:
            return cursor.reached
        points = models.Point.objects.in_bulk({item.point_id for item in fresh})
        covering = queries_rules.Covering(list(points.values()))
        for item in fresh:
            point = points.get(item.point_id)
            if point is None:
                continue
            at = contracts.from_us(item.at_us)
            kind, _colon, code = item.rule.partition(":")
            if item.raised:
                rule = covering.rule_of(point, kind, code)
                message = rules.MESSAGES.get(kind, "")
                _raise(point, None, kind, code, at, message, _facts(point, item, rule), rule)
            else:
                _clear(point, None, kind, code, at)
        cursor.reached = fresh[-1].id
        cursor.save(update_fields=["reached"])
        return cursor.reached


def reset_cursor_beyond(newest: int) -> None:
    """Begin anew when the journal is younger than the cursor (its file was lost and remade)."""
    models.TransitionCursor.objects.filter(id=1, reached__gt=newest).update(reached=0)


def _facts(point: models.Point, item: Transition, rule: models.AlarmRule | None) -> dict[str, Any]:
    kind = contracts.KINDS[point.kind]
    facts: dict[str, Any] = {"unit": kind.unit}
    if item.value is not None:
        facts["value"] = round(item.value, kind.decimals)
    if item.threshold is not None:
        silent = item.rule == "no_data"
        facts["threshold"] = round(item.threshold / 60) if silent else item.threshold
    if rule is not None:
        if rule.window_s:
            facts["window"] = round(rule.window_s / 60)
        if rule.message_en or rule.message_zh:
            facts["said_en"] = rule.message_en or rule.message_zh
            facts["said_zh"] = rule.message_zh or rule.message_en
    return facts


def _raise(
    point: models.Point | None,
    zone_code: str | None,
    rule: str,
    code: str,
    at: datetime,
    message: str,
    data: dict[str, Any],
    made_by: models.AlarmRule | None = None,
) -> models.Alarm:
    """Raise an alarm or return the standing one; one that waited to be seen makes room for it."""
    subject: dict[str, Any] = {"point": point, "zone_id": zone_code}
    standing = models.Alarm.objects.standing().filter(**subject, rule=rule, code=code).first()
    if standing is not None:
        return standing
    now = clock.now()
    unanswered_s, escalated_at = _unanswered(subject, rule, code, made_by, now)
    # It came again before anybody looked: one line for it on the list, and two in the history.
    for earlier in models.Alarm.objects.open().filter(**subject, rule=rule, code=code):
        close(earlier, max(at, earlier.cleared_at or at))
    priority = made_by.priority if made_by else rules.PRIORITIES[rule]
    alarm = models.Alarm.objects.create(
        **subject,
        rule=rule,
        code=code,
        priority=priority,
        raised_at=at,
        learnt_at=now,
        unanswered_s=unanswered_s,
        escalated_at=escalated_at,
        message=message,
        data=data,
        alarm_rule=made_by,
        must_acknowledge=(
            made_by.must_acknowledge if made_by else rules.MUST_ACKNOWLEDGE[priority]
        ),
        is_latched=bool(made_by and made_by.is_latched),
        has_sound=made_by.has_sound if made_by else rules.HAS_SOUND[priority],
        suppression=queries_alarms.suppression_of(point, zone_code, rule, code),
    )
    note(alarm, "raised", at)
    if alarm.suppression is not None:
        note(alarm, "suppressed", at, text=alarm.suppression.reason)
    events.publish(
        contracts.AlarmRaised(
            alarm_id=alarm.pk,
            point_code=point.code if point else None,
            zone_code=zone_code,
            rule=rule,
            priority=alarm.priority,
            raised_at=at,
        )
    )
    return alarm


def _unanswered(
    subject: dict[str, Any],
    rule: str,
    code: str,
    made_by: models.AlarmRule | None,
    now: datetime,
) -> tuple[int, datetime | None]:
    """Return how long a condition has called unanswered until it came again just now.

    And when that was escalated, if it was. A condition that comes and goes is a new alarm each
    time; counted from the latest alone, nobody would ever be told that nobody answers.
    """
    if made_by is None or made_by.escalate_after_s is None:
        return 0, None
    earlier = (
        models.Alarm.objects.filter(**subject, rule=rule, code=code)
        .order_by("-raised_at", "-id")
        .first()
    )
    if earlier is None or earlier.acknowledged_at is not None:
        return 0, None
    if earlier.closed_at is not None and now - earlier.closed_at > rules.COMES_AGAIN_WITHIN:
        return 0, None
    return earlier.unanswered_s + round(called_s(earlier, now)), earlier.escalated_at


def called_s(alarm: models.Alarm, now: datetime) -> float:
    """Return for how long an alarm has called by our own clock, apart from those before it.

    From when we learnt of it: of a reading that comes hours late nobody could have known. While it
    was silenced nobody could have answered.
    """
    if alarm.suppression_id is not None:
        return 0.0
    silenced = alarm.entries.filter(what__in=("unshelved", "unsuppressed", "in_service"))
    since = alarm.learnt_at or alarm.raised_at
    since = max(since, silenced.aggregate(latest=Max("at"))["latest"] or since)
    return max(((alarm.closed_at or now) - since).total_seconds(), 0.0)


def note(
    alarm: models.Alarm, what: str, at: datetime, *, by_id: int | None = None, text: str = ""
) -> None:
    """Write one line of an alarm's history."""
    models.AlarmEntry.objects.create(alarm=alarm, what=what, at=at, by_id=by_id, text=text[:500])


def close(alarm: models.Alarm, at: datetime, *, by_id: int | None = None) -> None:
    """Take an alarm off the list."""
    alarm.closed_at = at
    alarm.save(update_fields=["closed_at"])
    note(alarm, "closed", at, by_id=by_id)


def close_if_done(alarm: models.Alarm, at: datetime) -> None:
    """Take an alarm off the list if it is gone, and seen where it must be."""
    if alarm.closed_at is None and rules.is_done(
        cleared_at=alarm.cleared_at,
        acknowledged_at=alarm.acknowledged_at,
        must_acknowledge=alarm.must_acknowledge and alarm.suppression_id is None,
        is_latched=alarm.is_latched,
    ):
        close(alarm, at)


def _clear(
    point: models.Point | None, zone_code: str | None, rule: str, code: str, at: datetime
) -> bool:
    subject: dict[str, Any] = {"point": point, "zone_id": zone_code}
    alarm = (
        models.Alarm.objects.select_for_update()
        .standing()
        .filter(**subject, rule=rule, code=code)
        .first()
    )
    if alarm is None:
        return False
    alarm.cleared_at = max(at, alarm.raised_at)
    alarm.save(update_fields=["cleared_at"])
    note(alarm, "returned", alarm.cleared_at)
    close_if_done(alarm, alarm.cleared_at)
    events.publish(
        contracts.AlarmCleared(
            alarm_id=alarm.pk,
            point_code=point.code if point else None,
            zone_code=zone_code,
            rule=rule,
            cleared_at=alarm.cleared_at,
        )
    )
    return True


def raise_deviation(
    *,
    code: str,
    message: str,
    at: datetime,
    point_code: str | None = None,
    zone_code: str | None = None,
    size: float | None = None,
    unit: str = "",
    data: dict[str, object] | None = None,
) -> contracts.Alarm:
    """Raise the deviation alarm ``code`` of a point or a zone, or return the standing one.

    A standing one keeps its beginning and takes over the new size. Publishes ``AlarmRaised``
    when new. Refuses an unknown point.
    """
    facts: dict[str, Any] = dict(data or {}) | {"unit": unit}
    if size is not None:
        facts["size"] = size
    with transaction.atomic():
        point = _subject(point_code, zone_code)
        alarm = _raise(point, zone_code, rules.DEVIATION, code, at, message, facts)
        if alarm.data != facts:
            alarm.data = facts
            alarm.save(update_fields=["data"])
    return queries.alarm_contract(alarm)


def clear_deviation(
    *, code: str, at: datetime, point_code: str | None = None, zone_code: str | None = None
) -> bool:
    """Clear that deviation alarm; False when none stands. Publishes ``AlarmCleared``."""
    with transaction.atomic():
        point = _subject(point_code, zone_code)
        return _clear(point, zone_code, rules.DEVIATION, code, at)


def _subject(point_code: str | None, zone_code: str | None) -> models.Point | None:
    if (point_code is None) == (zone_code is None):
        msg = "a deviation belongs to either a point or a zone"
        raise ValueError(msg)
    if point_code is None:
        return None
    point = models.Point.objects.filter(code=point_code).first()
    if point is None:
        raise refusals.NoSuchPoint([point_code])
    return point
