"""What people ask about parts: what lies where, what is below its minimum, what will run out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from huoshui.areas.fieldwork import models, rules
from huoshui.areas.fieldwork.queries import crews as crew_queries


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a part reaches: what lies there, what open jobs will take, what is missing then."""

    part: models.Part
    in_stores: int
    in_vehicles: int
    wanted: int
    jobs: int
    minimum: int

    @property
    def left(self) -> int:
        """What would be left after all open jobs; below zero where it does not reach."""
        return self.in_stores + self.in_vehicles - self.wanted

    @property
    def state(self) -> str:
        """``short`` where open jobs need more than there is, ``low`` below the minimum."""
        return "short" if self.left < 0 else "low" if self.left < self.minimum else "enough"


def parts() -> QuerySet[models.Part]:
    """Return the parts there are, by code."""
    return models.Part.objects.filter(is_retired=False).order_by("code")


def stores() -> QuerySet[models.Store]:
    """Return the stores and vehicles there are, stores first."""
    return models.Store.objects.filter(is_retired=False).order_by("is_vehicle", "code")


def store(code: str) -> models.Store | None:
    """Return a store, or None."""
    return models.Store.objects.filter(code=code).first()


def stock() -> QuerySet[models.Stock]:
    """Return what lies where, by store and part."""
    rows = models.Stock.objects.select_related("store", "part", "store__crew")
    return rows.filter(store__is_retired=False, part__is_retired=False)


def movements() -> QuerySet[models.StockMovement]:
    """Return all movements, the latest first."""
    rows = models.StockMovement.objects.select_related(
        "part", "from_store", "to_store", "job", "by"
    )
    return rows.order_by("-at", "-id")


def minimums(day: date) -> dict[tuple[int, int], int]:
    """Return what each store should have of each part in the season of a day."""
    found: dict[tuple[int, int], int] = {}
    rows = models.StockMinimum.objects.values_list(
        "store_id", "part_id", "from_month", "until_month", "quantity"
    )
    for store_id, part_id, first, last, quantity in rows:
        if rules.in_season(day.month, first, last):
            key = (store_id, part_id)
            found[key] = max(found.get(key, 0), quantity)
    return found


def outlook(day: date) -> list[Outlook]:
    """Return for each part how far it reaches when every open job takes its kit, worst first."""
    lying: dict[tuple[int, bool], int] = {}
    totals = (
        models.Stock.objects.filter(store__is_retired=False)
        .values("part_id", "store__is_vehicle")
        .annotate(total=Sum("quantity"))
    )
    for row in totals:
        lying[row["part_id"], row["store__is_vehicle"]] = row["total"]
    least: Counter[int] = Counter()
    for (_store, part_id), quantity in minimums(day).items():
        least[part_id] += quantity
    wanted, jobs = _wanted()
    found = [
        Outlook(
            part=part,
            in_stores=lying.get((part.pk, False), 0),
            in_vehicles=lying.get((part.pk, True), 0),
            wanted=wanted[part.code],
            jobs=jobs[part.code],
            minimum=least[part.pk],
        )
        for part in parts()
    ]
    order = {"short": 0, "low": 1, "enough": 2}
    return sorted(found, key=lambda one: (order[one.state], one.left, one.part.code))


def _wanted() -> tuple[Counter[str], Counter[str]]:
    """Return how many of each part the open jobs will take, and how many jobs need it.

    What a job was issued already is not taken again.
    """
    kits = crew_queries.kits()
    waiting = models.Job.objects.open().filter(job_type__isnull=False)
    issued: dict[int, Counter[str]] = defaultdict(Counter)
    taken = models.StockMovement.objects.filter(
        job__in=waiting, to_store__isnull=True, from_store__isnull=False
    )
    for job_id, part, quantity in taken.values_list("job_id", "part__code", "quantity"):
        if job_id is not None:
            issued[job_id][part] += quantity
    wanted: Counter[str] = Counter()
    jobs: Counter[str] = Counter()
    for job_id, job_type in waiting.values_list("pk", "job_type_id"):
        for part, quantity in kits.get(job_type or 0, {}).items():
            missing = quantity - issued[job_id][part] if job_id in issued else quantity
            if missing > 0:
                wanted[part] += missing
                jobs[part] += 1
    return wanted, jobs


def of_job(job_id: int) -> list[models.StockMovement]:
    """Return what was issued to a job and came back, earliest first."""
    return list(movements().filter(job_id=job_id).order_by("at", "id"))


def lying(store_id: int, part_ids: Iterable[int]) -> dict[int, int]:
    """Return how many of some parts lie in a store."""
    rows = models.Stock.objects.filter(store_id=store_id, part_id__in=list(part_ids))
    return dict(rows.values_list("part_id", "quantity"))
