"""What people ask about crews: who is in them, when they work, where they are, what they carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huoshui.areas.fieldwork import contracts, models, rules
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

# A shift that began this long ago may still go on.
LONGEST = timedelta(days=1)
# A shift that is over sooner is not planned any more where another one follows.
WORTH_IT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AtWork:
    """A crew with the shift that it works, and where it is or starts from."""

    crew: models.Crew
    shift: rules.Shift
    lon: float
    lat: float


def crews() -> QuerySet[models.Crew]:
    """Return the crews there are, by code."""
    return models.Crew.objects.filter(is_retired=False).order_by("code")


def crew(code: str) -> models.Crew | None:
    """Return a crew, retired or not, or None."""
    rows = models.Crew.objects.select_related("pattern", "depot", "vehicle", "unit")
    return rows.filter(code=code).first()


def members(crew_id: int) -> list[models.CrewMember]:
    """Return who belongs to a crew now, its leader first."""
    rows = models.CrewMember.objects.valid_at(clock.now()).filter(crew_id=crew_id)
    return list(rows.select_related("user").order_by("-is_leader", "id"))


def reaches(crew_ids: Iterable[int]) -> dict[int, frozenset[str] | None]:
    """Return in which units each crew may be given jobs, by key as text; None: everywhere.

    Who answers for its jobs decides, as where they are given: the units of the leader's posts, so
    a post in another unit for some days lends the crew to it. A crew without people is left out of
    this: it is refused for having none.
    """
    listed = list(crew_ids)
    leaders: dict[int, int] = {}
    rows = models.CrewMember.objects.valid_at(clock.now()).filter(crew_id__in=listed)
    for crew_id, user_id in rows.order_by("-is_leader", "id").values_list("crew_id", "user_id"):
        leaders.setdefault(crew_id, user_id)
    known = permissions.units_of_many(leaders.values(), "fieldwork.report_job")
    found: dict[int, frozenset[str] | None] = {}
    for key in listed:
        units = known.get(leaders[key], frozenset()) if key in leaders else None
        found[key] = None if units is None else frozenset(str(one) for one in units)
    return found


def belongs(user_id: int, crew_id: int) -> bool:
    """Say whether somebody belongs to a crew now."""
    rows = models.CrewMember.objects.valid_at(clock.now())
    return rows.filter(crew_id=crew_id, user_id=user_id).exists()


def crew_of(user_id: int) -> models.Crew | None:
    """Return the crew somebody belongs to now, or None."""
    row = (
        models.CrewMember.objects.valid_at(clock.now())
        .filter(user_id=user_id)
        .select_related("crew__pattern")
        .first()
    )
    return None if row is None else row.crew


def shift_now(row: models.Crew) -> rules.Shift | None:
    """Return the shift that a crew works now, or None where it is off."""
    now = clock.now()
    today = clock.local(now).date()
    for day in (today, today - LONGEST):
        shift = shifts([row], day).get(row.pk)
        if shift is not None and shift[0] <= now < shift[1]:
            return shift
    return None


def people_of(crew_ids: Iterable[int]) -> dict[int, list[models.CrewMember]]:
    """Return who belongs to each of some crews now, leaders first."""
    found: dict[int, list[models.CrewMember]] = defaultdict(list)
    rows = models.CrewMember.objects.valid_at(clock.now()).filter(crew_id__in=list(crew_ids))
    for row in rows.select_related("user").order_by("-is_leader", "id"):
        found[row.crew_id].append(row)
    return dict(found)


def shifts(rows: Iterable[models.Crew], day: date) -> dict[int, rules.Shift]:
    """Return when each of some crews works on a local day; who is off is not in it.

    The pattern must be there (``select_related``); exceptions of the day come before it.
    """
    kept = list(rows)
    exceptions: dict[int, models.CrewDay] = {}
    wanted = models.CrewDay.objects.filter(day=day, crew_id__in=[one.pk for one in kept])
    for exception in wanted.order_by("id"):
        exceptions[exception.crew_id] = exception
    found = {}
    for one in kept:
        exception_ = exceptions.get(one.pk)
        if exception_ is not None:
            if exception_.from_at is not None and exception_.until is not None:
                found[one.pk] = (exception_.from_at, exception_.until)
        elif one.pattern is not None:
            shift = rules.shift_on(
                day,
                days=one.pattern.days,
                first_date=one.pattern.first_date,
                offset_days=one.pattern_offset_days,
                zone=clock.local_zone(),
            )
            if shift is not None:
                found[one.pk] = shift
    return found


def at_work(from_at: datetime, until: datetime) -> list[AtWork]:
    """Return the crews that work between two moments, each with the shift that it works then.

    Of several shifts the first counts that still has some time to it. Crews of which no place is
    known are left out: nobody could say how far they have to drive.
    """
    rows = list(crews().select_related("pattern", "depot", "vehicle").prefetch_related("skills"))
    first, last = clock.local(from_at).date() - LONGEST, clock.local(until).date()
    chosen: dict[int, rules.Shift] = {}
    for number in range((last - first).days + 1):
        for key, shift in shifts(rows, first + timedelta(days=number)).items():
            left = min(shift[1], until) - max(shift[0], from_at)
            before = chosen.get(key)
            if left > timedelta(0) and (before is None or before[1] - from_at < WORTH_IT):
                chosen[key] = shift
    found = []
    for row in rows:
        spot = spot_of(row)
        if row.pk in chosen and spot is not None:
            found.append(AtWork(row, chosen[row.pk], *spot))
    return found


def spot_of(row: models.Crew) -> tuple[float, float] | None:
    """Return where a crew is: its latest place, else its depot."""
    if row.lon is not None and row.lat is not None:
        return row.lon, row.lat
    depot = row.depot
    if depot is not None and depot.lon is not None and depot.lat is not None:
        return depot.lon, depot.lat
    return None


def loads(vehicle_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return what lies in each of some vehicles, by the code of the part."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = models.Stock.objects.filter(store_id__in=list(vehicle_ids), quantity__gt=0)
    for store, part, quantity in rows.values_list("store_id", "part__code", "quantity"):
        found[store][part] = quantity
    return dict(found)


def kits() -> dict[int, dict[str, int]]:
    """Return the parts that each type of job takes, by the number of the type."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = models.KitLine.objects.values_list("job_type_id", "part__code", "quantity")
    for job_type, part, quantity in rows:
        found[job_type][part] = quantity
    return dict(found)


def to_do(crew_id: int) -> QuerySet[models.Job]:
    """Return what a crew still has to do, in its order."""
    rows = models.Job.objects.filter(crew_id=crew_id, state=contracts.JobState.ASSIGNED)
    rows = rows.select_related("job_type")
    return rows.order_by("planned_order", "planned_at", "due_at", "id")


def busy_with(crew_ids: Iterable[int]) -> dict[int, models.Job]:
    """Return the job that each of some crews has begun and not reported yet."""
    rows = models.Job.objects.filter(
        Q(arrived_at__isnull=False), crew_id__in=list(crew_ids), state=contracts.JobState.ASSIGNED
    )
    return {row.crew_id: row for row in rows.order_by("arrived_at") if row.crew_id is not None}


def skills() -> QuerySet[models.Skill]:
    """Return all skills, each with how many crews have it."""
    having = crews().filter(skills=OuterRef("pk")).order_by().values("skills")
    counted = having.annotate(n=Count("pk")).values("n")
    return models.Skill.objects.annotate(crews=Coalesce(Subquery(counted), 0))
