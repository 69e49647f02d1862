"""Make the report of a wave: count now, and keep what was counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.surge import contracts, models, queries, refusals, rules
from huoshui.areas.surge.queries import figures, snapshots
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.kernel import audit, clock


@transaction.atomic
def make_report(code: str, *, until: datetime | None, by_id: int | None) -> models.SurgeReport:
    """Keep the figures of a wave until a moment, with everything they count.

    Refuses a moment before the wave began, or in the future.
    """
    surge = models.Surge.objects.select_for_update(of=("self",)).filter(code=code).first()
    if surge is None:
        raise refusals.NoSuch("surge", code)
    now = clock.now()
    moment = until or now
    if surge.until is not None:
        moment = min(moment, surge.until)
    if moment <= surge.from_at or moment > now:
        raise refusals.NeedsValue(
            "until", _("A report is of a moment after the beginning that is not in the future.")
        )
    found = Gathered(surge, moment)
    made = figures.figures(found)
    row = models.SurgeReport.objects.create(
        surge=surge,
        number=rules.report_number(code, queries.reports(surge.pk).count()),
        until=moment,
        made_at=now,
        made_by_id=by_id,
        version=rules.VERSION,
        figures=made.values,
        keys=made.keys,
        rows=snapshots.rows(found),
        more=_plain(
            {
                "hours": [list(one) for one in found.by_hour()],
                "estates": figures.by_estate(found),
                "parts": figures.by_part(found),
            }
        ),
    )
    audit.record(
        by_id, "surge.report_made", f"surge.report:{row.number}",
        {"until": moment, "calls": made.values["calls"]},
    )  # fmt: skip
    return row


def _plain(value: dict[str, Any]) -> Any:
    """Return what JSON keeps, moments as text."""
    import json

    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def contract(row: models.SurgeReport) -> contracts.Report:
    """Return a report as other areas see it."""
    return contracts.Report(
        number=row.number,
        surge=row.surge.code,
        until=row.until,
        made_at=row.made_at,
        version=row.version,
        figures=dict(row.figures),
        keys={code: list(keys) for code, keys in row.keys.items()},
    )
