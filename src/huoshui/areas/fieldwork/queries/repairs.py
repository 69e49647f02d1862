"""How long repairs take: from the call until water is back, by cause, crew and month."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from huoshui.areas.fieldwork import contracts, models
from huoshui.kernel import clock


@dataclass(frozen=True, slots=True)
class Group:
    """The repairs of one cause, crew or month; minutes, None where no repair told both ends.

    ``count`` is of all repairs, ``ended`` of those of which water is known to be back.
    """

    key: str
    count: int
    ended: int
    median_min: float | None
    mean_min: float | None
    longest_min: float | None
    given_min: float | None
    way_min: float | None
    work_min: float | None


def called_between(since: datetime, until: datetime) -> QuerySet[models.Job]:
    """Return the repairs called between two moments, as `rows` gives them."""
    called = Q(called_at__gte=since, called_at__lt=until)
    asked = Q(called_at__isnull=True, requested_at__gte=since, requested_at__lt=until)
    return rows().filter(called | asked)


def rows() -> QuerySet[models.Job]:
    """Return all repairs that were not cancelled, with when each was given first."""
    given = (
        models.JobEvent.objects.filter(job=OuterRef("pk"), what="assigned")
        .order_by()
        .values("job")
        .annotate(at=Min("at"))
        .values("at")
    )
    found = models.Job.objects.filter(kind=contracts.JobKind.REPAIR)
    # A meter that is exchanged because its time has come is no repair; one that froze is called of.
    found = found.exclude(job_type__exchanges_meter=True, called_at__isnull=True)
    found = found.exclude(state=contracts.JobState.CANCELLED)
    return found.annotate(given_at=Subquery(given)).select_related("crew", "job_type")


def times(*, since: datetime, until: datetime) -> list[contracts.RepairTime]:
    """Return the moments of the repairs called between two moments, the earliest first."""
    found = [time_of(row) for row in called_between(since, until)]
    return sorted(found, key=lambda one: (one.called_at, one.number))


def time_of(row: models.Job) -> contracts.RepairTime:
    """Return the moments of one row of `rows`."""
    return contracts.RepairTime(
        number=row.number,
        cause=row.cause,
        crew=row.crew.name if row.crew else "",
        called_at=row.called_at or row.requested_at,
        given_at=getattr(row, "given_at", None),
        set_off_at=row.set_off_at,
        arrived_at=row.arrived_at,
        repaired_at=row.repaired_at,
        water_back_at=row.water_back_at,
    )


def month_of(one: contracts.RepairTime) -> str:
    """Return the local month in which a repair was called, such as ``2026-01``."""
    return f"{clock.local(one.called_at):%Y-%m}"


BY: dict[str, Callable[[contracts.RepairTime], str]] = {
    "cause": lambda one: one.cause,
    "crew": lambda one: one.crew,
    "month": month_of,
}


def groups(found: Iterable[contracts.RepairTime], by: str) -> list[Group]:
    """Return the repairs in groups, the largest first; months the latest first."""
    parted: dict[str, list[contracts.RepairTime]] = defaultdict(list)
    for one in found:
        parted[BY[by](one)].append(one)
    made = [_group(key, several) for key, several in parted.items()]
    if by == "month":
        return sorted(made, key=lambda one: one.key, reverse=True)
    return sorted(made, key=lambda one: (-one.count, one.key))


def _group(key: str, several: list[contracts.RepairTime]) -> Group:
    whole = _minutes((one.called_at, one.water_back_at) for one in several)
    return Group(
        key=key,
        count=len(several),
        ended=len(whole),
        median_min=_median(whole),
        mean_min=statistics.fmean(whole) if whole else None,
        longest_min=max(whole, default=None),
        given_min=_median(_minutes((one.called_at, one.given_at) for one in several)),
        way_min=_median(_minutes((one.given_at, one.arrived_at) for one in several)),
        work_min=_median(_minutes((one.arrived_at, one.repaired_at) for one in several)),
    )


def _minutes(ends: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    """Return how long each took; what ends before it begins was told wrongly and is left out."""
    found = []
    for begin, end in ends:
        if begin is not None and end is not None and end >= begin:
            found.append((end - begin).total_seconds() / 60)
    return found


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None
