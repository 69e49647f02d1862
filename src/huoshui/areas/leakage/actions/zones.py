"""Saying how a zone's balance is measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from huoshui.areas.leakage import contracts, models, refusals
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import audit, clock

KIND_OF_ROLE = {"inlet": "flow", "outlet": "flow", "storage": "level", "meter": "use"}


def set_up_zone(
    zone_code: str,
    *,
    inlets: Sequence[str],
    outlets: Sequence[str],
    storage: contracts.Storage | None,
    meters: Sequence[str],
    price_cents_per_m3: int,
    watched_since: date | None,
    by_id: int | None,
) -> models.ZoneSetup:
    """Say how a zone's balance is measured; the same saying again changes nothing.

    Refuses unknown zones and points, points of the wrong kind, and a zone without an inlet.
    """
    if network.zone(zone_code) is None:
        raise refusals.UnknownZone(zone_code)
    if not inlets:
        raise refusals.NoInlet(zone_code)
    roles = [("inlet", code) for code in inlets]
    roles += [("outlet", code) for code in outlets]
    roles += [("meter", code) for code in meters]
    if storage is not None:
        roles.append(("storage", storage.level_point))
    _check_points(roles)
    with transaction.atomic():
        setup, created = models.ZoneSetup.objects.update_or_create(
            zone_code=zone_code,
            defaults={
                "tank_area_m2": None if storage is None else storage.area_m2,
                "price_cents_per_m3": price_cents_per_m3,
                "changed_at": clock.now(),
                **({} if watched_since is None else {"watched_since": watched_since}),
            },
            create_defaults={
                "tank_area_m2": None if storage is None else storage.area_m2,
                "price_cents_per_m3": price_cents_per_m3,
                "changed_at": clock.now(),
                "watched_since": watched_since or clock.local(clock.now()).date(),
            },
        )
        before = list(setup.points.values_list("role", "point_code"))
        if before != roles:
            setup.points.all().delete()
            models.ZonePoint.objects.bulk_create(
                models.ZonePoint(setup=setup, role=role, point_code=code) for role, code in roles
            )
        if created or before != roles:
            audit.record(
                by_id,
                "leakage.zone_set_up",
                f"leakage.zone:{zone_code}",
                {
                    "inlets": list(inlets),
                    "outlets": list(outlets),
                    "storage": None if storage is None else storage.level_point,
                    "meters": len(meters),
                    "price_cents_per_m3": price_cents_per_m3,
                },
            )
    return setup


def _check_points(roles: Sequence[tuple[str, str]]) -> None:
    known = {point.code: point for point in telemetry.points([code for _role, code in roles])}
    missing = [code for _role, code in roles if code not in known]
    if missing:
        raise refusals.UnknownPoints(missing)
    for role, code in roles:
        if known[code].kind != KIND_OF_ROLE[role]:
            raise refusals.WrongKind(code, KIND_OF_ROLE[role])
