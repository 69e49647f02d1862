"""What the clock makes the twin do."""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.areas.twin import actions

EVERY = timedelta(minutes=15)


def solve_present(due_at: datetime) -> None:
    """Solve the network for the moment that is due."""
    actions.run_present(due_at)
