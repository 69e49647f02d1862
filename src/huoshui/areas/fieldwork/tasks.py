"""Work of the crews that comes from other areas."""

from __future__ import annotations

from huoshui.areas.fieldwork import actions, contracts
from huoshui.areas.network import contracts as network


def make_job_of_report(event: network.AssetJobWanted) -> None:
    """Ask for a job where staff want one for what a passer-by reported; once for each report."""
    actions.request_job(
        place=contracts.Place(asset_code=event.asset_code),
        by_id=event.by_id,
        description=event.text,
        kind=contracts.JobKind.INSPECTION,
        origin=f"network.report:{event.report_id}",
    )
