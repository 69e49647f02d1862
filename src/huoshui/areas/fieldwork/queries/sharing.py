"""Which parts could go from one vehicle or store to another, so that today's jobs have theirs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.lab.planning import travel


@dataclass(frozen=True, slots=True)
class Transfer:
    """So many of a part from a store or vehicle that can spare them to a vehicle that lacks them.

    ``distance_m`` is straight, None where one of the two places is not known.
    """

    part: models.Part
    quantity: int
    source: models.Store
    target: models.Store
    distance_m: float | None


Spot = tuple[float, float] | None


def transfers(day: date) -> list[Transfer]:
    """Propose who is near with parts that a vehicle lacks for the jobs of its crew.

    A vehicle spares what its own jobs do not take, a store what is above its minimum of the season;
    what nobody can spare is left to `stock.outlook`.
    """
    stores = {one.pk: one for one in stock_queries.stores().select_related("crew__depot")}
    lying = {(row.store_id, row.part_id): row.quantity for row in stock_queries.stock()}
    needed = _needed()
    least = stock_queries.minimums(day)
    spare: dict[int, dict[int, int]] = defaultdict(dict)
    for (store_id, part_id), quantity in lying.items():
        store = stores[store_id]
        kept = needed[store_id, part_id]
        if not store.is_vehicle:
            kept = max(kept, least.get((store_id, part_id), 0))
        if quantity > kept:
            spare[part_id][store_id] = quantity - kept
    parts = {one.pk: one for one in stock_queries.parts()}
    apart_m = _apart_m(stores.values())
    found = []
    for (store_id, part_id), wanted in sorted(needed.items()):
        missing = wanted - lying.get((store_id, part_id), 0)
        if missing <= 0 or part_id not in parts or store_id not in stores:
            continue
        for distance, source in _nearest(spare[part_id], apart_m, store_id):
            if missing <= 0:
                break
            quantity = min(missing, spare[part_id][source])
            spare[part_id][source] -= quantity
            missing -= quantity
            if quantity:
                way = None if math.isinf(distance) else distance
                found.append(
                    Transfer(parts[part_id], quantity, stores[source], stores[store_id], way)
                )
    return found


def _needed() -> Counter[tuple[int, int]]:
    """Return what the kits of each crew's given jobs still take, by vehicle and part."""
    given = models.Job.objects.filter(
        state=contracts.JobState.ASSIGNED, crew__vehicle__isnull=False
    )
    vehicles = dict(given.values_list("pk", "crew__vehicle_id"))
    keys = dict(models.Part.objects.values_list("code", "pk"))
    found: Counter[tuple[int, int]] = Counter()
    for job, missing in stock_queries.missing_of(given).items():
        for code, quantity in missing.items():
            found[vehicles[job] or 0, keys[code]] += quantity
    return found


def _apart_m(stores: Iterable[models.Store]) -> dict[tuple[int, int], float]:
    """Return how far each store with a place is from each other one, straight."""
    spots = {one.pk: spot for one in stores if (spot := _spot(one)) is not None}
    keys = list(spots)
    lon, lat = (np.array([spots[key][axis] for key in keys]) for axis in (0, 1))
    away = travel.straight_m(lon, lat)
    return {
        (one, other): float(away[here, there])
        for here, one in enumerate(keys)
        for there, other in enumerate(keys)
    }


def _nearest(
    spare: dict[int, int], apart_m: dict[tuple[int, int], float], target: int
) -> list[tuple[float, int]]:
    there = [key for key, quantity in spare.items() if quantity > 0 and key != target]
    return sorted((apart_m.get((key, target), math.inf), key) for key in there)


def _spot(store: models.Store) -> Spot:
    crew = getattr(store, "crew", None)
    if crew is not None:
        return crew_queries.spot_of(crew)
    return (store.lon, store.lat) if store.lon is not None and store.lat is not None else None
