"""Rules of the network that are ours: classes of the map, how much of it is drawn from afar."""

from __future__ import annotations

import re
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

MOST_IN_A_TILE = {"lines": 2_500, "points": 1_000}
"""Features of a layer in the fullest tile of a zoom; of more, the most important are drawn."""

MAP_STEP_MOST = 2_000
"""Assets and connections of one change that the map is patched for; of more all is read anew."""

MAP_STEPS_KEPT = 200
"""Changes of the map that are remembered for those who have an older state in memory."""

SIGNS_FROM_ZOOM = 11
"""From which zoom tiles carry valves and hydrants: further off the map draws none."""

JUNCTIONS_FROM_ZOOM = 15
"""From which zoom tiles carry junctions."""

NAMES_FROM_ZOOM = 16
"""From which zoom tiles carry a point half-way along each pipe for its name."""


DIGITS = re.compile(r"\d+")
DIGITS_PADDED = 9


def natural_key(code: str) -> str:
    """Return a code in the form that sorts as people count: n2 before n10, N2 beside n2.

    Every number in it is written with nine digits; ties keep the order of the code itself.
    """
    key = DIGITS.sub(lambda found: found[0].lstrip("0").zfill(DIGITS_PADDED), code.lower())
    return key[:320]


def is_link(kind: str) -> bool:
    """Tell whether assets of this kind run between two nodes."""
    return kind in contracts.LINK_KINDS


def range_of_class(breaks: Sequence[float], index: int) -> tuple[float | None, float | None]:
    """Return the lower (excluded) and upper (included) limit of one class; None is open."""
    low = breaks[index - 1] if index else None
    high = breaks[index] if index < len(breaks) else None
    return low, high


SAME_PLACE_WITHIN_M = 0.01
"""Nodes nearer than this are in the same place: finer than any survey of pipes."""

ALMOST_TOUCHING_WITHIN_M = 0.5
"""Nodes and ends nearer than this were probably meant to be joined."""

SAME_COURSE_WITHIN_M = 1.0
"""Pipes whose courses are nowhere further apart than this look drawn twice."""

LEAST_PIPE_M = 0.05
"""A shorter pipe is a fitting."""

LENGTH_DIFFERS_FRAC = 0.2
LENGTH_DIFFERS_M = 5.0
"""How far a stated length may be off the drawn one, for bends and slopes that are not drawn."""

DIAMETER_JUMP_RATIO = 3.0
"""Reducers of more than two sizes are rare; three times is nearly always a typing error."""

CONNECTION_FAR_M = 50.0
"""Service lines of a city are shorter; a longer one hangs on the wrong pipe."""

REPORTS_PER_SENDER_H = 5
REPORTS_PER_ASSET_H = 20
"""How many reports an hour are taken from one address, and about one asset."""
