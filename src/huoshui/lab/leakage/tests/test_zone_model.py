"""The model beside the records: a town that is fed by a main and, by day, by its tank."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.leakage import zone_model
from huoshui.lab.leakage.tests import streets

STEP_S, DAYS = 3600, 22
TOWN = """[JUNCTIONS]
 A 10 0
 B 10 20
 C 10 20
[RESERVOIRS]
 R 60
[TANKS]
 T 50 2 0 4 10 0
[PIPES]
 main R A 500 300 120 0 Open
 street A B 500 250 120 0 Open
 rise T C 300 250 120 0 Open
[PUMPS]
 lift B C HEAD curve
[CURVES]
 curve 20 25
[COORDINATES]
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""


def records(levels_m):
    """Return hours in which 20 of 40 m³/h go on to the tank's side, where 25 are metered."""
    count = DAYS * 24
    flows = np.tile([40.0, 20.0], (count, 1)) / 3600
    return zone_model.Records(
        at_s=np.arange(count) * float(STEP_S),
        pressures_m=np.full((count, 2), 40.0),
        flows_m3s=flows,
        levels_m=np.asarray(levels_m, dtype=float)[:, None],
        uses_m3s=np.full((count, 1), 25.0) / 3600,
        pressure_nodes=["B", "C"],
        flow_links=["main", "lift"],
        tanks=["T"],
        meter_nodes=["C"],
    )


@pytest.mark.parametrize("level_m", [0.0, 4.0, -0.02, 4.3])
def test_feeds_a_side_whose_tank_is_told_to_be_empty_or_full(level_m):
    levels = np.full(DAYS * 24, 2.0)
    levels[200:230] = level_m
    model = zone_model.ZoneModel(TOWN, records(levels))
    try:
        expected = model.expected_pressures_m()
    finally:
        model.close()

    behind = expected[:, 1]
    inside = min(max(level_m, 0.01), 3.99)
    assert np.ptp(behind[:200]) < 0.01
    # The way from the tank loses the same head at any level.
    assert behind[210] == pytest.approx(behind[100] + inside - 2.0, abs=0.02)


@pytest.fixture
def two_pipes():
    model = streets.two_pipes(days=DAYS, at_a_m3h=10, at_b_m3h=30)
    yield model
    model.close()


def test_what_leaks_is_not_used(two_pipes):
    def behind_m():
        return two_pipes.expected_pressures_m(begin=30, until=33)[:, 0]

    sound = behind_m()
    two_pipes.set_leaks({"second": 20 / 3600})
    leaking = behind_m()
    two_pipes.set_leaks({})

    # Of 60 m³/h three quarters go on to B; with 20 leaking half and half, 30 and 10 of 60.
    assert sound == pytest.approx(50 - streets.loss_m(60) - streets.loss_m(45), abs=0.01)
    assert leaking == pytest.approx(50 - streets.loss_m(60) - streets.loss_m(40), abs=0.01)
    assert behind_m() == pytest.approx(sound, abs=1e-6)


def test_leaks_at_one_end_add_up(two_pipes):
    two_pipes.set_leaks({"first": 10 / 3600, "second": 20 / 3600})

    # The source is no place of an area: the first pipe loses all of its 10 at A.
    behind = two_pipes.expected_pressures_m(until=1)[0, 0]
    assert behind == pytest.approx(
        50 - streets.loss_m(60) - streets.loss_m(10 + 0.75 * 30), abs=0.01
    )
