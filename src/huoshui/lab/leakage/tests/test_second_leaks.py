"""What has grown about a report, on a street of pipes 100 m apart."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.leakage import second_leaks
from huoshui.lab.leakage.standing import Standing

PIPES = 60
WAYS = np.abs(np.subtract.outer(np.arange(PIPES), np.arange(PIPES))) * 100.0
DAYS = range(100, 160, 2)


def seen(pipe, size_m3h, gain=50.0):
    probability = np.zeros(PIPES)
    probability[pipe] = 1.0
    return Standing(pipe, size_m3h, probability, 1.0, gain)


def told(sizes, came=None, reports=((20, 0),)):
    """Return numbers of looks and pipes of what is told; ``sizes`` is what each look has in 20."""
    came = came or seen(22, 12.0)
    second = second_leaks.SecondLeaks(
        WAYS, (WAYS <= 300).astype(float), lambda day, since, looks, pipe: came
    )
    looks, found = {}, []
    for number, (day, size) in enumerate(zip(DAYS, sizes, strict=False)):
        looks[day] = [seen(20, size)] if size else []
        for pipe, at in reports:
            if at == number:
                second.reported(pipe, number)
        call = second.look(number, day, looks)
        if call is not None:
            assert call.known_day == day
            found.append((number, call.leak.pipe))
    return found


def test_is_told_once_after_five_looks_between_look_and_what_came():
    ((number, pipe),) = told([8.0] * 10 + [20.0] * 20)

    assert number == 14
    assert 20 <= pipe <= 22


def test_grows_twice_and_is_told_twice():
    found = told([8.0] * 10 + [20.0] * 10 + [40.0] * 10)

    assert [number for number, _pipe in found] == [14, 24]


@pytest.mark.parametrize(
    "sizes",
    [
        [8.0] * 30,  # it stays
        [20.0] * 10 + [6.0] * 20,  # it is mended
        [8.0] * 10 + [14.0] * 20,  # too little more
        [20.0] * 10 + [30.0] * 20,  # too small a share more
        [8.0, 8.0, 8.0, 8.0, 20.0, 20.0] * 5,  # now and then
    ],
)
def test_says_nothing_where_nothing_lasts_that_is_much_larger(sizes):
    assert told(sizes) == []


@pytest.mark.parametrize("came", [seen(22, 3.0), seen(22, 12.0, gain=5.0), seen(28, 12.0)])
def test_says_nothing_where_what_came_is_small_or_unclear_or_elsewhere(came):
    assert told([8.0] * 10 + [20.0] * 20, came) == []


def test_leaves_to_another_report_what_that_has_told():
    grown = [8.0] * 10 + [20.0] * 20

    assert told(grown, reports=((20, 0), (21, 11))) == []


def test_knows_nothing_of_reports_far_away():
    assert told([8.0] * 10 + [20.0] * 20, reports=((30, 0),)) == []
