"""A network file fitted to its first days: against EPANET, and against two pipes by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from huoshui.lab.leakage import model_fit, zone_model
from huoshui.lab.leakage.tests import streets

STEP_S, DAYS = 1800, 22
TOWN = """[JUNCTIONS]
 A 10 0
 H 10 0
 B 8 20
 C 6 15
 D 4 25
 E 5 10
 F 20 10
[RESERVOIRS]
 R 60
[TANKS]
 T 45 2 0 4 10 0
[PIPES]
 main R A 800 250 120 0 Open
 north H B 500 150 110 0 Open
 east B C 400 150 100 0 Open
 south H D 600 150 110 0 Open
 west D C 300 100 90 0 Open
 short B D 350 100 100 0 Open
 end C E 400 100 110 0 Open
 rise T F 300 150 120 0 Open
[PUMPS]
 lift E F HEAD curve
[VALVES]
 hold A H 200 PRV 40 0
[PATTERNS]
 day 0.4 0.3 0.5 1.2 1.6 1.2 1.0 1.0 1.1 1.4 1.3 1.0
[CURVES]
 curve 20 25
[OPTIONS]
 Units CMH
 Headloss H-W
 Pattern day
[TIMES]
 Pattern Timestep 2:00
[END]
"""
ROW = 3 * 48 + 17


def records(text=TOWN, *, corrections=None):
    """Return three weeks as a town with those corrections would give them."""
    count = DAYS * 86400 // STEP_S
    at = np.arange(count) * float(STEP_S)
    day = np.array([0.4, 0.3, 0.5, 1.2, 1.6, 1.2, 1.0, 1.0, 1.1, 1.4, 1.3, 1.0])
    use = 70 * day[(at // 7200).astype(int) % 12]
    flows = np.column_stack([use + 8, np.full(count, 8.0)]) / 3600
    given = zone_model.Records(
        at_s=at,
        pressures_m=np.zeros((count, 4)),
        flows_m3s=flows,
        levels_m=np.full((count, 1), 2.0),
        uses_m3s=np.full((count, 1), 8.0) / 3600,
        pressure_nodes=["B", "C", "D", "E"],
        flow_links=["main", "lift"],
        tanks=["T"],
        meter_nodes=["F"],
    )
    with_model = zone_model.ZoneModel(text, given, corrections=corrections)
    try:
        expected = with_model.expected_pressures_m()
    finally:
        with_model.close()
    return dataclasses.replace(given, pressures_m=expected)


def nothing(text=TOWN):
    """Return corrections that change nothing."""
    model = zone_model.ZoneModel(text, records(text))
    counts = len(model.project.link_ids), len(model.project.node_ids)
    model.close()
    return zone_model.Corrections(*(np.zeros(count) for count in counts))


def heads(corrections):
    """Return what sensors read at one row."""
    model = zone_model.ZoneModel(TOWN, records(), corrections=corrections)
    try:
        model.project.set_accuracy(1e-8)
        model.solve_at(ROW)
        return model.project.pressures_m()[model.sensors]
    finally:
        model.close()


@pytest.mark.parametrize("kind", ["resistance", "demand"])
def test_answers_are_those_of_epanet(kind):
    model = zone_model.ZoneModel(TOWN, records())
    try:
        model.project.set_accuracy(1e-8)
        told = model_fit.answers(model, ROW)
        pumps = model.project.link("lift"), model.project.link("hold")
    finally:
        model.close()
    found = told.pipes if kind == "resistance" else told.customers
    little, zero = 1e-2, nothing()
    compared = 0
    for place in range(found.shape[1]):
        if kind == "resistance" and place in pumps:
            continue
        sides = []
        for sign in (1, -1):
            changed = getattr(zero, kind).copy()
            changed[place] = sign * little
            sides.append(heads(dataclasses.replace(zero, **{kind: changed})))
        slope = (sides[0] - sides[1]) / (2 * little)
        assert found[:, place] == pytest.approx(slope, abs=1e-3), place
        compared += bool(np.abs(slope).max() > 0.01)
    # Behind the valve that holds a pressure; the main before it and the tank's side move nothing.
    assert compared >= 4


def test_two_pipes_in_a_row_lose_their_own_head():
    model = streets.two_pipes(days=DAYS, at_a_m3h=30, at_b_m3h=30)
    try:
        told = model_fit.answers(model, 5)
    finally:
        model.close()

    assert told.pipes[0] == pytest.approx([-streets.loss_m(60), -streets.loss_m(30)], rel=2e-3)
    # A tenth more at B is a tenth less at A: only the second pipe carries more.
    first, second = told.customers[0][:2]
    assert second == pytest.approx(-1.852 * streets.loss_m(30) / 2, rel=2e-3)
    assert first == pytest.approx(-second, rel=1e-6)


@pytest.fixture(scope="module")
def strayed():
    """Return corrections of a town that strayed from its file."""
    zero = nothing()
    wrong = zero.resistance.copy()
    wrong[1:4] = 0.5, -0.3, 0.4
    return dataclasses.replace(zero, resistance=wrong)


def test_finds_a_network_that_explains_the_first_days(strayed):
    given = records(corrections=strayed)

    fitted = model_fit.fit(TOWN, given, days=7)

    assert fitted is not None
    assert fitted.before_m > 0.05
    assert fitted.after_m < 0.05 * fitted.before_m
    assert fitted.spread > 0.1
    assert fitted.corrections.resistance[1] == pytest.approx(0.5, abs=0.25)
    assert fitted.corrections.resistance[3] == pytest.approx(0.4, abs=0.25)


def test_reads_nothing_after_the_first_days(strayed):
    given = records(corrections=strayed)
    later = given.pressures_m.copy()
    later[7 * 48 :] -= 5.0
    silent = given.pressures_m.copy()
    silent[7 * 48 :] = np.nan

    ways = [
        model_fit.fit(TOWN, dataclasses.replace(given, pressures_m=one), days=7)
        for one in (given.pressures_m, later, silent)
    ]

    for other in ways[1:]:
        assert other.corrections.resistance == pytest.approx(ways[0].corrections.resistance)


def test_a_sensor_set_too_high_is_no_pipe(strayed):
    given = records(corrections=strayed)
    lifted = given.pressures_m + np.array([0.4, 0.0, -0.3, 0.0])

    plain = model_fit.fit(TOWN, given, days=7)
    fitted = model_fit.fit(TOWN, dataclasses.replace(given, pressures_m=lifted), days=7)

    assert fitted.after_m < 0.05 * fitted.before_m
    assert fitted.corrections.resistance == pytest.approx(plain.corrections.resistance, abs=0.2)


def test_silent_sensors_are_left_out(strayed):
    given = records(corrections=strayed)
    silent = given.pressures_m.copy()
    silent[:, 1] = np.nan
    silent[100:200, 0] = np.nan

    fitted = model_fit.fit(TOWN, dataclasses.replace(given, pressures_m=silent), days=7)

    assert fitted is not None
    assert np.isfinite(fitted.corrections.resistance).all()
    assert fitted.after_m < 0.1 * fitted.before_m


def test_leaves_a_file_alone_that_is_right():
    fitted = model_fit.fit(TOWN, records(), days=7)

    assert fitted is not None
    assert np.abs(fitted.corrections.resistance).max() < 0.02


def test_other_head_losses_are_not_fitted():
    text = TOWN.replace("Headloss H-W", "Headloss D-W").replace("120 0", "0.1 0")

    assert model_fit.fit(text, records(text), days=7) is None


def test_nothing_measured_fits_nothing():
    given = records()
    silent = np.full_like(given.pressures_m, np.nan)

    assert model_fit.fit(TOWN, dataclasses.replace(given, pressures_m=silent), days=7) is None
