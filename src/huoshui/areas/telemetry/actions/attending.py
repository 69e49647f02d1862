"""What people do with alarms: acknowledge, comment, shelve, take out of service, reset.

None of it changes a condition: an alarm goes on being raised and cleared whatever people decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, models, queries, queries_alarms, refusals, rules
from huoshui.areas.telemetry.actions import raising
from huoshui.kernel import audit, clock, events
from huoshui.kernel.accounts import permissions

ACKNOWLEDGE, SHELVE = "telemetry.acknowledge_alarm", "telemetry.shelve_alarm"
OUT_OF_SERVICE = "telemetry.out_of_service"


def _unit_of(point: models.Point | None, zone_code: str | None) -> int | None:
    """Return the unit in charge of what an alarm is about."""
    if point is None:
        return network.unit_in_charge(zone_code=zone_code)
    return network.unit_in_charge(zone_code=point.zone_id, asset_code=point.asset_id)


def _locked(alarm_id: int, by_id: int) -> models.Alarm:
    """Return an alarm to attend to; refuses a post that is limited to other units."""
    alarm = models.Alarm.objects.select_for_update(of=("self",)).filter(pk=alarm_id).first()
    if alarm is None:
        raise refusals.NoSuchAlarm(alarm_id)
    permissions.require_in(by_id, ACKNOWLEDGE, [_unit_of(alarm.point, alarm.zone_id)])
    return alarm


def _audit(alarm: models.Alarm, by_id: int, deed: str, **detail: Any) -> None:
    audit.record(
        by_id,
        f"telemetry.{deed}",
        f"alarm:{alarm.pk}",
        {"subject": alarm.subject, "rule": alarm.rule, **detail},
    )


def acknowledge_alarm(alarm_id: int, by_id: int) -> contracts.Alarm:
    """Take note of an alarm as this person, who from now on answers for it.

    An alarm that has returned by itself leaves the list by it; one that stands stays until it is
    normal. Needs ``telemetry.acknowledge_alarm``, which pages and API check. Refuses when it is
    closed or somebody was quicker. Audited; publishes ``AlarmAcknowledged``.
    """
    with transaction.atomic():
        alarm = _locked(alarm_id, by_id)
        if alarm.acknowledged_at is not None:
            raise refusals.AlarmAlreadyAcknowledged(alarm_id)
        if alarm.closed_at is not None:
            raise refusals.AlarmAlreadyCleared(alarm_id)
        _acknowledge(alarm, by_id)
        return queries.alarm_contract(alarm)


def acknowledge_many(alarm_ids: Iterable[int], by_id: int) -> int:
    """Acknowledge those of these alarms that wait for it; return how many.

    Audited and published one by one, like a single one. Refuses them all to a post that is limited
    to other units than those of every one.
    """
    with transaction.atomic():
        rows = (
            models.Alarm.objects.select_for_update(of=("self",))
            .open()
            .filter(pk__in=list(alarm_ids), acknowledged_at__isnull=True)
        )
        found = list(rows)
        permissions.require_in(by_id, ACKNOWLEDGE, _units_of(found))
        for alarm in found:
            _acknowledge(alarm, by_id)
        return len(found)


def _units_of(alarms: Iterable[models.Alarm]) -> set[int | None]:
    """Return the units in charge of what several alarms are about."""
    in_charge = network.units_in_charge()
    found: set[int | None] = set()
    for alarm in alarms:
        zone = alarm.zone_id or (alarm.point.zone_id if alarm.point else None)
        found.add(in_charge.get(zone) if zone else _unit_of(alarm.point, None))
    return found


def _acknowledge(alarm: models.Alarm, by_id: int) -> None:
    now = clock.now()
    alarm.acknowledged_at = now
    alarm.acknowledged_by_id = by_id
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by"])
    raising.note(alarm, "acknowledged", now, by_id=by_id)
    raising.close_if_done(alarm, now)
    _audit(alarm, by_id, "alarm_acknowledged")
    events.publish(
        contracts.AlarmAcknowledged(
            alarm_id=alarm.pk,
            point_code=alarm.point.code if alarm.point else None,
            zone_code=alarm.zone_id,
            rule=alarm.rule,
            acknowledged_at=now,
            acknowledged_by_id=by_id,
        )
    )


def comment(alarm_id: int, text: str, by_id: int) -> None:
    """Add a remark to an alarm's history. Refuses an empty one. Audited."""
    if not text.strip():
        raise refusals.ReasonMissing
    with transaction.atomic():
        alarm = _locked(alarm_id, by_id)
        raising.note(alarm, "commented", clock.now(), by_id=by_id, text=text.strip())
        _audit(alarm, by_id, "alarm_commented", text=text.strip()[:500])


def reset_alarm(alarm_id: int, by_id: int) -> None:
    """Let go of a latched alarm that has returned and was acknowledged. Audited.

    Refuses while it still stands or nobody has acknowledged it.
    """
    with transaction.atomic():
        alarm = _locked(alarm_id, by_id)
        if alarm.closed_at is not None:
            raise refusals.AlarmAlreadyCleared(alarm_id)
        if not alarm.is_latched or alarm.cleared_at is None or alarm.acknowledged_at is None:
            raise refusals.AlarmNotResettable(alarm_id)
        now = clock.now()
        raising.note(alarm, "reset", now, by_id=by_id)
        raising.close(alarm, now, by_id=by_id)
        _audit(alarm, by_id, "alarm_reset")


