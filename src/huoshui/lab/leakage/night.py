"""The night flow: what a zone takes while nearly everybody sleeps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.leakage import inflow

# Below three quarters of its readings a night says more about the transmitter than about
# the zone: two hours at 5 minutes then have a hole of half an hour or more.
COMPLETENESS_FRAC_MIN = 0.75


@dataclass(frozen=True)
class NightFlow:
    """The mean flow of one zone over one night's window, and how far to trust it.

    Attributes
    ----------
    flow_m3s : float
        Mean of consumption and losses; NaN when too few readings came. [m³ s⁻¹]
    standard_error_m3s : float
        Standard error of that mean from the scatter within the night. [m³ s⁻¹]
    spread_m3s : float
        Standard deviation of the single readings (about their line, with tanks). [m³ s⁻¹]
    reading_count, expected_count : int
        Moments with a complete set of readings, and moments the window should have.
    sufficient : bool
        Whether the completeness asked for was reached.
    """

    flow_m3s: float
    standard_error_m3s: float
    spread_m3s: float
    reading_count: int
    expected_count: int
    sufficient: bool

    @property
    def completeness_frac(self) -> float:
        """Share of the expected moments that have a complete set of readings. [-]"""
        return self.reading_count / self.expected_count


def _window(
    at: NDArray[np.float64], *, from_s: float, until_s: float, step_s: float
) -> tuple[NDArray[np.bool_], int]:
    """Return which moments lie in the window, and how many it should have."""
    if not until_s > from_s:
        msg = f"until_s must be after from_s; given are {from_s} and {until_s}"
        raise ValueError(msg)
    if not step_s > 0:
        msg = f"step_s must be greater than zero; given is {step_s}"
        raise ValueError(msg)
    inside: NDArray[np.bool_] = (at >= from_s) & (at < until_s)
    return inside, max(1, round((until_s - from_s) / step_s))


def night_flow(
    *,
    at_s: ArrayLike,
    inlets_m3s: ArrayLike,
    outlets_m3s: ArrayLike | None = None,
    stored_m3: ArrayLike | None = None,
    from_s: float,
    until_s: float,
    step_s: float,
    completeness_frac_min: float = COMPLETENESS_FRAC_MIN,
) -> NightFlow:
    """Measure a zone's night flow between two moments.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments of the readings, rising; may reach beyond the window. [s]
    inlets_m3s, outlets_m3s : array_like, shape (n, n_times) or (n_times,)
        Flows over the boundary, positive in the direction of their name; NaN is not
        known. [m³ s⁻¹]
    stored_m3 : array_like, shape (n_tanks, n_times) or (n_times,), optional
        Water held by each tank of the zone. [m³]
    from_s, until_s : float
        The window, ``until_s`` excluded: 02:00 to 04:00 local time, as moments. [s]
    step_s : float
        Interval at which readings are expected. [s]
    completeness_frac_min : float
        Smallest share of complete moments that is still judged. [-]

    Returns
    -------
    NightFlow
        With ``sufficient`` false and NaN for the figures if too few readings came.

    Notes
    -----
    Without tanks the result is the mean of inlets less outlets. With tanks the zone's take is
    found as the slope of (water that crossed the boundary so far less water held), a straight
    line while the take is steady. Every level reading then helps, and pumps that start and
    stop inside the window cancel exactly; the difference of the first and the last level would
    use two readings rounded to the centimetre.

    References
    ----------
    .. [1] CJJ 92-2016 (2018), night window 02:00 to 04:00 of a district metered area.
    """
    at = inflow.moments(at_s)
    inside, expected = _window(at, from_s=from_s, until_s=until_s, step_s=step_s)
    boundary = inflow.boundary_inflow(at_s=at, inlets_m3s=inlets_m3s, outlets_m3s=outlets_m3s)
    held = None
    if stored_m3 is not None and np.size(stored_m3):
        held = np.atleast_2d(np.asarray(stored_m3, dtype=float)).sum(axis=0)
        if held.size != at.size:
            msg = f"stored_m3 has {held.size} moments, at_s has {at.size}"
            raise inflow.ShapesDiffer(msg)
    complete = inside & np.isfinite(boundary)
    if held is not None:
        complete &= np.isfinite(held)
    count = int(complete.sum())
    # Hourly means leave two readings in the window, and one where the clocks go forward: they
    # cover it whole. A slope needs three.
    needed = 3 if held is not None else min(3, expected)
    if count < needed or count / expected < completeness_frac_min:
        return NightFlow(math.nan, math.nan, math.nan, count, expected, sufficient=False)
    if held is None:
        mean, error, spread = _mean(boundary[complete])
    else:
        mean, error, spread = _slope(at[complete], boundary[complete], held[complete])
    return NightFlow(mean, error, spread, count, expected, sufficient=True)


def _mean(flows: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean, standard error and standard deviation of steady readings."""
    # One reading does not say how much readings scatter.
    spread = float(np.std(flows, ddof=1)) if flows.size > 1 else math.nan
    return float(np.mean(flows)), spread / math.sqrt(flows.size), spread


