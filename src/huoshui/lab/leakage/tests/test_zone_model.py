"""The model beside the records: a town that is fed by a main and, by day, by its tank."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.leakage import zone_model

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
