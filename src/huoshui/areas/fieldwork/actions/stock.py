"""Everything that may be done with parts. Each deed is one movement; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import get_language

from huoshui.areas.fieldwork import contracts, models, refusals
from huoshui.areas.fieldwork.actions import warning
from huoshui.areas.fieldwork.queries import stock as queries
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions

MOVE, MANAGE = "fieldwork.move_stock", "fieldwork.manage_stock"
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
    code: str, *, name_zh: str, name_en: str, unit: str, is_meter: bool = False,
    is_retired: bool = False, is_new: bool = False, by_id: int | None,
) -> models.Part:  # fmt: skip
    """Add a part, or change how it is called.

    Refuses a new one with a code that is taken, retiring one that still lies somewhere, and
    whoever keeps the stores of one unit only: parts are of all of them.
    """
    permissions.require_in(by_id, MANAGE, [None])
    if is_new and models.Part.objects.filter(code=code).exists():
        raise refusals.CodeTaken(code)
    if is_retired:
        _refuse_lying(models.Stock.objects.filter(part__code=code), code)
    row, _new = models.Part.objects.update_or_create(
        code=code,
        defaults={
            "name_zh": name_zh, "name_en": name_en, "unit": unit, "is_meter": is_meter,
            "is_retired": is_retired,
        },
    )  # fmt: skip
    audit.record(
        by_id, "fieldwork.part_kept", f"fieldwork.part:{code}",
        {"name": name_zh, "is_retired": is_retired},
    )  # fmt: skip
    return row


@transaction.atomic
def keep_store(
    code: str, *, name: str, is_vehicle: bool, lon: float | None = None, lat: float | None = None,
    unit_id: int | None = None, is_retired: bool = False, is_new: bool = False, by_id: int | None,
) -> models.Store:  # fmt: skip
    """Add a store or a vehicle, or change it.

    Refuses a new one with a code that is taken, retiring one in which something lies, and one of a
    unit that a limited post does not reach, as it is or as it would be.
    """
    before = models.Store.objects.filter(code=code).first()
    if is_new and before is not None:
        raise refusals.CodeTaken(code)
    permissions.require_in(by_id, MANAGE, [unit_id, *([before.unit_id] if before else [])])
    if is_retired:
        _refuse_lying(models.Stock.objects.filter(store__code=code), code)
    row, _new = models.Store.objects.update_or_create(
        code=code,
        defaults={
            "name": name, "is_vehicle": is_vehicle, "lon": lon, "lat": lat, "unit_id": unit_id,
            "is_retired": is_retired,
        },
    )  # fmt: skip
    audit.record(
        by_id, "fieldwork.store_kept", f"fieldwork.store:{code}",
        {"name": name, "is_retired": is_retired},
    )  # fmt: skip
    return row


def _refuse_lying(rows: QuerySet[models.Stock], code: str) -> None:
    total = rows.filter(quantity__gt=0).aggregate(n=Sum("quantity"))["n"]
    if total:
        raise refusals.StillLies(code, total)


@transaction.atomic
def keep_minimum(
    store_code: str, part_code: str, quantity: int, *, from_month: int = 1, until_month: int = 12,
    by_id: int | None,
) -> None:  # fmt: skip
    """Say how many of a part a store should have in a season; zero takes the demand away."""
    store, part = _store(store_code), _part(part_code)
    permissions.require_in(by_id, MANAGE, [store.unit_id])
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
def raise_minimum(
    part_code: str, total: int, *, from_month: int, until_month: int, by_id: int | None
) -> dict[str, int]:
    """Raise what all store-houses together should have of a part in a season; return by store.

    Shared out as it is now, evenly where there is none yet. What is more already stays, and a
    season that goes on longer keeps its end.
    """
    stores = list(models.Store.objects.filter(is_vehicle=False, is_retired=False).order_by("code"))
    part = _part(part_code)
    rows = models.StockMinimum.objects.filter(part=part, store__in=stores, from_month=from_month)
    before = dict(rows.values_list("store__code", "quantity"))
    whole = sum(before.values())
    if total <= whole or not stores:
        return {}
    shares = before if whole else dict.fromkeys((one.code for one in stores), 1)
    divisor = whole or len(stores)
    raised = {code: -(-total * share // divisor) for code, share in shares.items() if share}
    ends = dict(rows.values_list("store__code", "until_month"))
    for code, quantity in raised.items():
        last = max(
            ends.get(code, until_month), until_month, key=lambda one: (one - from_month) % 12
        )
        keep_minimum(
            code, part_code, quantity, from_month=from_month, until_month=last, by_id=by_id
        )
    return raised


@transaction.atomic
def move(way: Way, parts: Mapping[str, int], *, by_id: int | None) -> list[models.StockMovement]:
    """Move parts; all of them or, where any is missing, none.

    Refuses more than lies there, and more back from a job than it was issued, naming everything
    that lacks. A movement told again with the same ``key`` changes nothing.
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
    if job is not None and way.why == Moved.RETURNED:
        _refuse_more_back(job, rows, parts)
    moved = [
        _book(way, rows[code], quantity, source, target, job, by_id)
        for code, quantity in sorted(parts.items())
    ]
    warning.watch([one.pk for one in rows.values()])
    where = target or source
    audit.record(
        by_id, f"fieldwork.parts_{way.why}", f"fieldwork.store:{where.code if where else ''}",
        {"parts": dict(parts), "from": way.from_code, "to": way.to_code, "job": way.job_number},
    )  # fmt: skip
    return moved


