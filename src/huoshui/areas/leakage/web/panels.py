"""What leakage shows on the pages of other areas."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.leakage import actions, queries
from huoshui.areas.leakage.web import shown
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions


def zone_night_flow(request: HttpRequest, *, zone_code: str, **_context: Any) -> SafeString | None:
    """Show a zone's latest night and its standing suspicion."""
    setup = queries.setup(zone_code)
    if setup is None:
        if not permissions.holds(request.user, "leakage.configure"):
            return None
        return render_to_string(
            "leakage/unwatched_panel.html", {"zone_code": zone_code}, request=request
        )
    zone = shown.zone(setup, queries.latest_nights_of(setup.pk, shown.SMALL_CHART_NIGHTS))
    return render_to_string(
        "leakage/zone_panel.html",
        {"zone": zone, "chart": shown.small_chart(zone)},
        request=request,
    )


def alarm_leak(
    request: HttpRequest, *, alarm: telemetry_contracts.Alarm, **_context: Any
) -> SafeString | None:
    """Show on an alarm's page the suspected leak that raised it."""
    number = alarm.data.get("leak_id")
    leak = queries.leak(number) if isinstance(number, int) else None
    if leak is None:
        return None
    return render_to_string(
        "leakage/alarm_panel.html", {"leak": shown.leak(leak, clock.now())}, request=request
    )


def job_leak(
    request: HttpRequest, *, job: fieldwork_contracts.Job, **_context: Any
) -> SafeString | None:
    """Show on a job's page the suspected leak it was made for."""
    leak_id = actions.leak_of(job.origin)
    leak = None if leak_id is None else queries.leak(leak_id)
    if leak is None:
        return None
    return render_to_string(
        "leakage/job_panel.html", {"leak": shown.leak(leak, clock.now())}, request=request
    )
