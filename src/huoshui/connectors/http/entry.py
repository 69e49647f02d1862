"""What the product asks of this connector. It waits for callers, so there is nothing to open."""

from __future__ import annotations

from huoshui.areas.telemetry.contracts import Checked, OptionFault, Source


def faults_of(source: Source) -> list[OptionFault]:
    """Return nothing: there are no options."""
    return []


def check_source(source: Source) -> Checked:
    """Say how to send; only the sender can try the way here."""
    address = f"POST /api/v1/telemetry/push?source={source.code}"
    return Checked(True, "check.how_to_send", samples=((address, "Authorization: Bearer …"),))
