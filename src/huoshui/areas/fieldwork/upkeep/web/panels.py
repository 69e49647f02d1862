"""What maintenance shows on the pages of assets and jobs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import asking, photos, queries, readings, words
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

MANAGE = "fieldwork.manage_upkeep"
SHOWN = 8


def asset_upkeep(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the maintenance plans of an asset, and the way to a new one."""
    rows = queries.at_asset(asset_code)
    may_change = permissions.holds(request.user, MANAGE)
    if not rows and not may_change:
        return None
    today = queries.today()
    shown = [
        {
            "code": row.code,
            "name": row.name,
            "due_date": row.due_date,
            "standing": words.STANDINGS[queries.standing(row, today)],
        }
        for row in rows[:SHOWN]
    ]
    values = {"plans": shown, "may_change": may_change, "asset_code": asset_code}
    return render_to_string("fieldwork/upkeep_panel.html", values, request=request)


def job_upkeep(request: HttpRequest, *, job: Any, **_context: Any) -> SafeString | None:
    """Show on a job's page which plan it is of, whether it is too hot, which photos lack."""
    rows = models.MaintenanceDone.objects.select_related("plan", "job")
    row = rows.filter(job__number=job.number).first()
    if row is None or row.job is None:
        return None
    heat, hot_c = asking.heat_of(row.plan), None
    if heat is not None:
        hot_c = readings.temperature(row.plan.heat_point, clock.now())
    values = {
        "plan": row.plan,
        "due_date": row.due_date,
        "heat": heat,
        "hot_c": hot_c,
        "is_too_hot": heat is not None and heat.rest(clock.now(), clock.local_zone(), hot_c),
        "wants_photos": row.plan.wants_photos,
        "missing": photos.missing(row.job) if row.plan.wants_photos else (),
    }
    return render_to_string("fieldwork/upkeep_of_job.html", values, request=request)
