"""Writes: declaring points, and the life of an alarm."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, models, queries, refusals, rules
from huoshui.kernel import audit, clock, events

if TYPE_CHECKING:
    from huoshui.areas.telemetry.store.journal import Transition

_FIELDS = tuple(
    field.name
    for field in dataclasses.fields(contracts.PointDeclaration)
    if field.name not in {"code", "asset_code", "zone_code"}
)


# Points -----------------------------------------------------------------------------------


def declare_points(
    declarations: Iterable[contracts.PointDeclaration], by_id: int | None
) -> contracts.DeclareReport:
    """Declare points once: new ones are made, changed ones changed, equal ones left alone.

    Refuses with ``telemetry.points_not_declarable`` and keeps none when any is wrong. The ingest
    process notices within a second. Audited when anything changed.
    """
    wanted = list(declarations)
    with transaction.atomic():
        known = {row.code: row for row in models.Point.objects.all()}
        now = _later_than_all(known.values())
        _refuse_faults(wanted, known)
        created, changed = [], []
        for one in wanted:
            fields = {name: getattr(one, name) for name in _FIELDS}
            fields |= {"asset_id": one.asset_code, "zone_id": one.zone_code}
            row = known.get(one.code)
            if row is None:
                row = models.Point(code=one.code, declared_at=now, changed_at=now, **fields)
                created.append(row)
            elif any(getattr(row, name) != value for name, value in fields.items()):
                for name, value in fields.items():
                    setattr(row, name, value)
                row.changed_at = now
                changed.append(row)
        models.Point.objects.bulk_create(created, batch_size=500)
        models.Point.objects.bulk_update(
            changed, [*_FIELDS, "asset", "zone", "changed_at"], batch_size=200
        )
        codes = [row.code for row in created]
        models.UnknownPoint.objects.filter(code__in=codes[:500]).delete()
        if created or changed:
            audit.record(
                by_id,
                "telemetry.points_declared",
                "telemetry:points",
                {"created": codes, "changed": [row.code for row in changed]},
            )
    return contracts.DeclareReport(
        tuple(codes),
        tuple(row.code for row in changed),
        len(wanted) - len(created) - len(changed),
    )


def _later_than_all(rows: Iterable[models.Point]) -> datetime:
    """Return the moment of a change; the writer sees a change by its being the latest of all.

    That holds while the city's clock stands, and after it was set back.
    """
    latest = max((row.changed_at for row in rows), default=None)
    now = clock.now()
    return now if latest is None else max(now, latest + timedelta(microseconds=1))


def _refuse_faults(
    wanted: Sequence[contracts.PointDeclaration], known: dict[str, models.Point]
) -> None:
    faults = {one.code: rules.faults(one) for one in wanted}
    seen: set[str] = set()
    places = network.places({one.asset_code for one in wanted if one.asset_code})
    zones = {zone.code for zone in network.zones()}
    for one in wanted:
        if one.code in seen:
            faults[one.code].append("declared_twice")
        seen.add(one.code)
        if one.code in known and known[one.code].kind != one.kind:
            # Years of readings in one unit cannot become readings in another.
            faults[one.code].append("kind_changed")
        # Assets without a place on the map exist as well.
        if one.asset_code and one.asset_code not in places and not network.asset(one.asset_code):
            faults[one.code].append("asset_code")
        if one.zone_code and one.zone_code not in zones:
            faults[one.code].append("zone_code")
    faults = {code: why for code, why in faults.items() if why}
    if faults:
        raise refusals.PointsNotDeclarable(faults)


def keep_unknown(noted: Sequence[contracts.UnknownCode]) -> None:
    """Add what the ingest counted of undeclared codes; tells of a code seen the first time."""
    if not noted:
        return
    with transaction.atomic():
        for one in noted:
            row, new = models.UnknownPoint.objects.get_or_create(
                source=one.source[:100],
                code=one.code[:200],
                defaults={
                    "count": one.count,
                    "earliest_at": contracts.from_us(one.earliest_us),
                    "latest_at": contracts.from_us(one.latest_us),
                    "sample": one.sample if one.sample == one.sample else None,
                },
            )
            if new:
                events.publish(contracts.UnknownPointSeen(row.source, row.code, clock.now()))
            else:
                models.UnknownPoint.objects.filter(pk=row.pk).update(
                    count=F("count") + one.count,
                    earliest_at=Least("earliest_at", contracts.from_us(one.earliest_us)),
                    latest_at=Greatest("latest_at", contracts.from_us(one.latest_us)),
                    sample=one.sample if one.sample == one.sample else None,
                )


# Alarms -----------------------------------------------------------------------------------


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
        for item in fresh:
            point = points.get(item.point_id)
            if point is None:
                continue
            at = contracts.from_us(item.at_us)
            if item.raised:
                _raise(
                    point, None, item.rule, "", at, rules.MESSAGES[item.rule], _facts(point, item)
                )
            else:
                _clear(point, None, item.rule, "", at)
        cursor.reached = fresh[-1].id
        cursor.save(update_fields=["reached"])
        return cursor.reached


def reset_cursor_beyond(newest: int) -> None:
    """Begin anew when the journal is younger than the cursor (its file was lost and remade)."""
    models.TransitionCursor.objects.filter(id=1, reached__gt=newest).update(reached=0)


def _facts(point: models.Point, item: Transition) -> dict[str, Any]:
    kind = contracts.KINDS[point.kind]
    facts: dict[str, Any] = {"unit": kind.unit}
    if item.value is not None:
        facts["value"] = round(item.value, kind.decimals)
    if item.threshold is not None:
        silent = item.rule == "no_data"
        facts["threshold"] = round(item.threshold / 60) if silent else item.threshold
    return facts


def _raise(
    point: models.Point | None,
    zone_code: str | None,
    rule: str,
    code: str,
    at: datetime,
    message: str,
    data: dict[str, Any],
) -> models.Alarm:
    subject: dict[str, Any] = {"point": point, "zone_id": zone_code}
    alarm, new = models.Alarm.objects.get_or_create(
        **subject,
        rule=rule,
        code=code,
        cleared_at=None,
        defaults={
            "priority": rules.PRIORITIES[rule],
            "raised_at": at,
            "message": message,
            "data": data,
        },
    )
    if new:
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


def acknowledge_alarm(alarm_id: int, by_id: int) -> contracts.Alarm:
    """Take note of a standing alarm as this person, who from now on answers for it.

    Needs ``telemetry.acknowledge_alarm``, which pages and API check. Refuses when it has cleared
    or somebody was quicker. Audited; publishes ``AlarmAcknowledged``.
    """
    with transaction.atomic():
        alarm = models.Alarm.objects.select_for_update(of=("self",)).filter(pk=alarm_id).first()
        if alarm is None:
            raise refusals.NoSuchAlarm(alarm_id)
        if alarm.acknowledged_at is not None:
            raise refusals.AlarmAlreadyAcknowledged(alarm_id)
        if alarm.cleared_at is not None:
            raise refusals.AlarmAlreadyCleared(alarm_id)
        alarm.acknowledged_at = clock.now()
        alarm.acknowledged_by_id = by_id
        alarm.save(update_fields=["acknowledged_at", "acknowledged_by"])
        subject = queries.alarm_contract(alarm)
        audit.record(
            by_id,
            "telemetry.alarm_acknowledged",
            f"alarm:{alarm.pk}",
            {"subject": alarm.subject, "rule": alarm.rule},
        )
        events.publish(
            contracts.AlarmAcknowledged(
                alarm_id=alarm.pk,
                point_code=subject.point_code,
                zone_code=subject.zone_code,
                rule=alarm.rule,
                acknowledged_at=alarm.acknowledged_at,
                acknowledged_by_id=by_id,
            )
        )
    return subject
