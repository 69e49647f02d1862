"""The door of waves of trouble: declare, report, compare, end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from huoshui.areas.surge import actions, contracts, queries
from huoshui.areas.surge.actions import preparing, reporting, waves
from huoshui.areas.surge.queries import afterwards, ranking
from huoshui.areas.surge.queries import figures as counted
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.kernel import clock


def declare(
    *,
    name: str,
    kind: contracts.Kind,
    from_at: datetime,
    by_id: int | None,
    estates: Iterable[str] = (),
    zones: Iterable[str] = (),
    topics: Iterable[str] = (),
    crews: Iterable[str] = (),
    risk_list: str = "",
    announcements: Iterable[str] = (),
    parts: Iterable[str] = (),
    text: str = "",
    plan: str = "",
) -> str:
    """Declare a wave and call its crews up; return its code. Publishes ``SurgeDeclared``.

    Empty estates and zones mean the whole city, empty topics all of them, empty crews everybody,
    empty parts those of kits that exchange a meter.
    """
    said = waves.Declared(
        name=name, kind=kind, from_at=from_at, estates=estates, zones=zones, topics=topics,
        crews=crews, parts=parts, announcements=announcements, risk_list=risk_list, plan=plan,
        text=text,
    )  # fmt: skip
    return actions.declare(said, by_id=by_id).code


def end(code: str, *, by_id: int | None, at: datetime | None = None) -> None:
    """End a wave, now or at a moment that is past. Publishes ``SurgeEnded``."""
    actions.end(code, by_id=by_id, at=at)


def standing() -> list[contracts.Surge]:
    """Return the waves that are not ended, the latest first."""
    return [queries.contract(row) for row in queries.standing()]


def surges() -> list[contracts.Surge]:
    """Return all waves, the latest first."""
    return [queries.contract(row) for row in queries.surges()]


def acknowledge(code: str, *, crew_code: str, by_id: int | None) -> None:
    """Say that a crew has heard the call."""
    actions.acknowledge(code, crew_code=crew_code, by_id=by_id)


def figures(code: str, until: datetime | None = None) -> dict[str, float | None]:
    """Return the figures of a wave until a moment, now if none is named; nothing is kept."""
    found = Gathered(queries.surge(code), until or clock.now())
    return counted.figures(found).values


def report(
    code: str, until: datetime | None = None, *, by_id: int | None = None
) -> contracts.Report:
    """Make the report of a wave until a moment; it stays as it is counted now."""
    return reporting.contract(actions.make_report(code, until=until, by_id=by_id))


def keep_risk_list(
    *,
    code: str,
    name: str,
    entries: Iterable[contracts.AtRisk],
    by_id: int | None,
    kind: contracts.Kind = contracts.Kind.COLD,
) -> None:
    """Keep a list of those at risk as it is given; who is not in it any more is taken off."""
    actions.keep_risk_list(code, name=name, kind=kind, entries=entries, by_id=by_id)


def risk_accounts(code: str) -> list[str]:
    """Return the accounts of a risk list; empty where there is no such list."""
    row = queries.risk_lists().filter(code=code).first()
    if row is None:
        return []
    listed = row.entries.listed().order_by("account_code")
    return list(listed.values_list("account_code", flat=True))


def take_off_risk_list(code: str, account_codes: Iterable[str], *, by_id: int | None) -> int:
    """Take customers off a list; what they were told stays. Returns how many were on it."""
    return actions.take_off(code, account_codes, by_id=by_id)


def mark_warned(
    list_code: str,
    account_codes: Iterable[str],
    *,
    how: contracts.WarnedHow | str,
    by_id: int | None,
    at: datetime | None = None,
) -> int:
    """Keep that customers of a list were told by a person of ours; return how many are new."""
    return actions.mark_warned(
        list_code, account_codes, how=contracts.WarnedHow(how), by_id=by_id, at=at
    )


def compare(code: str, until: datetime | None = None) -> contracts.Compared:
    """Compare the warned with the not warned until a moment, now if none is named."""
    return afterwards.compared(Gathered(queries.surge(code), until or clock.now()))


def ranked(code: str) -> list[contracts.Ranked]:
    """Return the waiting repairs of a wave, the one that presses most first."""
    return ranking.ranked(Gathered(queries.surge(code), clock.now()))


def keep_plan(code: str, values: Mapping[str, Any], *, by_id: int | None) -> None:
    """Keep an emergency plan; ``risk_list`` in the values is the code of a list."""
    said = dict(values)
    listed = said.pop("risk_list", "")
    if listed:
        said["risk_list"] = queries.risk_lists().filter(code=listed).first()
    preparing.keep_plan(code, said, by_id=by_id)


def keep_forecast(days: Mapping[date, tuple[float, float]], *, by_id: int | None) -> None:
    """Keep the low and the high of some days; where a plan's trigger is reached, it is proposed."""
    preparing.keep_forecast(days, by_id=by_id)


def keep_prices(prices: Mapping[str, int | None], *, by_id: int | None) -> None:
    """Keep what parts and an hour of one person (``hour``) cost, in cents."""
    preparing.keep_prices(prices, by_id=by_id)
