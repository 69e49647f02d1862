"""Indices of real losses: what cannot be avoided (UARL), the ILI, and losses by connection and km.

References
----------
.. [1] A. Lambert, T. Brown, M. Takizawa, D. Weimer, "A review of performance indicators for real
   losses from water supply systems", AQUA 48 (6), 1999, 227-237.
.. [2] A. Lambert, "Ten years experience in using the UARL formula to calculate infrastructure
   leakage index", IWA Water Loss, Cape Town 2009: the limits of its use over the years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab import units

Floats = NDArray[np.float64]

# Litres a day and metre of pressure: for each km of mains, connection, km of private pipe.
MAINS_L, CONNECTION_L, PRIVATE_L = 18.0, 0.8, 25.0

# The formula was fitted to systems of some size and pressure. 1999: 5,000 connections; 3,000 since
# 2005. Density and pressures as in 1999; later papers relax them further, we do not.
CONNECTIONS_MIN = 3_000
DENSITY_MIN_PER_KM = 20.0
PRESSURE_MIN_M, PRESSURE_MAX_M = 25.0, 100.0

REASONS = ("", "unknown", "few_connections", "sparse", "low_pressure", "high_pressure")
"""Why the formula does not hold; empty where it does."""


def unavoidable_losses(
    *,
    mains_m: ArrayLike,
    connections: ArrayLike,
    private_m: ArrayLike = 0.0,
    pressure_m: ArrayLike,
) -> Floats:
    """Return the real losses that the best of care leaves (UARL).

    Parameters
    ----------
    mains_m, private_m : array_like, shape (n_zones,)
        Length of mains; of pipes between the property line and the meters, all together. [m]
    connections : array_like, shape (n_zones,)
        Number of service connections. [-]
    pressure_m : array_like, shape (n_zones,)
        Mean pressure while the system has pressure. [m]

    Returns
    -------
    ndarray, shape (n_zones,)
        (18 Lm + 0.8 Nc + 25 Lp) P litres a day, with km and m, given in SI. NaN stays NaN.
        Computed outside of the formula's range too; `leakage_index` says where it holds. [m³ s⁻¹]
    """
    litres = (
        MAINS_L * np.asarray(mains_m, dtype=float) / 1000
        + CONNECTION_L * np.asarray(connections, dtype=float)
        + PRIVATE_L * np.asarray(private_m, dtype=float) / 1000
    ) * np.asarray(pressure_m, dtype=float)
    found: Floats = litres * 1e-3 / units.S_PER_DAY
    return found


@dataclass(frozen=True)
class LeakageIndex:
    """The ILI of zones, shape (n_zones,).

    Attributes
    ----------
    ili, half_width : ndarray
        Real losses over unavoidable losses, and half of its 95 % band from the real losses; NaN
        where the formula does not hold. [-]
    unavoidable_m3s : ndarray
        UARL. [m³ s⁻¹]
    reason : ndarray of int
        Number in `REASONS`; 0 where the formula holds.
    suspect : ndarray of bool
        Below 1: less than is unavoidable, so more likely wrong data than a wonder.
    """

    ili: Floats
    half_width: Floats
    unavoidable_m3s: Floats
    reason: NDArray[np.int64]
    suspect: NDArray[np.bool_]


def leakage_index(
    *,
    real_losses_m3s: ArrayLike,
    half_width_m3s: ArrayLike = 0.0,
    mains_m: ArrayLike,
    connections: ArrayLike,
    private_m: ArrayLike = 0.0,
    pressure_m: ArrayLike,
) -> LeakageIndex:
    """Return the infrastructure leakage index, blank where it does not hold.

    Parameters
    ----------
    real_losses_m3s, half_width_m3s : array_like, shape (n_zones,)
        Real losses of the balance, and half of their 95 % band. [m³ s⁻¹]
    mains_m, connections, private_m, pressure_m
        As in `unavoidable_losses`.

    Returns
    -------
    LeakageIndex
    """
    losses, width, mains, number, private, pressure = np.broadcast_arrays(
        *(
            np.atleast_1d(np.asarray(one, dtype=float))
            for one in (real_losses_m3s, half_width_m3s, mains_m, connections, private_m,
                        pressure_m)
        )
    )  # fmt: skip
    least = unavoidable_losses(
        mains_m=mains, connections=number, private_m=private, pressure_m=pressure
    )
    # The mains of a system that exists have a length; zero would make every density infinite.
    density = np.where(mains > 0, number / np.where(mains > 0, mains / 1000, 1.0), 0.0)
    known = np.isfinite(losses) & np.isfinite(least)
    reason = np.select(
        [
            ~known,
            number < CONNECTIONS_MIN,
            density < DENSITY_MIN_PER_KM,
            pressure < PRESSURE_MIN_M,
            pressure > PRESSURE_MAX_M,
        ],
        [1, 2, 3, 4, 5],
        default=0,
    )
    holds = reason == 0
    safe = np.where(holds, least, 1.0)
    ili = np.where(holds, losses / safe, np.nan)
    return LeakageIndex(
        ili=ili,
        half_width=np.where(holds, width / safe, np.nan),
        unavoidable_m3s=least,
        reason=reason.astype(np.int64),
        suspect=holds & (ili < 1),
    )
