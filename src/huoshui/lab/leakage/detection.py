"""From measurements and a network file to ranked leaks: the modules of this folder, put together.

    records = detection.on_one_grid(pressures=..., flows=..., levels=..., uses=...)
    answer = detection.detect(text, records)          # pressures and a model
    answer = detection.detect_by_inflow(...)          # flows only

Times are local seconds since 1970. Nothing that is reported for a moment uses a later reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.leakage import (
    battle,
    effect,
    inflow_watch,
    model_fit,
    monthly_loss,
    search_area,
    silences,
    zone_model,
)
from huoshui.lab.leakage.agreement import Agreed, Agreement
from huoshui.lab.leakage.looking_back import LookingBack
from huoshui.lab.leakage.pressure_watch import (
    PARTS_OF_DAY,
    Place,
    PressureWatch,
    WatchedLeak,
    WatchRule,
)
from huoshui.lab.leakage.standing import NEVER, StandingLeaks

Array = NDArray[np.float64]

GRID_S = 900
S_PER_DAY = 86400
PROBES = 24
ODD_M = 5.0
"""A reading so far from the others of its part of the day is another matter, as an empty tank."""

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
    first = float(np.ceil(pressures.at_s[0] / S_PER_DAY) * S_PER_DAY)
    usual_s = float(np.median(np.diff(pressures.at_s)))
    last = pressures.at_s[-1] + usual_s
    days = int((last - first) // S_PER_DAY)
    at = first + step_s * np.arange(days * S_PER_DAY // step_s, dtype=float)
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


@dataclass(frozen=True)
class Prepared:
    """The days as the watch reads them, and the place they come from."""

    residuals: Array
    scaled: NDArray[np.bool_]
    place: Place
    pipes: tuple[str, ...]
    ends: NDArray[np.int64]


def prepare(model: zone_model.ZoneModel, *, calibration_days: int) -> Prepared:
    """Run the model beside the records and gather residuals by day and part of the day."""
    records = model.records
    a_day = int(S_PER_DAY // (records.at_s[1] - records.at_s[0]))
    days = records.at_s.size // a_day
    largest = max(model.areas, key=lambda area: float(np.nanmean(area.inflow_m3s)))
    inflow = np.maximum(_filled(largest.inflow_m3s), 1e-6)
    residual = records.pressures_m - model.expected_pressures_m()
    residual = _calibrated(residual, inflow, calibration_days * a_day)
    part = residual.reshape(days, PARTS_OF_DAY, a_day // PARTS_OF_DAY, -1)
    known = np.isfinite(part)
    middle = np.nanmedian(np.where(known.any(axis=2, keepdims=True), part, 0.0), axis=2)
    known &= ~(np.abs(part - middle[:, :, None]) > ODD_M)
    count = known.sum(axis=2)
    mean = np.where(known, part, 0.0).sum(axis=2) / np.maximum(count, 1)
    mean = np.where(count > 0, mean, np.nan)
    probe_day = min(3, days - 1)
    mean /= effect.strength(
        inflow.reshape(days, effect.HOURS, -1).mean(axis=2),
        learning_days=calibration_days,
        against_day=probe_day,
        parts=PARTS_OF_DAY,
    )[:, :, None]
    balances = [_balance(area, a_day, days, calibration_days) for area in model.areas]
    residuals = np.column_stack([mean.reshape(days, -1), *balances])
    for column in residuals.T:
        column[:] = _filled(column)
    place, pipes, ends = _place(model, probe_day * a_day, a_day)
    return Prepared(
        residuals, np.array([area.is_scaled for area in model.areas]), place, pipes, ends
    )


def _filled(values: Array) -> Array:
    """Return a series with the latest known value where one is missing; zero before the first."""
    known = np.isfinite(values)
    latest = np.maximum.accumulate(np.where(known, np.arange(values.size), -1))
    return np.where(latest >= 0, values[np.maximum(latest, 0)], 0.0)


def _calibrated(residual: Array, inflow: Array, rows: int) -> Array:
    """Take each sensor's offset and its share of the head loss off, learnt from the first rows."""
    loss = inflow**1.852
    loss = loss / float(np.mean(loss[:rows]))
    table = np.column_stack([np.ones(inflow.size), loss])
    # Held back a little: a week of one season says little about the slope.
    hold = np.diag([0.0, 0.01 * rows])
    result = residual.copy()
    for sensor in range(residual.shape[1]):
        known = np.isfinite(residual[:rows, sensor])
        if known.sum() < 10:
            continue
        here = table[:rows][known]
        values = np.linalg.solve(here.T @ here + hold, here.T @ residual[:rows, sensor][known])
        result[:, sensor] -= table @ values
    return result


