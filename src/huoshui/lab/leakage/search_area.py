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
