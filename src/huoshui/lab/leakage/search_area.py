"""How far a crew must walk: the pipes to listen along, likeliest first.

probability  |####|####|###|##|##|#|#|          walk the pipe with most probability
of each pipe                                    per metre first; say how many metres
                                                until half, until nine tenths is passed
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def walk(
    *, probability: ArrayLike, lengths_m: ArrayLike, shares_frac: Sequence[float]
) -> tuple[float, ...]:
    """Return the length of pipe to walk until the leak is passed with given probabilities.

    Parameters
    ----------
    probability : array_like, shape (n_pipes,)
        Of the leak lying in each pipe; need not sum to one. [-]
    lengths_m : array_like, shape (n_pipes,)
        [m]
    shares_frac : sequence of float
        Between 0 and 1. [-]

    Returns
    -------
    tuple of float
        Of the least length that holds each share, the last pipe taken in part. NaN where nothing
        is likely. The ways between the pipes are not counted. [m]
    """
    chance = np.asarray(probability, dtype=float)
    length = np.asarray(lengths_m, dtype=float)
    total = float(chance.sum())
    if not total > 0:
        return tuple(np.nan for _ in shares_frac)
    order = np.argsort(-chance / np.maximum(length, 1e-9))
    passed = np.concatenate([[0.0], np.cumsum(chance[order]) / total])
    walked = np.concatenate([[0.0], np.cumsum(length[order])])
    return tuple(float(np.interp(share, passed, walked)) for share in shares_frac)


def widened(*, probability: ArrayLike, lengths_m: ArrayLike, times: float) -> NDArray[np.float64]:
    """Return a vaguer probability of each pipe, its evidence divided by a number.

    Parameters
    ----------
    probability : array_like, shape (n_pipes,)
        Sums to one; by length alone where nothing is known. [-]
    lengths_m : array_like, shape (n_pipes,)
        [m]
    times : float
        By what the logarithm of the likelihood per metre is divided; one leaves it. [-]

    Returns
    -------
    ndarray, shape (n_pipes,)
        Sums to one.
    """
    length = np.maximum(np.asarray(lengths_m, dtype=float), 1e-9)
    weight = (np.asarray(probability, dtype=float) / length) ** (1 / times) * length
    found: NDArray[np.float64] = weight / max(float(weight.sum()), 1e-300)
    return found


def ranked_by_topology(
    *, ways_m: ArrayLike, lengths_m: ArrayLike, falls_m: ArrayLike, scale_m: float = 250.0
) -> NDArray[np.float64]:
    """Rank pipes without a model: near the sensors that fell, and far from those that did not.

    Parameters
    ----------
    ways_m : array_like, shape (n_pipes, n_sensors)
        Ways along pipes from each pipe to each sensor; infinite where none leads. [m]
    lengths_m : array_like, shape (n_pipes,)
        [m]
    falls_m : array_like, shape (n_sensors,)
        By how much each sensor fell against the days before; a rise is negative. [m]
    scale_m : float
        Distance over which a leak's effect fades to a third. A guess of the house: no hydraulics
        stands behind it, so trust it for a first street, not for a trench. [m]

    Returns
    -------
    ndarray, shape (n_pipes,)
        Probabilities that sum to one.
    """
    near = np.exp(-np.asarray(ways_m, dtype=float) / scale_m)
    fall = np.asarray(falls_m, dtype=float)
    known = np.isfinite(fall)
    fall = np.maximum(fall[known], 0.0)
    near = near[:, known]
    if not fall.size or not fall.any():
        even = np.asarray(lengths_m, dtype=float)
        alike: NDArray[np.float64] = even / even.sum()
        return alike
    likeness = near @ fall / np.maximum(np.linalg.norm(near, axis=1) * np.linalg.norm(fall), 1e-300)
    weight = likeness**8 * near.max(axis=1) * np.asarray(lengths_m, dtype=float)
    found: NDArray[np.float64] = weight / max(float(weight.sum()), 1e-300)
    return found
