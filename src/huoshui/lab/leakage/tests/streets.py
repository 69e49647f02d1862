"""Small places on which searches for leaks are tried.

A street of forty pipes with seven sensors and one meter:

pipe    0----5----10----15----20----25----30----35----39      50 m each, sensors every sixth pipe;
sensor  |    |     |     |     |     |     |                  a leak lowers those near it most

and two pipes in a row, R --first-- A --second-- B, whose heads follow by hand.
"""

import numpy as np

from huoshui.lab.leakage import zone_model
from huoshui.lab.leakage.place import PARTS_OF_DAY, Place

PIPES, SENSORS, LENGTH_M = 40, 7, 50.0


def street():
    """Return the street; every part of the day looks alike, and the balance sees each leak."""
    along = np.arange(PIPES)
    sensors = np.arange(SENSORS) * 6 + 1
    near = np.exp(-np.abs(along[:, None] - sensors) / 8)
    by_hour = np.tile(-0.02 * near, PARTS_OF_DAY)
    shapes = np.column_stack([by_hour, np.ones(PIPES)])
    uses = np.column_stack([by_hour, np.zeros(PIPES)]) * 0.5
    ways = np.abs(along[:, None] - along) * LENGTH_M
    return Place(shapes, uses, np.full(PIPES, LENGTH_M), ways, 1)


def burst(days):
    """Return the course of a leak that is there at once."""
    return np.ones(len(days))


def residuals(place, leaks, *, days, seed=1):
    """Return the days of some leaks: (pipe, first day, day after the last, m³/h), and a course.

    Those without a course are there at once.
    """
    rng = np.random.default_rng(seed)
    rest = 0.002 * rng.normal(size=(days, place.shapes.shape[1]))
    rest[:, -1] = 0.5 * rng.normal(size=days)
    for pipe, first, until, size, *course in leaks:
        flow = np.zeros(days)
        (shape,) = course or (burst,)
        flow[first:until] = size * shape(np.arange(min(until, days) - first))
        rest += flow[:, None] * place.shapes[pipe]
    return rest


def loss_m(flow_m3h):
    """Return what either of the two pipes loses, by the formula of Hazen and Williams."""
    return 10.667 * 1000 * (flow_m3h / 3600) ** 1.852 / 100**1.852 / 0.2**4.871


def two_pipes(*, days, at_a_m3h, at_b_m3h):
    """Return a model of two pipes that take in 60 m³/h, shared as what A and B usually take."""
    text = (
        f"[JUNCTIONS]\n A 0 {at_a_m3h}\n B 0 {at_b_m3h}\n[RESERVOIRS]\n R 50\n"
        "[PIPES]\n first R A 1000 200 100 0 Open\n second A B 1000 200 100 0 Open\n"
        "[OPTIONS]\n Units CMH\n Headloss H-W\n[END]\n"
    )
    count = days * 24
    given = zone_model.Records(
        at_s=np.arange(count) * 3600.0,
        pressures_m=np.full((count, 1), 40.0),
        flows_m3s=np.full((count, 1), 60 / 3600),
        levels_m=np.zeros((count, 0)),
        uses_m3s=np.zeros((count, 0)),
        pressure_nodes=["B"],
        flow_links=["first"],
        tanks=[],
        meter_nodes=[],
    )
    return zone_model.ZoneModel(text, given)
