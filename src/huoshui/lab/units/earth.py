"""How long a degree is on the ground: one sphere for all who measure a city.

The mean radius R1 of the Earth: H. Moritz, Geodetic Reference System 1980, Journal of Geodesy 74,
2000. A degree of latitude of the ellipsoid is 110 574 m to 111 694 m long, so a distance on this
sphere is true to six in a thousand; where more is needed, points are projected.
"""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8
M_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180


def apart_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return how far two places of a city lie apart, on the plane at the latitude between them.

    Parameters
    ----------
    lon, lat, other_lon, other_lat : float
        The two places. [°]

    Returns
    -------
    float
        Within a thousandth of the great circle where the two are not farther apart than a city
        is wide and lie below 60 degrees of latitude. [m]
    """
    across = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return M_PER_DEGREE * math.hypot(across, other_lat - lat)
