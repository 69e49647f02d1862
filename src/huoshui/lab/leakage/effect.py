"""How much head a leak takes, from day to day: the more, the more flows beside it.

A cubic metre more takes head in proportion to the flow that is there already, to the power 0.852
(Hazen-Williams). What customers take swells all pipes alike. What other leaks take swells the
mains and not the streets, so it counts in part only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOURS = 24
FLOW_POWER = 0.852
LOSS_SHARE = 0.6
"""How much a lost cubic metre counts beside one that customers take, see the notes on detection."""
MEMORY_DAYS = 7
"""A whole week, so that weekdays do not look like a season."""
STRETCH = (0.5, 1.6)
NIGHT_FLOOR = 0.3
"""An hour is not trusted more than one with this share of the mean use."""


def use_by_hour(flow_m3s: Array, *, learning_days: int) -> Array:
    """Split off what customers take from an inflow, by the shape of its day.

    Parameters
    ----------
    flow_m3s : ndarray, shape (n_days, 24)
        Mean inflow of each hour, without gaps. [m³ s⁻¹]
    learning_days : int
        First days, without leaks.

    Returns
    -------
    ndarray, shape (n_days, 24)
        The first days' mean day, stretched by the season of the last `MEMORY_DAYS`; losses run
        all day and do not stretch it. [m³ s⁻¹]
    """
    usual = flow_m3s[:learning_days].mean(axis=0)
    weight = 1 / np.maximum(usual, max(NIGHT_FLOOR * float(usual.mean()), 1e-9)) ** 2
    table = np.column_stack([usual, np.ones(HOURS)])
    weighed = table.T * weight
    found = np.empty_like(flow_m3s)
    for day in range(len(flow_m3s)):
        begin = max(0, day - MEMORY_DAYS + 1)
        until = max(day + 1, learning_days)
        stretch, _loss = np.linalg.lstsq(
            weighed @ table, weighed @ flow_m3s[begin:until].mean(axis=0), rcond=None
        )[0]
        found[day] = np.clip(stretch, *STRETCH) * usual
    return found


def strength(flow_m3s: Array, *, learning_days: int, against_day: int, parts: int) -> Array:
    """Return how much more head a leak takes than on one day, by part of the day.

    Parameters
    ----------
    flow_m3s : ndarray, shape (n_days, 24)
        Mean inflow of each hour, without gaps. [m³ s⁻¹]
    learning_days : int
        First days, without leaks.
    against_day : int
        The day that counts as one.
    parts : int
        Of a day, each of as many hours.

    Returns
    -------
    ndarray, shape (n_days, parts)
        [-]
    """
    use = use_by_hour(flow_m3s, learning_days=learning_days)
    swells = (1 - LOSS_SHARE) * use + LOSS_SHARE * flow_m3s
    part = np.maximum(swells.reshape(len(use), parts, -1).mean(axis=2), 1e-9)
    then = np.maximum(flow_m3s[against_day].reshape(parts, -1).mean(axis=1), 1e-9)
    ratio: Array = (part / then) ** FLOW_POWER
    return ratio