def shelve(
    alarm_ids: Iterable[int], *, until: datetime, reason: str, by_id: int
) -> list[models.Suppression]:
    """Silence the conditions behind these alarms until a moment; they come back by themselves.

    Refuses without a reason, with an end that is past or more than a week away. Audited.
    """
    now = clock.now()
    if not reason.strip():
        raise refusals.ReasonMissing
    if not now < until <= now + timedelta(seconds=rules.SHELVE_S_MAX):
        raise refusals.ShelvedTooLong(rules.SHELVE_S_MAX // 86_400)
    made = []
    with transaction.atomic():
        rows = models.Alarm.objects.select_for_update(of=("self",)).select_related("point")
        alarms = list(rows.filter(pk__in=list(alarm_ids), closed_at__isnull=True))
        permissions.require_in(by_id, SHELVE, _units_of(alarms))
        for alarm in alarms:
            same: dict[str, Any] = {
                "kind": "shelved",
                "point_id": alarm.point_id,
                "zone_id": alarm.zone_id,
                "rule": alarm.rule,
                "code": alarm.code,
            }
            # A new end takes the place of the old one, or the longer of both would hold.
            models.Suppression.objects.filter(**same, ended_at__isnull=True).update(
                ended_at=now, ended_by_id=by_id
            )
            made.append(
                models.Suppression.objects.create(
                    **same,
                    reason=reason.strip()[:500],
                    from_at=now,
                    until=until,
                    by_id=by_id,
                )
            )
            _suppress(made[-1], "shelved", by_id)
            _audit(
                alarm, by_id, "alarm_shelved", reason=reason.strip()[:500], until=until.isoformat()
            )
    return made


def _suppress(suppression: models.Suppression, what: str, by_id: int | None) -> None:
    """Let the alarms on the list that a new suppression covers fall silent."""
    now = clock.now()
    for alarm in queries_alarms.covered_by(suppression):
        alarm.suppression = suppression
        alarm.save(update_fields=["suppression"])
        raising.note(alarm, what, now, by_id=by_id, text=suppression.reason)
        raising.close_if_done(alarm, now)


def unshelve(suppression_id: int, by_id: int | None) -> None:
    """End a shelving before its time (or, by nobody, at its time). Audited for a person.

    What stands then calls again, unless something else keeps it silent.
    """
    _end(suppression_id, "shelved", "unshelved", by_id)


def take_out_of_service(point_code: str, *, rule: str = "", reason: str, by_id: int) -> None:
    """Take a point's alarms (or those of one rule) out of service until somebody puts them back.

    For instruments under repair. Refuses an unknown point, no reason, and what is out already.
    Audited.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    with transaction.atomic():
        point = models.Point.objects.select_for_update().filter(code=point_code).first()
        if point is None:
            raise refusals.NoSuchPoint([point_code])
        permissions.require_in(by_id, OUT_OF_SERVICE, [_unit_of(point, None)])
        there = models.Suppression.objects.filter(
            kind="out_of_service", point=point, rule=rule, ended_at__isnull=True
        )
        if there.exists():
            raise refusals.AlreadyOutOfService(point_code)
        made = models.Suppression.objects.create(
            kind="out_of_service",
            point=point,
            rule=rule,
            reason=reason.strip()[:500],
            from_at=clock.now(),
            by_id=by_id,
        )
        _suppress(made, "out_of_service", by_id)
        audit.record(
            by_id,
            "telemetry.out_of_service",
            f"point:{point.code}",
            {"rule": rule, "reason": made.reason},
        )


def return_to_service(suppression_id: int, by_id: int) -> None:
    """Put alarms back into service. Audited; refuses what is back already."""
    _end(suppression_id, "out_of_service", "in_service", by_id)


def _end(suppression_id: int, kind: str, what: str, by_id: int | None) -> None:
    with transaction.atomic():
        row = (
            models.Suppression.objects.select_for_update(of=("self",))
            .filter(pk=suppression_id, kind=kind, ended_at__isnull=True)
            .first()
        )
        if row is None:
            raise refusals.NotSuppressed(suppression_id)
        code = SHELVE if kind == "shelved" else OUT_OF_SERVICE
        permissions.require_in(by_id, code, [_unit_of(row.point, row.zone_id)])
        end_suppression(row, what, by_id)
        if by_id is not None:
            subject = row.point.code if row.point else str(row.zone_id)
            deed = "alarm_unshelved" if kind == "shelved" else "in_service"
            audit.record(by_id, f"telemetry.{deed}", f"point:{subject}", {"rule": row.rule})


def end_suppression(row: models.Suppression, what: str, by_id: int | None) -> None:
    """End a suppression; its alarms call again, or fall under another that still holds."""
    now = clock.now()
    row.ended_at = now
    row.ended_by_id = by_id
    row.save(update_fields=["ended_at", "ended_by"])
    for alarm in models.Alarm.objects.open().filter(suppression=row).select_related("point"):
        alarm.suppression = queries_alarms.suppression_of(
            alarm.point, alarm.zone_id, alarm.rule, alarm.code
        )
        alarm.save(update_fields=["suppression"])
        raising.note(alarm, what, now, by_id=by_id)
        raising.close_if_done(alarm, now)
