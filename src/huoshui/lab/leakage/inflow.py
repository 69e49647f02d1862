"""What a zone takes in: its inlets, less its outlets, less what its tanks keep."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ShapesDiffer(ValueError):
    """Two arrays that must describe the same moments do not."""


class MomentsNotRising(ValueError):
    """Moments must be given in rising order, each once."""


def _rows(name: str, values: ArrayLike | None, n_times: int) -> NDArray[np.float64]:
    """Return ``values`` as rows over time, or no rows where nothing was given."""
    if values is None:
        return np.zeros((0, n_times))
    rows = np.atleast_2d(np.asarray(values, dtype=float))
    if rows.size == 0:
        return np.zeros((0, n_times))
    if rows.shape[-1] != n_times:
        msg = f"{name} has {rows.shape[-1]} moments, at_s has {n_times}"
        raise ShapesDiffer(msg)
    return rows


def moments(at_s: ArrayLike) -> NDArray[np.float64]:
    """Return the moments as an array, refusing any that do not rise."""
    at = np.asarray(at_s, dtype=float)
    if at.ndim != 1:
        msg = f"at_s must have one dimension, it has {at.ndim}"
        raise ShapesDiffer(msg)
    if at.size > 1 and not np.all(np.diff(at) > 0):
        first = int(np.argmin(np.diff(at) > 0)) + 1
        msg = f"at_s must rise; moment {first} is not after the one before it"
        raise MomentsNotRising(msg)
    return at


def boundary_inflow(
    *,
    at_s: ArrayLike,
    inlets_m3s: ArrayLike,
    outlets_m3s: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the flow over the boundary of a zone, positive inwards.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments, rising. [s]
    inlets_m3s : array_like, shape (n_inlets, n_times) or (n_times,)
        Flow of each inlet, positive into the zone. NaN is not known. [m³ s⁻¹]
    outlets_m3s : array_like, shape (n_outlets, n_times) or (n_times,), optional
        Flow of each outlet, positive out of the zone. [m³ s⁻¹]

    Returns
    -------
    ndarray, shape (n_times,)
        Inlets less outlets; NaN at every moment at which any of them is NaN. [m³ s⁻¹]

    Raises
    ------
    ShapesDiffer, MomentsNotRising
        If the arrays do not describe the same rising moments.
    """
    at = moments(at_s)
    inlets = _rows("inlets_m3s", inlets_m3s, at.size)
    outlets = _rows("outlets_m3s", outlets_m3s, at.size)
    net: NDArray[np.float64] = inlets.sum(axis=0) - outlets.sum(axis=0)
    return net


def net_inflow(
    *,
    at_s: ArrayLike,
    inlets_m3s: ArrayLike,
    outlets_m3s: ArrayLike | None = None,
    stored_m3: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return what a zone consumes and loses in each interval between readings.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments of the readings, rising. [s]
    inlets_m3s, outlets_m3s : array_like, shape (n, n_times) or (n_times,)
        Flows over the boundary, positive in the direction of their name. [m³ s⁻¹]
    stored_m3 : array_like, shape (n_tanks, n_times) or (n_times,), optional
        Water held by each tank inside the zone. [m³]

    Returns
    -------
    ndarray, shape (n_times - 1,)
        Mean boundary inflow of the interval (trapezoid) less the rise of the tanks.
        Positive when the zone consumes. NaN where a reading needed for it is NaN. [m³ s⁻¹]

    Notes
    -----
    Conservation holds exactly: summed over the intervals, times their length, the result is
    the volume that crossed the boundary less the change of the tanks from end to end.
    A level read to the centimetre makes single intervals noisy (1 cm in a tank of 200 m² over
    five minutes is 24 m³/h); for a night use `night.night_flow`, which does not difference
    neighbouring readings.

    References
    ----------
    .. [1] A. Lambert et al., "Losses from Water Supply Systems: Standard Terminology and
       Recommended Performance Measures", IWA Blue Pages, 2000, system input volume.
    """
    at = moments(at_s)
    boundary = boundary_inflow(at_s=at, inlets_m3s=inlets_m3s, outlets_m3s=outlets_m3s)
    tanks = _rows("stored_m3", stored_m3, at.size)
    step_s = np.diff(at)
    mean_boundary = (boundary[1:] + boundary[:-1]) / 2
    net: NDArray[np.float64] = mean_boundary - np.diff(tanks.sum(axis=0)) / step_s
    return net


def cylinder_volume(*, level_m: ArrayLike, diameter_m: float) -> NDArray[np.float64]:
    """Return the water held by an upright cylindrical tank.

    Parameters
    ----------
    level_m : array_like
        Height of the water above the tank's floor, not less than zero. NaN stays NaN. [m]
    diameter_m : float
        Inner diameter, greater than zero. [m]

    Returns
    -------
    ndarray
        Volume, of the shape of ``level_m``. [m³]

    Raises
    ------
    ValueError
        If the diameter is not greater than zero or a level is below zero.
    """
    level = np.asarray(level_m, dtype=float)
    if not diameter_m > 0:
        msg = f"diameter_m must be greater than zero; given is {diameter_m}"
        raise ValueError(msg)
    if np.any(level < 0):
        msg = f"level_m must not be below zero; the smallest given is {np.nanmin(level)}"
        raise ValueError(msg)
    volume: NDArray[np.float64] = np.pi / 4 * diameter_m**2 * level
    return volume
