"""Means of series with holes, which are NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def mean_known(values: Array, axis: int | tuple[int, ...] = 0) -> Array:
    """Return the mean over axes of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    found: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found
