"""Running hours of a machine: counted, or summed up from when it ran, and when so many are due."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.leakage.inflow import ShapesDiffer, moments

S_PER_HOUR = 3600.0
HOURS_A_WEEK = 168.0
# The coarsest step that usual counters show; our assumption.
STEP_H = 1.0


def counted(*, at_s: ArrayLike, counter_h: ArrayLike, step_h: float = STEP_H) -> float:
    """Return by how many hours a counter grew, through exchanges of the counter and wrong readings.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments of the readings, rising. [s]
    counter_h : array_like, shape (n_times,)
        What the counter showed. NaN is not known and passed over. [h]
    step_h : float
        The smallest step that the counter shows. [h]

    Returns
    -------
    float
        The sum of what it grew, never more than the time that passed and one step of the counter;
        NaN with fewer than two readings. [h]

    Raises
    ------
    ShapesDiffer, MomentsNotRising
        If the arrays do not describe the same rising moments.

    Notes
    -----
    No more hours can pass than time did, and a counter never goes back. A reading that breaks this
    is either another counter or wrong, and what comes after it tells which:

    - Where a later reading that cannot follow the one before it does go on from the reading before
      the break, all between the two was wrong (a dip to zero after a power cut, a spike).
    - A smaller reading that the time since can explain is a new counter that began at zero: all of
      it counts, and what the old one counted since its last reading is lost.
    - Anything else counts nothing until the next reading.

    That ``step_h`` is one hour where nothing else is said is our assumption: it is the coarsest
    step of the usual counters.
    """
    at, shown = _pair(at_s, counter_h, "counter_h")
    is_known = ~np.isnan(shown)
    at, known = at[is_known], shown[is_known]
    if known.size < 2:
        return math.nan
    steps = np.diff(known)
    most = np.diff(at) / S_PER_HOUR + step_h
    broken = (steps < 0) | (steps > most)
    is_new = (steps < 0) & (known[1:] >= 0) & (known[1:] <= most)
    grew = np.where(is_new, known[1:], np.where(broken, 0.0, steps))
    before: int | None = None  # the latest reading before a break that is not explained yet
    for step in np.flatnonzero(broken):
        since = None if before is None else known[step + 1] - known[before]
        if since is not None and 0 <= since <= (at[step + 1] - at[before]) / S_PER_HOUR + step_h:
            grew[before : step + 1] = 0.0
            grew[step] = since
            before = None
        else:
            before = int(step)
    return float(min(grew.sum(), (at[-1] - at[0]) / S_PER_HOUR + step_h))


def ran(
    *, at_s: ArrayLike, value: ArrayLike, above: float, until_s: float, hold_s: float = 3600.0
) -> float:
    """Return for how many hours a reading stood above a bound.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments of the readings, rising. [s]
    value : array_like, shape (n_times,)
        The readings, in any unit: a state of 0 and 1, a flow, a power. NaN is not running.
    above : float
        It runs while the reading is greater. [unit of ``value``]
    until_s : float
        Until when the last reading may count. [s]
    hold_s : float
        Longer than this no reading speaks for the time after it. [s]

    Returns
    -------
    float
        Hours; 0 without readings. [h]

    Raises
    ------
    ShapesDiffer, MomentsNotRising
        If the arrays do not describe the same rising moments.
    """
    at, read = _pair(at_s, value, "value")
    if not at.size:
        return 0.0
    lasts = np.minimum(np.diff(np.append(at, max(until_s, at[-1]))), hold_s)
    with np.errstate(invalid="ignore"):
        return float(lasts[read > above].sum() / S_PER_HOUR)


def _pair(
    at_s: ArrayLike, values: ArrayLike, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = moments(at_s)
    read = np.asarray(values, dtype=float)
    if read.shape != at.shape:
        msg = f"{name} has {read.size} readings, at_s has {at.size}"
        raise ShapesDiffer(msg)
    return at, read


@dataclass(frozen=True)
class Busy:
    """How many hours a machine runs in a day: the mean of some weeks, the least and the busiest."""

    hours_a_day: float
    hours_a_day_min: float
    hours_a_day_max: float


def busy(hours_of_weeks: ArrayLike) -> Busy | None:
    """Return how busy a machine is, from the hours of whole weeks; None where none is known.

    A week of more hours than it has is not known; one step of a counter more is a full week.
    """
    weeks = np.asarray(hours_of_weeks, dtype=float)
    weeks = weeks[(weeks >= 0) & (weeks <= HOURS_A_WEEK + STEP_H)]  # NaN is left out as well
    weeks = np.minimum(weeks, HOURS_A_WEEK) / 7.0
    if not weeks.size:
        return None
    return Busy(float(weeks.mean()), float(weeks.min()), float(weeks.max()))


def days_until(*, left_h: float, hours_a_day: float) -> float:
    """Return in how many days so many running hours will have gone by.

    Parameters
    ----------
    left_h : float
        Running hours until it is due; not positive is due now. [h]
    hours_a_day : float
        How many it runs in a day. [h d⁻¹]

    Returns
    -------
    float
        ``left_h / hours_a_day``; infinite for a machine that stands still. [d]

    Raises
    ------
    ValueError
        If the hours of a day are negative or more than a day has, or anything is not known.
    """
    if not (math.isfinite(left_h) and 0 <= hours_a_day <= 24 + 1e-9):
        msg = f"{left_h} hours left at {hours_a_day} hours a day cannot be"
        raise ValueError(msg)
    if left_h <= 0:
        return 0.0
    return math.inf if hours_a_day == 0 else left_h / hours_a_day
