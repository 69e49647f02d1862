"""Who is responsible for which duty in every area, on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from huoshui.areas.network import queries
from huoshui.areas.network.contracts import cards as contracts
from huoshui.areas.network.models import ZoneTeam
from huoshui.kernel.organisation import tree

Teams = dict[contracts.Duty, contracts.Team]


def by_zone(day: date | None = None) -> dict[str, Teams]:
    """Return the teams of every zone by code; a duty nobody has there is of the zone above.

    Two queries, whatever the number of zones.
    """
    on = day or tree.today()
    own: dict[str, Teams] = {}
    rows = ZoneTeam.objects.filter(Q(until_date__isnull=True) | Q(until_date__gt=on),
                                   from_date__lte=on)  # fmt: skip
    for zone, duty, unit, person, since in rows.values_list(
        "zone__code", "duty", "unit_id", "person_id", "from_date"
    ):
        own.setdefault(zone, {})[contracts.Duty(duty)] = contracts.Team(
            duty=contracts.Duty(duty), of_zone=zone, unit_id=unit, person_id=person,
            from_date=since,
        )  # fmt: skip
    parents = queries.zone_parents()
    return {code: _with_above(code, parents, own) for code in parents}


def _with_above(code: str, parents: dict[str, str | None], own: dict[str, Teams]) -> Teams:
    found: Teams = {}
    way: list[str] = []
    at: str | None = code
    while at is not None and at not in way:
        way.append(at)
        found = {**own.get(at, {}), **found}
        at = parents.get(at)
    return found


def history(zone_code: str) -> QuerySet[ZoneTeam]:
    """Return every team a zone ever had of its own, the latest first."""
    rows = ZoneTeam.objects.filter(zone__code=zone_code).select_related("person")
    return rows.order_by("-from_date", "duty")


def areas(codes: Iterable[str] | None = None) -> dict[str, frozenset[str]]:
    """Return the zones of each area, itself and all its parts, by the area's code; one query."""
    parents = queries.zone_parents()
    found: dict[str, set[str]] = {code: {code} for code in parents}
    for code in parents:
        way: list[str] = []
        at: str | None = code
        while at is not None and at not in way:
            way.append(at)
            found[at].add(code)
            at = parents.get(at)
    wanted = set(parents if codes is None else codes)
    return {code: frozenset(parts) for code, parts in found.items() if code in wanted}
