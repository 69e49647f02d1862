"""What people ask about night flows and suspected leaks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, QuerySet

from huoshui.areas.leakage import balance, contracts, models, rules
from huoshui.kernel import clock
from huoshui.lab.leakage import saving


@dataclass(frozen=True, slots=True)
class Worth:
    """A volume of water and what it is worth."""

    volume_m3: float
    money_yuan: float


def setups() -> list[models.ZoneSetup]:
    """Return all watched zones with their points, by code."""
    return list(models.ZoneSetup.objects.prefetch_related("points").order_by("zone_code"))


def setup(zone_code: str) -> models.ZoneSetup | None:
    """Return the setup of a zone, or None when it is not watched."""
    return models.ZoneSetup.objects.prefetch_related("points").filter(zone_code=zone_code).first()


def zones_measured_by(point_code: str) -> list[str]:
    """Return the watched zones in whose balance a point is, by code."""
    rows = models.ZoneSetup.objects.filter(points__point_code=point_code)
    return list(rows.order_by("zone_code").values_list("zone_code", flat=True).distinct())


def balance_of(row: models.ZoneSetup) -> balance.Balance:
    """Return the measuring points of a zone by their part in its balance."""
    by_role: dict[str, list[str]] = defaultdict(list)
    for point in row.points.all():
        by_role[point.role].append(point.point_code)
    levels = by_role["storage"]
    return balance.Balance(
        inlets=tuple(by_role["inlet"]),
        outlets=tuple(by_role["outlet"]),
        level_point=levels[0] if levels else None,
        tank_area_m2=row.tank_area_m2,
        meters=tuple(by_role["meter"]),
        from_h=row.night_from_h,
        until_h=row.night_until_h,
    )


def nights_of(setup_id: int, from_date: date, until_date: date) -> QuerySet[models.NightFlow]:
    """Return the judged nights of a setup in a period, earliest first."""
    return models.NightFlow.objects.filter(
        setup_id=setup_id, night_date__gte=from_date, night_date__lt=until_date
    ).order_by("night_date")


def nights(zone_code: str, from_date: date, until_date: date) -> list[contracts.Night]:
    """Return the judged nights of a zone as other areas see them."""
    row = setup(zone_code)
    if row is None:
        return []
    return [_night(one, zone_code) for one in nights_of(row.pk, from_date, until_date)]


def next_night_date(row: models.ZoneSetup) -> date:
    """Return the earliest night of a zone that is not judged yet.

    A night without a version was measured, but its judging was cut short.
    """
    judged = models.NightFlow.objects.filter(setup=row).exclude(model_version="")
    latest: date | None = judged.aggregate(latest=Max("night_date"))["latest"]
    return row.watched_since if latest is None else latest + timedelta(days=1)


def latest_night_date(setup_id: int | None = None) -> date | None:
    """Return the latest judged night of a zone, or of all zones."""
    rows = models.NightFlow.objects.exclude(model_version="")
    if setup_id is not None:
        rows = rows.filter(setup_id=setup_id)
    latest: date | None = rows.aggregate(latest=Max("night_date"))["latest"]
    return latest


def latest_nights_of(setup_id: int, count: int) -> list[models.NightFlow]:
    """Return the latest judged nights of a zone, earliest first."""
    rows = models.NightFlow.objects.filter(setup_id=setup_id).defer("inputs")
    return list(rows.order_by("-night_date")[:count])[::-1]


def latest_nights(count_days: int, until_date: date) -> dict[int, list[models.NightFlow]]:
    """Return each zone's judged nights of the latest days, by setup, in one query."""
    by_setup: dict[int, list[models.NightFlow]] = defaultdict(list)
    rows = models.NightFlow.objects.filter(
        night_date__gt=until_date - timedelta(days=count_days), night_date__lte=until_date
    )
    for row in rows.defer("inputs").order_by("night_date"):
        by_setup[row.setup_id].append(row)
    return by_setup


def standing_leaks() -> dict[int, models.SuspectedLeak]:
    """Return the suspected leaks that still run, by setup."""
    rows = models.SuspectedLeak.objects.select_related("setup").filter(
        state__in=rules.STANDING_STATES
    )
    return {row.setup_id: row for row in rows.order_by("detected_at", "id")}


