"""Saying which team is responsible for an area."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.areas.network.contracts.cards import Duty
from huoshui.areas.network.models import Zone, ZoneTeam
from huoshui.areas.network.refusals import NoSuchZone, TeamBeforeAnother
from huoshui.kernel import audit

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.organisation.models import Unit


def give_team(
    zone_code: str,
    duties: Iterable[Duty],
    unit: Unit | None,
    *,
    person: User | None = None,
    from_date: date,
    by_id: int | None,
) -> None:
    """Make a unit, and who of it, responsible for duties in a zone from a day on.

    Without a unit the zone has no team of its own any more: that of the zone above does it. A team
    that began on the same day is corrected. Refuses with `network.no_such_zone` and, where a later
    team is known already, `network.team_before_another`; then nothing is changed.
    """
    with transaction.atomic():
        zone = Zone.objects.select_for_update(of=("self",)).filter(code=zone_code).first()
        if zone is None:
            raise NoSuchZone(zone_code)
        for duty in duties:
            _give(zone, Duty(duty), unit, person if unit else None, from_date, by_id)


def _give(
    zone: Zone, duty: Duty, unit: Unit | None, person: User | None, day: date, by_id: int | None
) -> None:
    rows = ZoneTeam.objects.filter(zone=zone, duty=duty).select_related("unit", "person")
    latest = rows.order_by("-from_date", "-id").first()
    if latest is not None and max(latest.from_date, latest.until_date or day) > day:
        raise TeamBeforeAnother(zone.code, max(latest.from_date, latest.until_date or day))
    running = latest if latest is not None and latest.until_date is None else None
    if running is None and unit is None:
        return
    before = _said(running.unit, running.person) if running else _said(None, None)
    after = _said(unit, person)
    if before == after:
        return
    if latest is not None and unit is not None and latest.from_date == day:
        latest.unit, latest.person, latest.until_date = unit, person, None
        latest.save(update_fields=["unit", "person", "until_date"])
    else:
        if running is not None:
            running.until_date = day
            running.save(update_fields=["until_date"])
        if unit is not None:
            ZoneTeam.objects.create(zone=zone, duty=duty, unit=unit, person=person, from_date=day)
    audit.record(
        by_id,
        "network.give_team",
        f"zone:{zone.code}",
        {"duty": str(duty), "from_date": day.isoformat(), "before": before, "after": after},
    )


def _said(unit: Unit | None, person: User | None) -> dict[str, str | None]:
    return {
        "unit": unit.code if unit else None, "person": person.username if person else None
    }  # fmt: skip
