"""Places where something was found again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of several findings.

    Attributes
    ----------
    members : tuple of int
        Which findings, rising.
    x_m, y_m : float
        Their mean. [m]
    radius_m : float
        How far the farthest of them lies from it. [m]
    """

    members: tuple[int, ...]
    x_m: float
    y_m: float
    radius_m: float


def recurring_spots(*, xy_m: Floats, within_m: float, times: int) -> list[Spot]:
    """Return the places where at least ``times`` findings lie together, the fullest first.

    Parameters
    ----------
    xy_m : ndarray, shape (n, 2)
        Where something was found. [m]
    within_m : float
        How near findings belong together, greater than zero. [m]
    times : int
        How many make a place, itself counted, at least 2.

    Notes
    -----
    Density-based clustering (DBSCAN): a finding with at least ``times`` findings within the
    distance, itself among them, is a core; cores within the distance of each other are one place,
    and other findings belong to the place of the nearest core within the distance. What lies near
    no core is no place. Places may become longer than the distance where findings follow each
    other along a street; `Spot.radius_m` tells.

    References
    ----------
    .. [1] M. Ester, H.-P. Kriegel, J. Sander, X. Xu: "A Density-Based Algorithm for Discovering
       Clusters in Large Spatial Databases with Noise", KDD-96, 1996, section 3. There a border
       point belongs to the cluster that comes first; here to that of the nearest core, so that
       the order of the findings does not matter.
    """
    xy = np.asarray(xy_m, float).reshape(-1, 2)
    if not within_m > 0 or times < 2:
        msg = f"within_m is {within_m}, times is {times}"
        raise ValueError(msg)
    if not np.isfinite(xy).all():
        msg = "a finding has a place that is no number"
        raise ValueError(msg)
    if len(xy) < times:
        return []
    tree = cKDTree(xy)
    around = np.asarray(tree.query_ball_point(xy, within_m, return_length=True), np.int64)
    cores = np.flatnonzero(around >= times)
    if not len(cores):
        return []
    core_tree = cKDTree(xy[cores])
    pairs = core_tree.query_pairs(within_m, output_type="ndarray")
    beside = sparse.coo_matrix(
        (np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(cores), len(cores))
    )
    count, core_place = csgraph.connected_components(beside, directed=False)
    distance, nearest = core_tree.query(xy, distance_upper_bound=np.nextafter(within_m, np.inf))
    belongs = np.isfinite(distance)
    place = np.full(len(xy), -1, np.int64)
    place[belongs] = core_place[nearest[belongs]]
    spots = [_spot(xy, np.flatnonzero(place == number)) for number in range(count)]
    return sorted(spots, key=lambda spot: (-len(spot.members), spot.members))


def _spot(xy: Floats, members: Ints) -> Spot:
    middle = xy[members].mean(axis=0)
    away = np.hypot(*(xy[members] - middle).T)
    return Spot(tuple(members.tolist()), float(middle[0]), float(middle[1]), float(away.max()))
