"""Jobs and crews as the planner of the laboratory sees them, and what it answers about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet

from huoshui.areas.fieldwork import contracts, models, rules
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import ways
from huoshui.areas.network import facade as network
from huoshui.lab.planning import problem as p
from huoshui.lab.planning import rechecking, scheduling
from huoshui.lab.planning.roads import Flags

Spot = ways.Spot
PRESSING = tuple(str(one) for one in contracts.Priority)[::-1]
DAY = timedelta(hours=24)
# What speaks against a crew of which nobody can say when it would be there.
OFF, NOWHERE, NO_PLACE = "off", "nowhere", "no_place"
# What speaks against one that has enough to do.
FULL = "full"


@dataclass(frozen=True, slots=True)
class Stop:
    """When a crew begins a job, after which way, and the rules that this breaks."""

    begin_at: datetime
    drive_s: int
    drive_m: float
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A crew for one job: when it would be there if it went next, and what speaks against it.

    ``faults`` are codes of ``lab.planning.Rule`` and those above; ``lacking`` names what it lacks;
    ``by_line`` says that the way is estimated by the straight line.
    """

    crew: models.Crew
    arrive_at: datetime | None
    drive_s: int | None
    drive_m: float | None
    waiting: int
    faults: tuple[str, ...]
    lacking: tuple[str, ...]
    by_line: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """A planner's problem, what its ways lead over, and which of them no graph has."""

    problem: p.Problem
    over: str
    by_line: Flags

    def legs_by_line(self, plan: p.Plan) -> int:
        """Return how many legs of a plan are estimated by the straight line."""
        return sum(bool(self.by_line[leg]) for leg in rechecking.legs(self.problem, plan))


def plannable() -> QuerySet[models.Job]:
    """Return the jobs that wait for a crew or that a crew has not begun, what presses first."""
    waiting = (contracts.JobState.REQUESTED, contracts.JobState.ASSIGNED)
    rows = models.Job.objects.filter(state__in=waiting, arrived_at__isnull=True)
    return rows.select_related("crew", "job_type").prefetch_related("skills")


def spots_of(jobs: Iterable[models.Job]) -> dict[int, Spot]:
    """Return where jobs are: their spot, else the middle of their zone; who has neither is out."""
    zones: dict[str, Spot | None] = {}
    found: dict[int, Spot] = {}
    for job in jobs:
        if job.lon is not None and job.lat is not None:
            found[job.pk] = job.lon, job.lat
        elif job.zone_code:
            if job.zone_code not in zones:
                box = network.zone_bounds(job.zone_code)
                zones[job.zone_code] = (
                    None if box is None else ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
                )
            middle = zones[job.zone_code]
            if middle is not None:
                found[job.pk] = middle
    return found


def units_of(jobs: Iterable[models.Job]) -> dict[int, str]:
    """Return the unit in charge of where each job is, by key as text; "" where nobody is."""
    listed = list(jobs)
    known = network.units_in_charge()
    assets = {one.asset_code for one in listed if one.asset_code and not one.zone_code}
    zones = network.zones_of_assets(assets) if assets else {}
    found = {}
    for job in listed:
        unit = known.get(job.zone_code or zones.get(job.asset_code or "", ""))
        found[job.pk] = "" if unit is None else str(unit)
    return found


