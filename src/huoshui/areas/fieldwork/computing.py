"""The computation of a proposal in the background, which pages begin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork.actions import planning
from huoshui.kernel import jobs


@jobs.task(label=_("Plan the day of the crews"))
def compute_plan(*, plan: int, by_id: int | None) -> None:
    """Compute a proposal, telling how far it is; who ends the task gets the best found so far."""

    def tell(share_frac: float) -> bool:
        try:
            jobs.progress(round(share_frac * 100), 100)
        except jobs.Cancelled:
            return False
        return True

    try:
        planning.compute(plan, tell=tell)
    except BaseException:
        planning.give_up(plan)
        raise
