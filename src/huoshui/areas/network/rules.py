"""Rules of the network that are ours: classes of the map, how much of it is drawn from afar."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.areas.network import contracts

DIAMETER_BREAKS_MM = (80.0, 125.0, 175.0, 250.0, 400.0)
"""Upper limits of the diameter classes of the map; the last class is open."""

AGE_BREAKS_YEARS = (10.0, 20.0, 30.0, 40.0, 50.0)
"""Upper limits of the age classes of the map; the last class is open."""

EARLIEST_LAID_YEAR = 1850
"""No water main of a city we know of is older; an earlier year is a typing error."""

TILE_ZOOM_MIN = 8
TILE_ZOOM_MAX = 16
"""Beyond the greatest zoom the browser enlarges the tiles of this one (0.15 m per step)."""

SMALL_NETWORK_LINKS = 20_000
"""Up to this many links a network is drawn whole at every zoom."""

LEAST_DIAMETER_MM = {8: 600.0, 9: 600.0, 10: 600.0, 11: 200.0, 12: 200.0}
"""Of greater networks, the least diameter drawn at the zooms that show much of a city."""

JUNCTIONS_FROM_ZOOM = 14
"""Of greater networks, the zoom from which junctions are in the tiles."""

NAMES_FROM_ZOOM = 16
"""From which zoom tiles carry a point half-way along each pipe for its name."""


def least_diameter_mm(zoom: int, links: int) -> float:
    """Return the diameter below which pipes are left out of tiles of ``zoom``."""
    if links <= SMALL_NETWORK_LINKS:
        return 0.0
    return LEAST_DIAMETER_MM.get(zoom, 600.0 if zoom < TILE_ZOOM_MIN else 0.0)


def draws_junctions(zoom: int, links: int) -> bool:
    """Tell whether tiles of ``zoom`` carry the junctions."""
    return links <= SMALL_NETWORK_LINKS or zoom >= JUNCTIONS_FROM_ZOOM


def is_link(kind: str) -> bool:
    """Tell whether assets of this kind run between two nodes."""
    return kind in contracts.LINK_KINDS


def range_of_class(breaks: Sequence[float], index: int) -> tuple[float | None, float | None]:
    """Return the lower (excluded) and upper (included) limit of one class; None is open."""
    low = breaks[index - 1] if index else None
    high = breaks[index] if index < len(breaks) else None
    return low, high
