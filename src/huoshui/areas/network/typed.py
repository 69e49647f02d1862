"""What sort of its kind an asset is: which valve, hydrant, node, tank or pump."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from huoshui.areas.network import attributes
from huoshui.areas.network.contracts import Kind
from huoshui.areas.network.models import Asset

ATTRIBUTE = {
    Kind.VALVE: "valve_kind",
    Kind.HYDRANT: "hydrant_kind",
    Kind.JUNCTION: "node_kind",
    Kind.TANK: "tank_kind",
    Kind.PUMP: "pump_kind",
}


def type_choices(kind: str) -> dict[str, Any]:
    """Return the types that assets of a kind may be of, with their names; none for pipes."""
    code = ATTRIBUTE.get(Kind(kind)) if kind in set(Kind) else None
    return dict(attributes.BY_CODE[code].choices or {}) if code else {}


def types_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the type of each asset by its number; those of no known type are left out."""
    listed = list(dict.fromkeys(codes))
    if not listed:
        return {}
    found: dict[str, str] = {}
    rows = Asset.objects.present().filter(code__in=listed, kind__in=ATTRIBUTE)
    for row in rows.only("code", "kind", "valve_kind", "details"):
        value = attributes.value(row, attributes.BY_CODE[ATTRIBUTE[Kind(row.kind)]])
        if value:
            found[row.code] = str(value)
    return found