def _slope(
    at: NDArray[np.float64], boundary: NDArray[np.float64], held: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return slope, its standard error, and the scatter as a flow over one interval."""
    crossed = np.concatenate([[0.0], np.cumsum((boundary[1:] + boundary[:-1]) / 2 * np.diff(at))])
    taken = crossed - held
    centred = at - at.mean()
    weight = float(np.sum(centred**2))
    slope = float(np.sum(centred * (taken - taken.mean())) / weight)
    residual = taken - taken.mean() - slope * centred
    scatter_m3 = math.sqrt(float(np.sum(residual**2)) / max(1, at.size - 2))
    interval_s = float(np.median(np.diff(at)))
    return slope, scatter_m3 / math.sqrt(weight), scatter_m3 / interval_s


@dataclass(frozen=True)
class NightUse:
    """What metered customers took during the window.

    Attributes
    ----------
    use_m3s : float
        Sum over the meters that were read; NaN if none was. [m³ s⁻¹]
    meters_read, meters_total : int
        Meters that reached the completeness asked for, and all meters given.
    """

    use_m3s: float
    meters_read: int
    meters_total: int


def metered_use(
    *,
    at_s: ArrayLike,
    meters_m3s: ArrayLike,
    from_s: float,
    until_s: float,
    step_s: float,
    completeness_frac_min: float = COMPLETENESS_FRAC_MIN,
    typical_m3s: ArrayLike | None = None,
) -> NightUse:
    """Sum the night use of customers' meters.

    Parameters
    ----------
    at_s : array_like, shape (n_times,)
        Moments of the readings, rising. [s]
    meters_m3s : array_like, shape (n_meters, n_times)
        Use of each meter, not less than zero; NaN is not read. [m³ s⁻¹]
    from_s, until_s, step_s, completeness_frac_min
        As in `night_flow`.
    typical_m3s : array_like, shape (n_meters,), optional
        What each meter usually takes in this window; stands in for one that was not
        read. Without it such a meter counts as zero and ``meters_read`` says so. [m³ s⁻¹]

    Returns
    -------
    NightUse
    """
    at = inflow.moments(at_s)
    inside, expected = _window(at, from_s=from_s, until_s=until_s, step_s=step_s)
    meters = np.atleast_2d(np.asarray(meters_m3s, dtype=float))
    if meters.shape[-1] != at.size:
        msg = f"meters_m3s has {meters.shape[-1]} moments, at_s has {at.size}"
        raise inflow.ShapesDiffer(msg)
    night = meters[:, inside]
    read = np.isfinite(night)
    counts = read.sum(axis=1)
    enough = (counts > 0) & (counts / expected >= completeness_frac_min)
    means = np.where(read, night, 0.0).sum(axis=1) / np.maximum(counts, 1)
    total = float(means[enough].sum())
    if typical_m3s is not None:
        total += float(np.asarray(typical_m3s, dtype=float)[~enough].sum())
    meters_read = int(enough.sum())
    return NightUse(total if meters_read else math.nan, meters_read, len(meters))
