"""What is late, full or failing, and what to do about it.

Any part of the product declares a check from ``AppConfig.ready``; the health page, the light in the
frame, the command line and the machines' address all show the same findings::

    health.declare("jobs.schedules", _("Schedules"), schedules_in_order)

    def schedules_in_order() -> Iterator[health.Finding]:
        yield health.Finding("failing", _("..."), remedy=_("..."), url="/system/schedules/")
"""

from huoshui.kernel.health.checking import (
    FAILING,
    LEVELS,
    OK,
    WARNING,
    Finding,
    Result,
    declare,
    declared,
    level_of,
    run_all,
    summary,
)
from huoshui.kernel.health.heartbeat import beat, expect_part

__all__ = [
    "FAILING",
    "LEVELS",
    "OK",
    "WARNING",
    "Finding",
    "Result",
    "beat",
    "declare",
    "declared",
    "expect_part",
    "level_of",
    "run_all",
    "summary",
]
