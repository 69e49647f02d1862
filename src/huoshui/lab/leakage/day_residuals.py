"""What the sensors read besides the model, day by day: where every search for leaks begins.

    records -> model run beside them -> residual of each sensor and part of the day, each area's
                                        balance of the day; and what a leak in each pipe would show

Each sensor is set against the model on the first days; a day's residual is put to the strength
that a leak has at that day's flows (`effect`), so that all days can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab import units
from huoshui.lab.hydraulics.friction import FLOW_EXPONENT
from huoshui.lab.leakage import battle, effect, zone_model
from huoshui.lab.leakage.place import PARTS_OF_DAY, Place

Array = NDArray[np.float64]

PROBES = 24
ODD_M = 5.0
"""A reading so far from the others of its part of the day is another matter, as an empty tank."""


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
    a_day = int(units.S_PER_DAY // (records.at_s[1] - records.at_s[0]))
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
    loss = inflow**FLOW_EXPONENT
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