def standing_leak(setup_id: int) -> models.SuspectedLeak | None:
    """Return the suspected leak of a zone that still runs, if any."""
    return (
        models.SuspectedLeak.objects.select_related("setup")
        .filter(setup_id=setup_id, state__in=rules.STANDING_STATES)
        .order_by("-detected_at", "-id")
        .first()
    )


def leaks() -> QuerySet[models.SuspectedLeak]:
    """Return all suspected leaks with their zone, the latest first."""
    return models.SuspectedLeak.objects.select_related("setup").order_by("-detected_at", "-id")


def leak(leak_id: int) -> models.SuspectedLeak | None:
    """Return one suspected leak with its zone, or None."""
    return models.SuspectedLeak.objects.select_related("setup").filter(pk=leak_id).first()


def leaks_of(setup_id: int) -> list[models.SuspectedLeak]:
    """Return the suspected leaks of a zone, earliest first."""
    rows = models.SuspectedLeak.objects.select_related("setup").filter(setup_id=setup_id)
    return list(rows.order_by("since_date", "id"))


def timeline(leak_id: int) -> list[models.LeakEvent]:
    """Return the steps in the life of a suspected leak, earliest first."""
    return list(
        models.LeakEvent.objects.filter(leak_id=leak_id).select_related("by").order_by("at", "id")
    )


def suspected_leaks(*, standing_only: bool = False) -> list[contracts.SuspectedLeak]:
    """Return suspected leaks as other areas see them, the latest first."""
    rows = leaks()
    if standing_only:
        rows = rows.filter(state__in=rules.STANDING_STATES)
    return [_leak(row) for row in rows]


def lost(row: models.SuspectedLeak, now: datetime) -> Worth:
    """Return what ran out since the step, night by night, until the repair if there was one.

    Nothing once somebody has said that it is no leak.
    """
    if row.state == contracts.LeakState.DISMISSED:
        return Worth(0.0, 0.0)
    until = row.ended_date
    if row.repaired_at is not None:
        until = clock.local(row.repaired_at).date() + timedelta(days=1)
    rows = models.NightFlow.objects.filter(
        setup_id=row.setup_id,
        night_date__gte=row.since_date,
        night_date__lt=until or clock.local(now).date() + timedelta(days=1),
    )
    volume_m3 = rules.lost_m3(rows.values_list("excess_m3h", flat=True))
    return Worth(volume_m3, _worth(volume_m3, row.setup))


def saved(row: models.SuspectedLeak, now: datetime) -> saving.WaterSaved | None:
    """Return what a verified repair saved until now; None while it is not verified."""
    if row.step_down is None or row.repaired_at is None:
        return None
    return saving.water_saved(
        saved=saving.StepDown(**row.step_down),
        duration_s=max((now - row.repaired_at).total_seconds(), 0.0),
        water_price_cents=row.setup.price_cents_per_m3,
    )


def _worth(volume_m3: float, row: models.ZoneSetup) -> float:
    return rules.money_yuan(volume_m3, price_cents_per_m3=row.price_cents_per_m3)


def _night(row: models.NightFlow, zone_code: str) -> contracts.Night:
    return contracts.Night(
        zone_code=zone_code,
        night_date=row.night_date,
        state=contracts.NightState(row.state),
        flow_m3h=row.flow_m3h,
        expected_m3h=row.expected_m3h,
        low_m3h=row.low_m3h,
        high_m3h=row.high_m3h,
        excess_m3h=row.excess_m3h,
        completeness_frac=row.completeness_frac,
        quality=row.quality,
        model_version=row.model_version,
    )


def _leak(row: models.SuspectedLeak) -> contracts.SuspectedLeak:
    return contracts.SuspectedLeak(
        id=row.pk,
        zone_code=row.setup.zone_code,
        state=contracts.LeakState(row.state),
        since_date=row.since_date,
        detected_at=row.detected_at,
        size_m3h=row.size_m3h,
        low_m3h=row.low_m3h,
        high_m3h=row.high_m3h,
        job_number=row.job_number,
        repaired_at=row.repaired_at,
        verified_at=row.verified_at,
        saved_m3h=row.saved_m3h,
    )
