"""To which units of the organisation rounds and sites belong, and who may change them there."""

from __future__ import annotations

from typing import Any

from huoshui.areas.fieldwork import models
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions

MANAGE = "fieldwork.manage_patrol"
RECORD = "fieldwork.record_patrol"
SETTLE = "fieldwork.settle_damage"


def of_round(row: models.PatrolRound) -> set[int | None]:
    """Return the units whose pipes a round passes."""
    return network.units_of_assets(row.asset_codes)


def of_site(row: models.ConstructionSite) -> int | None:
    """Return the unit of the pipe that is nearest to a site; None where there is none near by."""
    nearest = row.near[0][0] if row.near else None
    return network.unit_in_charge(asset_code=nearest) if nearest else None


def may_at_site(reader: Any, code: str, row: models.ConstructionSite) -> bool:
    """Tell whether somebody may do what ``code`` allows to a site."""
    if not permissions.holds(reader, code):
        return False
    return permissions.units_of(reader, code) is None or permissions.may_in(
        reader, code, of_site(row)
    )


def may_on_round(reader: Any, row: models.PatrolRound) -> bool:
    """Tell whether somebody may change a round."""
    if not permissions.holds(reader, MANAGE):
        return False
    return permissions.units_of(reader, MANAGE) is None or all(
        permissions.may_in(reader, MANAGE, unit) for unit in of_round(row)
    )
