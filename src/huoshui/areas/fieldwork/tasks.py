"""Work of the crews that comes from other areas."""

from __future__ import annotations

import time
from datetime import datetime

from huoshui.areas.fieldwork import actions, contracts
from huoshui.areas.fieldwork.actions import waiting
from huoshui.areas.network import contracts as network
from huoshui.kernel import clock

# Where the clock runs fast, crews are compared no more often than this by the clock on the wall.
LOOK_EVERY_S = 8.0
_looked_s = float("-inf")


def make_job_of_report(event: network.AssetJobWanted) -> None:
    """Ask for a job where staff want one for what a passer-by reported; once for each report."""
    actions.request_job(
        place=contracts.Place(asset_code=event.asset_code),
        by_id=event.by_id,
        description=event.text,
        kind=contracts.JobKind.INSPECTION,
        origin=f"network.report:{event.report_id}",
    )


def look_for_crews(_due_at: datetime) -> None:
    """Look why jobs have no crew; at sixty times speed the next look would be two seconds on."""
    global _looked_s
    if clock.speed() > 1 and time.monotonic() - _looked_s < LOOK_EVERY_S:
        return
    waiting.look_again()
    _looked_s = time.monotonic()
