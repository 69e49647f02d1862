"""Jobs, crews and parts as whoever counts them needs them: as they stood at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from huoshui.areas.fieldwork import models, rules, words
from huoshui.areas.fieldwork.contracts import JobState, Moved
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.queries import waiting
from huoshui.kernel import clock

AT_ONCE = 500
STATES = {
    "requested": JobState.REQUESTED, "assigned": JobState.ASSIGNED, "reported": JobState.DONE,
    "returned": JobState.ASSIGNED, "closed": JobState.CLOSED, "cancelled": JobState.CANCELLED,
    "taken_back": JobState.REQUESTED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobFact:
    """One job as it stood at a moment; empty moments had not come yet.

    ``waits`` is why it had no crew then, as it was known; None too where nobody had looked.
    """

    number: str
    title: str
    origin: str
    kind: str
    type_code: str
    exchanges_meter: bool
    state: JobState
    priority: str
    crew_code: str
    requested_at: datetime
    given_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    found: str
    waits: waiting.Waiting | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class CrewFact:
    """One crew now: how many people, whether its shift runs, and what it is busy with."""

    code: str
    name: str
    people: tuple[int, ...]
    is_on_shift: bool
    is_busy: bool


@dataclass(frozen=True, slots=True)
class PartLevel:
    """How many of a part lie where now, what open jobs take, and the minimum of the season."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    in_stores: int
    in_vehicles: int
    wanted: int
    minimum: int

    @property
    def lying(self) -> int:
        """How many there are, in stores and vehicles together."""
        return self.in_stores + self.in_vehicles


@dataclass(frozen=True, slots=True)
class PartEnd:
    """How many of a part lay there, and when it ends if its use goes on as within `over_h`."""

    code: str
    lying: int
    per_hour: float
    hours_left: float | None
    at: datetime | None
    over_h: float


@dataclass(frozen=True, slots=True)
class PartUse:
    """So many of a part were used by a job, less what came back from it."""

    code: str
    at: datetime
    quantity: int
    job_number: str


def job_facts(origins: Iterable[str], at: datetime) -> list[JobFact]:
    """Return the jobs of some origins as they stood at a moment, by number."""
    wanted = list(dict.fromkeys(origins))
    rows: list[models.Job] = []
    for place in range(0, len(wanted), AT_ONCE):
        part = models.Job.objects.filter(origin__in=wanted[place : place + AT_ONCE])
        rows += part.filter(requested_at__lt=at).select_related("job_type", "crew")
    steps = _steps([row.pk for row in rows], at)
    waits = waiting.at([row.pk for row in rows], at)
    found = _found([row.pk for row in rows], at)
    return sorted(
        (_fact(row, steps[row.pk], found.get(row.pk, ""), waits.get(row.pk)) for row in rows),
        key=lambda one: one.number,
    )


def _fact(
    row: models.Job,
    steps: list[tuple[str, datetime]],
    found: str,
    waits: waiting.Waiting | None,
) -> JobFact:
    state, given, arrived, done = JobState.REQUESTED, None, None, None
    for what, moment in steps:
        state = STATES.get(what, state)
        if what == "assigned":
            given = given or moment
        elif what == "arrived":
            arrived = arrived or moment
        elif what == "reported":
            done = moment
        elif what == "taken_back":
            given = arrived = None
        elif what == "returned":
            done = None
    is_given = state != JobState.REQUESTED
    return JobFact(
        number=row.number,
        title=row.title,
        origin=row.origin,
        kind=row.kind,
        type_code=row.job_type.code if row.job_type else "",
        exchanges_meter=bool(row.job_type and row.job_type.exchanges_meter),
        state=state,
        priority=row.priority,
        crew_code=row.crew.code if row.crew and is_given else "",
        requested_at=row.requested_at,
        given_at=given,
        arrived_at=arrived,
        done_at=done,
        found=found if done else "",
        waits=None if is_given else waits,
        lon=row.lon,
        lat=row.lat,
    )


def _steps(job_ids: list[int], at: datetime) -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for place in range(0, len(job_ids), AT_ONCE):
        rows = models.JobEvent.objects.filter(
            job_id__in=job_ids[place : place + AT_ONCE], at__lt=at
        )
        for job_id, what, moment in rows.order_by("at", "id").values_list("job_id", "what", "at"):
            found[job_id].append((what, moment))
    return found


