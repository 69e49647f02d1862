"""The look of the background at every sign of wear: where it leads, and whether to suggest work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import contracts, models
from huoshui.areas.fieldwork.upkeep.condition import actions, readings, rules, saying
from huoshui.kernel import audit, clock, notices
from huoshui.kernel.pages import formats
from huoshui.lab.upkeep import trend

TOLD = ("crew_leader", "dispatcher")
OPEN_JOB = (contracts.JobState.REQUESTED, contracts.JobState.ASSIGNED, contracts.JobState.DONE)


@dataclass(frozen=True, slots=True)
class Found:
    """What the days of an indicator say; ``trend`` is None where they are too few."""

    first: date
    values: list[float | None]
    trend: trend.Trend | None
    ahead: rules.Outlook | None
    known: int


def look(due_at: datetime) -> int:
    """Look at every sign of wear; return how many suggestions were made.

    ``due_at`` is when the look was due; a late one looks at the present all the same. An error at
    one, such as of a historian that does not answer, holds up no other; the first one is raised
    when every indicator had its turn.
    """
    made, broken = 0, list[Exception]()
    codes = models.ConditionIndicator.objects.filter(is_retired=False).order_by("pk")
    for code in codes.values_list("code", flat=True):
        try:
            made += look_at(code)
        except Exception as problem:
            broken.append(problem)
    if broken:
        raise broken[0]
    return made


def look_at(code: str) -> bool:
    """Look at one sign of wear; say whether a suggestion was made.

    The historian is read before the transaction, so that nobody waits for it to write.
    """
    indicator = models.ConditionIndicator.objects.get(code=code)
    seen = (indicator.since_date, indicator.point, indicator.limit)
    found = read(indicator, clock.local(clock.now()).date())
    with transaction.atomic():
        row = models.ConditionIndicator.objects.select_for_update().get(code=code)
        if row.is_retired or (row.since_date, row.point, row.limit) != seen:
            return False  # it was changed meanwhile: the next look sees it as it is
        _keep(row, found)
        return _suggest(row, found)


def read(indicator: models.ConditionIndicator, today: date) -> Found:
    """Return what the whole days before today say of an indicator."""
    first, value = readings.days_of(indicator, today, indicator.window_days)
    day = np.arange(value.size, dtype=float)
    found = trend.towards(day=day, value=value, limit=indicator.limit, is_upper=indicator.is_upper)
    known = np.flatnonzero(np.isfinite(value))
    ahead = None
    if found is not None:
        ahead = rules.outlook(found, first + int(known[-1]) * rules.DAY)
    values = [None if np.isnan(one) else round(float(one), 6) for one in value]
    return Found(first, values, found, ahead, int(known.size))


def _keep(row: models.ConditionIndicator, found: Found) -> None:
    row.looked_at, row.days = clock.now(), found.known
    it, ahead = found.trend, found.ahead
    row.level_now = it.level_now if it else None
    row.slope_a_day = it.slope_a_day if it else None
    row.slope_a_day_min = it.slope_a_day_min if it else None
    row.slope_a_day_max = it.slope_a_day_max if it else None
    row.limit_date = ahead.best if ahead else None
    row.limit_date_min = ahead.earliest if ahead else None
    row.limit_date_max = ahead.latest if ahead else None
    row.save(update_fields=["days", *actions.FOUND])


def _suggest(row: models.ConditionIndicator, found: Found) -> bool:
    """Make a suggestion, let the open one follow the trend, or let it lapse."""
    today = clock.local(clock.now()).date()
    it, ahead = found.trend, found.ahead
    is_due = (
        it is not None and ahead is not None
        and rules.is_due(it, ahead, today=today, warn_days=row.warn_days)
    )  # fmt: skip
    standing = row.suggestions.filter(state=rules.State.OPEN).first()
    if standing is not None and not is_due:
        actions.lapse(standing)
        return False
    if not is_due or (standing is None and _waits(row, today)):
        return False
    assert it is not None
    assert ahead is not None
    assert ahead.earliest is not None
    said = {
        "due_date": rules.do_by(ahead, today=today, lead_days=row.lead_days),
        "limit": row.limit, "level": it.level_now, "slope_a_day": it.slope_a_day,
        "slope_a_day_min": it.slope_a_day_min, "slope_a_day_max": it.slope_a_day_max,
        "limit_date": ahead.best, "limit_date_min": ahead.earliest,
        "limit_date_max": ahead.latest, "likeness": it.likeness,
        "evidence": {"first": found.first.isoformat(), "values": found.values,
                     "middle": it.middle_day},
    }  # fmt: skip
    if standing is not None:
        for name, value in said.items():
            setattr(standing, name, value)
        standing.save(update_fields=list(said))
        return False
    made = models.ConditionSuggestion.objects.create(indicator=row, made_at=clock.now(), **said)
    _tell(made)
    detail = {"due_date": made.due_date.isoformat()}
    audit.record(None, "fieldwork.suggestion_made", actions.subject(row), detail)
    return True


def _waits(row: models.ConditionIndicator, today: date) -> bool:
    """Say whether a suggestion of this indicator is in work, or was put off not long ago."""
    if row.suggestions.filter(job__state__in=OPEN_JOB).exists():
        return True
    put_off = row.suggestions.filter(state=rules.State.DECLINED, reason=rules.Reason.LATER).first()
    if put_off is None or put_off.decided_at is None:
        return False
    return clock.local(put_off.decided_at).date() + rules.LATER_DAYS * rules.DAY > today


def _tell(row: models.ConditionSuggestion) -> None:
    indicator = row.indicator
    notices.send(
        posts=TOLD,
        title=_("%(name)s: look after it until %(day)s"),
        text=_("The trend of its readings reaches the limit; see the chart."),
        values={"name": indicator.name, "day": lazy(formats.day, str)(row.due_date)},
        url=reverse("upkeep:suggestion", args=[row.pk]),
        level=notices.WARNING,
        key=saying.notice_key(indicator),
    )
