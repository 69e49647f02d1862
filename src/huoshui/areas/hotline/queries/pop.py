"""Everything an agent needs to see the moment a call rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from huoshui.areas.announcements import contracts as announcements_contracts
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.customers import contracts as customers_contracts
from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import rules
from huoshui.areas.hotline.models import Call
from huoshui.areas.hotline.queries import incidents
from huoshui.kernel import cases

ACCOUNT = "customers.account"
JOBS_WITHIN_M = 500.0
CALLS_SHOWN = 6
CASES_SHOWN = 8
EARLIER_WITHIN = timedelta(days=365)


@dataclass(frozen=True)
class Pop:
    """One call as the desk shows it; ``account`` is the one it is about, if that is known."""

    call: Call
    callers: tuple[customers_contracts.Caller, ...]
    account: customers_contracts.Account | None
    specialist: customers_contracts.Specialist | None
    spot: incidents.Spot
    cases: list[cases.CaseFact]
    jobs: list[tuple[float | None, fieldwork_contracts.Job]]
    announcements: list[announcements_contracts.Announcement]
    incidents: list[incidents.Similar]
    earlier: list[Call]

    @property
    def is_anonymous(self) -> bool:
        """Whether the caller withheld their number."""
        return not self.call.caller_key

    @property
    def accounts(self) -> list[tuple[customers_contracts.Caller, customers_contracts.Account]]:
        """Every account that somebody with this number has, with who that is."""
        return [(who, one) for who in self.callers for one in who.accounts]


def pop(call: Call, *, reader: Any, account_code: str | None = None) -> Pop:
    """Gather what is known of a caller and their place.

    ``account_code`` chooses among several; empty means none of them. Names and numbers are in full
    for readers who may see them, which is recorded.
    """
    callers = customers.by_phone(call.caller_key, reader=reader) if call.caller_key else ()
    account = _account(call, callers, account_code, reader)
    spot, estate_code = _spot(call, account)
    return Pop(
        call=call,
        callers=callers,
        account=account,
        specialist=customers.specialist_of(estate_code) if estate_code else None,
        spot=spot,
        cases=_cases(call, account),
        jobs=_jobs(spot),
        announcements=_announcements(spot, account),
        incidents=incidents.here(spot),
        earlier=_earlier(call, account),
    )


def _account(
    call: Call,
    callers: tuple[customers_contracts.Caller, ...],
    wanted: str | None,
    reader: Any,
) -> customers_contracts.Account | None:
    code = call.account_code if wanted is None else wanted
    known = {one.code: one for who in callers for one in who.accounts}
    if code:
        return known.get(code) or customers.account(code, reader=reader)
    # With one account there is nothing to choose, unless somebody chose none of them.
    return next(iter(known.values())) if wanted is None and len(known) == 1 else None


def _spot(call: Call, account: customers_contracts.Account | None) -> tuple[incidents.Spot, str]:
    if account is None:
        spot = incidents.Spot(call.lon, call.lat, call.estate_code, call.zone_code)
        return spot, call.estate_code
    place = account.premises
    zone = call.zone_code
    if not zone and place.estate_code:
        estate = customers.estate(place.estate_code)
        zone = estate.zone_code if estate else ""
    lon, lat = (place.lon, place.lat) if place.lon is not None else (call.lon, call.lat)
    spot = incidents.Spot(lon, lat, place.estate_code, zone, place.connection_code)
    return spot, place.estate_code


def _cases(call: Call, account: customers_contracts.Account | None) -> list[cases.CaseFact]:
    found: dict[str, cases.CaseFact] = {}
    if account is not None:
        for one in cases.linked(ACCOUNT, account.code, limit=CASES_SHOWN):
            found[one.number] = one
    if call.caller_key:
        for one in cases.of_phone(call.caller_key, open_only=True, limit=CASES_SHOWN):
            found.setdefault(one.number, one)
    return list(found.values())[:CASES_SHOWN]


def _jobs(spot: incidents.Spot) -> list[tuple[float | None, fieldwork_contracts.Job]]:
    found: list[tuple[float | None, fieldwork_contracts.Job]] = []
    for one in fieldwork.open_jobs(zone_code=spot.zone_code) if spot.zone_code else []:
        lon, lat = one.place.lon, one.place.lat
        if None in (spot.lon, spot.lat, lon, lat):
            found.append((None, one))
            continue
        away_m = rules.distance_m(spot.lon, spot.lat, lon, lat)  # type: ignore[arg-type]
        if away_m <= JOBS_WITHIN_M:
            found.append((away_m, one))
    return sorted(found, key=lambda pair: (pair[0] is None, pair[0] or 0.0))[:CASES_SHOWN]


def _announcements(
    spot: incidents.Spot, account: customers_contracts.Account | None
) -> list[announcements_contracts.Announcement]:
    code = account.code if account else None
    if spot.lon is None and code is None and not spot.estate_code:
        return []
    return announcements.in_force(
        spot.lon, spot.lat, account_code=code, estate_code=spot.estate_code or None
    )


def _earlier(call: Call, account: customers_contracts.Account | None) -> list[Call]:
    rows = Call.objects.select_related("topic", "agent").filter(
        began_at__lt=call.began_at, began_at__gte=call.began_at - EARLIER_WITHIN
    )
    if call.caller_key:
        rows = rows.filter(caller_key=call.caller_key)
    elif account is not None:
        rows = rows.filter(account_code=account.code)
    else:
        return []
    return list(rows.order_by("-began_at")[:CALLS_SHOWN])
