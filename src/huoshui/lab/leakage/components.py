"""What a night flow is made of: legitimate use, background leakage, and the excess to look for.

    night flow = legitimate night use + background leakage + excess (bursts, unknown use)

Zones stand side by side in arrays; a year of night flows of all zones is one call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab import units
from huoshui.lab.leakage import night

Floats = NDArray[np.float64]

REFERENCE_PRESSURE_M = 50.0
BACKGROUND_EXPONENT = 1.5
NIGHTLINE_DAYS = 7
NIGHTLINE_FRAC = 0.2


@dataclass(frozen=True, slots=True)
class NightAllowance:
    """What people and small businesses take in an hour of the night.

    Defaults: 6 of 100 people use a toilet once an hour, 10 L a flush; 50 L/h for each small
    non-household user (R. McKenzie, "SANFLOW user guide", WRC TT 109/99, 1999). Newer toilets
    flush less: measure yours.
    """

    active_frac: float = 0.06
    flush_m3: float = 0.010
    small_user_m3s: float = 50 * units.M3S_PER_LH


@dataclass(frozen=True, slots=True)
class BackgroundAllowance:
    """Leakage too small to be found, of a network in good condition, at 50 m of pressure.

    Defaults: 20 L/h for each km of mains, 1.25 L/h for each connection, 33.3 L/h for each km of
    private pipe (A. Lambert et al., "A review of performance indicators for real losses from water
    supply systems", AQUA 48 (6), 1999; as 9.6 L/km, 0.6 L and 16 L/km per day and metre).
    """

    mains_m2s: float = 20 * units.M3S_PER_LH / 1000
    connection_m3s: float = 1.25 * units.M3S_PER_LH
    private_m2s: float = 16 * REFERENCE_PRESSURE_M / 24 * units.M3S_PER_LH / 1000


@dataclass(frozen=True)
class NightParts:
    """The parts of night flows, all of one shape. [m³ s⁻¹]

    ``half_width_m3s`` is the 95 % half-width of the excess from the errors that were given.
    """

    flow_m3s: Floats
    use_m3s: Floats
    background_m3s: Floats
    excess_m3s: Floats
    half_width_m3s: Floats

    @property
    def leakage_m3s(self) -> Floats:
        """All that leaks in the night: background and excess. [m³ s⁻¹]"""
        found: Floats = self.flow_m3s - self.use_m3s
        return found


def legitimate_use(
    *,
    people: ArrayLike,
    small_users: ArrayLike = 0.0,
    large_use_m3s: ArrayLike = 0.0,
    allowance: NightAllowance | None = None,
) -> Floats:
    """Return the night use of customers who are not metered by the hour.

    Parameters
    ----------
    people, small_users : array_like, shape (n_zones,)
        People living in the zone; small non-household users. [-]
    large_use_m3s : array_like, shape (n_zones,)
        Known night use of large users, from their meters. [m³ s⁻¹]
    allowance : NightAllowance, optional
        What each takes.
    """
    each = allowance or NightAllowance()
    found: Floats = (
        np.asarray(people, dtype=float) * each.active_frac * each.flush_m3 / units.S_PER_HOUR
        + np.asarray(small_users, dtype=float) * each.small_user_m3s
        + np.asarray(large_use_m3s, dtype=float)
    )
    return found


def background_leakage(
    *,
    mains_m: ArrayLike,
    connections: ArrayLike,
    private_m: ArrayLike = 0.0,
    pressure_m: ArrayLike,
    condition: ArrayLike = 1.0,
    allowance: BackgroundAllowance | None = None,
) -> Floats:
    """Return the leakage that no survey finds.

    Parameters
    ----------
    mains_m, private_m : array_like, shape (n_zones,)
        Length of mains; of pipes between the property line and the meter. [m]
    connections : array_like, shape (n_zones,)
        Number of service connections. [-]
    pressure_m : array_like, shape (n_zones,)
        Mean pressure in the night window; below zero counts as zero. [m]
    condition : array_like, shape (n_zones,)
        Infrastructure condition factor: 1 for good, 2 and more for old networks. [-]
    allowance : BackgroundAllowance, optional
        Rates at 50 m.

    Notes
    -----
    Scaled by (P / 50 m)^1.5, the exponent of small leaks.
    """
    each = allowance or BackgroundAllowance()
    at_reference = (
        np.asarray(mains_m, dtype=float) * each.mains_m2s
        + np.asarray(connections, dtype=float) * each.connection_m3s
        + np.asarray(private_m, dtype=float) * each.private_m2s
    )
    pressure = np.maximum(np.asarray(pressure_m, dtype=float), 0.0)
    found: Floats = (
        at_reference
        * np.asarray(condition, dtype=float)
        * (pressure / REFERENCE_PRESSURE_M) ** BACKGROUND_EXPONENT
    )
    return found


def parts(
    *,
    flow_m3s: ArrayLike,
    use_m3s: ArrayLike,
    background_m3s: ArrayLike,
    flow_half_width_m3s: ArrayLike = 0.0,
    use_error_frac: ArrayLike = 0.0,
    background_error_frac: ArrayLike = 0.0,
) -> NightParts:
    """Split night flows; arrays are broadcast, nights last: (n_zones, n_nights) and (n_zones, 1).

    Parameters
    ----------
    flow_m3s, use_m3s, background_m3s : array_like
        Night flow, legitimate use and background leakage. NaN stays NaN. [m³ s⁻¹]
    flow_half_width_m3s : array_like
        95 % half-width of the night flow. [m³ s⁻¹]
    use_error_frac, background_error_frac : array_like
        95 % half-widths of the two estimates, as shares of them. [-]

    Returns
    -------
    NightParts
        An excess below zero is kept: the allowances are then too generous, or a meter is wrong.
    """
    flow, use, background, width, use_error, background_error = np.broadcast_arrays(
        *(
            np.asarray(one, dtype=float)
            for one in (
                flow_m3s, use_m3s, background_m3s, flow_half_width_m3s, use_error_frac,
                background_error_frac,
            )
        )
    )  # fmt: skip
    return NightParts(
        flow_m3s=flow,
        use_m3s=use,
        background_m3s=background,
        excess_m3s=flow - use - background,
        half_width_m3s=np.sqrt(
            width**2 + (use * use_error) ** 2 + (background * background_error) ** 2
        ),
    )


def night_flows(
    *,
    flows_m3s: ArrayLike,
    step_s: float,
    from_h: float = 2.0,
    until_h: float = 4.0,
    completeness_frac_min: float = night.COMPLETENESS_FRAC_MIN,
) -> tuple[Floats, Floats]:
    """Return the night flows of many zones over many days.

    Parameters
    ----------
    flows_m3s : array_like, shape (n_zones, n_days * steps_a_day)
        Net inflow at equal steps from a local midnight on, whole days; NaN is not known.
        [m³ s⁻¹]
    step_s : float
        The step; a day must hold a whole number of them. [s]
    from_h, until_h : float
        The window, ``until_h`` excluded. [h]
    completeness_frac_min : float
        Smallest share of known readings with which a night is given. [-]

    Returns
    -------
    flow_m3s : ndarray, shape (n_zones, n_days)
        Mean over the window; NaN where too little is known. [m³ s⁻¹]
    completeness_frac : ndarray, shape (n_zones, n_days)
        Share of the window's readings that are known. [-]

    Notes
    -----
    For zones without tanks and days without a clock change; `night.night_flow` has both.
    """
    rows = np.atleast_2d(np.asarray(flows_m3s, dtype=float))
    steps = round(units.S_PER_DAY / step_s)
    if abs(steps * step_s - units.S_PER_DAY) > 1e-6 or rows.shape[1] % steps:
        msg = f"{rows.shape[1]} readings at {step_s} s are no whole days"
        raise ValueError(msg)
    first = round(from_h * units.S_PER_HOUR / step_s)
    behind = round(until_h * units.S_PER_HOUR / step_s)
    if not 0 <= first < behind <= steps:
        msg = f"the window {from_h} h to {until_h} h does not lie within a day"
        raise ValueError(msg)
    window = rows.reshape(len(rows), -1, steps)[:, :, first:behind]
    known = np.isfinite(window)
    count = known.sum(axis=2)
    completeness: Floats = count / (behind - first)
    total = np.where(known, window, 0.0).sum(axis=2)
    enough = (count > 0) & (completeness >= completeness_frac_min)
    flow: Floats = np.where(enough, total / np.maximum(count, 1), np.nan)
    return flow, completeness


def nightline(night_flows_m3s: ArrayLike, *, days: int = NIGHTLINE_DAYS) -> Floats:
    """Return the low line under night flows: of each week until a night the 20 % quantile.

    Parameters
    ----------
    night_flows_m3s : array_like, shape (..., n_days)
        Night flows; NaN is left out. [m³ s⁻¹]
    days : int
        Length of the week. [d]

    Returns
    -------
    ndarray, shape (..., n_days)
        NaN where fewer than half of the nights are known. [m³ s⁻¹]

    References
    ----------
    .. [1] UKWIR, "Leakage estimation from night flow analysis", 99/WM/08/21, 1999.
    """
    flows = np.asarray(night_flows_m3s, dtype=float)
    before = np.full((*flows.shape[:-1], days - 1), np.nan)
    padded = np.concatenate([before, flows], axis=-1)
    weeks = np.lib.stride_tricks.sliding_window_view(padded, days, axis=-1)
    # numpy's nanquantile takes seconds for a year of 200 zones; sorting puts NaN last.
    ordered = np.sort(weeks, axis=-1)
    known = np.isfinite(ordered).sum(axis=-1)
    place = NIGHTLINE_FRAC * np.maximum(known - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(known - 1, 0))
    least = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    most = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    found: Floats = np.where(2 * known >= days, least + (place - low) * (most - least), np.nan)
    return found
