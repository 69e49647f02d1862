"""What a network says of its leaks: what sensors show of one in each pipe, and ways between pipes.

    shapes        one row per pipe      [ sensors in the morning, ... , at night | areas' balances ]
    customers     one row per node      the same of what people use
    ways_m        pipe to pipe, along pipes

The watch, looking back and the looks at what stands now read the same place; what they need of it
in common is said here once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Array = NDArray[np.float64]

PARTS_OF_DAY = 4
STABLE = 1e-9
LEAST_STRAY_M = 5e-4
"""No sensor's mean of a part of the day is believed to be steadier than this. [m]"""
EVEN_FRAC = 0.3
"""Share of a signature's error that pipes far from every sensor have as well. [-]"""


@dataclass(frozen=True)
class Place:
    """What the network says: shapes of leaks and ways between pipes.

    Attributes
    ----------
    shapes : ndarray, shape (n_pipes, n_features)
        Residual per 1 m³/h of leak in each pipe: sensors of each part of the day, then one
        balance for each area. [m per m³/h and m³/h per m³/h]
    demand_shapes : ndarray, shape (n_nodes, n_features)
        The same of each customer's node, times what it usually takes.
    lengths_m : ndarray, shape (n_pipes,)
    ways_m : ndarray, shape (n_pipes, n_pipes)
        Ways along pipes between their centres. [m]
    areas : int
        Number of balances at the end of each row.
    """

    shapes: Array
    demand_shapes: Array
    lengths_m: Array
    ways_m: Array
    areas: int

    @property
    def sensors(self) -> int:
        """Return how many features are pressures; the balances come after them."""
        return int(self.shapes.shape[1]) - self.areas

    @property
    def pressures(self) -> Array:
        """Return what the sensors show of a leak in each pipe. [m per m³/h]"""
        return self.shapes[:, : self.sensors]

    @property
    def customers(self) -> Array:
        """Return what the sensors show of each node's usual use. [m]"""
        return self.demand_shapes[:, : self.sensors]

    def error_by_pipe(self) -> Array:
        """Return each pipe's share of the signatures' error, one in the mean; (n_pipes,)."""
        strength = np.sum(self.pressures**2, axis=1)
        share: Array = EVEN_FRAC + (1 - EVEN_FRAC) * strength / max(float(strength.mean()), STABLE)
        return share

    def error_of_shapes(self) -> Array:
        """Return how signatures that are all wrong stray, per 1 m³/h; (sensors, sensors). [m²]

        Once alike at neighbours, as pipes resemble each other, and once at each sensor alone.
        """
        alike = np.atleast_2d(np.cov(self.pressures.T))
        error: Array = alike + np.diag(np.mean(self.pressures**2, axis=0))
        return error


def usual_stray(residuals: Array) -> Array:
    """Return by how much each sensor's residual strays from day to day; (n_sensors,). [m]

    From the median of its daily changes, so leaks that begin do not widen it.
    """
    changes = np.median(np.abs(np.diff(residuals, axis=0)), axis=0)
    stray: Array = np.maximum(MAD_TO_SIGMA / np.sqrt(2) * changes, LEAST_STRAY_M)
    return stray
