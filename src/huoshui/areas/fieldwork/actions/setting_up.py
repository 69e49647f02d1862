"""Setting up the work of crews by declaration: for a new installation, or an import of it."""

from __future__ import annotations

from django.db import transaction

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.actions import crews, stock
from huoshui.areas.fieldwork.contracts import Moved
from huoshui.kernel.accounts.models import User


@transaction.atomic
def set_up(standard: contracts.CrewWork, *, by_id: int | None) -> None:
    """Keep everything declared. Stock is received only into stores that nothing ever moved in."""
    for skill in standard.skills:
        crews.keep_skill(skill.code, name_zh=skill.name_zh, name_en=skill.name_en, by_id=by_id)
    for part in standard.parts:
        stock.keep_part(
            part.code, name_zh=part.name_zh, name_en=part.name_en, unit=part.unit,
            is_meter=part.is_meter, by_id=by_id,
        )  # fmt: skip
    for one in standard.types:
        crews.keep_job_type(
            one.code,
            values={
                "name_zh": one.name_zh, "name_en": one.name_en, "kind": one.kind,
                "priority": one.priority, "usual_minutes": one.minutes,
                "exchanges_meter": one.exchanges_meter, "steps_zh": one.steps_zh,
                "steps_en": one.steps_en,
            },
            skills=one.skills, kit=dict(one.kit), by_id=by_id,
        )  # fmt: skip
    for pattern in standard.patterns:
        crews.keep_pattern(
            pattern.code, name_zh=pattern.name_zh, name_en=pattern.name_en, days=pattern.days,
            first_date=pattern.first_date, by_id=by_id,
        )  # fmt: skip
    for store in standard.stores:
        stock.keep_store(
            store.code, name=store.name, is_vehicle=False, lon=store.lon, lat=store.lat,
            by_id=by_id,
        )  # fmt: skip
        _fill(store.code, dict(store.stock), by_id)
        for part_code, quantity, first, last in store.minimums:
            stock.keep_minimum(
                store.code, part_code, quantity, from_month=first, until_month=last, by_id=by_id
            )
    for crew in standard.crews:
        _crew(crew, by_id)


def _fill(store_code: str, parts: dict[str, int], by_id: int | None) -> None:
    moved = models.StockMovement.objects.filter(to_store__code=store_code).exists()
    if parts and not moved:
        stock.move(stock.Way(Moved.RECEIVED, to_code=store_code), parts, by_id=by_id)


def _crew(one: contracts.CrewDeclaration, by_id: int | None) -> None:
    van = stock.keep_store(f"V-{one.code}", name=one.plate, is_vehicle=True, by_id=by_id)
    _fill(van.code, dict(one.load), by_id)
    crews.keep_crew(
        one.code,
        values={
            "name": one.name, "phone": one.phone, "vehicle": van,
            "pattern": models.ShiftPattern.objects.get(code=one.pattern),
            "pattern_offset_days": one.offset_days,
            "depot": models.Store.objects.get(code=one.depot),
        },
        skills=one.skills, by_id=by_id,
    )  # fmt: skip
    people = {user.username: user for user in User.objects.filter(username__in=one.people)}
    known = [people[name] for name in one.people if name in people]
    crews.set_members(one.code, users=known, leader=known[0] if known else None, by_id=by_id)
