"""What people ask about parts: what lies where, what is below its minimum, what will run out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from huoshui.areas.fieldwork import contracts, models, rules
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.kernel import clock


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a part reaches: what lies there, what open jobs will take, what is missing then.

    ``used`` is what jobs took within `rules.RATE_OVER`, ``runs_out_at`` when it ends at that rate.
    """

    part: models.Part
    in_stores: int
    in_vehicles: int
    wanted: int
    jobs: int
    minimum: int
    used: int = 0
    runs_out_at: datetime | None = None

    @property
    def lying(self) -> int:
        """What lies in all stores and vehicles."""
        return self.in_stores + self.in_vehicles

    @property
    def left(self) -> int:
        """What would be left after all open jobs; below zero where it does not reach."""
        return self.lying - self.wanted

    @property
    def to_order(self) -> int:
        """How many to order so that the open jobs have theirs and the season its minimum."""
        return max(0, self.minimum - self.left)

    @property
    def per_day(self) -> float:
        """What a day takes at the present rate."""
        return self.used * (timedelta(days=1) / rules.RATE_OVER)

    @property
    def state(self) -> str:
        """``short`` where open jobs need more than there is, ``low`` below the minimum."""
        return "short" if self.left < 0 else "low" if self.left < self.minimum else "enough"

    def ends_soon(self, now: datetime) -> bool:
        """Say whether it ends within `rules.WARN_AHEAD` at the present rate."""
        return self.runs_out_at is not None and self.runs_out_at <= now + rules.WARN_AHEAD

    def runs_short(self, now: datetime) -> bool:
        """Say whether somebody must be told: it does not reach, or it ends soon."""
        return self.left < 0 or self.ends_soon(now)


def parts() -> QuerySet[models.Part]:
    """Return the parts there are, by code."""
    return models.Part.objects.filter(is_retired=False).order_by("code")


def stores() -> QuerySet[models.Store]:
    """Return the stores and vehicles there are, stores first."""
    return models.Store.objects.filter(is_retired=False).order_by("is_vehicle", "code")


def store(code: str) -> models.Store | None:
    """Return a store, or None."""
    return models.Store.objects.filter(code=code).first()


def parts_with_totals() -> QuerySet[models.Part]:
    """Return all parts, retired ones too, each with what lies of it anywhere."""
    return models.Part.objects.annotate(total=_lying_total(part=OuterRef("pk")))


def stores_with_totals() -> QuerySet[models.Store]:
    """Return all stores and vehicles, retired ones too, each with what lies in it."""
    rows = models.Store.objects.select_related("crew")
    return rows.annotate(total=_lying_total(store=OuterRef("pk")))


def minimum_rows() -> QuerySet[models.StockMinimum]:
    """Return all minimums, each with what lies there now."""
    rows = models.StockMinimum.objects.select_related("store", "part")
    return rows.annotate(lies=_lying_total(store=OuterRef("store"), part=OuterRef("part")))


def _lying_total(**of: OuterRef) -> Coalesce:
    rows = models.Stock.objects.filter(**of).order_by().values(*of)
    return Coalesce(Subquery(rows.annotate(n=Sum("quantity")).values("n")), 0)


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


def outlook(
    day: date, *, now: datetime | None = None, part_ids: Sequence[int] | None = None
) -> list[Outlook]:
    """Return for each part how far it reaches when every open job takes its kit, worst first.

    ``part_ids`` keeps some parts only; ``now`` is until when use is counted.
    """
    now = now or clock.now()
    chosen = {} if part_ids is None else {"part_id__in": list(part_ids)}
    lying: dict[tuple[int, bool], int] = {}
    totals = (
        models.Stock.objects.filter(store__is_retired=False, **chosen)
        .values("part_id", "store__is_vehicle")
        .annotate(total=Sum("quantity"))
    )
    for row in totals:
        lying[row["part_id"], row["store__is_vehicle"]] = row["total"]
    least: Counter[int] = Counter()
    for (_store, part_id), quantity in minimums(day).items():
        least[part_id] += quantity
    wanted, jobs = _wanted()
    used = used_between(now - rules.RATE_OVER, now)
    rows = parts() if part_ids is None else parts().filter(pk__in=list(part_ids))
    found = []
    for part in rows:
        in_stores, in_vehicles = lying.get((part.pk, False), 0), lying.get((part.pk, True), 0)
        end = rules.run_out(lying=in_stores + in_vehicles, used=used.get(part.pk, 0), now=now)
        found.append(
            Outlook(
                part=part, in_stores=in_stores, in_vehicles=in_vehicles,
                wanted=wanted[part.code], jobs=jobs[part.code], minimum=least[part.pk],
                used=used.get(part.pk, 0), runs_out_at=end.at,
            )
        )  # fmt: skip
    order = {"short": 0, "low": 1, "enough": 2}
    return sorted(
        found,
        key=lambda one: (
            0 if one.runs_short(now) else order[one.state], one.left, one.part.code,
        ),
    )  # fmt: skip


