"""The only door to the twin for other areas.

from huoshui.areas.twin import facade as twin
"""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.twin import actions, contracts, queries


def present() -> contracts.Present | None:
    """Return the newest model run with its figures, or None before the first."""
    return queries.present()


def run_present(at: datetime) -> None:
    """Solve the network for ``at`` from the measurements of that moment."""
    actions.run_present(at)
