"""What people ask about jobs; crews, stock, plans and the board have modules of their own."""

from huoshui.areas.fieldwork.queries.jobs import (
    contracts_of,
    crew,
    crew_member,
    has_reported,
    job,
    jobs,
    jobs_at_asset,
    jobs_in_zone,
    latest_report,
    open_jobs,
    open_jobs_with_spot,
    reports,
    timeline,
)

__all__ = [
    "contracts_of",
    "crew",
    "crew_member",
    "has_reported",
    "job",
    "jobs",
    "jobs_at_asset",
    "jobs_in_zone",
    "latest_report",
    "open_jobs",
    "open_jobs_with_spot",
    "reports",
    "timeline",
]
