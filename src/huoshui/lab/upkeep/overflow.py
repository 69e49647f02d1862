"""How long until a wet well or basin runs over."""

from __future__ import annotations

import math

S_PER_MINUTE = 60.0


class OutsideValidRange(ValueError):
    """A formula was asked about something that cannot be."""


def room(*, level_m: float, edge_level_m: float, area_m2: float) -> float:
    """Return the volume between the water and the edge.

    Parameters
    ----------
    level_m : float
        Level of the water. [m]
    edge_level_m : float
        Level at which it runs over, from the same zero. [m]
    area_m2 : float
        Mean surface of the well between the two. [m²]

    Returns
    -------
    float
        The volume; 0 where the water stands at the edge or above it. [m³]

    Raises
    ------
    OutsideValidRange
        If the surface is not greater than zero, or anything is not finite.
    """
    if not (math.isfinite(level_m) and math.isfinite(edge_level_m) and area_m2 > 0):
        msg = f"no well has {area_m2} m² between {level_m} m and {edge_level_m} m"
        raise OutsideValidRange(msg)
    return max(0.0, (edge_level_m - level_m) * area_m2)


def minutes_to_overflow(*, room_m3: float, inflow_m3s: float, outflow_m3s: float = 0.0) -> float:
    """Return how long a well takes to fill up to its edge.

    Parameters
    ----------
    room_m3 : float
        Volume up to the edge, not negative. [m³]
    inflow_m3s : float
        What flows in, not negative. [m³ s⁻¹]
    outflow_m3s : float
        What pumps and valves take out, not negative. [m³ s⁻¹]

    Returns
    -------
    float
        Minutes; 0 where there is no room left, infinite where the water does not rise. [min]

    Raises
    ------
    OutsideValidRange
        If anything is negative or not finite.

    Notes
    -----
    Conservation of volume of water that cannot be compressed, dV/dt = Q_in - Q_out, with both flows
    as they are now and no room in the sewers above the well: t = V / (Q_in - Q_out). Real sewers
    hold some water back, so it takes longer than this; rising rain makes it shorter.

    References
    ----------
    .. [1] V. T. Chow, D. R. Maidment, L. W. Mays, "Applied Hydrology", McGraw-Hill, 1988,
       sec. 2.2, equation of continuity of discrete storage.
    """
    given = (room_m3, inflow_m3s, outflow_m3s)
    if not all(math.isfinite(one) and one >= 0 for one in given):
        msg = f"room, inflow and outflow cannot be {given}"
        raise OutsideValidRange(msg)
    if room_m3 == 0:
        return 0.0
    rising_m3s = inflow_m3s - outflow_m3s
    return room_m3 / rising_m3s / S_PER_MINUTE if rising_m3s > 0 else math.inf
