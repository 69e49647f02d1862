"""Where a crew is, as its phone tells: with consent, in the shift only, the last place only."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.actions import crews
from huoshui.areas.fieldwork.queries import crews as queries
from huoshui.kernel import audit, clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

NOT_SOONER = timedelta(seconds=60)


class Placed(StrEnum):
    """What became of a place that a phone told."""

    KEPT = "kept"
    NO_CREW = "no_crew"
    OFF_DUTY = "off_duty"
    TOO_SOON = "too_soon"


@transaction.atomic
def tell_place(by: User, *, lon: float, lat: float) -> Placed:
    """Keep where somebody's crew is now in place of what was known; no way is ever kept.

    Nothing is kept outside the crew's shift, within a minute of the last place that a phone told,
    or for somebody without a crew.
    """
    crew = queries.crew_of(by.pk)
    if crew is None:
        return Placed.NO_CREW
    if queries.shift_now(crew) is None:
        return Placed.OFF_DUTY
    now = clock.now()
    told = crew.placed_by_phone and crew.placed_at is not None
    if told and crew.placed_at is not None and now < crew.placed_at + NOT_SOONER:
        return Placed.TOO_SOON
    crews.place_crew(crew.code, lon=lon, lat=lat, at=now, by_id=by.pk)
    models.Crew.objects.filter(pk=crew.pk).update(placed_by_phone=True)
    return Placed.KEPT


@transaction.atomic
def forget_place(by: User) -> None:
    """Forget a place that a phone told, because its carrier no longer shares it."""
    crew = queries.crew_of(by.pk)
    if crew is None or not crew.placed_by_phone:
        return
    models.Crew.objects.filter(pk=crew.pk).update(
        lon=None, lat=None, placed_at=None, placed_by_phone=False
    )
    audit.record(by.pk, "fieldwork.crew_place_forgotten", f"fieldwork.crew:{crew.code}", {})
