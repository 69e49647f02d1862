"""Everything that may be done with parts. Each deed is one movement; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models, refusals
from huoshui.areas.fieldwork.queries import stock as queries
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions

MOVE = "fieldwork.move_stock"
Moved = contracts.Moved


@dataclass(frozen=True, slots=True)
class Way:
    """From where parts go to where, why, for which job; ``key`` lets it count only once."""

    why: contracts.Moved
    from_code: str = ""
    to_code: str = ""
    job_number: str = ""
    note: str = ""
    key: str = ""


@transaction.atomic
def keep_part(
    code: str, *, name_zh: str, name_en: str, unit: str, is_retired: bool = False,
    by_id: int | None,
) -> models.Part:  # fmt: skip
    """Add a part, or change how it is called."""
    row, _new = models.Part.objects.update_or_create(
        code=code,
        defaults={"name_zh": name_zh, "name_en": name_en, "unit": unit, "is_retired": is_retired},
    )
    audit.record(by_id, "fieldwork.part_kept", f"fieldwork.part:{code}", {"name": name_zh})
    return row


@transaction.atomic
def keep_store(
    code: str, *, name: str, is_vehicle: bool, lon: float | None = None, lat: float | None = None,
    unit_id: int | None = None, by_id: int | None,
) -> models.Store:  # fmt: skip
    """Add a store or a vehicle, or change it."""
    row, _new = models.Store.objects.update_or_create(
        code=code,
        defaults={
            "name": name, "is_vehicle": is_vehicle, "lon": lon, "lat": lat, "unit_id": unit_id,
        },
    )  # fmt: skip
    audit.record(by_id, "fieldwork.store_kept", f"fieldwork.store:{code}", {"name": name})
    return row


@transaction.atomic
def keep_minimum(
    store_code: str, part_code: str, quantity: int, *, from_month: int = 1, until_month: int = 12,
    by_id: int | None,
) -> None:  # fmt: skip
    """Say how many of a part a store should have in a season; zero takes the demand away."""
    store, part = _store(store_code), _part(part_code)
    rows = models.StockMinimum.objects.filter(store=store, part=part, from_month=from_month)
    if quantity <= 0:
        rows.delete()
    else:
        models.StockMinimum.objects.update_or_create(
            store=store, part=part, from_month=from_month,
            defaults={"until_month": until_month, "quantity": quantity},
        )  # fmt: skip
    audit.record(
        by_id, "fieldwork.minimum_kept", f"fieldwork.store:{store_code}",
        {"part": part_code, "quantity": quantity, "months": f"{from_month}-{until_month}"},
    )  # fmt: skip


@transaction.atomic
def move(way: Way, parts: Mapping[str, int], *, by_id: int | None) -> list[models.StockMovement]:
    """Move parts; all of them or, where any is missing, none.

    Refuses more than lies there, naming everything that lacks. A movement told again with the same
    ``key`` changes nothing.
    """
    if way.key:
        told = list(models.StockMovement.objects.filter(key__startswith=f"{way.key}#"))
        if told:
            return told
    source = _store(way.from_code) if way.from_code else None
    target = _store(way.to_code) if way.to_code else None
    job = _job(way.job_number) if way.job_number else None
    permissions.require_in(by_id, MOVE, [one.unit_id for one in (source, target) if one])
    rows = {code: _part(code) for code in parts}
    for quantity in parts.values():
        if quantity <= 0:
            raise refusals.QuantityImpossible(quantity)
    if source is not None:
        _refuse_missing(source, rows, parts)
    moved = [
        _book(way, rows[code], quantity, source, target, job, by_id)
        for code, quantity in sorted(parts.items())
    ]
    where = target or source
    audit.record(
        by_id, f"fieldwork.parts_{way.why}", f"fieldwork.store:{where.code if where else ''}",
        {"parts": dict(parts), "from": way.from_code, "to": way.to_code, "job": way.job_number},
    )  # fmt: skip
    return moved


@transaction.atomic
def use_in_field(
    job_number: str, *, store_code: str, parts: Mapping[str, int], key: str, by_id: int | None
) -> list[models.StockMovement]:
    """Book what a crew has used already, also where the books say it had less.

    What is done cannot be refused: what the books lack is put in first as a difference, which
    stands in the list of movements until a store keeper has looked at it.
    """
    store = _store(store_code)
    told = list(models.StockMovement.objects.filter(key__startswith=f"{key}#")) if key else []
    if told:
        return told
    lying = queries.lying(store.pk, [_part(code).pk for code in parts])
    for code, quantity in parts.items():
        part = _part(code)
        missing = quantity - lying.get(part.pk, 0)
        if missing > 0:
            found = Way(Moved.COUNTED, to_code=store_code, job_number=job_number)
            _book(found, part, missing, None, store, _job(job_number), by_id, is_difference=True)
            audit.record(
                by_id, "fieldwork.parts_difference", f"fieldwork.store:{store_code}",
                {"part": code, "quantity": missing, "job": job_number},
            )  # fmt: skip
    way = Way(Moved.ISSUED, from_code=store_code, job_number=job_number, key=key)
    return move(way, parts, by_id=by_id)


@transaction.atomic
def count(
    store_code: str, counted: Mapping[str, int], *, note: str = "", by_id: int | None
) -> list[models.StockMovement]:
    """Say how many of some parts lie in a store; what differs from the books becomes a movement."""
    store = _store(store_code)
    permissions.require_in(by_id, MOVE, [store.unit_id])
    rows = {code: _part(code) for code in counted}
    lying = queries.lying(store.pk, [one.pk for one in rows.values()])
    found = []
    for code, quantity in sorted(counted.items()):
        if quantity < 0:
            raise refusals.QuantityImpossible(quantity)
        more = quantity - lying.get(rows[code].pk, 0)
        if more:
            way = Way(Moved.COUNTED, note=note)
            source, target = (None, store) if more > 0 else (store, None)
            found.append(
                _book(way, rows[code], abs(more), source, target, None, by_id, is_difference=True)
            )
    audit.record(
        by_id, "fieldwork.parts_counted", f"fieldwork.store:{store_code}",
        {"parts": dict(counted), "differences": len(found)},
    )  # fmt: skip
    return found


def _refuse_missing(
    store: models.Store, rows: Mapping[str, models.Part], parts: Mapping[str, int]
) -> None:
    lying = queries.lying(store.pk, [one.pk for one in rows.values()])
    lacking = {
        code: quantity - lying.get(rows[code].pk, 0)
        for code, quantity in sorted(parts.items())
        if quantity > lying.get(rows[code].pk, 0)
    }
    if lacking:
        raise refusals.NotEnoughStock(store, lacking)


def _book(
    way: Way, part: models.Part, quantity: int, source: models.Store | None,
    target: models.Store | None, job: models.Job | None, by_id: int | None,
    *, is_difference: bool = False,
) -> models.StockMovement:  # fmt: skip
    for store, change in ((source, -quantity), (target, quantity)):
        if store is None:
            continue
        row, _new = models.Stock.objects.select_for_update().get_or_create(
            store=store, part=part, defaults={"quantity": 0}
        )
        row.quantity += change
        row.save(update_fields=["quantity"])
    return models.StockMovement.objects.create(
        at=clock.now(), why=way.why, part=part, quantity=quantity, from_store=source,
        to_store=target, job=job, by_id=by_id, note=way.note.strip()[:500],
        is_difference=is_difference, key=f"{way.key}#{part.code}" if way.key else "",
    )  # fmt: skip


def _store(code: str) -> models.Store:
    row = models.Store.objects.filter(code=code, is_retired=False).first()
    if row is None:
        raise refusals.NoSuch("store", code)
    return row


def _part(code: str) -> models.Part:
    row = models.Part.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("part", code)
    return row


def _job(number: str) -> models.Job:
    row = models.Job.objects.filter(number=number).first()
    if row is None:
        raise refusals.NoSuchJob(number)
    return row
