"""What a sign of wear says, in a sentence: for the job, the notice and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from huoshui.areas.fieldwork.upkeep.condition import readings
from huoshui.kernel.pages import formats

if TYPE_CHECKING:
    from huoshui.areas.fieldwork import models


def notice_key(indicator: models.ConditionIndicator) -> str:
    """Return the key of the notice about an indicator."""
    return f"fieldwork.condition:{indicator.code}"


def figure(indicator: models.ConditionIndicator, value: float | None) -> str:
    """Return a value of an indicator with its unit."""
    if value is None:
        return "–"
    unit, decimals = readings.unit_of(indicator)
    return f"{formats.text(value, f'.{decimals}f')} {unit}".strip()


def evidence(row: models.ConditionSuggestion) -> str:
    """Return what a suggestion rests on."""
    indicator = row.indicator
    said = {
        "now": figure(indicator, row.level), "limit": figure(indicator, row.limit),
        "slope": figure(indicator, row.slope_a_day * 30),
    }  # fmt: skip
    if row.limit_date is not None and row.limit_date_min >= row.limit_date:
        return _("%(now)s now; the limit of %(limit)s is reached.") % said
    between = {
        "earliest": formats.day(row.limit_date_min),
        "latest": formats.day(row.limit_date_max) if row.limit_date_max else "–",
    }
    return _(
        "%(now)s now, %(slope)s more in 30 days: the limit of %(limit)s is reached between "
        "%(earliest)s and %(latest)s."
    ) % {**said, **between}
