"""The JSON API of jobs: the same deeds as the pages, with the same refusals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status

from huoshui.areas.fieldwork import actions, contracts, queries, refusals
from huoshui.areas.fieldwork.checks.web import api as checks_api
from huoshui.areas.fieldwork.patrol.web import api as patrol_api
from huoshui.areas.fieldwork.phone.web import api as phone_api
from huoshui.areas.fieldwork.upkeep.web import api as upkeep_api
from huoshui.areas.fieldwork.web import board, labels, schemas, who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()
router.add_router("/checks", checks_api.router)
router.add_router("/patrol", patrol_api.router)
router.add_router("/phone", phone_api.router)
router.add_router("/upkeep", upkeep_api.router)
router.add_router("", board.router)

# The map stays readable and the answer small; the list of jobs shows the rest.
MAP_JOBS_MAX = 2000
PAGE_SIZE_MAX = 500


@router.get(
    "/jobs",
    response=schemas.Jobs,
    auth=permissions.api("fieldwork.read_jobs"),
    url_name="fieldwork-jobs",
)
def list_jobs(
    request: HttpRequest,
    state: contracts.JobState | None = None,
    zone: str = "",
    mine: bool = False,
    overdue: bool = False,
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> schemas.Jobs:
    """List jobs, the latest first."""
    rows = queries.jobs(
        state=state or "",
        zone_code=zone,
        assigned_to_id=request.user.pk if mine else None,
        overdue_at=clock.now() if overdue else None,
    )
    found = rows.order_by("-requested_at", "-id")[offset : offset + limit]
    return schemas.Jobs(total=rows.count(), items=[schemas.job(row) for row in found])


@router.post(
    "/jobs",
    response={201: schemas.JobDetail},
    auth=permissions.api("fieldwork.request_job"),
    url_name="fieldwork-request-job",
)
def request_job(request: HttpRequest, body: schemas.JobRequest) -> Status[schemas.JobDetail]:
    """Ask for a job.

    Refuses with `fieldwork.no_place`, `fieldwork.unknown_place`, `fieldwork.due_in_the_past` or
    `fieldwork.window_impossible` (422), or `fieldwork.no_such_thing` (404).
    """
    row = actions.request_job(
        title=body.title,
        description=body.description,
        kind=body.kind,
        priority=body.priority,
        place=contracts.Place(**body.place.dict()),
        due_at=body.due_at,
        by_id=who.id_of(request),
        work=contracts.Work(body.type_code, body.minutes, body.window_from_at, body.window_until),
    )
    return Status(201, _detail(row.number))


@router.get(
    "/jobs/{number}",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.read_jobs"),
    url_name="fieldwork-job",
)
def show_job(request: HttpRequest, number: str) -> schemas.JobDetail:
    """Show a job with its history. Refuses with `fieldwork.no_such_job` (404)."""
    return _detail(number)


@router.post(
    "/jobs/{number}/assign",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.assign_job"),
    url_name="fieldwork-assign-job",
)
def assign_job(request: HttpRequest, number: str, body: schemas.Assignment) -> schemas.JobDetail:
    """Give a job to somebody of a field crew.

    Refuses with `fieldwork.not_a_crew_member` or `fieldwork.not_in_this_state`.
    """
    to = queries.crew_member(body.username)
    if to is None:
        raise refusals.NotACrewMember(body.username)
    actions.assign_job(number=number, to=to, by_id=who.id_of(request), note=body.note)
    return _detail(number)


@router.post(
    "/jobs/{number}/report",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.report_job"),
    url_name="fieldwork-report-job",
)
def report_job(request: HttpRequest, number: str, body: schemas.ReportRequest) -> schemas.JobDetail:
    """Report a job as done; photos are added on the page.

    Refuses with `fieldwork.not_your_job` (403) or `fieldwork.not_in_this_state`.
    """
    actions.report_job(
        number=number,
        by=request.user,  # type: ignore[arg-type]
        found=body.found,
        found_asset_code=body.found_asset_code,
        found_size_m3h=body.found_size_m3h,
        note=body.note,
    )
    return _detail(number)


@router.post(
    "/jobs/{number}/return",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.close_job"),
    url_name="fieldwork-return-job",
)
def return_job(request: HttpRequest, number: str, body: schemas.Reason) -> schemas.JobDetail:
    """Send a reported job back. Refuses with `fieldwork.reason_missing` (422)."""
    actions.return_job(number=number, by_id=who.id_of(request), reason=body.reason)
    return _detail(number)


@router.post(
    "/jobs/{number}/close",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.close_job"),
    url_name="fieldwork-close-job",
)
def close_job(request: HttpRequest, number: str, body: schemas.Note) -> schemas.JobDetail:
    """Confirm a report as the second person.

    Refuses with `fieldwork.same_person_may_not_close` (409).
    """
    actions.close_job(number=number, by_id=who.id_of(request), note=body.note)
    return _detail(number)


@router.post(
    "/jobs/{number}/cancel",
    response=schemas.JobDetail,
    auth=permissions.api("fieldwork.cancel_job"),
    url_name="fieldwork-cancel-job",
)
def cancel_job(request: HttpRequest, number: str, body: schemas.Reason) -> schemas.JobDetail:
    """Give a job up. Refuses with `fieldwork.reason_missing` (422)."""
    actions.cancel_job(number=number, by_id=who.id_of(request), reason=body.reason)
    return _detail(number)


@router.get("/map", auth=permissions.api("fieldwork.read_jobs"), url_name="fieldwork-map")
def map_layer(request: HttpRequest) -> dict[str, Any]:
    """Return the open jobs as GeoJSON for the map."""
    now = clock.now()
    zones = network.zone_names()
    features = []
    for row in queries.open_jobs_with_spot()[:MAP_JOBS_MAX]:
        late = labels.is_overdue(row, now)
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
                "properties": {
                    "key": row.number,
                    "label": row.number,
                    "text": labels.title(row, zones),
                    "note": labels.state_text(row, now),
                    "sign": "job",
                    "rank": 0 if late else 1,
                    "href": reverse("fieldwork:job", args=[row.number]),
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _detail(number: str) -> schemas.JobDetail:
    row = queries.job(number)
    if row is None:
        raise refusals.NoSuchJob(number)
    return schemas.job_detail(row, queries.timeline(row.pk), queries.reports(row.pk))