@transaction.atomic
def use_in_field(
    job_number: str, *, store_code: str, parts: Mapping[str, int], key: str, by_id: int | None,
    used_at: datetime | None = None,
) -> dict[str, int]:  # fmt: skip
    """Book what a crew has used already; return what the books lacked of it, by part.

    What is done cannot be refused: what the books lack is put in first as found by a count, a
    difference that waits for a store keeper. Told again with the same ``key`` it changes nothing.
    ``used_at`` is when the parts were used where that is told later: a shift without signal that
    is handed in at its end is no rush. The audit trail says when it was booked.
    """
    told = models.StockMovement.objects.filter(key__startswith=f"{key}#")
    if key and told.exists():
        found = models.StockMovement.objects.filter(key__startswith=f"{key}:found#")
        return dict(found.values_list("part__code", "quantity"))
    # A vehicle may be retired before its last phone has sent what it used.
    store = models.Store.objects.filter(code=store_code).first()
    if store is None:
        raise refusals.NoSuch("store", store_code)
    job = _job(job_number)
    rows = {code: _part(code) for code in sorted(parts)}
    lying = queries.lying(store.pk, [one.pk for one in rows.values()])
    lacking: dict[str, int] = {}
    now = clock.now()
    at = min(used_at or now, now)
    way = Way(Moved.ISSUED, key=key)
    for code, part in rows.items():
        missing = parts[code] - lying.get(part.pk, 0)
        if missing > 0:
            lacking[code] = missing
            found_way = Way(Moved.COUNTED, key=f"{key}:found" if key else "")
            _book(found_way, part, missing, None, store, job, by_id, is_difference=True, at=at)
            audit.record(
                by_id, "fieldwork.parts_difference", f"fieldwork.store:{store_code}",
                {"part": code, "quantity": missing, "job": job_number},
            )  # fmt: skip
        _book(way, part, parts[code], store, None, job, by_id, at=at)
    audit.record(
        by_id, "fieldwork.parts_issued", f"fieldwork.store:{store_code}",
        {"parts": dict(parts), "from": store_code, "to": "", "job": job_number},
    )  # fmt: skip
    warning.watch([one.pk for one in rows.values()])
    return lacking


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
    warning.watch([one.pk for one in rows.values()])
    audit.record(
        by_id, "fieldwork.parts_counted", f"fieldwork.store:{store_code}",
        {"parts": dict(counted), "differences": len(found)},
    )  # fmt: skip
    return found


@transaction.atomic
def settle(movement_id: int, *, note: str, by_id: int) -> models.Settlement:
    """Say what came of a difference, as a store keeper found it.

    Refuses what is settled or none, and whoever booked it: two people stand for the books.

    The books stay as they are: a further count corrects them where they are still wrong.
    """
    rows = models.StockMovement.objects.select_related("part", "from_store", "to_store")
    row = rows.filter(pk=movement_id, is_difference=True, settlement__isnull=True).first()
    if row is None:
        raise refusals.NoSuch("difference", str(movement_id))
    if not note.strip():
        raise refusals.ReasonMissing
    if row.by_id == by_id:
        raise refusals.OwnDifference
    store = row.to_store or row.from_store
    permissions.require_in(by_id, MANAGE, [store.unit_id] if store else [])
    found = models.Settlement.objects.create(
        movement=row, at=clock.now(), by_id=by_id, note=note.strip()[:500]
    )
    audit.record(
        by_id, "fieldwork.difference_settled", f"fieldwork.store:{store.code if store else ''}",
        {"part": row.part.code, "quantity": row.quantity, "note": found.note},
    )  # fmt: skip
    return found


def _refuse_missing(
    store: models.Store, rows: Mapping[str, models.Part], parts: Mapping[str, int]
) -> None:
    lacking = _beyond(parts, rows, queries.lying(store.pk, [one.pk for one in rows.values()]))
    if lacking:
        raise refusals.NotEnoughStock(store, lacking, _names(rows))


def _refuse_more_back(
    job: models.Job, rows: Mapping[str, models.Part], parts: Mapping[str, int]
) -> None:
    """Refuse that more comes back from a job than it has; of two at once the second waits."""
    models.Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    too_many = _beyond(parts, rows, queries.issued_to(job.pk))
    if too_many:
        raise refusals.MoreBackThanWent(job, too_many, _names(rows))


def _beyond(
    parts: Mapping[str, int], rows: Mapping[str, models.Part], there: Mapping[int, int]
) -> dict[str, int]:
    """Return by how much more is asked for than there is, by part; empty where there is enough."""
    return {
        code: quantity - there.get(rows[code].pk, 0)
        for code, quantity in sorted(parts.items())
        if quantity > there.get(rows[code].pk, 0)
    }


def _names(rows: Mapping[str, models.Part]) -> dict[str, str]:
    chinese = (get_language() or "").startswith("zh")
    return {
        code: one.name_zh if chinese else one.name_en or one.name_zh for code, one in rows.items()
    }


def _book(
    way: Way, part: models.Part, quantity: int, source: models.Store | None,
    target: models.Store | None, job: models.Job | None, by_id: int | None,
    *, is_difference: bool = False, at: datetime | None = None,
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
        at=at or clock.now(), why=way.why, part=part, quantity=quantity, from_store=source,
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
