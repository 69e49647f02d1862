"""Work of the network that comes round by itself."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.network import actions


def check_nightly(_due_at: datetime | None = None) -> None:
    """Run every check of the network, so that the list of the morning is fresh."""
    actions.run_checks(by_id=None)
