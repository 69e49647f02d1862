"""Writes: declaring points, and counting codes that nobody declared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, models, refusals, rules
from huoshui.kernel import audit, clock, events

_FIELDS = tuple(
    field.name
    for field in dataclasses.fields(contracts.PointDeclaration)
    if field.name not in {"code", "asset_code", "zone_code"}
)


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
        now = later_than_all(known.values())
        if faults := faults_of(wanted, known):
            raise refusals.PointsNotDeclarable(faults)
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


def later_than_all(rows: Iterable[Any]) -> datetime:
    """Return the moment of a change; the writer sees a change by its being the latest of all.

    That holds while the city's clock stands, and after it was set back.
    """
    latest = max((row.changed_at for row in rows), default=None)
    now = clock.now()
    return now if latest is None else max(now, latest + timedelta(microseconds=1))


def faults_of(
    wanted: Sequence[contracts.PointDeclaration], known: dict[str, models.Point]
) -> dict[str, list[str]]:
    """Return the codes of what is wrong with each declaration, by the code of its point."""
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
    return {code: why for code, why in faults.items() if why}


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
