"""A crew's day in the words of its phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import models, rules, words
from huoshui.areas.fieldwork import queries as job_queries
from huoshui.areas.fieldwork.actions import whose
from huoshui.areas.fieldwork.phone import queries
from huoshui.areas.fieldwork.phone import words as phone_words
from huoshui.areas.fieldwork.phone.web import schemas
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import permissions

# A phone lists so many meters of one job; more are typed in, and the books know them all the same.
METERS_MAX = 60


def of(user: Any, csrf_token: str) -> schemas.Day:
    """Return everything a person needs for a shift without signal."""
    zones = network.zone_names()
    rows = queries.jobs_of_day(user)
    of_job = {row.pk: whose.in_order(row) for row in rows}
    accounts = [code for codes in of_job.values() for code in codes]
    meters, addresses = customers.meters_of(accounts), customers.addresses_of(accounts)
    crew = crew_queries.crew_of(user.pk)
    shift = crew_queries.shift_now(crew) if crew else None
    return schemas.Day(
        person_id=user.pk,
        person=str(user),
        csrf_token=csrf_token,
        language="zh" if (get_language() or "").startswith("zh") else "en",
        server_ms=clock.real_now().timestamp() * 1000,
        shown_at=clock.now(),
        photo_bytes_max=settings.get().photo_bytes_max,
        found_a_leak=[str(one) for one in rules.FOUND_A_LEAK],
        jobs=[
            _job(
                row,
                _where(row, zones, addresses),
                zones,
                _meters(of_job[row.pk], meters, addresses),
            )
            for row in rows
        ],
        choices=schemas.Choices(
            found=_choices(words.FOUND),
            measured=_choices(phone_words.MEASURED),
            shows=_choices(phone_words.SHOWS),
            causes=_choices(words.CAUSES),
            parts=[_part_of(one, 0) for one in stock_queries.parts()],
        ),
        vehicle=_vehicle(stock_queries.vehicle_of(crew.pk) if crew else None),
        crew=crew.name if crew else "",
        shift_until=shift[1] if shift else None,
        tiles=_tiles(user),
    )


def _choices(named: Mapping[str, Any]) -> list[schemas.Choice]:
    return [schemas.Choice(code=str(code), label=str(label)) for code, label in named.items()]


def _part_of(row: models.Part, quantity: int) -> schemas.PartOf:
    return schemas.PartOf(
        code=row.code, label=_named(row), unit=row.unit, is_meter=row.is_meter, quantity=quantity
    )


def _vehicle(row: models.Store | None) -> schemas.Vehicle | None:
    if row is None:
        return None
    lying = stock_queries.stock().filter(store=row, quantity__gt=0).order_by("part__code")
    parts = [_part_of(one.part, one.quantity) for one in lying]
    return schemas.Vehicle(name=row.name, parts=parts)


def _named(row: Any) -> str:
    """Return the name of something that has one in each language."""
    chinese = (get_language() or "").startswith("zh")
    return str(row.name_zh if chinese else row.name_en or row.name_zh)


def _steps(row: models.Job) -> list[schemas.Step]:
    """Return the steps of a job's type, or those of its kind where the type has none."""
    kind = row.job_type
    if kind is not None:
        chinese = (get_language() or "").startswith("zh")
        text = kind.steps_zh if chinese or not kind.steps_en else kind.steps_en
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            # By place and not by words: the two languages tick the same step.
            return [
                schemas.Step(code=f"{kind.code}:{at}", label=line[:200])
                for at, line in enumerate(lines, 1)
            ]
    steps = phone_words.STEPS.get(row.kind, ())
    return [schemas.Step(code=code, label=str(label)) for code, label in steps]


def _kit(row: models.Job) -> list[schemas.PartOf]:
    if row.job_type is None:
        return []
    return [_part_of(line.part, line.quantity) for line in row.job_type.kit.all()]


def _tiles(user: Any) -> schemas.Tiles | None:
    if not permissions.holds(user, "network.read"):
        return None
    base = network.small_map_of(asset_code="", zone_code="", lon=0.0, lat=0.0)
    tiles = base["tiles"] if base else None
    if tiles is None:
        return None
    return schemas.Tiles(revision=tiles["url"].rpartition("=")[2], **tiles)


def _where(row: models.Job, zones: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    """Say where a job is as a crew would look for it; nobody drives to a pair of figures."""
    if row.account_code in addresses:
        return addresses[row.account_code]
    if row.asset_code or row.zone_code:
        return labels.place_text(row, zones)
    return _("See the map")


def _come(told: Iterable[models.JobEvent]) -> str:
    """Say how far the crew has come since it was given the job, whoever of them told it."""
    come = ""
    for one in told:
        if one.what == "arrived" or (one.what == "accepted" and not come):
            come = one.what
        elif one.what in ("assigned", "returned", "taken_back"):
            come = ""
    return come


def _meters(
    codes: Iterable[str],
    meters: Mapping[str, Sequence[customer_contracts.Meter]],
    addresses: Mapping[str, str],
) -> list[schemas.Meter]:
    """Return the meters of everybody a job is about; whoever called first comes first."""
    return [
        schemas.Meter(
            number=one.number, reading_m3=one.reading_m3, reading_date=one.reading_date,
            address=addresses.get(code, ""),
        )
        for code in codes
        for one in meters.get(code, ())
    ][:METERS_MAX]  # fmt: skip


def _job(
    row: models.Job,
    where: str,
    zones: Mapping[str, str],
    meters: list[schemas.Meter],
) -> schemas.Job:
    kit = _kit(row)
    told = job_queries.timeline(row.pk)
    return schemas.Job(
        number=row.number,
        title=labels.title(row, zones),
        description=row.description,
        kind=row.kind,
        kind_label=words.work_of(row),
        priority=row.priority,
        priority_label=str(words.PRIORITIES[row.priority]),
        state=row.state,
        state_label=str(words.STATES[row.state]),
        place=where,
        asset_code=row.asset_code,
        lon=row.lon,
        lat=row.lat,
        due_at=row.due_at,
        planned_at=row.planned_at,
        exchanges_meter=bool(row.job_type and row.job_type.exchanges_meter),
        steps=_steps(row),
        parts=[f"{one.quantity} × {one.label}" for one in kit],
        kit=kit,
        meters=meters,
        history=[
            schemas.Told(
                label=" ".join(
                    str(one) for one in (words.STEPS.get(step.what, step.what), step.to_whom) if one
                ),
                at=step.at,
                by=str(step.by or ""),
                note=step.note,
            )
            for step in told
        ],
        come=_come(told),
    )
