"""What a deed on a phone does to the books: parts of the vehicle, and the register of meters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import stock, whose
from huoshui.areas.fieldwork.phone import kinds
from huoshui.areas.fieldwork.phone.models import PhoneEntry
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

# The start of a new meter; a larger one is more likely the old meter's reading.
START_USUAL_M3 = 5.0


def book_material(
    row: PhoneEntry, job: models.Job, body: Mapping[str, Any], by: User
) -> list[dict[str, Any]]:
    """Take what was used from the vehicle; return what the crew should be told.

    The deed is kept whatever the books say: where they cannot follow, the answer says why.
    """
    part = models.Part.objects.filter(code=str(body.get("code") or "")).first()
    if part is None:
        return [_said("fieldwork.part_not_in_list", name=body["name"])]
    if body["amount"] != int(body["amount"]):
        return [_said("fieldwork.part_not_whole", name=body["name"])]
    return _use(row, job, part, int(body["amount"]), by)


def exchange_meter(
    row: PhoneEntry, job: models.Job, body: Mapping[str, Any], by: User
) -> list[dict[str, Any]]:
    """Let the register have the new meter, and take it from the vehicle."""
    told: list[dict[str, Any]] = []
    doubt = customers.doubt_of_reading(body["old_number"], body["old_reading_m3"])
    if doubt is not None:
        told.append(_said("fieldwork.reading_below_last", last=doubt.reading_m3))
    if body["start_reading_m3"] > START_USUAL_M3:
        told.append(_said("fieldwork.start_reading_high", start=body["start_reading_m3"]))
    stopped = body.get("stopped_on")
    found = customers.exchange_meter(
        customer_contracts.Exchanged(
            key=f"phone:{row.pk}",
            at=row.done_at,
            old_number=body["old_number"].strip(),
            old_reading_m3=float(body["old_reading_m3"]),
            new_number=body["new_number"].strip(),
            start_reading_m3=float(body["start_reading_m3"]),
            stopped_from_date=date.fromisoformat(stopped) if stopped else None,
            job_number=job.number,
            account_code=job.account_code,
            other_accounts=whose.accounts_of(job),
        ),
        by_id=by.pk,
    )
    if found.is_repeated:
        # Told by two of a crew: the meter left the vehicle with the first telling.
        return [_said("fieldwork.told_twice", last=found.old_reading_m3)]
    if found.problem:
        told.append(_said(f"fieldwork.{found.problem}"))
    part = _meter_for(job, str(body.get("new_part") or ""), by)
    if part is None:
        return [*told, _said("fieldwork.meter_not_counted")]
    return [*told, *_use(row, job, part, 1, by)]


def _use(
    row: PhoneEntry, job: models.Job, part: models.Part, quantity: int, by: User
) -> list[dict[str, Any]]:
    vehicle = vehicle_for(job, by)
    if vehicle is None:
        return [_said("fieldwork.no_vehicle")]
    lacking = stock.use_in_field(
        job.number, store_code=vehicle.code, parts={part.code: quantity}, key=f"phone:{row.pk}",
        by_id=by.pk, used_at=row.done_at,
    )  # fmt: skip
    missing = lacking.get(part.code, 0)
    if not missing:
        return []
    return [_said("fieldwork.more_than_booked", part=part.code, missing=missing)]


def vehicle_for(job: models.Job | None, by: User) -> models.Store | None:
    """Return the vehicle that somebody's parts come from: that of their crew, else of the job's."""
    crew = crew_queries.crew_of(by.pk)
    own = stock_queries.vehicle_of(crew.pk) if crew else None
    return own or stock_queries.vehicle_of(job.crew_id if job else None)


def _meter_for(job: models.Job, code: str, by: User) -> models.Part | None:
    """Return which meter was used: as said, else of the job's kit, else the only sort on board."""
    meters = models.Part.objects.filter(is_meter=True)
    if code:
        return meters.filter(code=code).first()
    if job.job_type_id is not None:
        kit = meters.filter(pk__in=job.job_type.kit.values("part")) if job.job_type else meters
        found = kit.order_by("code").first()
        if found is not None:
            return found
    vehicle = vehicle_for(job, by)
    if vehicle is None:
        return None
    aboard = list(meters.filter(stock__store=vehicle, stock__quantity__gt=0).distinct()[:2])
    return aboard[0] if len(aboard) == 1 else None


def _said(code: str, **detail: Any) -> dict[str, Any]:
    return {"code": code, **detail}


BOOKED = {kinds.EntryKind.MATERIAL: book_material, kinds.EntryKind.METER: exchange_meter}
