"""Why readings of a point were marked lately, as facts for its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import models
from huoshui.kernel import clock
from huoshui.kernel.pages import kit

DAYS = 7
REASONS: dict[str, Any] = {
    "outside_range": _("Outside the range of the instrument"),
    "too_fast": _("Changed too fast"),
    "flat": _("Unchanged for too long"),
    "spike": _("Single spikes"),
    "future": _("Ahead of our clock"),
    "late": _("Came late"),
}


def section_of(point_id: int) -> kit.Section | None:
    """Return how many readings of the last seven days got which mark; None without any."""
    since = clock.now().date() - timedelta(days=DAYS)
    rows = models.MarkCount.objects.filter(point_id=point_id, day__gt=since).order_by()
    counts = dict(rows.values_list("reason").annotate(total=Sum("count")))
    found = [(REASONS[reason], counts[reason]) for reason in REASONS if counts.get(reason)]
    if not found:
        return None
    return kit.Section(
        _("Marked readings of the last 7 days"),
        tuple(kit.Fact(label, count, format=".0f") for label, count in found),
    )
