"""Which unit of the organisation is in charge of a place: that of its zone, or of the one above.

Posts that are limited to a unit are held against it before anything is changed there.
"""

from __future__ import annotations

from collections.abc import Iterable

from huoshui.areas.network.models import Asset, Zone


def by_zone() -> dict[str, int | None]:
    """Return the key of the unit in charge of every zone, by code; one query."""
    rows = {code: (unit, above) for code, unit, above in _zones()}
    found: dict[str, int | None] = {}
    for code in rows:
        way: list[str] = []
        at: str | None = code
        while at is not None and at not in way and rows[at][0] is None:
            way.append(at)
            at = rows[at][1]
        found[code] = rows[at][0] if at is not None else None
    return found


def _zones() -> Iterable[tuple[str, int | None, str | None]]:
    return Zone.objects.values_list("code", "unit_id", "parent__code")


def of_zone(code: str | None) -> int | None:
    """Return the key of the unit in charge of a zone; None where nobody said."""
    return by_zone().get(code) if code else None


def of_assets(codes: Iterable[str]) -> set[int | None]:
    """Return the keys of all units in charge of some assets; None among them for those of none."""
    zones = set(
        Asset.objects.filter(code__in=list(codes)).values_list("zone__code", flat=True).distinct()
    )
    known = by_zone()
    return {known.get(code) if code else None for code in zones}


def of_place(*, zone_code: str | None, asset_code: str | None) -> int | None:
    """Return the unit in charge of a place that names a zone, an asset or both."""
    if zone_code:
        return of_zone(zone_code)
    if asset_code:
        return next(iter(of_assets([asset_code])), None)
    return None