def _found(job_ids: list[int], at: datetime) -> dict[int, str]:
    found: dict[int, str] = {}
    for place in range(0, len(job_ids), AT_ONCE):
        rows = models.JobReport.objects.filter(
            job_id__in=job_ids[place : place + AT_ONCE], reported_at__lt=at
        )
        for job_id, what in rows.order_by("reported_at", "id").values_list("job_id", "found"):
            found[job_id] = what
    return found


def crew_facts() -> list[CrewFact]:
    """Return the crews there are, by code, with the people who belong to each now."""
    rows = list(crew_queries.crews().select_related("pattern"))
    people = crew_queries.people_of([row.pk for row in rows])
    busy = crew_queries.busy_with([row.pk for row in rows])
    now = clock.now()
    today = clock.local(now).date()
    shifts = [crew_queries.shifts(rows, day) for day in (today - crew_queries.LONGEST, today)]
    return [
        CrewFact(
            code=row.code,
            name=row.name,
            people=tuple(one.user_id for one in people.get(row.pk, [])),
            is_on_shift=any(
                row.pk in day and day[row.pk][0] <= now < day[row.pk][1] for day in shifts
            ),
            is_busy=row.pk in busy,
        )
        for row in rows
    ]


def part_levels(codes: Iterable[str] = ()) -> list[PartLevel]:
    """Return how much there is of some parts now, or of all, those that run short first."""
    wanted = set(codes)
    today = clock.local(clock.now()).date()
    return [
        PartLevel(
            one.part.code, one.part.name_zh, one.part.name_en, one.part.unit, one.in_stores,
            one.in_vehicles, one.wanted, one.minimum,
        )
        for one in stock_queries.outlook(today)
        if not wanted or one.part.code in wanted
    ]  # fmt: skip


def names_of_skills_and_parts() -> dict[str, str]:
    """Return what each skill and part is called in the reader's language, by its code."""
    skills = {one.code: words.name_of(one) for one in models.Skill.objects.all()}
    return skills | {one.code: words.name_of(one) for one in models.Part.objects.all()}


def part_uses(codes: Iterable[str], from_at: datetime, until: datetime) -> list[PartUse]:
    """Return what jobs used of some parts in a stretch of time; what came back is negative."""
    used = Q(why=Moved.ISSUED, to_store__isnull=True) | Q(why=Moved.RETURNED, job__isnull=False)
    rows = models.StockMovement.objects.filter(
        used, part__code__in=list(codes), at__gte=from_at, at__lt=until
    ).order_by("at", "id")
    return [
        PartUse(code, at, quantity if why == Moved.ISSUED else -quantity, number or "")
        for code, at, quantity, why, number in rows.values_list(
            "part__code", "at", "quantity", "why", "job__number"
        )
    ]


def part_ends(codes: Iterable[str], at: datetime) -> dict[str, PartEnd]:
    """Return how long some parts lasted from a moment on, by code: as the outlook says it."""
    wanted = list(codes)
    lying = lying_at(wanted, at)
    used = stock_queries.used_between(at - rules.RATE_OVER, at)
    keys = dict(models.Part.objects.filter(code__in=wanted).values_list("code", "pk"))
    found = {}
    for code in wanted:
        end = rules.run_out(lying=lying[code], used=used.get(keys.get(code, 0), 0), now=at)
        found[code] = PartEnd(
            code, lying[code], end.per_hour, end.hours_left, end.at, rules.RATE_OVER / rules.HOUR
        )
    return found


def lying_at(codes: Iterable[str], at: datetime) -> dict[str, int]:
    """Return how many of some parts lay in stores and vehicles at a moment, by the movements."""
    wanted = list(codes)
    now = dict.fromkeys(wanted, 0)
    rows = models.Stock.objects.filter(part__code__in=wanted)
    for code, total in rows.values_list("part__code").annotate(n=Sum("quantity")):
        now[code] = total
    later = models.StockMovement.objects.filter(part__code__in=wanted, at__gte=at)
    for code, total in (
        later.filter(to_store__isnull=True).values_list("part__code").annotate(n=Sum("quantity"))
    ):
        now[code] += total
    for code, total in (
        later.filter(from_store__isnull=True).values_list("part__code").annotate(n=Sum("quantity"))
    ):
        now[code] -= total
    return now


def meter_parts() -> list[str]:
    """Return the parts that are meters; where none is said to be, what exchanging one takes."""
    said = models.Part.objects.filter(is_meter=True, is_retired=False)
    if meters := sorted(said.values_list("code", flat=True)):
        return meters
    rows = models.KitLine.objects.filter(job_type__exchanges_meter=True, part__is_retired=False)
    return sorted(set(rows.values_list("part__code", flat=True)))
