"""The expected band: what a zone's night should take, learned from its own earlier nights.

The expectation of a night is the zone's present level plus the habit of its weekday:

    expected = level(nights just before) + effect(weekday)

The level forgets with a half-life of five nights, so it follows the season; the weekday effects
are learned over half a year. Both are robust means, so one odd night moves them little. How wide
the band is, is not assumed: the same forecast is made for every earlier night as if it were still
to come, and the band is as wide as those forecasts were wrong (split conformal prediction).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab.series.robust import MAD_TO_SIGMA

Nights = NDArray[np.int64]
Flows = NDArray[np.float64]

WEEK = 7
# 26 weeks of memory for weekday habits: long enough to average 26 Fridays, short enough that
# last winter's Fridays do not speak in summer.
MEMORY_NIGHTS = 26 * WEEK
WEEKDAY_HALF_LIFE_NIGHTS = 56.0
# Measured on ten Italian zones over 19 months and a look-alike of L-Town over two years: half-lives
# of 3, 5, 7 and 14 nights gave typical errors within 5 % of each other up to 7, and 15 to 50 % more
# at 14. Five follows a season and still takes a week to swallow a leak.
LEVEL_HALF_LIFE_NIGHTS = 5.0
# A weekday effect seen once is worth 1 / (1 + 0.3) of what was seen: a little shrinkage.
WEEKDAY_SHRINKAGE_NIGHTS = 0.3
HUBER_SCALES = 1.5
NIGHTS_NEEDED = 28
ERRORS_NEEDED = 14
# Leads at which the forecast is tried on the past: the coming night, one and four weeks ahead.
# While a leak runs the level stands still, and the forecast grows older by a night each night.
LEADS_NIGHTS = (1, 8, 29)
CALIBRATION_NIGHTS = 365


class TooFewNights(ValueError):
    """There are not enough undisturbed nights to expect anything yet."""

    def __init__(self, *, have: int, need: int) -> None:
        super().__init__(f"{need} undisturbed nights are needed, {have} are there")
        self.have = have
        self.need = need


@dataclass(frozen=True)
class ExpectedNight:
    """What a night should take.

    Attributes
    ----------
    night : int
        Which night, `datetime.date.toordinal()` of the date it ends on.
    expected_m3s, low_m3s, high_m3s : float
        The forecast and its band. [m³ s⁻¹]
    coverage_frac : float
        Share of earlier nights that the band would have held. Lower than asked for while
        the history is short: n nights cannot prove more than n / (n + 1). [-]
    scale_m3s : float
        Size of a usual forecast error at this lead, comparable to a standard deviation.
        [m³ s⁻¹]
    lead_nights : int
        Age of the newest night the forecast rests on.
    nights_used, errors_used : int
        Undisturbed nights in memory, and earlier forecasts that set the width.
    """

    night: int
    expected_m3s: float
    low_m3s: float
    high_m3s: float
    coverage_frac: float
    scale_m3s: float
    lead_nights: int
    nights_used: int
    errors_used: int


def _column_medians(rows: Flows) -> Flows:
    """Return the median of each row's known values, NaN for a row without any."""
    counts = np.isfinite(rows).sum(axis=-1)
    ordered = np.sort(rows, axis=-1)  # NaN sorts to the end
    upper = np.take_along_axis(ordered, np.maximum(counts // 2, 0)[..., None], axis=-1)[..., 0]
    lower = np.take_along_axis(ordered, np.maximum((counts - 1) // 2, 0)[..., None], axis=-1)
    medians: Flows = np.where(counts > 0, (upper + lower[..., 0]) / 2, np.nan)
    return medians


def robust_mean(values: ArrayLike, weights: ArrayLike, *, scale: float | None = None) -> float:
    """Return Huber's weighted mean of the known values.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN is left out.
    weights : array_like, shape (n,)
        How much each counts, not less than zero. [-]
    scale : float, optional
        Size of a usual deviation; from the values themselves if not given.

    Returns
    -------
    float
        NaN if no value is known.

    References
    ----------
    .. [1] P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical
       Statistics 35, 1964, pp. 73-101; tuning constant 1.5.
    """
    value = np.asarray(values, dtype=float)
    weight = np.asarray(weights, dtype=float)
    known = np.isfinite(value)
    value, weight = value[known], weight[known]
    if value.size == 0:
        return math.nan
    centre = float(np.median(value))
    spread = scale if scale is not None else MAD_TO_SIGMA * float(np.median(np.abs(value - centre)))
    if spread <= 0:
        return centre
    for _ in range(5):
        away = np.abs(value - centre)
        pull = weight * np.minimum(1.0, HUBER_SCALES * spread / np.maximum(away, 1e-300))
        centre = float(np.sum(pull * value) / np.sum(pull))
    return centre


def _local_levels(flows: Flows, *, full_weeks: bool) -> Flows:
    """Return the level around each night of a daily grid, from the three nights either side.

    ``full_weeks`` takes the mean of seven nights, which holds each weekday once and so is free
    of their effects; otherwise the median of at least four.
    """
    padded = np.concatenate([np.full(3, np.nan), flows, np.full(3, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WEEK)
    if full_weeks:
        means: Flows = windows.mean(axis=-1)
        return means
    medians = _column_medians(windows)
    return np.where(np.isfinite(windows).sum(axis=-1) >= 4, medians, np.nan)


def weekday_effects(flows: Flows) -> Flows:
    """Learn by how much each weekday departs from the level around it.

    Parameters
    ----------
    flows : ndarray, shape (n,)
        One value for each of the nights before the night of interest, whole weeks, oldest
        first; NaN where there is none or where a leak ran. [m³ s⁻¹]

    Returns
    -------
    ndarray, shape (7,)
        Effect for the weekday of column 0, 1, ... where column 0 is the weekday of the
        night of interest. They sum to zero. [m³ s⁻¹]
    """
    weeks = flows.reshape(-1, WEEK)
    age = np.arange(flows.size, 0, -1.0).reshape(-1, WEEK)
    effects = np.zeros(WEEK)
    for full_weeks in (True, False):
        free = flows - np.tile(effects, len(weeks))
        levels = _local_levels(flows if full_weeks else free, full_weeks=full_weeks)
        departures = weeks - levels.reshape(-1, WEEK)
        known = np.isfinite(departures)
        if not known.any():
            continue
        centres = _column_medians(departures.T)
        away = np.abs(departures - centres)
        spread = MAD_TO_SIGMA * float(np.median(away[known]))
        weight = np.where(known, 0.5 ** (age / WEEKDAY_HALF_LIFE_NIGHTS), 0.0)
        if spread > 0:
            tame = HUBER_SCALES * spread / np.maximum(np.where(known, away, 1.0), 1e-300)
            weight = weight * np.minimum(1.0, tame)
        total = np.sum(weight * np.where(known, departures, 0.0), axis=0)
        # Shrunk by how often it was seen, not by how long ago: a leak may lie between.
        seen = WEEKDAY_SHRINKAGE_NIGHTS * weight.max(axis=0)
        whole = weight.sum(axis=0) + seen
        effects = np.divide(total, whole, out=np.zeros(WEEK), where=whole > 0)
        effects = effects - effects.mean()
    return effects


def forecast(memory: Flows) -> float:
    """Forecast the night after ``memory``.

    Parameters
    ----------
    memory : ndarray, shape (n,)
        The nights before, oldest first, one each, whole weeks of them; NaN where not known
        or not to be learned from. [m³ s⁻¹]

    Returns
    -------
    float
        Expected flow; NaN if fewer than `NIGHTS_NEEDED` nights are known. [m³ s⁻¹]
    """
    return _forecast_of(np.ascontiguousarray(memory, dtype=float).tobytes())


# A zone is judged each morning with all its history, whose forecasts are those of yesterday.
@functools.lru_cache(maxsize=4096)
def _forecast_of(content: bytes) -> float:
    """Forecast from the bytes of a memory, which name it whole."""
    memory = np.frombuffer(content)
    known = np.flatnonzero(np.isfinite(memory))
    if known.size < NIGHTS_NEEDED:
        return math.nan
    effects = weekday_effects(memory)
    recent = known[-4 * WEEK :]
    free = memory[recent] - effects[recent % WEEK]
    age = float(memory.size) - recent
    weights = 0.5 ** ((age - age.min()) / LEVEL_HALF_LIFE_NIGHTS)
    typical = MAD_TO_SIGMA * float(np.median(np.abs(free - np.median(free))))
    start = free[-2 * WEEK :]
    level = robust_mean(start, weights[-2 * WEEK :], scale=typical)
    return level + float(effects[0])


def forecasts_made() -> int:
    """Return how many forecasts this process has worked out, those it knew already left out."""
    return _forecast_of.cache_info().misses


def memory_before(
    nights: Nights,
    flows: Flows,
    *,
    for_night: int,
    lead_nights: int = 1,
    length_nights: int = MEMORY_NIGHTS,
) -> Flows:
    """Lay the nights up to ``lead_nights`` before a night on the daily grid `forecast` reads.

    ``length_nights``, whole weeks, is how far back it reaches.
    """
    memory = np.full(length_nights, np.nan)
    place = nights - (for_night - length_nights)
    fits = (place >= 0) & (place <= length_nights - lead_nights)
    memory[place[fits]] = flows[fits]
    return memory


def error_quantile(errors: Flows, coverage_frac: float) -> tuple[float, float]:
    """Return the half-width that covers a share of errors, and the share it can promise.

    Parameters
    ----------
    errors : ndarray, shape (n,)
        Forecast errors, all known. [m³ s⁻¹]
    coverage_frac : float
        Share asked for, between 0 and 1. [-]

    Returns
    -------
    half_width : float
        The ceil((n + 1) coverage)-th smallest absolute error. [m³ s⁻¹]
    coverage_frac : float
        The share promised: what was asked for, or n / (n + 1) if that is less. [-]

    References
    ----------
    .. [1] V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World",
       Springer 2005, ch. 4 (the finite-sample rank).
    """
    size = np.sort(np.abs(errors))
    rank = math.ceil((size.size + 1) * coverage_frac - 1e-9)
    if rank > size.size:
        return float(size[-1]), size.size / (size.size + 1)
    return float(size[rank - 1]), coverage_frac


def error_scale(errors: Flows) -> float:
    """Return the usual size of an error, not less than its 95 % point suggests.

    For errors of a normal distribution both terms are the standard deviation; for heavy
    tails the second is larger, so that a wild zone is judged by its own wildness.
    """
    size = np.abs(errors)
    return max(MAD_TO_SIGMA * float(np.median(size)), float(np.quantile(size, 0.95)) / 1.96)


def at_lead(anchors: dict[int, float], lead_nights: int) -> float:
    """Read a width known at some leads at another: straight lines between, root of time beyond."""
    leads = sorted(anchors)
    if lead_nights <= leads[-1]:
        return float(np.interp(lead_nights, leads, [anchors[lead] for lead in leads]))
    return anchors[leads[-1]] * math.sqrt(lead_nights / leads[-1])


def band_of(
    *,
    night: int,
    expected_m3s: float,
    errors_by_lead: dict[int, Flows],
    lead_nights: int,
    coverage_frac: float,
    nights_used: int,
) -> ExpectedNight:
    """Put the band around a forecast from earlier forecasts' errors.

    The band ends at zero: a zone takes no water back, however wide earlier errors were. Where
    meters disagree so far that the forecast itself is negative, it ends at the forecast.

    Raises
    ------
    TooFewNights
        If fewer than `ERRORS_NEEDED` errors are known at the shortest lead.
    """
    shortest = errors_by_lead[LEADS_NIGHTS[0]]
    if shortest.size < ERRORS_NEEDED:
        raise TooFewNights(have=NIGHTS_NEEDED + shortest.size, need=NIGHTS_NEEDED + ERRORS_NEEDED)
    usable = {lead: e for lead, e in errors_by_lead.items() if e.size >= ERRORS_NEEDED}
    widths = {lead: error_quantile(errors, coverage_frac) for lead, errors in usable.items()}
    half_width = at_lead({lead: width for lead, (width, _) in widths.items()}, lead_nights)
    scale = at_lead({lead: error_scale(errors) for lead, errors in usable.items()}, lead_nights)
    return ExpectedNight(
        night=night,
        expected_m3s=expected_m3s,
        low_m3s=min(expected_m3s, max(expected_m3s - half_width, 0.0)),
        high_m3s=expected_m3s + half_width,
        coverage_frac=widths[LEADS_NIGHTS[0]][1],
        scale_m3s=scale,
        lead_nights=lead_nights,
        nights_used=nights_used,
        errors_used=int(shortest.size),
    )


def expected_night(
    *,
    nights: ArrayLike,
    flows_m3s: ArrayLike,
    leaking: ArrayLike,
    for_night: int,
    coverage_frac: float = 0.95,
) -> ExpectedNight:
    """Expect one night's flow from the nights before it.

    Parameters
    ----------
    nights : array_like of int, shape (n,)
        Nights, rising. Nights from ``for_night`` on are not looked at.
    flows_m3s : array_like, shape (n,)
        Night flow of each; NaN is not known. [m³ s⁻¹]
    leaking : array_like of bool, shape (n,)
        Nights already judged to have a leak: they are not learned from.
    for_night : int
        The night to expect.
    coverage_frac : float
        Share of undisturbed nights that the band shall hold. [-]

    Returns
    -------
    ExpectedNight

    Raises
    ------
    TooFewNights
        If fewer than `NIGHTS_NEEDED` + `ERRORS_NEEDED` undisturbed nights lie before.
    """
    night = np.asarray(nights, dtype=np.int64)
    flow = np.asarray(flows_m3s, dtype=float)
    before = night < for_night
    flow = np.where(np.asarray(leaking, dtype=bool), np.nan, flow)[before]
    night = night[before]
    memory = memory_before(night, flow, for_night=for_night)
    used = np.flatnonzero(np.isfinite(memory))
    if used.size < NIGHTS_NEEDED:
        raise TooFewNights(have=int(used.size), need=NIGHTS_NEEDED + ERRORS_NEEDED)
    return band_of(
        night=for_night,
        expected_m3s=forecast(memory),
        errors_by_lead={
            lead: forecast_errors(night, flow, lead_nights=lead) for lead in LEADS_NIGHTS
        },
        lead_nights=int(MEMORY_NIGHTS - used[-1]),
        coverage_frac=coverage_frac,
        nights_used=int(used.size),
    )


def forecast_errors(nights: Nights, flows: Flows, *, lead_nights: int) -> Flows:
    """Return how wrong the forecast was on the latest `CALIBRATION_NIGHTS` known nights.

    Parameters
    ----------
    nights : ndarray of int64, shape (n,)
        Nights, rising.
    flows : ndarray, shape (n,)
        Night flows to learn from; NaN is left out. [m³ s⁻¹]
    lead_nights : int
        How many nights before each the forecast is made, at least 1.

    Returns
    -------
    ndarray, shape (m,)
        Flow less forecast, for the nights that had enough others before them. [m³ s⁻¹]
    """
    known = np.flatnonzero(np.isfinite(flows))[-CALIBRATION_NIGHTS:]
    errors = [
        flows[index]
        - forecast(
            memory_before(nights, flows, for_night=int(nights[index]), lead_nights=lead_nights)
        )
        for index in known
    ]
    found = np.asarray(errors, dtype=float)
    known_errors: Flows = found[np.isfinite(found)]
    return known_errors
