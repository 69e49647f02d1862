"""What fieldwork shows on the pages of other areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork import models, queries, words
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

SHOWN = 8


def asset_jobs(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the latest jobs at an asset, and the way to a new one."""
    rows = queries.jobs_at_asset(asset_code, limit=SHOWN)
    return _panel(request, rows, {"asset": asset_code})


def zone_jobs(request: HttpRequest, *, zone_code: str, **_context: Any) -> SafeString | None:
    """Show the latest jobs of a zone, and the way to a new one."""
    rows = queries.jobs_in_zone(zone_code, limit=SHOWN)
    return _panel(request, rows, {"zone": zone_code})


def _panel(
    request: HttpRequest, rows: Sequence[models.Job], place: dict[str, str]
) -> SafeString | None:
    may_request = permissions.holds(request.user, "fieldwork.request_job")
    if not rows and not may_request:
        return None
    now = clock.now()
    zones = network.zone_names()
    jobs = [
        {
            "number": row.number,
            "title": labels.title(row, zones),
            "state": words.STATES[row.state],
            "colour": words.STATE_COLOURS[row.state],
            "overdue": labels.is_overdue(row, now),
            "due_at": row.due_at,
        }
        for row in rows
    ]
    return render_to_string(
        "fieldwork/jobs_panel.html",
        {"jobs": jobs, "may_request": may_request, "place": place},
        request=request,
    )
