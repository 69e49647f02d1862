"""Making zones and putting assets into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.areas.network.actions import common
from huoshui.areas.network.contracts import ZoneDeclaration
from huoshui.areas.network.models import Asset, Zone
from huoshui.areas.network.refusals import NoSuchZone, ZonesInACircle
from huoshui.kernel import audit

if TYPE_CHECKING:
    from huoshui.kernel.organisation.models import Unit


def assign_zones(zones: Iterable[ZoneDeclaration], *, by_id: int | None) -> None:
    """Make or rename zones and put the named assets into them, out of any other zone.

    Parents must be among the given or the known zones. Refuses unknown assets with
    `network.assets_unknown` and zones that would be part of themselves with
    `network.zones_in_a_circle`; then nothing is changed.
    """
    declared = list(zones)
    with transaction.atomic():
        ids = common.ids_of({code for zone in declared for code in zone.assets})
        rows = {row.code: row for row in Zone.objects.select_related("parent")}
        parents = {code: row.parent.code if row.parent else None for code, row in rows.items()}
        refuse_circles(parents | {zone.code: zone.parent for zone in declared})
        for zone in declared:
            row = rows.setdefault(zone.code, Zone(code=zone.code))
            row.name, row.name_en, row.kind = zone.name, zone.name_en, str(zone.kind)
            row.boundary = [list(place) for place in zone.boundary] or None
            row.save()
        for zone in declared:
            row = rows[zone.code]
            row.parent = rows[zone.parent] if zone.parent else None
            row.save(update_fields=["parent"])
            members = [ids[code] for code in zone.assets]
            for at in range(0, len(members), common.ROWS_AT_ONCE):
                some = members[at : at + common.ROWS_AT_ONCE]
                Asset.objects.filter(id__in=some).update(zone=row)
        common.new_revision(assets=ids.values())
        audit.record(
            by_id,
            "network.assign_zones",
            "network.zones",
            {zone.code: len(zone.assets) for zone in declared},
        )


def give_zone(code: str, unit: Unit | None, *, by_id: int | None) -> None:
    """Put a unit of the organisation in charge of a zone, or with None the unit of the zone above.

    Refuses with `network.no_such_zone`.
    """
    with transaction.atomic():
        zone = Zone.objects.select_for_update(of=("self",)).filter(code=code).first()
        if zone is None:
            raise NoSuchZone(code)
        before = zone.unit.code if zone.unit else None
        after = unit.code if unit else None
        if before == after:
            return
        zone.unit = unit
        zone.save(update_fields=["unit"])
        detail = {"before": {"unit": before}, "after": {"unit": after}}
        audit.record(by_id, "network.give_zone", f"zone:{code}", detail)


def refuse_circles(parents: Mapping[str, str | None]) -> None:
    """Refuse parents that lead back to the zone they started from."""
    for code in parents:
        way = [code]
        above = parents[code]
        while above is not None:
            way.append(above)
            if above == code:
                raise ZonesInACircle(way)
            if len(way) > len(parents) + 1:
                break  # a circle further up; it is found from one of its own zones
            above = parents.get(above)
