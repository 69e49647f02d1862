"""Areas that flow meters enclose, and the demand that their meters measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
Indices = NDArray[np.int64]


def areas_between_meters(
    *, n_nodes: int, link_nodes: ArrayLike, metered_links: ArrayLike
) -> Indices:
    """Return which area each node lies in when the network is cut at its flow meters.

    Parameters
    ----------
    n_nodes : int
        Number of nodes.
    link_nodes : array_like of int, shape (n_links, 2)
        Start and end node of each link.
    metered_links : array_like of int, shape (n_meters,)
        Links that carry a flow meter.

    Returns
    -------
    ndarray of int, shape (n_nodes,)
        Number of the area, from 0. Nodes joined by links without a meter share an area.
    """
    # Loading scipy.sparse takes as long as starting a process; most processes never come here.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends = np.asarray(link_nodes, dtype=np.int64).reshape(-1, 2)
    kept = np.delete(ends, np.asarray(metered_links, dtype=np.int64), axis=0)
    joined = coo_matrix((np.ones(len(kept)), (kept[:, 0], kept[:, 1])), shape=(n_nodes, n_nodes))
    _count, labels = connected_components(joined, directed=False)
    area: Indices = labels.astype(np.int64)
    return area


def measured_demand(
    *,
    area: ArrayLike,
    n_areas: int,
    meter_nodes: ArrayLike,
    flow_m3s: ArrayLike,
    tank_area: ArrayLike,
    storage_change_m3s: ArrayLike,
) -> Values:
    """Return what each area consumed: inflow less outflow less what its tanks took up.

    Parameters
    ----------
    area : array_like of int, shape (n_nodes,)
        Area of each node, of `areas_between_meters`.
    n_areas : int
        Number of areas.
    meter_nodes : array_like of int, shape (n_meters, 2)
        Start and end node of each metered link.
    flow_m3s : array_like, shape (n_meters,)
        Measured flow, positive from start to end. NaN is not known. [m³ s⁻¹]
    tank_area : array_like of int, shape (n_tanks,)
        Area each tank lies in.
    storage_change_m3s : array_like, shape (n_tanks,)
        Volume that each tank gains, negative while it empties. NaN is not known. [m³ s⁻¹]

    Returns
    -------
    ndarray, shape (n_areas,)
        Consumption with losses. NaN where a meter or tank of the area is not known. [m³ s⁻¹]

    References
    ----------
    .. [1] A. Lambert and W. Hirner, "Losses from water supply systems: standard terminology and
       recommended performance measures", IWA Blue Pages, 2000: system input of a metered area.
    """
    labels = np.asarray(area, dtype=np.int64)
    ends = labels[np.asarray(meter_nodes, dtype=np.int64).reshape(-1, 2)]
    flows = np.asarray(flow_m3s, dtype=float)
    demand = np.zeros(n_areas)
    np.add.at(demand, ends[:, 1], flows)
    np.subtract.at(demand, ends[:, 0], flows)
    np.subtract.at(
        demand,
        np.asarray(tank_area, dtype=np.int64),
        np.asarray(storage_change_m3s, dtype=float),
    )
    return demand
