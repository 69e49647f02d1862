"""What people ask about maintenance: what is due, what became of it, how well it is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import rules
from huoshui.kernel import clock

Outcome = rules.Outcome


def today() -> date:
    """Return the day of the city."""
    return clock.local(clock.now()).date()


def plans() -> QuerySet[models.MaintenancePlan]:
    """Return the plans with what is shown of them."""
    return models.MaintenancePlan.objects.select_related("job_type", "crew", "job")


def soonest_first() -> OrderBy:
    """Return the order in which plans fall due, those of which it is not known last."""
    return F("due_date").asc(nulls_last=True)


def codes() -> list[str]:
    """Return the numbers of all plans, retired ones too."""
    return list(models.MaintenancePlan.objects.order_by("code").values_list("code", flat=True))


def plan(code: str) -> models.MaintenancePlan | None:
    """Return a plan, or None."""
    return plans().filter(code=code).first()


def at_asset(asset_code: str) -> list[models.MaintenancePlan]:
    """Return the plans of an asset that are followed, the soonest due first."""
    rows = plans().filter(asset_code=asset_code, is_retired=False)
    return list(rows.order_by("due_date", "pk"))


def standing(row: models.MaintenancePlan, day: date) -> rules.Standing:
    """Return how a plan stands on a day."""
    return rules.standing(
        today=day, due_date=row.due_date, is_asked=row.job_id is not None, trouble=row.trouble,
        is_retired=row.is_retired,
    )  # fmt: skip


def history(plan_id: int, *, limit: int) -> list[models.MaintenanceDone]:
    """Return what became of a plan's times, the latest first."""
    rows = models.MaintenanceDone.objects.filter(plan_id=plan_id)
    return list(rows.select_related("job__crew").order_by("-due_date", "-pk")[:limit])


def times() -> QuerySet[models.MaintenanceDone]:
    """Return every time that work was due."""
    return models.MaintenanceDone.objects.select_related("plan", "job__crew", "plan__crew")


def is_late(row: models.MaintenanceDone) -> bool:
    """Say whether work was done after the day on which it was due."""
    return row.done_date is not None and row.done_date > row.due_date


@dataclass
class Kept:
    """How well a stretch of time or a crew kept to the plans.

    ``rate_frac`` is what was done on its day or before, of all that was due; None where nothing
    was. What is still out counts as due once its day is over.
    """

    due: int = 0
    on_time: int = 0
    late: int = 0
    missed: int = 0
    waiting: int = 0

    @property
    def rate_frac(self) -> float | None:
        return self.on_time / self.due if self.due else None

    def take(self, outcome: str, due_date: date, done_date: date | None) -> None:
        """Count one time."""
        self.due += 1
        if done_date is not None and done_date <= due_date:
            self.on_time += 1
        elif done_date is not None:
            self.late += 1
        elif outcome == Outcome.ASKED:
            self.waiting += 1
        else:
            self.missed += 1


@dataclass
class Compliance:
    """How well maintenance was kept, by month and by crew."""

    whole: Kept = field(default_factory=Kept)
    months: dict[date, Kept] = field(default_factory=dict)
    crews: dict[str, Kept] = field(default_factory=dict)


def compliance(months: Iterable[date], day: date) -> Compliance:
    """Return how well some months were kept, up to a day; ``months`` are their first days.

    Counted by the day on which work was due, not by the day on which it was done.
    """
    wanted = sorted(months)
    found = Compliance(months={one: Kept() for one in wanted})
    if not wanted:
        return found
    crews: dict[str, Kept] = defaultdict(Kept)
    rows = models.MaintenanceDone.objects.filter(due_date__gte=wanted[0], due_date__lte=day)
    values = rows.values_list("outcome", "due_date", "done_date", "job__crew__name",
                              "plan__crew__name")  # fmt: skip
    for outcome, due_date, done_date, by_crew, of_crew in values.iterator(chunk_size=2000):
        month = due_date.replace(day=1)
        if month not in found.months:
            continue
        if outcome == Outcome.ASKED and due_date == day:
            continue  # its day is not over
        for kept in (found.whole, found.months[month], crews[by_crew or of_crew or ""]):
            kept.take(outcome, due_date, done_date)
    found.crews = dict(sorted(crews.items()))
    return found


def of_days(
    first: date, last: date
) -> tuple[list[models.MaintenanceDone], list[models.MaintenancePlan]]:
    """Return the times that were due within some days, and the plans that will be."""
    been = list(times().filter(due_date__range=(first, last)).order_by("due_date", "plan__name"))
    known = {(one.plan_id, one.due_date) for one in been}
    ahead = plans().filter(is_retired=False, due_date__range=(first, last))
    coming = [one for one in ahead.order_by("due_date", "name")
              if (one.pk, one.due_date) not in known]  # fmt: skip
    return been, coming


def parts_of(rows: Iterable[models.MaintenancePlan]) -> Counter[str]:
    """Return how many of each part the kits of some plans take."""
    kinds = Counter(row.job_type_id for row in rows)
    lines = models.KitLine.objects.filter(job_type__in=kinds).select_related("part")
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.part.code] += line.quantity * kinds[line.job_type_id]
    return wanted
