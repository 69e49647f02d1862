"""The door of fieldwork: how other areas ask for jobs and look at them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from huoshui.areas.fieldwork import actions, contracts, queries
from huoshui.areas.fieldwork.actions import giving, setting_up
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import repairs
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User


def request_job(
    *,
    place: contracts.Place,
    by_id: int | None,
    title: str = "",
    description: str = "",
    kind: contracts.JobKind = contracts.JobKind.OTHER,
    priority: contracts.Priority = contracts.Priority.NORMAL,
    due_at: datetime | None = None,
    origin: str = "",
    work: contracts.Work = contracts.AS_USUAL,
    called_at: datetime | None = None,
) -> contracts.Job:
    """Ask for a job; asking again with the same open ``origin`` returns the same job.

    Without a title the kind of work and the place are shown, in the reader's language;
    ``called_at`` is when somebody told of it first.
    Refuses with ``fieldwork.no_place``, ``fieldwork.unknown_place`` or
    ``fieldwork.due_in_the_past``. Publishes ``JobRequested``.
    """
    row = actions.request_job(
        title=title,
        place=place,
        by_id=by_id,
        description=description,
        kind=kind,
        priority=priority,
        due_at=due_at,
        origin=origin,
        work=work,
        called_at=called_at,
    )
    return queries.contracts_of([row])[0]


def assign_job(*, number: str, to: User, by_id: int, note: str = "") -> contracts.Job:
    """Give a job to somebody of a field crew. Publishes ``JobAssigned``."""
    row = actions.assign_job(number=number, to=to, by_id=by_id, note=note)
    return queries.contracts_of([row])[0]


def report_job(
    *,
    number: str,
    by: User,
    found: contracts.Found,
    found_asset_code: str = "",
    found_size_m3h: float | None = None,
    note: str = "",
) -> contracts.Job:
    """Report a job as done. Publishes ``JobDone``."""
    row = actions.report_job(
        number=number,
        by=by,
        found=found,
        found_asset_code=found_asset_code,
        found_size_m3h=found_size_m3h,
        note=note,
    )
    return queries.contracts_of([row])[0]


def close_job(*, number: str, by_id: int, note: str = "") -> contracts.Job:
    """Confirm a report as the second person. Publishes ``JobClosed``."""
    row = actions.close_job(number=number, by_id=by_id, note=note)
    return queries.contracts_of([row])[0]


def cancel_job(*, number: str, by_id: int | None, reason: str) -> contracts.Job:
    """Give a job up, saying why. Publishes ``JobCancelled``."""
    row = actions.cancel_job(number=number, by_id=by_id, reason=reason)
    return queries.contracts_of([row])[0]


def job(number: str) -> contracts.Job | None:
    """Return a job as it stands, or None."""
    row = queries.job(number)
    return None if row is None else queries.contracts_of([row])[0]


def open_jobs(*, origin: str = "", zone_code: str = "") -> list[contracts.Job]:
    """Return the jobs that still need somebody, the soonest due first."""
    rows = queries.open_jobs()
    if origin:
        rows = rows.filter(origin=origin)
    if zone_code:
        rows = rows.filter(zone_code=zone_code)
    return queries.contracts_of(rows)


def closed_jobs(*, since: datetime) -> list[contracts.Job]:
    """Return the jobs requested since a moment whose report a second person confirmed."""
    rows = queries.jobs(state=contracts.JobState.CLOSED).filter(requested_at__gte=since)
    return queries.contracts_of(rows.order_by("id"))


def set_up_crew_work(by_id: int | None, standard: contracts.CrewWork) -> None:
    """Add skills, parts, types of jobs, shift patterns, stores and crews by declaration.

    What is there already under the same code is changed to what is declared.
    """
    setting_up.set_up(standard, by_id=by_id)


def crew_codes() -> list[str]:
    """Return the codes of the crews there are."""
    return list(crew_queries.crews().values_list("code", flat=True))


def give_to_crew(*, number: str, crew_code: str, by_id: int) -> contracts.Job:
    """Give a job to a crew, at the end of what it has to do. Publishes ``JobAssigned``."""
    row, _broken = giving.give_to_crew(number, crew_code=crew_code, by_id=by_id)
    return queries.contracts_of([row])[0]


def arrive(*, number: str, by: User) -> contracts.Job:
    """Say that a crew is at its job and begins."""
    return queries.contracts_of([giving.arrive(number, by=by)])[0]


def parts_short() -> dict[str, int]:
    """Return how many of each part are missing for all open jobs, by code; only what is short."""
    today = clock.local(clock.now()).date()
    rows = stock_queries.outlook(today)
    return {one.part.code: -one.left for one in rows if one.left < 0}


def stock_warnings(*, since: datetime) -> list[contracts.StockWarning]:
    """Return the warnings of parts that stood at a moment or began after it, earliest first."""
    return [
        contracts.StockWarning(
            part_code=row.part.code,
            began_at=row.began_at,
            ended_at=row.ended_at,
            lying=row.lying,
            wanted=row.wanted,
            per_day=row.per_day,
            runs_out_at=row.runs_out_at,
        )
        for row in stock_queries.warnings_since(since)
    ]


def repair_times(*, since: datetime, until: datetime) -> list[contracts.RepairTime]:
    """Return the moments of the repairs that were called between two moments, earliest first."""
    return repairs.times(since=since, until=until)