def problem_of(
    jobs: Sequence[models.Job],
    at_work: Sequence[crew_queries.AtWork],
    *,
    from_at: datetime,
    until: datetime,
    pin_given: bool,
) -> Timed:
    """Return the planner's problem; jobs without a place must be left out before.

    A crew that is busy starts from that job, once it should be over. With ``pin_given`` a job that
    a crew has stays with it.
    """
    spots = spots_of(jobs)
    crew_ids = [one.crew.pk for one in at_work]
    busy = crew_queries.busy_with(crew_ids)
    busy_spots = spots_of(busy.values())
    loads = crew_queries.loads(
        [one.crew.vehicle_id for one in at_work if one.crew.vehicle_id is not None]
    )
    kits = crew_queries.kits()
    places: list[Spot] = [spots[one.pk] for one in jobs]
    reach, units = crew_queries.reaches(crew_ids), units_of(jobs)
    teams = []
    for one in at_work:
        crew, doing = one.crew, busy.get(one.crew.pk)
        begin_at, spot = max(one.shift[0], from_at), (one.lon, one.lat)
        load = Counter(loads.get(crew.vehicle_id or 0, {}))
        if doing is not None and doing.arrived_at is not None:
            over_at = doing.arrived_at + timedelta(minutes=doing.duration_minutes)
            begin_at = max(begin_at, over_at)
            spot = busy_spots.get(doing.pk, spot)
            load.subtract(kits.get(doing.job_type_id or 0, {}))
        places.append(spot)
        start, end = len(places) - 1, None
        depot = crew.depot
        if depot is not None and depot.lon is not None and depot.lat is not None:
            places.append((depot.lon, depot.lat))
            end = len(places) - 1
        teams.append(
            p.Team(
                key=crew.code,
                start=start,
                from_s=max(0, round((begin_at - from_at).total_seconds())),
                until_s=round((min(one.shift[1], until) - from_at).total_seconds()),
                skills=frozenset(skill.code for skill in crew.skills.all()),
                stock={part: count for part, count in load.items() if count > 0},
                end=end,
                grounds=reach[crew.pk],
            )
        )
    tasks = [
        replace(_task(job, number, from_at, until, kits, pin_given=pin_given), ground=units[job.pk])
        for number, job in enumerate(jobs)
    ]
    found = ways.between(places)
    driving = found.driving
    problem = p.Problem(tuple(tasks), tuple(teams), driving.time_s, driving.way_m)
    return Timed(problem, found.over, driving.by_line)


def _task(
    job: models.Job,
    place: int,
    from_at: datetime,
    until: datetime,
    kits: dict[int, dict[str, int]],
    *,
    pin_given: bool,
) -> p.Task:
    def seconds(moment: datetime) -> int:
        return round((moment - from_at).total_seconds())

    priority = contracts.Priority(job.priority)
    window = max(0, seconds(job.window_from_at)) if job.window_from_at else 0
    given = job.crew is not None and pin_given
    return p.Task(
        key=job.number,
        place=place,
        service_s=job.duration_minutes * 60,
        from_s=window,
        until_s=seconds(job.window_until or until),
        skills=frozenset(one.code for one in job.skills.all()),
        parts=kits.get(job.job_type_id or 0, {}),
        weight=rules.WEIGHTS[priority],
        due_s=max(0, seconds(job.due_at)) if priority in rules.DUE_COUNTS else None,
        pinned_to=job.crew.code if given and job.crew else None,
    )


def times_of(crew: models.Crew, order: Sequence[models.Job], now: datetime) -> list[Stop]:
    """Return when a crew begins each job of an order, and what that breaks.

    What it has begun already stays at the moment it began.
    """
    begun = [one for one in order if one.arrived_at is not None]
    ahead = [one for one in order if one.arrived_at is None]
    spots = spots_of(ahead)
    placed = [one for one in ahead if one.pk in spots]
    found = {
        one.pk: Stop(one.arrived_at, one.planned_drive_s or 0, 0.0, ())
        for one in begun
        if one.arrived_at is not None
    }
    at_work = [one for one in crew_queries.at_work(now, now + DAY) if one.crew.pk == crew.pk]
    if at_work and placed:
        timed = problem_of(placed, at_work, from_at=now, until=now + DAY, pin_given=False)
        problem = timed.problem
        route, broken = scheduling.route_with_faults(problem, problem.teams[0], problem.tasks)
        faults = faults_of(broken)
        for job, visit in zip(placed, route.visits, strict=True):
            found[job.pk] = Stop(
                now + timedelta(seconds=visit.begin_s), visit.drive_s, visit.drive_m,
                tuple(faults.get(job.number, ())),
            )  # fmt: skip
    # Of a crew that is off, or a job without a place, nobody can say more than that.
    off = Stop(now, 0, 0.0, () if at_work else (OFF,))
    return [found.get(one.pk, off) for one in order]


def faults_of(broken: Iterable[p.Broken]) -> dict[str, list[str]]:
    """Return the codes of broken rules, each once, by the number of the job."""
    found: dict[str, list[str]] = {}
    for one in broken:
        codes = found.setdefault(one.subject, [])
        if str(one.rule) not in codes:
            codes.append(str(one.rule))
    return found


def candidates(job: models.Job, now: datetime) -> list[Candidate]:
    """Return every crew for a job: who is able and there first comes first, with what lacks."""
    return candidates_of([job], now)[job.pk]


