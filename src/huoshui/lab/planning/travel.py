"""How far and how long it is between places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.units import earth

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DETOUR_FACTOR = 1.33
"""How much longer roads in China are than the straight line.

R. Ballou, H. Rahardja, N. Sakai: Selected country circuity factors for road travel distance
estimation, Transportation Research Part A 36, 2002, table 1. A mean of ways between towns; a city
cut by a river has more.
"""


def straight_m(lon: Floats, lat: Floats) -> Floats:
    """Return the great-circle distance of every place from every other.

    Parameters
    ----------
    lon, lat : ndarray, shape (n,)
        WGS 84. [°]

    Returns
    -------
    ndarray, shape (n, n)
        [m]
    """
    x, y = np.radians(lon), np.radians(lat)
    half = (
        np.sin((y[:, None] - y[None, :]) / 2) ** 2
        + np.cos(y)[:, None] * np.cos(y)[None, :] * np.sin((x[:, None] - x[None, :]) / 2) ** 2
    )
    found: Floats = 2 * earth.EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return found


def by_line_m(lon: Floats, lat: Floats, *, factor: float = DETOUR_FACTOR) -> Floats:
    """Return the ways between places where no graph is known: the straight line times a factor."""
    if not factor >= 1:
        msg = f"no way is shorter than the straight line; the factor given is {factor}"
        raise ValueError(msg)
    found: Floats = straight_m(lon, lat) * factor
    return found


def duration_s(way_m: Floats, *, speed_kmh: float) -> Floats:
    """Return how long ways take at one speed. [s]"""
    if not speed_kmh > 0:
        msg = f"a speed must be greater than zero; the one given is {speed_kmh}"
        raise ValueError(msg)
    found: Floats = way_m / (speed_kmh / 3.6)
    return found
