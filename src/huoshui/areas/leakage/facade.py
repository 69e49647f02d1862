"""The door of leakage: setting up zones and looking at what they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.leakage import actions, contracts, judging, queries, walking


def set_up_zone(
    zone_code: str,
    *,
    inlets: Sequence[str],
    outlets: Sequence[str] = (),
    storage: contracts.Storage | None = None,
    meters: Sequence[str] = (),
    price_cents_per_m3: int = 300,
    watched_since: date | None = None,
    by_id: int | None = None,
) -> None:
    """Say how a zone's balance is measured; calling it again replaces the earlier saying.

    ``inlets``, ``outlets`` and ``meters`` are codes of telemetry points; ``watched_since`` is
    the first night that may be judged (today's by default). Refuses unknown zones and points
    with ``leakage.unknown_zone`` and ``leakage.unknown_point``.
    """
    actions.set_up_zone(
        zone_code,
        inlets=inlets,
        outlets=outlets,
        storage=storage,
        meters=meters,
        price_cents_per_m3=price_cents_per_m3,
        watched_since=watched_since,
        by_id=by_id,
    )


def nights(zone_code: str, from_date: date, until_date: date) -> list[contracts.Night]:
    """Return the judged nights of a zone in a period, earliest first."""
    return queries.nights(zone_code, from_date, until_date)


def suspected_leaks(*, standing_only: bool = False) -> list[contracts.SuspectedLeak]:
    """Return suspected leaks, the latest first."""
    return queries.suspected_leaks(standing_only=standing_only)


def backfill(from_date: date, until_date: date) -> int:
    """Judge all nights of a period whose readings arrived late; return how many."""
    return judging.judge(from_date=from_date, until_date=until_date)


def tell_walks() -> int:
    """Tell fieldwork now which pipes are worth walking; return how many proposals are new.

    The background does the same each morning.
    """
    return walking.tell()


def make_job(leak_id: int, *, by_id: int) -> fieldwork_contracts.Job:
    """Ask fieldwork for a job to find and repair a suspected leak; asking twice gives one job."""
    return actions.make_job(leak_id=leak_id, by_id=by_id)