def candidates_of(jobs: Sequence[models.Job], now: datetime) -> dict[int, list[Candidate]]:
    """Return for each of some jobs what `candidates` returns; the crews are looked up once."""
    rows = list(
        crew_queries.crews()
        .select_related("pattern", "depot", "vehicle")
        .prefetch_related("skills")
    )
    at_work = {one.crew.pk: one for one in crew_queries.at_work(now, now + DAY)}
    spots = spots_of(jobs)
    placed = [one for one in jobs if one.pk in spots]
    waiting = Counter(
        models.Job.objects.filter(
            state=contracts.JobState.ASSIGNED, crew_id__in=[one.pk for one in rows]
        ).values_list("crew_id", flat=True)
    )
    free: dict[str, Counter[str]] = {}
    teams: dict[str, p.Team] = {}
    tasks: dict[str, p.Task] = {}
    if placed:
        timed = problem_of(
            placed, list(at_work.values()), from_at=now, until=now + DAY, pin_given=False
        )
        teams = {one.key: one for one in timed.problem.teams}
        tasks = {one.key: one for one in timed.problem.tasks}
        free = {one.key: Counter(one.stock) for one in timed.problem.teams}
        for key, parts in _promised(at_work).items():
            free[at_work[key].crew.code].subtract(parts)
    found: dict[int, list[Candidate]] = {}
    for job in jobs:
        task, mine = tasks.get(job.number), []
        for row in rows:
            team = teams.get(row.code)
            if task is None or team is None:
                fault = _unknown(row, has_place=job.pk in spots)
                mine.append(Candidate(row, None, None, None, waiting[row.pk], (fault,), ()))
            else:
                ahead = waiting[row.pk]
                mine.append(_candidate(timed, row, team, task, free[row.code], ahead, now))
        found[job.pk] = sorted(mine, key=_rank)
    return found


def _unknown(row: models.Crew, *, has_place: bool) -> str:
    """Return why nobody can say when a crew would be at a job."""
    if not has_place:
        return NO_PLACE
    return OFF if crew_queries.spot_of(row) is not None else NOWHERE


def _candidate(
    timed: Timed,
    row: models.Crew,
    team: p.Team,
    task: p.Task,
    free: Counter[str],
    waiting: int,
    now: datetime,
) -> Candidate:
    route, broken = scheduling.route_with_faults(timed.problem, team, [task])
    (visit,) = route.visits
    faults = [one for one in faults_of(broken).get(task.key, []) if one != p.Rule.PARTS]
    short = sorted(part for part, count in task.parts.items() if free[part] < count)
    if short:
        faults.append(str(p.Rule.PARTS))
    if waiting >= rules.AHEAD_MOST:
        faults.append(FULL)
    lacking = (*sorted(task.skills - team.skills), *short)
    arrive_at = now + timedelta(seconds=visit.begin_s)
    return Candidate(row, arrive_at, visit.drive_s, visit.drive_m, waiting, tuple(faults), lacking,
                     bool(timed.by_line[team.start, task.place]))  # fmt: skip


def _promised(at_work: dict[int, crew_queries.AtWork]) -> dict[int, Counter[str]]:
    """Return the parts that crews carry for jobs they have already, but have not begun."""
    kits = crew_queries.kits()
    found: dict[int, Counter[str]] = {}
    rows = models.Job.objects.filter(
        state=contracts.JobState.ASSIGNED, crew_id__in=list(at_work), arrived_at__isnull=True
    )
    for crew_id, job_type in rows.values_list("crew_id", "job_type_id"):
        if crew_id is not None:
            found.setdefault(crew_id, Counter()).update(kits.get(job_type or 0, {}))
    return found


def _rank(one: Candidate) -> tuple[bool, int, float, str]:
    """Able crews first, then those that lack least; of two alike who is there first."""
    arrive = one.arrive_at.timestamp() if one.arrive_at else float("inf")
    return one.arrive_at is None, len(one.faults) + len(one.lacking), arrive, one.crew.code


def plans() -> QuerySet[models.Plan]:
    """Return all proposals, the latest first."""
    return models.Plan.objects.select_related("asked_by", "decided_by").order_by("-id")


def plan(number: int) -> models.Plan | None:
    """Return a proposal, or None."""
    return plans().filter(pk=number).first()
