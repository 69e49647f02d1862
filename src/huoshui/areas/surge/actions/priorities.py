"""Give the ranking of waiting repairs to the dispatcher's board as priorities of jobs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import contracts, queries, refusals
from huoshui.areas.surge.queries import ranking
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.kernel import audit, clock, errors


def changes(code: str) -> list[contracts.Ranked]:
    """Return the waiting repairs whose job has another priority than is proposed."""
    found = Gathered(queries.surge(code), clock.now())
    return [one for one in ranking.ranked(found) if one.job_number and one.priority != one.proposed]


@transaction.atomic
def give_priorities(code: str, job_numbers: Iterable[str], *, by_id: int) -> tuple[int, int]:
    """Give jobs the priorities that the ranking proposes now; return how many, and passed over.

    A job that was done or ranked otherwise meanwhile is passed over. Refuses an empty choice.
    """
    chosen = set(job_numbers)
    if not chosen:
        raise refusals.NeedsValue("jobs", _("Choose at least one job."))
    given = 0
    for one in changes(code):
        if one.job_number not in chosen:
            continue
        try:
            with transaction.atomic():
                fieldwork.set_priority(
                    number=one.job_number,
                    priority=field_contracts.Priority(one.proposed),
                    by_id=by_id,
                    note=_("By need: %(points)s points.") % {"points": round(one.points)},
                )
        except errors.Refused:
            continue
        given += 1
    audit.record(
        by_id, "surge.priorities_given", f"surge.surge:{code}",
        {"jobs": given, "passed_over": len(chosen) - given},
    )  # fmt: skip
    return given, len(chosen) - given
