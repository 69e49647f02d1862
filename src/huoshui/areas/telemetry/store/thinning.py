"""Fewer points for a chart, with every peak and every gap still on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def keep_peaks(value: NDArray[np.float64], points_max: int) -> NDArray[np.intp]:
    """Return the rows to draw: the lowest and the highest of each equal stretch of rows.

    A stretch without any value keeps one row, so that the gap shows. The first and the last row
    are always kept. With at most ``points_max`` rows all are returned.
    """
    rows = len(value)
    if rows <= points_max:
        return np.arange(rows)
    stretches = max((points_max - 2) // 2, 1)
    edges = np.linspace(0, rows, stretches + 1).astype(np.intp)
    width = int(np.max(np.diff(edges)))
    # One row of a matrix per stretch, so that all are searched at once.
    index = np.minimum(edges[:-1, None] + np.arange(width)[None, :], edges[1:, None] - 1)
    matrix = value[index]
    low = np.argmin(np.where(np.isnan(matrix), np.inf, matrix), axis=1)
    high = np.argmax(np.where(np.isnan(matrix), -np.inf, matrix), axis=1)
    line = np.arange(len(index))
    ends = np.array([0, rows - 1])
    return np.unique(np.concatenate([index[line, low], index[line, high], ends]))


def stretches(rows: int, points_max: int) -> NDArray[np.intp]:
    """Return where each of at most ``points_max`` equal stretches of rows begins."""
    return np.unique(np.linspace(0, rows, min(rows, points_max) + 1)[:-1].astype(np.intp))
