"""The door of fieldwork: how other areas ask for jobs and look at them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from huoshui.areas.fieldwork import actions, contracts, models, queries, refusals, words
from huoshui.areas.fieldwork.actions import giving, setting_up, timing, whose
from huoshui.areas.fieldwork.actions import stock as stock_actions
from huoshui.areas.fieldwork.actions import waiting as waiting_actions
from huoshui.areas.fieldwork.checks import offers as checks
from huoshui.areas.fieldwork.patrol import offers as patrol
from huoshui.areas.fieldwork.patrol import proposing
from huoshui.areas.fieldwork.phone import actions as phone_actions
from huoshui.areas.fieldwork.phone import photo_actions
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import facts, repairs, waiting
from huoshui.areas.fieldwork.queries import planning as planning_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.upkeep import offers as offers
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

# What is worth walking is told here, by whoever sees it.
walking = proposing

# What is counted by whoever looks at many jobs at once, as it stood at a moment.
JobFact = facts.JobFact
CrewFact = facts.CrewFact
PartEnd = facts.PartEnd
PartLevel = facts.PartLevel
PartUse = facts.PartUse
job_facts, crew_facts, lying_at = facts.job_facts, facts.crew_facts, facts.lying_at
meter_parts, part_levels, part_uses = facts.meter_parts, facts.part_levels, facts.part_uses
part_ends = facts.part_ends
names_of_skills_and_parts, why_waiting = facts.names_of_skills_and_parts, words.why_waiting
waits, look_for_crews = waiting.standing, waiting_actions.look_again

# Who asks for jobs of several customers says which: what crews do for any of them is of the job.
know_accounts = whose.know_accounts

# What other areas ask of patrols and construction sites.
make_patrol_round, patrol_rounds = patrol.make_patrol_round, patrol.patrol_rounds
take_patrol_walk, take_patrol_finding = patrol.take_patrol_walk, patrol.take_patrol_finding
register_site, note_at_site = patrol.register_site, patrol.note_at_site

# What other areas ask of rounds to plants.
check_rounds, take_check = checks.check_rounds, checks.take_check
make_check_list, make_check_round = checks.make_check_list, checks.make_check_round


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


def job_types() -> list[contracts.NamedThing]:
    """Return the types of jobs that may be asked for, by code."""
    rows = models.JobType.objects.filter(is_retired=False).order_by("code")
    return [contracts.NamedThing(*one) for one in rows.values_list("code", "name_zh", "name_en")]


def crew_codes() -> list[str]:
    """Return the codes of the crews there are."""
    return list(crew_queries.crews().values_list("code", flat=True))


def crew_people() -> int:
    """Return how many people belong to crews now."""
    keys = list(crew_queries.crews().values_list("pk", flat=True))
    return sum(len(people) for people in crew_queries.people_of(keys).values())


def crew_leaders() -> dict[str, User]:
    """Return who leads each crew that has people, by the crew's code."""
    rows = crew_queries.crews()
    people = crew_queries.people_of([one.pk for one in rows])
    return {one.code: people[one.pk][0].user for one in rows if people.get(one.pk)}


def give_to_crew(*, number: str, crew_code: str, by_id: int) -> contracts.Job:
    """Give a job to a crew, at the end of what it has to do. Publishes ``JobAssigned``."""
    row, _broken = giving.give_to_crew(number, crew_code=crew_code, by_id=by_id)
    return queries.contracts_of([row])[0]


def waiting_jobs() -> list[contracts.Job]:
    """Return the jobs that nobody has yet, the most pressing first, then as they came."""
    rows = queries.jobs(state=contracts.JobState.REQUESTED).order_by("id")
    order = list(contracts.Priority)
    return sorted(queries.contracts_of(rows), key=lambda one: -order.index(one.priority))


def able_crews(number: str) -> list[contracts.AbleCrew]:
    """Return every crew for a job as the board shows them: able ones first, then by arrival."""
    row = queries.job(number)
    if row is None:
        raise refusals.NoSuchJob(number)
    return [
        contracts.AbleCrew(
            one.crew.code, one.arrive_at, one.drive_s, one.waiting, one.faults, one.lacking
        )
        for one in planning_queries.candidates(row, clock.now())
    ]


def to_do() -> dict[str, list[contracts.ToDo]]:
    """Return what each crew still has to do, in its order, by the crew's code."""
    found: dict[str, list[contracts.ToDo]] = {}
    rows = models.Job.objects.filter(crew__isnull=False, state=contracts.JobState.ASSIGNED)
    rows = rows.select_related("job_type", "crew")
    for one in rows.order_by("planned_order", "planned_at", "due_at", "id"):
        assert one.crew is not None
        found.setdefault(one.crew.code, []).append(
            contracts.ToDo(
                one.number, one.origin, one.job_type.code if one.job_type else "",
                one.planned_drive_s or 0, one.duration_minutes,
                one.planned_at, one.set_off_at, one.arrived_at,
            )
        )  # fmt: skip
    return found


