"""How far places are from each other along the pipes, and which events belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_M = 0.01


def weighted(*, start: Ints, end: Ints, length_m: Floats, nodes: int) -> sparse.csr_matrix:
    """Return the network as a matrix of lengths, ready for `distances`.

    Parameters
    ----------
    start, end : ndarray, shape (n_links,)
        Node numbers of both ends, from 0.
    length_m : ndarray, shape (n_links,)
        Length; NaN and less than a centimetre count as a centimetre. [m]
    nodes : int
        How many nodes there are.
    """
    weight = np.maximum(np.nan_to_num(length_m, nan=LEAST_M), LEAST_M)
    low, high = np.minimum(start, end), np.maximum(start, end)
    # A sparse matrix adds parallel links up; of each pair only the shortest is kept.
    order = np.lexsort((weight, high, low))
    low, high, weight = low[order], high[order], weight[order]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    first &= low != high
    return sparse.csr_matrix((weight[first], (low[first], high[first])), shape=(nodes, nodes))


def distances(network: sparse.csr_matrix, *, places: Ints, reach_m: float) -> Floats:
    """Return the distance along the pipes between places.

    Parameters
    ----------
    network : csr_matrix
        What `weighted` returned.
    places : ndarray, shape (n,)
        Node numbers.
    reach_m : float
        How far is looked; what is farther counts as infinitely far. [m]

    Returns
    -------
    ndarray, shape (n, n)
        Infinite where no way is short enough. [m]
    """
    if not len(places):
        return np.empty((0, 0))
    unique, inverse = np.unique(places, return_inverse=True)
    found = csgraph.dijkstra(network, directed=False, indices=unique, limit=reach_m)
    answer: Floats = found[:, unique][inverse][:, inverse]
    return answer


def from_sources(network: sparse.csr_matrix, *, sources: Ints) -> Floats:
    """Return each node's distance along the pipes from the nearest source, infinite if none. [m]"""
    if not len(sources):
        return np.full(network.shape[0], np.inf)
    found: Floats = csgraph.dijkstra(network, directed=False, indices=sources, min_only=True)
    return found


def together(*, at_s: Floats, distance_m: Floats, within_s: float, within_m: float) -> Ints:
    """Return the number of the cluster of each event.

    Two events belong together when they are near in time and near in the network; so do all that
    such pairs join (single linkage: R. Sibson, "SLINK", The Computer Journal 16 (1), 1973).

    Parameters
    ----------
    at_s : ndarray, shape (n,)
        Moments. [s]
    distance_m : ndarray, shape (n, n)
        Distances between the events' places, infinite for far. [m]
    within_s, within_m : float
        What counts as near, included. [s], [m]
    """
    if not len(at_s):
        return np.empty(0, np.int64)
    near = (np.abs(at_s[:, None] - at_s[None, :]) <= within_s) & (distance_m <= within_m)
    _count, labels = csgraph.connected_components(sparse.csr_matrix(near), directed=False)
    found: Ints = labels.astype(np.int64)
    return found
