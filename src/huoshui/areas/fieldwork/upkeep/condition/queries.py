"""What people ask about signs of wear and what was suggested because of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep.condition import rules

State, Verdict = rules.State, rules.Verdict


def indicators() -> QuerySet[models.ConditionIndicator]:
    """Return the signs of wear with what is shown of them."""
    waits = Count("suggestions", filter=Q(suggestions__state=State.OPEN))
    rows = models.ConditionIndicator.objects.select_related("job_type", "crew")
    return rows.annotate(waiting=waits)


def indicator(code: str) -> models.ConditionIndicator | None:
    """Return a sign of wear, or None."""
    return indicators().filter(code=code).first()


def suggestions() -> QuerySet[models.ConditionSuggestion]:
    """Return what was suggested, with what is shown of it."""
    return models.ConditionSuggestion.objects.select_related("indicator", "job", "decided_by")


def at_asset(asset_code: str) -> list[models.ConditionIndicator]:
    """Return the signs of wear of an asset that are followed."""
    return list(indicators().filter(asset_code=asset_code, is_retired=False))


def open_suggestions() -> int:
    """Return how many suggestions wait for a decision."""
    return models.ConditionSuggestion.objects.filter(state=State.OPEN).count()


@dataclass(frozen=True, slots=True)
class Record:
    """How often suggestions were right. ``unsaid`` were accepted and nobody said yet."""

    made: int
    open: int
    accepted: int
    declined: int
    lapsed: int
    right: int
    wrong: int

    @property
    def unsaid(self) -> int:
        return self.made - self.open - self.lapsed - self.right - self.wrong

    @property
    def wrong_frac(self) -> float | None:
        said = self.right + self.wrong
        return self.wrong / said if said else None


def record_of(rows: QuerySet[models.ConditionSuggestion] | None = None) -> Record:
    """Return how often suggestions were right, of all or of some."""
    found = models.ConditionSuggestion.objects.all() if rows is None else rows

    def count(**wanted: str) -> Count:
        return Count("pk", filter=Q(**wanted))

    return Record(
        **found.order_by().aggregate(
            made=Count("pk"), open=count(state=State.OPEN), accepted=count(state=State.ACCEPTED),
            declined=count(state=State.DECLINED), lapsed=count(state=State.LAPSED),
            right=count(verdict=Verdict.RIGHT), wrong=count(verdict=Verdict.WRONG),
        )
    )  # fmt: skip
