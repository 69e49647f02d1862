"""From measurements and a network file to ranked leaks: the modules of this folder, put together.

    records = detection.on_one_grid(pressures=..., flows=..., levels=..., uses=...)
    answer = detection.detect(text, records)          # pressures and a model
    answer = by_inflow.detect_by_inflow(...)          # flows only

Times are local seconds since 1970. Nothing that is reported for a moment uses a later reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.leakage import model_fit, search_area, zone_model
from huoshui.lab.leakage.agreement import Agreed, Agreement
from huoshui.lab.leakage.calls_of_looks import LookCalls
from huoshui.lab.leakage.day_residuals import LeaksInside, Prepared, prepare
from huoshui.lab.leakage.looking_back import LookingBack
from huoshui.lab.leakage.pressure_watch import PressureWatch, WatchedLeak, WatchRule
from huoshui.lab.leakage.standing import NEVER, Again, StandingLeaks

Array = NDArray[np.float64]

VERSION = "leak-detection 5"
"""Changes whenever the same measurements may give other reports."""
GRID_S = 900
WIDER = 3.0
"""By how much vaguer a crew's search area is than what a report is decided by; see the notes on
detection for how often it held the leak."""


@dataclass(frozen=True)
class Found:
    """One leak as it is reported.

    Attributes
    ----------
    link : str
        The pipe whose neighbourhood is likeliest; of a zone without model its largest inlet.
    known_s : float
        When it was known: nothing measured later was used. [local s]
    since_s : float
        When it probably began. [local s]
    size_m3s : float
        What it loses, by the evidence that called it. [m³ s⁻¹]
    confidence_frac : float
        Probability that it lies within reach of the link; NaN without a model. [-]
    evidence : str
        ``pressures`` or ``inflow``.
    departures : float
        Strength of the evidence. [standard deviations]
    ranked : tuple of (str, float)
        The likeliest pipes with their probability.
    walk_m_50, walk_m_90 : float
        Length of pipe to walk until the leak is passed with that probability; NaN without
        a model. [m]
    ended_s : float or None
        When its end was seen.
    """

    link: str
    known_s: float
    since_s: float
    size_m3s: float
    confidence_frac: float
    evidence: str
    departures: float
    ranked: tuple[tuple[str, float], ...] = ()
    walk_m_50: float = np.nan
    walk_m_90: float = np.nan
    ended_s: float | None = None


@dataclass(frozen=True)
class Series:
    """One table of measurements, SI: moments, names of the columns, values (n_times, n)."""

    at_s: Array
    names: Sequence[str]
    values: Array


NO_METERS = Series(np.zeros(0), (), np.zeros((0, 0)))
"""Where customers have no meters that are read, or tanks no level."""


def held(series: Series, at_s: Array) -> Array:
    """Return the latest known value of each column at some moments; NaN before the first."""
    place = np.searchsorted(series.at_s, at_s, side="right") - 1
    known = np.isfinite(series.values)
    latest = np.where(known, np.arange(len(series.values))[:, None], -1)
    latest = np.maximum.accumulate(latest, axis=0)
    rows = np.where(place[:, None] >= 0, latest[np.maximum(place, 0)], -1)
    found: Array = np.where(
        rows >= 0, np.take_along_axis(series.values, np.maximum(rows, 0), axis=0), np.nan
    )
    return found


def on_one_grid(
    *, pressures: Series, flows: Series, levels: Series, uses: Series, step_s: int = GRID_S
) -> zone_model.Records:
    """Put the tables on one grid of whole days, each moment with what was last known.

    Pressures are taken as they are; a sensor that was silent has no value then.
    """
    if len(pressures.at_s) < 2:
        raise zone_model.TooShort(days=0)
    first = float(np.ceil(pressures.at_s[0] / units.S_PER_DAY) * units.S_PER_DAY)
    usual_s = float(np.median(np.diff(pressures.at_s)))
    last = pressures.at_s[-1] + usual_s
    days = int((last - first) // units.S_PER_DAY)
    at = first + step_s * np.arange(days * units.S_PER_DAY // step_s, dtype=float)
    place = np.clip(np.searchsorted(pressures.at_s, at), 0, len(pressures.at_s) - 1)
    there = pressures.at_s[place] == at
    return zone_model.Records(
        at_s=at,
        pressures_m=np.where(there[:, None], pressures.values[place], np.nan),
        flows_m3s=held(flows, at),
        levels_m=held(levels, at) if len(levels.names) else np.zeros((at.size, 0)),
        # Customers' meters give means of the hour that begins then; a day is judged at its end.
        uses_m3s=held(uses, at) if len(uses.names) else np.zeros((at.size, 0)),
        pressure_nodes=pressures.names,
        flow_links=flows.names,
        tanks=levels.names,
        meter_nodes=uses.names,
    )


def detect(
    text: str,
    records: zone_model.Records,
    *,
    report_from_s: float | None = None,
    rule: WatchRule | None = None,
) -> list[Found]:
    """Find leaks by pressures, flows and the model.

    Parameters
    ----------
    text : str
        The network as an INP file.
    records : Records
        Of whole days, see `on_one_grid`; the first week without leaks.
    report_from_s : float, optional
        End of the training: reports begin here, with those older leaks that still run.
    rule : WatchRule, optional

    Returns
    -------
    list of Found
        By the moment they were known.
    """
    rule = rule or WatchRule()
    fitted = model_fit.fit(text, records, days=rule.calibration_days)
    corrections = None if fitted is None else fitted.corrections
    model = zone_model.ZoneModel(text, records, corrections=corrections)
    try:
        prepared = prepare(model, calibration_days=rule.calibration_days)
        start = float(records.at_s[0])
        from_day = 0
        if report_from_s is not None:
            from_day = int(np.ceil((report_from_s - start) / units.S_PER_DAY))
        agreed = reports(prepared, rule, from_day=from_day, again=LeaksInside(model, prepared))
    finally:
        model.close()
    found = [
        _as_found(one.leak, prepared, start, start + one.known_day * units.S_PER_DAY)
        for one in agreed
    ]
    return sorted(found, key=lambda one: one.known_s)


def reports(
    prepared: Prepared, rule: WatchRule, *, from_day: int, again: Again | None = None
) -> list[Agreed]:
    """Return what the watch and looking back report together, and what looks see beside it.

    The former where a look seconds it, the latter where looking back or the watch does, or where
    what is lost about a report has grown.
    """
    watch = PressureWatch(prepared.place, rule)
    calls = []
    for leak in watch.run(prepared.residuals, prepared.scaled, report_from_day=from_day):
        if leak.reported_day is not None and (leak.reported_day >= from_day or leak.is_carried):
            calls.append(Agreed(leak, max(leak.reported_day + 1, from_day)))
    calls.sort(key=lambda call: call.known_day)
    back = LookingBack(prepared.residuals, prepared.scaled, prepared.place)
    standing = StandingLeaks(prepared.place)
    looks = standing.looks(
        prepared.residuals,
        calibration_days=rule.calibration_days,
        from_day=from_day,
        again=again,
        lost=prepared.lost,
    )
    found = []
    agreement = Agreement(back)
    for call in agreement.run(calls, from_day=from_day):
        day = standing.seconded(call.leak.pipe, call.known_day, looks)
        if day != NEVER:
            found.append(Agreed(call.leak, day))
    more = LookCalls(prepared.place, risen=standing.risen).run(
        looks, agreement.seen, found, from_day=from_day, calls=calls
    )
    return found + more


def _as_found(leak: WatchedLeak, prepared: Prepared, start: float, known: float) -> Found:
    place = prepared.place
    chance = search_area.widened(
        probability=leak.probability, lengths_m=place.lengths_m, times=WIDER
    )
    order = np.argsort(chance)[::-1][:10]
    walk = search_area.walk(probability=chance, lengths_m=place.lengths_m, shares_frac=(0.5, 0.9))
    ended = leak.ended_day
    return Found(
        link=prepared.pipes[leak.pipe],
        known_s=known,
        since_s=start + leak.since_day * units.S_PER_DAY,
        size_m3s=leak.size_m3h * units.M3S_PER_M3H,
        confidence_frac=leak.mass,
        evidence="pressures",
        departures=leak.departures,
        ranked=tuple((prepared.pipes[pipe], float(chance[pipe])) for pipe in order),
        walk_m_50=walk[0],
        walk_m_90=walk[1],
        ended_s=None if ended is None else start + (ended + 1) * units.S_PER_DAY,
    )
