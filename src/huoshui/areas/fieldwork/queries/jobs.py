"""What people ask about jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from huoshui.areas.fieldwork import contracts, models
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions, posts
from huoshui.kernel.accounts.models import Post, PostHolding, User


def job(number: str) -> models.Job | None:
    """Return a job with the people on it, or None."""
    return (
        models.Job.objects.select_related("requested_by", "assigned_to", "job_type", "crew")
        .filter(number=number)
        .first()
    )


def timeline(job_id: int) -> list[models.JobEvent]:
    """Return the steps of a job, earliest first."""
    return list(
        models.JobEvent.objects.filter(job_id=job_id)
        .select_related("by", "to_whom")
        .order_by("at", "id")
    )


def reports(job_id: int) -> list[models.JobReport]:
    """Return the reports of a job with their photos, latest first."""
    return list(
        models.JobReport.objects.filter(job_id=job_id)
        .select_related("reported_by")
        .prefetch_related("photos__file")
        .order_by("-reported_at", "-id")
    )


def has_reported(job_id: int, user_id: int) -> bool:
    """Tell whether somebody reported a job, as the first, as another of its crew, or before."""
    return models.JobReport.objects.filter(job_id=job_id, reported_by_id=user_id).exists()


def latest_report(job_id: int) -> models.JobReport:
    """Return the report that counts; the job must have one."""
    report = models.JobReport.objects.filter(job_id=job_id).order_by("-reported_at", "-id").first()
    if report is None:
        msg = f"job {job_id} has no report"
        raise LookupError(msg)
    return report


def jobs(
    *,
    state: str = "",
    zone_code: str = "",
    assigned_to_id: int | None = None,
    overdue_at: datetime | None = None,
) -> QuerySet[models.Job]:
    """Return the jobs that fit everything given, with the people on them."""
    rows: QuerySet[models.Job] = models.Job.objects.select_related("requested_by", "assigned_to")
    if overdue_at is not None:
        rows = models.Job.objects.overdue(overdue_at).select_related("requested_by", "assigned_to")
    if state:
        rows = rows.filter(state=state)
    if zone_code:
        rows = rows.filter(zone_code=zone_code)
    if assigned_to_id is not None:
        rows = rows.filter(assigned_to_id=assigned_to_id)
    return rows


def crew() -> list[User]:
    """Return the people who hold a field crew post now, by name."""
    crew_posts = [
        post.pk
        for post in Post.objects.exclude(code=posts.ADMINISTRATOR)
        if "fieldwork.report_job"
        in permissions.of_post(post.code, granted=post.granted, withdrawn=post.withdrawn)
    ]
    holdings = PostHolding.objects.valid_at(clock.now()).filter(post_id__in=crew_posts)
    people = User.objects.filter(pk__in=holdings.values("user_id"), is_active=True)
    return list(people.order_by("name", "username"))


def crew_member(username: str) -> User | None:
    """Return the active person with this sign-in name, or None."""
    return User.objects.filter(username=username, is_active=True).first()


def open_jobs() -> QuerySet[models.Job]:
    """Return the jobs that still need somebody, the soonest due first."""
    return models.Job.objects.open().select_related("job_type").order_by("due_at", "id")


def open_jobs_with_spot() -> QuerySet[models.Job]:
    """Return the open jobs that can be drawn on a map."""
    return open_jobs().filter(lon__isnull=False)


def jobs_at_asset(asset_code: str, *, limit: int) -> list[models.Job]:
    """Return the latest jobs at an asset."""
    return list(
        models.Job.objects.filter(asset_code=asset_code)
        .select_related("job_type")
        .order_by("-requested_at", "-id")[:limit]
    )


def jobs_in_zone(zone_code: str, *, limit: int) -> list[models.Job]:
    """Return the latest jobs of a zone."""
    return list(
        models.Job.objects.filter(zone_code=zone_code)
        .select_related("job_type")
        .order_by("-requested_at", "-id")[:limit]
    )


def contracts_of(jobs: Iterable[models.Job]) -> list[contracts.Job]:
    """Return jobs as other areas see them, with one query for all reports."""
    rows = list(jobs)
    latest: dict[int, models.JobReport] = {}
    found = models.JobReport.objects.filter(job_id__in=[row.pk for row in rows])
    for report in found.order_by("reported_at", "id"):
        latest[report.job_id] = report
    return [_contract(row, latest.get(row.pk)) for row in rows]


def _contract(row: models.Job, report: models.JobReport | None) -> contracts.Job:
    return contracts.Job(
        id=row.pk,
        number=row.number,
        title=row.title,
        description=row.description,
        kind=contracts.JobKind(row.kind),
        place=contracts.Place(
            asset_code=row.asset_code,
            zone_code=row.zone_code,
            lon=row.lon,
            lat=row.lat,
            account_code=row.account_code,
        ),
        origin=row.origin,
        priority=contracts.Priority(row.priority),
        state=contracts.JobState(row.state),
        due_at=row.due_at,
        requested_at=row.requested_at,
        requested_by_id=row.requested_by_id,
        assigned_to_id=row.assigned_to_id,
        report=None if report is None else _report(report),
    )


def _report(row: models.JobReport) -> contracts.Report:
    return contracts.Report(
        found=contracts.Found(row.found),
        found_asset_code=row.found_asset_code,
        found_size_m3h=row.found_size_m3h,
        note=row.note,
        reported_at=row.reported_at,
        reported_by_id=row.reported_by_id,
    )
