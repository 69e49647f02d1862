"""Everything that may be done to watched zones and suspected leaks."""

from huoshui.areas.leakage.actions.leaks import (
    Estimate,
    dismiss,
    follow_leak,
    leak_of,
    make_job,
    measure_saving_again,
    on_job_cancelled,
    on_job_closed,
    reopen_began_later,
    reopen_unverified,
    suspect_leak,
    verify_repair,
    withdraw,
)
from huoshui.areas.leakage.actions.zones import set_up_zone

__all__ = [
    "Estimate",
    "dismiss",
    "follow_leak",
    "leak_of",
    "make_job",
    "measure_saving_again",
    "on_job_cancelled",
    "on_job_closed",
    "reopen_began_later",
    "reopen_unverified",
    "set_up_zone",
    "suspect_leak",
    "verify_repair",
    "withdraw",
]