def shifts_ahead(ahead: timedelta) -> dict[str, tuple[datetime, datetime]]:
    """Return the shift that each crew works next, or works now, by its code.

    Crews that are off all the time ahead are left out.
    """
    now = clock.now()
    return {one.crew.code: one.shift for one in crew_queries.at_work(now, now + ahead)}


def set_off(*, number: str, by: User) -> None:
    """Say that a crew is on its way to a job."""
    giving.set_off(number, by=by)


def hand_in(
    *, phone_id: uuid.UUID, sent_ms: float, entries: Iterable[tuple[uuid.UUID, str, str]], by: User
) -> list[contracts.Receipt]:
    """Take entries of a phone as its API does: key, text, and the hash of the text, in order."""
    handed = [phone_actions.Handed(*one) for one in entries]
    receipts = phone_actions.receive(phone_id=phone_id, sent_ms=sent_ms, entries=handed, by=by)
    return [contracts.Receipt(str(one.id), one.outcome, one.code) for one in receipts]


def hand_in_photo(content: bytes, content_hash: str, *, by: User) -> bool:
    """Take a photo of a phone whole, as its API does; return whether the phone may forget it."""
    return photo_actions.receive_piece(
        content_hash=content_hash, size_bytes=len(content), offset=0, piece=content, by=by
    ).is_kept


def lying(store_code: str) -> dict[str, int]:
    """Return what lies in a store or vehicle, by the code of the part."""
    rows = stock_queries.stock().filter(store__code=store_code)
    return dict(rows.values_list("part__code", "quantity"))


def move_parts(
    parts: Mapping[str, int], *, from_code: str = "", to_code: str = "", note: str = "",
    by_id: int | None,
) -> None:  # fmt: skip
    """Receive parts into a store (no ``from_code``) or load them from one to another.

    Refuses more than lies there.
    """
    why = contracts.Moved.LOADED if from_code else contracts.Moved.RECEIVED
    way = stock_actions.Way(why, from_code=from_code, to_code=to_code, note=note)
    stock_actions.move(way, parts, by_id=by_id)


def issue_parts(
    parts: Mapping[str, int], *, from_code: str, job_number: str, by_id: int | None
) -> None:
    """Take parts from a store or vehicle for a job. Refuses more than lies there."""
    way = stock_actions.Way(contracts.Moved.ISSUED, from_code=from_code, job_number=job_number)
    stock_actions.move(way, parts, by_id=by_id)


def arrive(*, number: str, by: User) -> contracts.Job:
    """Say that a crew is at its job and begins."""
    return queries.contracts_of([giving.arrive(number, by=by)])[0]


def set_priority(
    *, number: str, priority: contracts.Priority, by_id: int, note: str = ""
) -> contracts.Job:
    """Say how pressing a job is now. Refuses with ``fieldwork.not_in_this_state``."""
    row = giving.set_priority(number, priority, by_id=by_id, note=note)
    return queries.contracts_of([row])[0]


def raise_minimum(
    part_code: str, total: int, *, from_month: int, until_month: int, by_id: int | None
) -> dict[str, int]:
    """Raise what the store-houses together should have of a part in a season; return by store."""
    return stock_actions.raise_minimum(
        part_code, total, from_month=from_month, until_month=until_month, by_id=by_id
    )


def reasons() -> dict[str, str]:
    """Return why a job may have no crew, in the reader's words, by code."""
    return {one: str(said) for one, said in (*words.REASONS.items(), *words.WAITS.items())}


def tell_moments(
    *, number: str, repaired_at: datetime | None, water_back_at: datetime | None,
    cause: contracts.Cause, by: User,
) -> contracts.Job:  # fmt: skip
    """Say when a repair was done and water was back, and why it broke."""
    row = timing.tell(
        number, repaired_at=repaired_at, water_back_at=water_back_at, cause=cause, by=by
    )
    return queries.contracts_of([row])[0]


def parts_short() -> dict[str, int]:
    """Return how many of each part are missing for all open jobs, by code; only what is short."""
    today = clock.local(clock.now()).date()
    rows = stock_queries.outlook(today)
    return {one.part.code: -one.left for one in rows if one.left < 0}


def stock_warnings(*, since: datetime) -> list[contracts.StockWarning]:
    """Return the warnings of parts that stood at a moment or began after it, earliest first."""
    return stock_queries.warnings_since(since)


def repair_times(*, since: datetime, until: datetime) -> list[contracts.RepairTime]:
    """Return the moments of the repairs that were called between two moments, earliest first."""
    return repairs.times(since=since, until=until)
