"""Waves, plans, risk lists, forecasts and reports as they are kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from huoshui.areas.surge import contracts, models, refusals
from huoshui.kernel import clock

TOLD_LATELY = timedelta(days=30)


def surges() -> QuerySet[models.Surge]:
    """Return all waves, the latest first."""
    return models.Surge.objects.select_related("risk_list", "plan").order_by("-from_at", "-id")


def surge(code: str) -> models.Surge:
    """Return one wave, or refuse with `surge.no_such`."""
    row = surges().filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("surge", code)
    return row


def standing() -> QuerySet[models.Surge]:
    """Return the waves that are not ended."""
    return surges().filter(until__isnull=True)


def contract(row: models.Surge) -> contracts.Surge:
    """Return a wave as other areas see it."""
    return contracts.Surge(
        code=row.code,
        name=row.name,
        kind=contracts.Kind(row.kind),
        from_at=row.from_at,
        until=row.until,
        estates=tuple(row.estates),
        zones=tuple(row.zones),
        topics=tuple(row.topics),
        crews=tuple(row.crews),
        parts=tuple(row.parts),
        announcements=tuple(row.announcements),
        risk_list=row.risk_list.code if row.risk_list else "",
    )


def crew_calls(surge_id: int) -> QuerySet[models.CrewCall]:
    """Return the crews that were called up for a wave."""
    rows = models.CrewCall.objects.filter(surge_id=surge_id)
    return rows.select_related("answered_by").order_by("crew_code")


def plans() -> QuerySet[models.EmergencyPlan]:
    """Return the plans there are, by code."""
    rows = models.EmergencyPlan.objects.filter(is_retired=False)
    return rows.select_related("risk_list").order_by("code")


def risk_lists() -> QuerySet[models.RiskList]:
    """Return the lists of those at risk, each with how many there are and were told lately."""
    listed = Q(entries__taken_off_at__isnull=True)
    lately = Q(entries__warned_at__gte=told_lately_since())
    rows = models.RiskList.objects.annotate(
        total=Count("entries", filter=listed), told=Count("entries", filter=listed & lately)
    )
    return rows.order_by("code")


def told_lately_since() -> datetime:
    """Return since when somebody counts as told lately: a telling of last winter does not."""
    return clock.now() - TOLD_LATELY


def forecasts(first: date, last: date) -> dict[date, models.Forecast]:
    """Return the latest word on each day from the first to the last, both included."""
    rows = models.Forecast.objects.filter(day__gte=first, day__lte=last).order_by("id")
    return {row.day: row for row in rows}


def proposals() -> QuerySet[models.Proposal]:
    """Return the proposals to declare, the latest first."""
    rows = models.Proposal.objects.select_related("plan", "plan__risk_list", "surge", "decided_by")
    return rows.order_by("-made_at", "-id")


def report(number: str) -> models.SurgeReport:
    """Return one report, or refuse with `surge.no_such_report`."""
    row = models.SurgeReport.objects.select_related("surge", "made_by").filter(number=number)
    found = row.first()
    if found is None:
        raise refusals.NoSuch("report", number)
    return found


def reports(surge_id: int | None = None) -> QuerySet[models.SurgeReport]:
    """Return the reports of a wave or of all, the latest first, without their long lists."""
    rows = models.SurgeReport.objects.select_related("surge", "made_by").defer("keys", "rows")
    if surge_id is not None:
        rows = rows.filter(surge_id=surge_id)
    return rows.order_by("-until", "-id")
