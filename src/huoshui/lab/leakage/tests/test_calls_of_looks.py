"""What looks report by themselves, on a street of pipes 100 m apart."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.leakage import calls_of_looks
from huoshui.lab.leakage.agreement import Agreed, as_watched
from huoshui.lab.leakage.looking_back import Running
from huoshui.lab.leakage.place import Place
from huoshui.lab.leakage.standing import Standing

PIPES = 60
EVERY = range(100, 140, 2)
"""Days of looks."""


@pytest.fixture(scope="module")
def place():
    at = np.arange(PIPES) * 100.0
    return Place(
        shapes=np.ones((PIPES, 5)),
        demand_shapes=np.ones((PIPES, 5)),
        lengths_m=np.full(PIPES, 100.0),
        ways_m=np.abs(at[:, None] - at[None]),
        areas=1,
    )


def sure(pipe):
    probability = np.zeros(PIPES)
    probability[pipe] = 1.0
    return probability


def seen(pipe, size_m3h=8.0, mass=0.9):
    return Standing(pipe, size_m3h, sure(pipe), mass, 50.0)


def behind(pipe, now_m3h=8.0):
    return Running(90, 0, pipe, now_m3h=now_m3h, mass=1.0, gain=40.0, probability=sure(pipe))


def reported(pipe, day):
    return Agreed(as_watched(behind(pipe), day), day)


def called(place, looks, back, reports=(), from_day=100, calls=(), **rule):
    """Return days and pipes of what looks report."""
    found = calls_of_looks.LookCalls(place, calls_of_looks.CallRule(**rule)).run(
        looks, back, reports, from_day=from_day, calls=calls
    )
    return [(one.known_day, one.leak.pipe) for one in found]


def test_reports_once_what_six_looks_and_looking_back_see(place):
    looks = {day: [seen(20)] if day >= 110 else [] for day in EVERY}

    ((day, pipe),) = called(place, looks, {105: [], 118: [behind(22)]})

    assert day == 120
    # Where both together find it likeliest.
    assert 20 <= pipe <= 22


def test_reports_nothing_that_looking_back_does_not_have(place):
    looks = {day: [seen(20)] for day in EVERY}

    assert called(place, looks, {}) == []
    assert called(place, looks, {104: [behind(40)], 119: [behind(20, now_m3h=1.0)]}) == []
    # What looking back saw long ago does not count.
    assert called(place, {day: looks[day] for day in EVERY if day > 120}, {104: [behind(20)]}) == []


@pytest.mark.parametrize("weak", [seen(20, size_m3h=1.5), seen(20, mass=0.5)])
def test_reports_nothing_small_or_vague(place, weak):
    assert called(place, dict.fromkeys(EVERY, (weak,)), {100: [behind(20)]}) == []


def test_what_looks_see_now_and_then_is_not_reported(place):
    looks = {day: [seen(20)] if day % 6 == 0 else [] for day in EVERY}

    assert called(place, looks, {100: [behind(20)], 115: [behind(20)]}) == []


def test_a_leak_that_was_reported_before_is_the_same_leak(place):
    looks = dict.fromkeys(EVERY, (seen(20),))
    back = {one: [behind(20)] for one in (100, 115, 130)}

    # Put 400 m from where the crew was sent, it is still one leak.
    assert called(place, looks, back, [reported(24, 100)]) == []
    assert called(place, looks, back, [reported(30, 100)]) == [(110, 20)]


def test_two_leaks_near_one_report_are_two(place):
    looks = dict.fromkeys(EVERY, (seen(20), seen(24)))
    back = {one: [behind(20), behind(24)] for one in (100, 115, 130)}

    assert called(place, looks, back, [reported(20, 100)]) == [(110, 24)]
    # Nearer than a crew's reach it is left out: it would find both.
    looks = dict.fromkeys(EVERY, (seen(20), seen(23)))
    assert called(place, looks, back, [reported(20, 100)]) == []


def test_a_leak_that_was_mended_frees_its_place(place):
    runs = [*range(100, 110), *range(124, 140)]
    looks = {day: [seen(20)] if day in runs else [] for day in EVERY}
    back = {one: [behind(20)] for one in range(100, 140, 5)}

    assert called(place, looks, back, [reported(20, 100)]) == [(134, 20)]
    # A few looks that miss it do not.
    runs = [day for day in EVERY if day not in range(110, 116)]
    looks = {day: [seen(20)] if day in runs else [] for day in EVERY}
    assert called(place, looks, back, [reported(20, 100)]) == []


def test_reports_begin_with_their_day_and_hold_leaks_that_ran_before(place):
    looks = dict.fromkeys(EVERY, (seen(20),))

    assert called(place, looks, {115: [behind(20)]}, from_day=120) == [(120, 20)]


def test_what_is_reported_on_a_day_knows_no_later_one(place):
    looks = {day: [seen(20), *([seen(50)] if day > 120 else [])] for day in EVERY}
    back = {one: [behind(20), *([behind(50)] if one > 120 else [])] for one in range(100, 140, 5)}
    whole = called(place, looks, back)
    assert whole == [(110, 20), (132, 50)]

    for until in EVERY:
        cut = called(
            place,
            {day: look for day, look in looks.items() if day <= until},
            {day: look for day, look in back.items() if day <= until},
        )
        assert cut == [one for one in whole if one[0] <= until]


def test_what_is_left_of_a_mended_leak_does_not_hold_its_place(place):
    small = seen(20, size_m3h=1.2)
    looks = {day: [seen(20)] if not 108 <= day < 124 else [small] for day in EVERY}
    back = {one: [behind(20)] for one in range(100, 140, 5)}

    assert called(place, looks, back, [reported(20, 100)]) == [(134, 20)]


def test_what_the_watch_called_needs_fewer_looks_and_no_looking_back(place):
    looks = {day: [seen(20)] if day >= 110 else [] for day in EVERY}

    ((day, pipe),) = called(place, looks, {}, calls=[reported(22, 108)])

    assert day == 114
    assert 20 <= pipe <= 22
    # Not of a call far away, of one long ago, or of one yet to come.
    assert called(place, looks, {}, calls=[reported(24, 108)]) == []
    assert called(place, looks, {}, calls=[reported(22, 80)]) == []
    assert called(place, looks, {}, calls=[reported(22, 130)]) == [(130, 20)]
    # Nor of one that was reported.
    assert called(place, looks, {}, [reported(22, 108)], calls=[reported(22, 108)]) == []


def test_what_has_grown_about_a_report_is_reported_again(place):
    looks = {day: [seen(20, size_m3h=20.0 if day >= 118 else 8.0)] for day in EVERY}
    calls = calls_of_looks.LookCalls(place, risen=lambda *_given: seen(22, size_m3h=12.0))

    found = calls.run(looks, {}, [reported(20, 100)], from_day=100)

    assert [one.known_day for one in found] == [126]
    assert 20 <= found[0].leak.pipe <= 22
