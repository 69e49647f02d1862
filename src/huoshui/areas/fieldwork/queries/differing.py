"""Reports of one job that say different things, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.areas.fieldwork import contracts, models

FIELDS = ("found", "found_asset_code", "found_size_m3h")
MadeBy = contracts.ReportMadeBy


@dataclass(frozen=True, slots=True)
class Version:
    """What one person said of a field, in which report."""

    report_id: int
    by: str
    at: datetime
    value: Any


@dataclass(frozen=True, slots=True)
class Differing:
    """A field of which people said different things; ``counts`` is the report that counts now."""

    field: str
    versions: tuple[Version, ...]
    counts: int


def of_job(job_id: int) -> list[Differing]:
    """Return the fields on which the reports of a job differ that nobody has decided on.

    Reports from before the job was sent back do not count: they were refused together.
    """
    rows = list(
        models.JobReport.objects.filter(job_id=job_id)
        .select_related("reported_by")
        .order_by("reported_at", "id")
    )
    if not rows or rows[-1].made_by != MadeBy.RULE:
        return []
    returned = (
        models.JobEvent.objects.filter(job_id=job_id, what="returned").order_by("-at").first()
    )
    own = [
        one for one in rows
        if one.made_by == MadeBy.PERSON and (returned is None or one.reported_at > returned.at)
    ]  # fmt: skip
    found = []
    for field in FIELDS:
        said = [
            Version(one.pk, str(one.reported_by), one.reported_at, getattr(one, field))
            for one in own
            if getattr(one, field) not in (None, "")
        ]
        if len({version.value for version in said}) < 2:
            continue
        counting = getattr(rows[-1], field)
        counts = next((one.report_id for one in said[::-1] if one.value == counting), 0)
        found.append(Differing(field, tuple(said), counts))
    return found
