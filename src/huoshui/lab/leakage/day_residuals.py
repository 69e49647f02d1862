"""What the sensors read besides the model, day by day: where every search for leaks begins.

    records -> model run beside them -> residual of each sensor and part of the day, each area's
                                        balance of the day; and what a leak in each pipe would show

Each sensor is set against the model on the first days; a day's residual is put to the strength
that a leak has at that day's flows (`effect`), so that all days can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.hydraulics.friction import FLOW_EXPONENT
from huoshui.lab.leakage import battle, effect, inflow_watch, monthly_loss, zone_model
from huoshui.lab.leakage.place import PARTS_OF_DAY, Place
from huoshui.lab.series.holes import mean_known

Array = NDArray[np.float64]

PROBES = 24
ODD_M = 5.0
"""A reading so far from the others of its part of the day is another matter, as an empty tank."""


@dataclass(frozen=True)
class Setting:
    """How readings are set against the model; see `prepare`.

    Attributes
    ----------
    a_day : int
        Moments of a day.
    explained : ndarray, shape (n_times, n_sensors)
        Each sensor's offset and its share of the head loss, learnt from the first days. [m]
    strength : ndarray, shape (n_days, PARTS_OF_DAY)
        How much more head a leak takes than on the day of the signatures. [-]
    """

    a_day: int
    explained: Array
    strength: Array

    def by_day(self, beside: Array, first: int) -> Array:
        """Return residuals by day and part of the day; (n_days, parts times sensors).

        ``beside`` is what was read less what the model expects, from day ``first`` on.
        """
        days = len(beside) // self.a_day
        residual = beside - self.explained[first * self.a_day : (first + days) * self.a_day]
        part = residual.reshape(days, PARTS_OF_DAY, self.a_day // PARTS_OF_DAY, -1)
        known = np.isfinite(part)
        middle = np.nanmedian(np.where(known.any(axis=2, keepdims=True), part, 0.0), axis=2)
        known &= ~(np.abs(part - middle[:, :, None]) > ODD_M)
        count = known.sum(axis=2)
        mean = np.where(known, part, 0.0).sum(axis=2) / np.maximum(count, 1)
        mean = np.where(count > 0, mean, np.nan)
        mean /= self.strength[first : first + days, :, None]
        return mean.reshape(days, -1)


@dataclass(frozen=True)
class Prepared:
    """The days as the watch reads them, and the place they come from.

    ``lost`` is what each area lost on each day, by flows alone; (n_days, n_areas), NaN is not
    known. [m³/h]
    """

    residuals: Array
    lost: Array
    scaled: NDArray[np.bool_]
    place: Place
    pipes: tuple[str, ...]
    ends: NDArray[np.int64]
    setting: Setting


def prepare(model: zone_model.ZoneModel, *, calibration_days: int) -> Prepared:
    """Run the model beside the records and gather residuals by day and part of the day."""
    records = model.records
    a_day = int(units.S_PER_DAY // (records.at_s[1] - records.at_s[0]))
    days = records.at_s.size // a_day
    largest = max(model.areas, key=lambda area: float(np.nanmean(area.inflow_m3s)))
    inflow = np.maximum(_filled(largest.inflow_m3s), 1e-6)
    beside = records.pressures_m - model.expected_pressures_m()
    probe_day = min(3, days - 1)
    setting = Setting(
        a_day,
        _explained(beside, inflow, calibration_days * a_day),
        effect.strength(
            inflow.reshape(days, effect.HOURS, -1).mean(axis=2),
            learning_days=calibration_days,
            against_day=probe_day,
            parts=PARTS_OF_DAY,
        ),
    )
    balances = [_balance(area, a_day, days, calibration_days) for area in model.areas]
    residuals = np.column_stack([setting.by_day(beside, 0), *balances])
    for column in residuals.T:
        column[:] = _filled(column)
    place, pipes, ends = _place(model, probe_day * a_day, a_day)
    scaled = np.array([area.is_scaled for area in model.areas])
    lost = np.column_stack(
        [lost_by_day(area, records.at_s, calibration_days) for area in model.areas]
    )
    return Prepared(residuals, lost, scaled, place, pipes, ends, setting)


class LeaksInside:
    """Days read anew beside a model in which the leaks run that are known by then.

    Head loss grows faster than flow, so what leaks do together is not the sum of what each does
    alone. Run inside the model, only what is not known yet of them is taken for such a sum.
    """

    def __init__(self, model: zone_model.ZoneModel, prepared: Prepared) -> None:
        """Take a model that is not closed yet, and what was prepared with it."""
        self.model, self.prepared = model, prepared

    def __call__(self, first: int, until: int, leaks: Sequence[tuple[int, float]]) -> Array:
        """Return residuals of some days as they would be if leaks added up.

        Parameters
        ----------
        first, until : int
            Days from the one to before the other.
        leaks : sequence of (int, float)
            Pipes as in `Place`, and what they lose. [m³/h]

        Returns
        -------
        ndarray, shape (until - first, n_pressures)
            See `Place.pressures`; where nothing was read, as prepared.
        """
        model, prepared, place = self.model, self.prepared, self.prepared.place
        rows = slice(first * prepared.setting.a_day, until * prepared.setting.a_day)
        lost: dict[str, float] = {}
        for pipe, size in leaks:
            name = prepared.pipes[pipe]
            lost[name] = lost.get(name, 0.0) + size * units.M3S_PER_M3H
        model.set_leaks(lost)
        expected = model.expected_pressures_m(begin=rows.start, until=rows.stop)
        left = prepared.setting.by_day(model.records.pressures_m[rows] - expected, first)
        known = sum((size * place.pressures[pipe] for pipe, size in leaks), np.zeros(left.shape[1]))
        before = prepared.residuals[first:until, : place.sensors]
        found: Array = np.where(np.isfinite(left), left + known, before)
        return found


def _filled(values: Array) -> Array:
    """Return a series with the latest known value where one is missing; zero before the first."""
    known = np.isfinite(values)
    latest = np.maximum.accumulate(np.where(known, np.arange(values.size), -1))
    return np.where(latest >= 0, values[np.maximum(latest, 0)], 0.0)


def _explained(beside: Array, inflow: Array, rows: int) -> Array:
    """Return each sensor's offset and its share of the head loss, learnt from the first rows."""
    loss = inflow**FLOW_EXPONENT
    loss = loss / float(np.mean(loss[:rows]))
    table = np.column_stack([np.ones(inflow.size), loss])
    # Held back a little: a week of one season says little about the slope.
    hold = np.diag([0.0, 0.01 * rows])
    found = np.zeros_like(beside)
    for sensor in range(beside.shape[1]):
        known = np.isfinite(beside[:rows, sensor])
        if known.sum() < 10:
            continue
        here = table[:rows][known]
        values = np.linalg.solve(here.T @ here + hold, here.T @ beside[:rows, sensor][known])
        found[:, sensor] = table @ values
    return found


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


def lost_by_day(area: zone_model.Area, at_s: Array, calibration_days: int) -> Array:
    """Return what an area lost each day beyond the first days; NaN is not known. [m³/h]"""
    flow = area.inflow_m3s if area.is_scaled else area.unmetered_m3s
    hour, mean = inflow_watch.hourly(at_s=at_s, flow_m3s=flow)
    if area.is_scaled:
        found = monthly_loss.daily_losses(
            hour_s=hour, flow_m3s=mean, learning_days=calibration_days
        )
    else:
        daily = mean.reshape(-1, effect.HOURS)
        found = np.where(np.isfinite(daily).all(axis=1), daily.mean(axis=1), np.nan)
        found = found - mean_known(found[:calibration_days])
    lost: Array = found / units.M3S_PER_M3H
    return lost


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