def _balance(area: zone_model.Area, a_day: int, days: int, calibration_days: int) -> Array:
    """Return what an area took each day beyond its habits of the week, or beyond its meters."""
    flow = _filled(area.inflow_m3s if area.is_scaled else area.unmetered_m3s)
    daily = flow.reshape(days, a_day).mean(axis=1) / units.M3S_PER_M3H
    if not area.is_scaled:
        beyond: Array = daily - daily[:calibration_days].mean()
        return beyond
    habit = np.zeros(days)
    for day in range(days):
        weeks = [day - 7 * back for back in range(1, 7) if day - 7 * back >= 3]
        if weeks:
            habit[day] = np.median([daily[w] - daily[w - 3 : w + 4].mean() for w in weeks])
    unusual: Array = daily - habit
    return unusual


def _place(
    model: zone_model.ZoneModel, first: int, a_day: int
) -> tuple[Place, tuple[str, ...], NDArray[np.int64]]:
    project = model.project
    rows = [first + a_day * probe // PROBES + a_day // (2 * PROBES) for probe in range(PROBES)]
    by_node, number = model.signatures(rows)
    by_node = by_node * units.M3S_PER_M3H
    each = by_node.reshape(PARTS_OF_DAY, PROBES // PARTS_OF_DAY, *by_node.shape[1:]).mean(axis=1)
    nodes = each.transpose(1, 0, 2).reshape(by_node.shape[1], -1)
    lengths = project.lengths_m()
    pipes = np.flatnonzero(lengths > 0)
    ends = project.link_nodes[pipes]
    shapes = nodes[ends].mean(axis=1)
    areas = np.array(
        [(number[ends] == area).any(axis=1) for area in range(len(model.areas))], dtype=float
    ).T
    base = np.array([model.base_m3s(node) for node in range(nodes.shape[0])]) / units.M3S_PER_M3H
    shares = np.repeat(_shares_of_day(model, first, a_day), len(model.sensors))
    ways = battle.centre_distances(
        link_nodes=project.link_nodes,
        length_m=lengths,
        n_nodes=len(project.node_ids),
        from_links=pipes.tolist(),
        to_links=pipes.tolist(),
    )
    place = Place(
        shapes=np.column_stack([shapes, areas]),
        demand_shapes=np.column_stack(
            [nodes * base[:, None] * shares, np.zeros((len(base), len(model.areas)))]
        ),
        lengths_m=lengths[pipes],
        ways_m=ways,
        areas=len(model.areas),
    )
    return place, tuple(project.link_ids[pipe] for pipe in pipes), ends


def _shares_of_day(model: zone_model.ZoneModel, first: int, a_day: int) -> Array:
    """Return the inflow of each part of the day against its mean; (PARTS_OF_DAY,)."""
    inflow = np.sum([_filled(area.inflow_m3s) for area in model.areas], axis=0)
    day = inflow[first : first + a_day].reshape(PARTS_OF_DAY, -1).mean(axis=1)
    share: Array = day / max(float(day.mean()), 1e-9)
    return share


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
    finally:
        model.close()
    start = float(records.at_s[0])
    from_day = 0
    if report_from_s is not None:
        from_day = int(np.ceil((report_from_s - start) / S_PER_DAY))
    found = [
        _as_found(one.leak, prepared, start, start + one.known_day * S_PER_DAY)
        for one in reports(prepared, rule, from_day=from_day)
    ]
    return sorted(found, key=lambda one: one.known_s)


def reports(prepared: Prepared, rule: WatchRule, *, from_day: int) -> list[Agreed]:
    """Return what the watch and looking back report together and a look then seconds."""
    watch = PressureWatch(prepared.place, rule)
    calls = []
    for leak in watch.run(prepared.residuals, prepared.scaled, report_from_day=from_day):
        if leak.reported_day is not None and (leak.reported_day >= from_day or leak.is_carried):
            calls.append(Agreed(leak, max(leak.reported_day + 1, from_day)))
    calls.sort(key=lambda call: call.known_day)
    back = LookingBack(prepared.residuals, prepared.scaled, prepared.place)
    standing = StandingLeaks(prepared.place)
    looks = standing.looks(
        prepared.residuals, calibration_days=rule.calibration_days, from_day=from_day
    )
    found = []
    for call in Agreement(back).run(calls, from_day=from_day):
        day = standing.seconded(call.leak.pipe, call.known_day, looks)
        if day != NEVER:
            found.append(Agreed(call.leak, day))
    return found


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
        since_s=start + leak.since_day * S_PER_DAY,
        size_m3s=leak.size_m3h * units.M3S_PER_M3H,
        confidence_frac=leak.mass,
        evidence="pressures",
        departures=leak.departures,
        ranked=tuple((prepared.pipes[pipe], float(chance[pipe])) for pipe in order),
        walk_m_50=walk[0],
        walk_m_90=walk[1],
        ended_s=None if ended is None else start + (ended + 1) * S_PER_DAY,
    )


def detect_by_inflow(
    *,
    at_s: Array,
    inflow_m3s: Array,
    link: str,
    report_from_s: float | None = None,
    level_m3s: float | None = None,
) -> list[Found]:
    """Find the bursts of a zone, or of a compound behind a master meter, by what it takes in."""
    hour, flow = inflow_watch.hourly(at_s=at_s, flow_m3s=inflow_m3s)
    steps = inflow_watch.find_steps(hour_s=hour, flow_m3s=flow, level_m3s=level_m3s)
    returned = inflow_watch.returns(steps)
    found = []
    for number, step in enumerate(steps):
        if not step.is_rise or number in returned:
            continue
        if report_from_s is not None and step.known_s < report_from_s:
            continue
        falls = [
            later.known_s
            for later in steps[number + 1 :]
            if not later.is_rise and -later.size_m3s > 0.5 * step.size_m3s
        ]
        found.append(
            Found(
                link=link,
                known_s=step.known_s,
                since_s=step.since_s,
                size_m3s=step.size_m3s,
                confidence_frac=np.nan,
                evidence="inflow",
                departures=step.departures,
                ended_s=falls[0] if falls else None,
            )
        )
    return found


@dataclass(frozen=True)
class ZoneLosses:
    """What one area lost month by month, beyond what it lost on the first days.

    Attributes
    ----------
    link : str
        The area's largest inlet.
    evidence : str
        ``inflow``, or ``meters`` where the meters of all customers were taken off.
    months : tuple of MonthLoss
    """

    link: str
    evidence: str
    months: tuple[monthly_loss.MonthLoss, ...]


def losses_by_inflow(*, at_s: Array, inflow_m3s: Array, link: str) -> ZoneLosses:
    """Give the losses of a zone from its inflow alone."""
    hour, flow = inflow_watch.hourly(at_s=at_s, flow_m3s=inflow_m3s)
    months = monthly_loss.monthly_losses(hour_s=hour, flow_m3s=flow)
    return ZoneLosses(link, "inflow", tuple(months))


def losses_of_areas(
    text: str,
    *,
    flows: Series,
    levels: Series,
    uses: Series,
    silent: Sequence[silences.Span] = (),
) -> list[ZoneLosses]:
    """Give the losses of each area between meters, from flows, tank levels and meters.

    Parameters
    ----------
    text : str
        The network as an INP file; it only says where areas lie and how wide tanks are.
    flows, levels, uses : Series
        Flow meters, tank levels and customers' meters, columns named as in the network.
    silent : sequence of Span
        Hours that are not counted.
    """
    usual_s = float(np.median(np.diff(flows.at_s))) if len(flows.at_s) > 1 else GRID_S
    # As fine as the flows: a pump that switches in between would be counted wrong.
    step_s = int(usual_s) if S_PER_DAY % int(max(usual_s, 1)) == 0 else GRID_S
    bare = Series(flows.at_s, (), np.zeros((len(flows.at_s), 0)))
    records = on_one_grid(pressures=bare, flows=flows, levels=levels, uses=uses, step_s=step_s)
    model = zone_model.ZoneModel(text, records)
    model.close()
    unknown = silences.inside(records.at_s, silent)
    found = []
    for area in model.areas:
        link = flows.names[area.largest_inlet]
        if area.is_scaled:
            inflow = np.where(unknown, np.nan, area.hindsight_m3s)
            found.append(losses_by_inflow(at_s=records.at_s, inflow_m3s=inflow, link=link))
            continue
        use = area.inflow_m3s - area.unmetered_m3s
        inflow = np.where(unknown, np.nan, area.hindsight_m3s)
        hour, rest = inflow_watch.hourly(at_s=records.at_s, flow_m3s=inflow - use)
        months = monthly_loss.metered_losses(hour_s=hour, unmetered_m3s=rest)
        found.append(ZoneLosses(link, "meters", tuple(months)))
    return found