def used_between(since: datetime, until: datetime) -> dict[int, int]:
    """Return how many of each part jobs took between two moments, less what came back."""
    rows = models.StockMovement.objects.filter(at__gt=since, at__lte=until, job__isnull=False)
    found: Counter[int] = Counter()
    for why, part_id, total in (
        rows.filter(why__in=(contracts.Moved.ISSUED, contracts.Moved.RETURNED))
        .order_by()
        .values_list("why", "part_id")
        .annotate(total=Sum("quantity"))
    ):
        found[part_id] += -total if why == contracts.Moved.RETURNED else total
    return dict(found)


def issued_to(job_id: int) -> dict[int, int]:
    """Return how many of each part a job was issued, less what came back."""
    found: Counter[int] = Counter()
    rows = models.StockMovement.objects.filter(
        job_id=job_id, why__in=(contracts.Moved.ISSUED, contracts.Moved.RETURNED)
    )
    for why, part_id, quantity in rows.values_list("why", "part_id", "quantity"):
        found[part_id] += -quantity if why == contracts.Moved.RETURNED else quantity
    return dict(found)


def _wanted() -> tuple[Counter[str], Counter[str]]:
    """Return how many of each part the open jobs will take, and how many jobs need it."""
    wanted: Counter[str] = Counter()
    jobs: Counter[str] = Counter()
    for missing in missing_of(models.Job.objects.open()).values():
        wanted.update(missing)
        jobs.update(missing.keys())
    return wanted, jobs


def missing_of(rows: QuerySet[models.Job]) -> dict[int, dict[str, int]]:
    """Return by job how many of each part of its kit it has not got yet; what came back counts."""
    kits = crew_queries.kits()
    rows = rows.filter(job_type__isnull=False)
    issued: dict[int, Counter[str]] = defaultdict(Counter)
    moved = models.StockMovement.objects.filter(
        job__in=rows, why__in=(contracts.Moved.ISSUED, contracts.Moved.RETURNED)
    )
    for job_id, part, quantity, why in moved.values_list("job_id", "part__code", "quantity", "why"):
        if job_id is not None:
            issued[job_id][part] += quantity if why == contracts.Moved.ISSUED else -quantity
    found: dict[int, dict[str, int]] = {}
    for job_id, job_type in rows.values_list("pk", "job_type_id"):
        got: Mapping[str, int] = issued.get(job_id, {})
        missing = {
            part: quantity - got.get(part, 0)
            for part, quantity in kits.get(job_type or 0, {}).items()
            if quantity > got.get(part, 0)
        }
        if missing:
            found[job_id] = missing
    return found


def of_job(job_id: int) -> list[models.StockMovement]:
    """Return what was issued to a job and came back, earliest first."""
    return list(movements().filter(job_id=job_id).order_by("at", "id"))


def lying(store_id: int, part_ids: Iterable[int]) -> dict[int, int]:
    """Return how many of some parts lie in a store."""
    rows = models.Stock.objects.filter(store_id=store_id, part_id__in=list(part_ids))
    return dict(rows.values_list("part_id", "quantity"))


def differences() -> QuerySet[models.StockMovement]:
    """Return what was found apart from the books and nobody has looked at, the latest first."""
    return movements().filter(is_difference=True, settlement__isnull=True)


def vehicle_of(crew_id: int | None) -> models.Store | None:
    """Return the vehicle of a crew, or None."""
    if crew_id is None:
        return None
    return models.Store.objects.filter(crew=crew_id).first()


def warnings_since(since: datetime) -> list[contracts.StockWarning]:
    """Return the warnings that stood at a moment or began after it, the earliest first."""
    rows = models.StockWarning.objects.select_related("part")
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=since) | Q(began_at__gte=since))
    return [
        contracts.StockWarning(
            part_code=row.part.code, began_at=row.began_at, ended_at=row.ended_at,
            lying=row.lying, wanted=row.wanted, per_day=row.per_day, runs_out_at=row.runs_out_at,
        )
        for row in rows.order_by("began_at", "id")
    ]  # fmt: skip
