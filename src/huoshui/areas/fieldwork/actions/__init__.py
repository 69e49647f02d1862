"""Everything that may be done to jobs; crews, stock and plans have modules of their own."""

from huoshui.areas.fieldwork.actions.jobs import (
    assign_job,
    cancel_job,
    check_may_report,
    close_job,
    is_with,
    report_job,
    request_job,
    return_job,
    unit_of,
)

__all__ = [
    "assign_job",
    "cancel_job",
    "check_may_report",
    "close_job",
    "is_with",
    "report_job",
    "request_job",
    "return_job",
    "unit_of",
]
