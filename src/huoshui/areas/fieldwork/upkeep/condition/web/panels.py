"""What signs of wear show on the pages of assets and jobs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork.upkeep.condition import queries, saying
from huoshui.areas.fieldwork.upkeep.condition.web import pages


def asset_signs(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the signs of wear of an asset and when they reach their limits."""
    rows = queries.at_asset(asset_code)
    if not rows:
        return None
    signs = [
        {"url": pages.indicator_url(one), "name": one.name, "limit_date": one.limit_date,
         "now": saying.figure(one, one.level_now), "waiting": one.waiting}  # type: ignore[attr-defined]
        for one in rows
    ]  # fmt: skip
    return render_to_string("fieldwork/wear_panel.html", {"signs": signs}, request=request)


def job_suggestion(request: HttpRequest, *, job: Any, **_context: Any) -> SafeString | None:
    """Show on a job's page the trend that asked for it."""
    row = queries.suggestions().filter(job__number=job.number).first()
    if row is None:
        return None
    values = {"url": pages.suggestion_url(row), "said": saying.evidence(row)}
    return render_to_string("fieldwork/wear_of_job.html", values, request=request)
