"""What several actions of the network need."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from huoshui.areas.network.models import Asset, MapRevision
from huoshui.areas.network.refusals import UnknownAssets

ROWS_AT_ONCE = 200


def ids_of(codes: Iterable[str]) -> dict[str, int]:
    """Return the numbers of assets by code; refuses unknown ones."""
    wanted = set(codes)
    known: dict[str, int] = {}
    if len(wanted) <= ROWS_AT_ONCE * 10:
        some = sorted(wanted)
        for at in range(0, len(some), ROWS_AT_ONCE):
            found = Asset.objects.filter(code__in=some[at : at + ROWS_AT_ONCE])
            known.update(found.values_list("code", "id"))
    else:
        known = dict(Asset.objects.values_list("code", "id"))
    if unknown := wanted - known.keys():
        raise UnknownAssets(unknown)
    return {code: known[code] for code in wanted}


def new_revision() -> None:
    """Say that the map's tiles have changed."""
    MapRevision.objects.update_or_create(id=1, defaults={"token": uuid.uuid4().hex[:16]})
