"""What counts where several people reported one job: chosen field by field by who closes it."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.areas.fieldwork import contracts, models, queries, refusals, rules
from huoshui.areas.fieldwork.queries import differing


def settle(job: models.Job, chosen: Mapping[str, int]) -> models.JobReport:
    """Keep a further report with the chosen versions; return the report that counts.

    ``chosen`` has the report to follow for each field that differs; fields that are left out stay
    as the rule put them together. All reports before stay as they are. Refuses a report that says
    nothing of the field, and a leak without a place.
    """
    latest = queries.latest_report(job.pk)
    known = {one.field: one for one in differing.of_job(job.pk)}
    if not chosen:
        return latest
    values = {field: getattr(latest, field) for field in differing.FIELDS}
    for field, report_id in chosen.items():
        versions = known[field].versions if field in known else ()
        version = next((one for one in versions if one.report_id == report_id), None)
        if version is None:
            raise refusals.NoSuch("report", report_id)
        values[field] = version.value
    if values["found"] not in rules.FOUND_A_LEAK:
        # The place and the size were those of the leak in the version that was not chosen.
        values |= {"found_asset_code": "", "found_size_m3h": None}
    elif not values["found_asset_code"]:
        raise refusals.LeakWithoutPlace
    report = models.JobReport.objects.create(
        job=job,
        reported_at=latest.reported_at,
        reported_by=latest.reported_by,
        note=latest.note,
        made_by=contracts.ReportMadeBy.CHOICE,
        **values,
    )
    models.JobPhoto.objects.bulk_create(
        models.JobPhoto(report=report, file_id=photo.file_id) for photo in latest.photos.all()
    )
    return report
