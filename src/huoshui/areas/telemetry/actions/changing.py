"""Changing what was declared of points: one by one, or many alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.areas.telemetry import contracts, models, refusals
from huoshui.areas.telemetry.actions import points
from huoshui.kernel import audit

# What may be changed, by the names of the table. Code and kind never change; limits have a page
# and approvals of their own.
NAMES = ("name_en", "name_zh", "asset_id", "zone_id")
SETTINGS = (
    "expected_every_s",
    "range_min",
    "range_max",
    "rate_max_per_s",
    "flat_after_s",
    "flat_band",
    "spike_min",
)
RETENTION = "retention_id"
# These are in the unit of the kind, so that they cannot be the same for points of several.
IN_UNIT = frozenset({"range_min", "range_max", "rate_max_per_s", "flat_band", "spike_min"})
# Switching a check off is the same in every unit.
_NO_NUMBER = (None, 0, 0.0)
_DECLARED = {"asset_id": "asset_code", "zone_id": "zone_code"}


def change_points(
    codes: Sequence[str],
    changes: Mapping[str, Any],
    by_id: int,
    *,
    seen_at: datetime | None = None,
) -> tuple[str, ...]:
    """Change the same things of some points; return the codes of those that were different.

    Refuses unknown points, what no declaration may say (``telemetry.points_not_declarable``),
    numbers in a unit for points of several kinds, and, with ``seen_at``, points that somebody
    else changed since. Keeps none when any is wrong. Audited; counts for readings within a second.
    """
    assert set(changes) <= {*NAMES, *SETTINGS, RETENTION}
    with transaction.atomic():
        rows = list(_rows(codes))
        if missing := sorted(set(codes) - {row.code for row in rows}):
            raise refusals.NoSuchPoint(missing)
        for row in rows:
            if seen_at is not None and row.changed_at > seen_at:
                raise refusals.PointChangedMeanwhile(row.code)
        _refuse_several_units(rows, changes)
        changed = [row for row in rows if any(getattr(row, n) != v for n, v in changes.items())]
        before = {name: getattr(row, name) for row in changed[:1] for name in changes}
        for row in changed:
            for name, value in changes.items():
                setattr(row, name, value)
        _refuse_faults(changed, {_DECLARED[name] for name in changes if name in _DECLARED})
        if not changed:
            return ()
        now = points.later_than_all(models.Point.objects.order_by("-changed_at")[:1])
        for row in changed:
            row.changed_at = now
        models.Point.objects.bulk_update(changed, [*changes, "changed_at"], batch_size=200)
        _record(changed, before, changes, by_id)
    return tuple(row.code for row in changed)


def _rows(codes: Collection[str]) -> list[models.Point]:
    wanted = sorted(set(codes))
    rows: list[models.Point] = []
    for first in range(0, len(wanted), 500):
        some = models.Point.objects.select_for_update().filter(code__in=wanted[first : first + 500])
        rows += some.order_by("code")
    return rows


def _refuse_several_units(rows: Sequence[models.Point], changes: Mapping[str, Any]) -> None:
    kinds = {row.kind for row in rows}
    numbers = [name for name in IN_UNIT & set(changes) if changes[name] not in _NO_NUMBER]
    if len(kinds) > 1 and numbers:
        raise refusals.PointsOfSeveralKinds(sorted(kinds))


def _refuse_faults(rows: Sequence[models.Point], places: Collection[str]) -> None:
    """Refuse what no declaration may say; a place that is not changed may have gone since."""
    names = [field.name for field in dataclasses.fields(contracts.PointDeclaration)]
    stored = {declared: name for name, declared in _DECLARED.items()}
    wanted = [
        contracts.PointDeclaration(**{name: getattr(row, stored.get(name, name)) for name in names})
        for row in rows
    ]
    left = set(_DECLARED.values()) - set(places)
    found = points.faults_of(wanted, {row.code: row for row in rows})
    faults = {code: [why for why in whys if why not in left] for code, whys in found.items()}
    if faults := {code: whys for code, whys in faults.items() if whys}:
        raise refusals.PointsNotDeclarable(faults)


def _record(
    changed: Sequence[models.Point],
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    by_id: int,
) -> None:
    """Write one record: of one point with what was before, of many with what is now."""
    classes = dict(models.RetentionClass.objects.values_list("pk", "code"))

    def said(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            _DECLARED.get(name, "retention" if name == RETENTION else name): (
                classes.get(value) if name == RETENTION else value
            )
            for name, value in values.items()
            if len(changed) > 1 or before[name] != changes[name]
        }

    if len(changed) == 1:
        subject = f"point:{changed[0].code}"
        detail: dict[str, Any] = {"before": said(before), "after": said(changes)}
    else:
        subject = "telemetry:points"
        detail = {"changed": [row.code for row in changed], "after": said(changes)}
    audit.record(by_id, "telemetry.points_changed", subject, detail)
