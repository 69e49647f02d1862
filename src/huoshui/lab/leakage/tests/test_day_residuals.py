"""Days read beside the model, with and without the leaks that are known.

R --- A --- B      60 m³/h, of which a leak in the second pipe takes 20 from the twelfth day on
      |
      C
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from huoshui.lab.leakage import day_residuals, zone_model

DAYS, SINCE = 22, 12
TOWN = """[JUNCTIONS]
 A 0 10
 B 0 30
 C 0 20
[RESERVOIRS]
 R 50
[PIPES]
 first R A 1000 200 100 0 Open
 second A B 1000 150 100 0 Open
 third A C 1000 150 100 0 Open
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""
LEAK_M3H = 20.0


@pytest.fixture(scope="module")
def leaking():
    """Return a model beside three weeks with the leak, and what was prepared of them."""
    count, change = DAYS * 24, SINCE * 24
    flow = np.where(np.arange(count) < change, 60.0, 60.0 + LEAK_M3H) / 3600
    given = zone_model.Records(
        at_s=np.arange(count) * 3600.0,
        pressures_m=np.zeros((count, 2)),
        flows_m3s=flow[:, None],
        levels_m=np.zeros((count, 0)),
        uses_m3s=np.zeros((count, 0)),
        pressure_nodes=["B", "C"],
        flow_links=["first"],
        tanks=[],
        meter_nodes=[],
    )
    true = zone_model.ZoneModel(TOWN, given)
    before = true.expected_pressures_m(until=change)
    true.set_leaks({"second": LEAK_M3H / 3600})
    after = true.expected_pressures_m(begin=change)
    true.close()
    measured = dataclasses.replace(given, pressures_m=np.concatenate([before, after]))
    model = zone_model.ZoneModel(TOWN, measured)
    yield model, day_residuals.prepare(model, calibration_days=7)
    model.close()


def test_with_the_leak_inside_days_are_as_if_leaks_added_up(leaking):
    model, prepared = leaking
    pipe = prepared.pipes.index("second")
    signature = LEAK_M3H * prepared.place.pressures[pipe]

    alone = prepared.residuals[SINCE + 2, : prepared.place.sensors]
    inside = day_residuals.LeaksInside(model, prepared)(SINCE + 2, SINCE + 4, [(pipe, LEAK_M3H)])

    scale = np.abs(signature).max()
    assert inside == pytest.approx(np.tile(signature, (2, 1)), abs=0.01 * scale)
    assert np.abs(alone - signature).max() > 0.05 * scale


def test_without_leaks_days_stay_as_they_were(leaking):
    model, prepared = leaking

    again = day_residuals.LeaksInside(model, prepared)(9, 14, [])

    assert again == pytest.approx(prepared.residuals[9:14, : prepared.place.sensors], abs=1e-4)


def test_a_leak_half_known_leaves_the_other_half(leaking):
    model, prepared = leaking
    pipe = prepared.pipes.index("second")
    signature = prepared.place.pressures[pipe]
    read_again = day_residuals.LeaksInside(model, prepared)

    sizes = [
        float(read_again(SINCE + 2, SINCE + 3, leaks)[0] @ signature / (signature @ signature))
        for leaks in ([], [(pipe, LEAK_M3H / 2)], [(pipe, LEAK_M3H)])
    ]

    wrong = np.abs(np.array(sizes) - LEAK_M3H)
    assert wrong[1] < wrong[0]
    assert wrong[2] < 0.01 * LEAK_M3H


def test_what_was_not_read_is_as_prepared(leaking):
    model, prepared = leaking
    pipe = prepared.pipes.index("second")
    records = model.records
    silent = records.pressures_m.copy()
    silent[15 * 24 : 16 * 24, 0] = np.nan
    model.records = dataclasses.replace(records, pressures_m=silent)
    try:
        found = day_residuals.LeaksInside(model, prepared)(15, 16, [(pipe, LEAK_M3H)])[0]
    finally:
        model.records = records

    before = prepared.residuals[15, : prepared.place.sensors]
    assert found[::2] == pytest.approx(before[::2])
    assert not np.allclose(found[1::2], before[1::2], rtol=1e-3)


def test_use_that_is_the_same_all_day_says_nothing_of_losses(leaking):
    _model, prepared = leaking

    assert prepared.lost.shape == (DAYS, 1)
    assert not np.isfinite(prepared.lost).any()


def test_where_customers_have_meters_what_is_left_is_lost(leaking):
    model, _prepared = leaking
    metered = dataclasses.replace(model.areas[0], is_scaled=False)

    lost = day_residuals.lost_by_day(metered, model.records.at_s, 7)

    assert lost[:SINCE] == pytest.approx(0, abs=1e-6)
    assert lost[SINCE:] == pytest.approx(LEAK_M3H)
