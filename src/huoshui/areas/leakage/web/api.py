"""The JSON API of leakage: zones, nights and suspected leaks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status

from huoshui.areas.leakage import actions, contracts, models, queries, refusals, rules
from huoshui.areas.leakage.web import schemas, shown, who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()

LEAKS_MAX = 500
# A pulse of full size on the map: what a burst main loses.
FULL_SIZE_M3H = 40.0


@router.get(
    "/zones",
    response=list[schemas.Zone],
    auth=permissions.api("leakage.read"),
    url_name="leakage-zones",
)
def list_zones(request: HttpRequest) -> list[schemas.Zone]:
    """List the watched zones with their latest night."""
    return [schemas.zone(one) for one in shown.all_zones()]


@router.get(
    "/zones/{zone_code}/nights",
    response=schemas.Nights,
    auth=permissions.api("leakage.read"),
    url_name="leakage-nights",
)
def list_nights(
    request: HttpRequest,
    zone_code: str,
    from_date: date | None = None,
    until_date: date | None = None,
    period: str = "quarter",
) -> schemas.Nights:
    """Return nights of a zone in [from_date, until_date), or of the latest period.

    Refuses with `leakage.zone_not_watched` (404).
    """
    setup = queries.setup(zone_code)
    if setup is None:
        raise refusals.ZoneNotWatched(zone_code)
    start, end = shown.period_of(period, queries.latest_night_date(setup.pk))
    nights = queries.nights_of(setup.pk, from_date or start, until_date or end)
    return schemas.Nights(
        zone_code=zone_code,
        columns=shown.nights_columns(list(nights.defer("inputs"))),
        leaks=[shown.leak_mark(row) for row in queries.leaks_of(setup.pk)],
    )


@router.get(
    "/leaks",
    response=list[schemas.Leak],
    auth=permissions.api("leakage.read"),
    url_name="leakage-leaks",
)
def list_leaks(
    request: HttpRequest,
    state: contracts.LeakState | None = None,
    zone: str = "",
    limit: int = Query(100, ge=1, le=LEAKS_MAX),
) -> list[schemas.Leak]:
    """List suspected leaks, the latest first."""
    rows = queries.leaks()
    if state is not None:
        rows = rows.filter(state=state)
    if zone:
        rows = rows.filter(setup__zone_code=zone)
    now = clock.now()
    return [schemas.leak(row, now) for row in rows[:limit]]


@router.get(
    "/leaks/{leak_id}",
    response=schemas.Leak,
    auth=permissions.api("leakage.read"),
    url_name="leakage-leak",
)
def show_leak(request: HttpRequest, leak_id: int) -> schemas.Leak:
    """Show a suspected leak. Refuses with `leakage.no_such_leak` (404)."""
    return schemas.leak(_leak(leak_id), clock.now())


@router.post(
    "/leaks/{leak_id}/job",
    response={201: schemas.JobMade},
    auth=permissions.api("leakage.make_job"),
    url_name="leakage-make-job",
)
def make_job(request: HttpRequest, leak_id: int) -> Status[schemas.JobMade]:
    """Make a job of a suspected leak; asking twice gives the same job.

    Refuses with `leakage.not_in_this_state` (409).
    """
    job = actions.make_job(leak_id=leak_id, by_id=who.id_of(request))
    return Status(201, schemas.JobMade(job_number=job.number))


@router.post(
    "/leaks/{leak_id}/dismiss",
    response=schemas.Leak,
    auth=permissions.api("leakage.dismiss"),
    url_name="leakage-dismiss",
)
def dismiss(request: HttpRequest, leak_id: int, body: schemas.Dismissal) -> schemas.Leak:
    """Say that a suspected leak is none.

    Refuses with `leakage.reason_missing` (422) or `leakage.job_running` (409).
    """
    actions.dismiss(leak_id=leak_id, by_id=who.id_of(request), reason=body.reason)
    return schemas.leak(_leak(leak_id), clock.now())


@router.get("/map", auth=permissions.api("leakage.read"), url_name="leakage-map")
def map_layer(request: HttpRequest) -> dict[str, Any]:
    """Return the standing suspected leaks as GeoJSON, each in the middle of its zone."""
    rows = queries.leaks().filter(state__in=rules.STANDING_STATES)
    features = [_feature(row) for row in rows]
    return {"type": "FeatureCollection", "features": [one for one in features if one]}


def _feature(row: models.SuspectedLeak) -> dict[str, Any] | None:
    bounds = network.zone_bounds(row.setup.zone_code)
    if bounds is None:
        return None
    west, south, east, north = bounds
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [(west + east) / 2, (south + north) / 2]},
        "properties": {
            "key": f"leak-{row.pk}",
            "label": shown.zone_name(row.setup.zone_code),
            "text": shown.size_text(row),
            "note": str(shown.words.LEAK_STATES[row.state]),
            "sign": "leak",
            "value": row.size_m3h,
            "size": min(1.0, row.size_m3h / FULL_SIZE_M3H),
            "rank": 0,
            "href": reverse("leakage:leak", args=[row.pk]),
        },
    }


def _leak(leak_id: int) -> models.SuspectedLeak:
    row = queries.leak(leak_id)
    if row is None:
        raise refusals.NoSuchLeak(leak_id)
    return row
