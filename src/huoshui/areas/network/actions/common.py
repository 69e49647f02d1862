"""What several actions of the network need."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from huoshui.areas.network import queries, rules
from huoshui.areas.network.models import Asset, MapRevision, MapStep
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


def new_revision(
    *, assets: Collection[int] | None = None, connections: Collection[int] | None = None
) -> None:
    """Say that the map's tiles have changed, all of them or only some assets and connections.

    Call it in the transaction of the change. With neither given everything is read anew.
    """
    before = queries.revision()
    token = uuid.uuid4().hex[:16]
    MapRevision.objects.update_or_create(id=1, defaults={"token": token})
    some = (sorted(assets or ()), sorted(connections or ()))
    if (assets is None and connections is None) or sum(map(len, some)) > rules.MAP_STEP_MOST:
        MapStep.objects.all().delete()
        return
    step = MapStep.objects.create(before=before, after=token, assets=some[0], connections=some[1])
    MapStep.objects.filter(id__lte=step.pk - rules.MAP_STEPS_KEPT).delete()
