"""Work of the network that comes round by itself."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.network import actions, contracts, tiles


def check_nightly(_due_at: datetime | None = None) -> None:
    """Run every check of the network, so that the list of the morning is fresh."""
    actions.run_checks(by_id=None)


def warm_map(_event: contracts.NetworkImported) -> None:
    """Make the tiles from afar, so that the map of a great city is there for whoever opens it."""
    tiles.warm()
    # This process gives out no tiles, and the index of a city takes some hundred megabytes.
    tiles.forget()
