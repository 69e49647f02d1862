"""All leaks of one look, on a made grid of streets."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from huoshui.lab.leakage import standing
from huoshui.lab.leakage.place import PARTS_OF_DAY, Place

SIDE = 12
"""Pipes stand in a square, 100 m from one to the next."""


@pytest.fixture(scope="module")
def place():
    """Return a square of pipes, sensors that fall the more the nearer a leak is, and customers."""
    rng = np.random.default_rng(7)
    at = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2) * 100.0
    sensors = rng.uniform(0, SIDE * 100, (12, 2))
    ways = np.abs(at[:, None] - at[None]).sum(axis=2)
    far = np.linalg.norm(at[:, None] - sensors[None], axis=2)
    shape = -6e-3 * np.exp(-far / 350)
    shapes = np.concatenate([shape * part for part in np.linspace(0.7, 1.2, PARTS_OF_DAY)], axis=1)
    return Place(
        shapes=np.column_stack([shapes, np.ones(len(at))]),
        demand_shapes=np.column_stack([shapes * 0.3, np.zeros(len(at))]),
        lengths_m=np.full(len(at), 100.0),
        ways_m=ways,
        areas=1,
    )


def pipe(column, row):
    return row * SIDE + column


def days(place, leaks, *, count=120, seed=3, noise_m=0.002):
    """Return residuals; leaks are (pipe, first day, day after the last, m³/h, days to grow)."""
    rng = np.random.default_rng(seed)
    found = rng.normal(0, noise_m, (count, place.shapes.shape[1]))
    for where, since, until, size, grows in leaks:
        for day in range(since, min(until, count)):
            share = 1.0 if not grows else min((day - since + 1) / grows, 1.0) ** 2
            found[day] += share * size * place.shapes[where]
    return found


def looks_at(place, residuals, **rule):
    looks = standing.StandingLeaks(place, standing.StandingRule(**rule))
    return looks, looks.looks(residuals, calibration_days=7)


def last(place, residuals, **rule):
    _looks, found = looks_at(place, residuals, **rule)
    return found[max(found)]


def test_tells_leaks_apart_that_run_at_once(place):
    true = {pipe(1, 1): 8.0, pipe(9, 2): 5.0, pipe(4, 9): 12.0}
    residuals = days(place, [(where, 40, 120, size, 0) for where, size in true.items()])

    found = last(place, residuals)

    assert len(found) == 3
    for where, size in true.items():
        (leak,) = [one for one in found if place.ways_m[one.pipe, where] <= 300]
        assert leak.mass >= 0.65
        assert leak.probability.sum() == pytest.approx(1)
        assert leak.size_m3h == pytest.approx(size, rel=0.3)


def test_nothing_runs_and_nothing_is_seen(place):
    for seed in range(4):
        _looks, found = looks_at(place, days(place, [], seed=seed))
        assert not any(found.values())


def test_sees_a_leak_that_grows_without_a_step(place):
    residuals = days(place, [(pipe(8, 8), 20, 120, 6.0, 80)])

    found = last(place, residuals)

    assert [place.ways_m[one.pipe, pipe(8, 8)] <= 300 for one in found] == [True]


def test_a_repaired_leak_is_gone(place):
    residuals = days(place, [(pipe(3, 3), 30, 70, 9.0, 0), (pipe(9, 8), 50, 120, 9.0, 0)])

    _looks, found = looks_at(place, residuals)

    assert len(found[66]) == 2
    assert [place.ways_m[one.pipe, pipe(9, 8)] <= 300 for one in found[88]] == [True]


def test_what_is_seen_on_a_day_knows_no_later_one(place):
    residuals = days(place, [(pipe(3, 3), 30, 120, 7.0, 0), (pipe(9, 8), 70, 120, 9.0, 10)])

    _looks, whole = looks_at(place, residuals)
    _looks, cut = looks_at(place, residuals[:63])

    assert max(cut) == 62
    for day, found in cut.items():
        assert [(one.pipe, one.size_m3h) for one in found] == [
            (one.pipe, one.size_m3h) for one in whole[day]
        ]


def test_an_error_of_the_model_makes_no_leaks(place):
    rng = np.random.default_rng(5)
    wrong = dataclasses.replace(
        place, shapes=place.shapes * (1 + 0.05 * rng.normal(size=place.shapes.shape))
    )
    residuals = days(wrong, [(pipe(5, 5), 30, 120, 25.0, 0)])

    found = last(place, residuals)

    assert [place.ways_m[one.pipe, pipe(5, 5)] <= 300 for one in found] == [True]


def test_seconds_what_lies_about_a_leak_and_nothing_else(place):
    residuals = days(place, [(pipe(2, 2), 30, 120, 8.0, 0)])
    looks, found = looks_at(place, residuals, second_m=400.0)

    assert looks.seconded(pipe(3, 2), 60, found) == 60
    assert looks.seconded(pipe(9, 9), 60, found) == standing.NEVER
    # The leak began on day 30: a call before waits for a look that sees it, or is dropped.
    assert looks.seconded(pipe(2, 2), 20, found) == standing.NEVER
    days_of_call = range(24, 34)
    seconded = [looks.seconded(pipe(2, 2), day, found) for day in days_of_call]
    assert all(
        later == standing.NEVER or day <= later < day + 7
        for day, later in zip(days_of_call, seconded, strict=True)
    )
    assert seconded[-1] != standing.NEVER


def test_a_call_before_the_first_look_stands(place):
    looks, found = looks_at(place, days(place, []))

    assert looks.seconded(pipe(2, 2), min(found) - 1, found) == min(found) - 1
    assert looks.seconded(pipe(2, 2), 40, {}) == 40


def test_looks_begin_a_little_before_they_are_wanted(place):
    residuals = days(place, [(pipe(3, 3), 30, 120, 7.0, 0)])
    looks = standing.StandingLeaks(place)

    found = looks.looks(residuals, calibration_days=7, from_day=90)

    assert min(found) == 90 - standing.RUN_UP_DAYS
    assert len(found[90]) == 1


def lost(leaks, count=120):
    """Return what the area loses by day."""
    found = np.zeros((count, 1))
    for _where, since, until, size, _grows in leaks:
        found[since:until] += size
    return found


def test_flows_say_how_large_a_leak_is_that_sensors_hardly_see(place):
    where = pipe(5, 6)
    shapes = place.shapes.copy()
    shapes[place.ways_m[where] <= 400, : place.sensors] *= 0.05
    faint = dataclasses.replace(place, shapes=shapes)
    leaks = [(where, 30, 120, 20.0, 0)]

    wrong = {"sensors": [], "flows too": []}
    for seed in range(5):
        residuals = days(faint, leaks, seed=seed, noise_m=0.001)
        for name, known in (("sensors", None), ("flows too", lost(leaks))):
            looks = standing.StandingLeaks(faint).looks(residuals, calibration_days=7, lost=known)
            wrong[name] += [sum(one.size_m3h for one in looks[day]) - 20 for day in (80, 100, 118)]

    assert np.abs(wrong["flows too"]).max() < 2.5
    assert np.abs(wrong["flows too"]).mean() < 0.5 * np.abs(wrong["sensors"]).mean()


def test_days_of_which_flows_say_nothing_are_seen_without(place):
    leaks = [(pipe(3, 3), 30, 120, 7.0, 0)]
    residuals = days(place, leaks)
    plain = standing.StandingLeaks(place).looks(residuals, calibration_days=7)

    found = standing.StandingLeaks(place).looks(
        residuals, calibration_days=7, lost=np.full((120, 1), np.nan)
    )

    assert [[one.size_m3h for one in look] for look in found.values()] == [
        [one.size_m3h for one in look] for look in plain.values()
    ]


def test_places_what_came_beside_a_leak_that_runs(place):
    old, new = pipe(3, 3), pipe(5, 3)
    leaks = [(old, 30, 120, 9.0, 0), (new, 80, 120, 12.0, 0), (pipe(9, 9), 70, 120, 6.0, 0)]
    looks = standing.StandingLeaks(place)
    found = looks.looks(days(place, leaks), calibration_days=7)

    came = looks.risen(96, 76, found, old)

    assert place.ways_m[came.pipe, new] <= 300
    assert came.size_m3h == pytest.approx(12, rel=0.2)
    assert came.gain > 20
    # Between two looks with nothing new about the pipe nothing came.
    assert looks.risen(66, 50, found, old).gain < 20


def test_with_flows_and_between_looks_no_later_day_is_known(place):
    leaks = [(pipe(3, 3), 30, 120, 7.0, 0), (pipe(5, 3), 50, 120, 12.0, 0)]
    residuals = days(place, [*leaks, (pipe(9, 8), 70, 120, 9.0, 10)])
    known = lost(leaks)
    known[70:] += 9.0

    whole, cut = standing.StandingLeaks(place), standing.StandingLeaks(place)
    all_looks = whole.looks(residuals, calibration_days=7, lost=known)
    looks = cut.looks(residuals[:63], calibration_days=7, lost=known[:63])

    assert max(looks) == 62
    for day, found in looks.items():
        assert [(one.pipe, one.size_m3h) for one in found] == [
            (one.pipe, one.size_m3h) for one in all_looks[day]
        ]
    came = cut.risen(62, 46, looks, pipe(3, 3))
    assert came.size_m3h == whole.risen(62, 46, all_looks, pipe(3, 3)).size_m3h
    assert came.size_m3h == pytest.approx(12, rel=0.3)
