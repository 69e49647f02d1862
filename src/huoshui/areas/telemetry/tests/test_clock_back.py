"""The clock is set back while everything runs: nothing may wait for the old time to come again.

Readings of the time before are kept, and what the engine remembers of them counts no more.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from huoshui.areas.telemetry import actions, calculated, contracts, facade, ingest, keeping
from huoshui.areas.telemetry.conditions import WatchedRule
from huoshui.areas.telemetry.store import readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DAY, DOUBTFUL, GOOD, HOUR, MINUTE, NOON
from huoshui.kernel import clock as city_clock

BEFORE = NOON - DAY


def transitions(historian: ingest.Historian) -> list[tuple[str, bool, int]]:
    return [
        (one.rule, one.raised, (one.at_us - BEFORE) // MINUTE)
        for one in historian.journal.transitions(0)
    ]


def test_a_delay_that_ran_begins_anew(tmp_path: Path) -> None:
    clock = cast.Clock(NOON)
    historian = cast.historian(tmp_path, [cast.pressure(1, delay_us=5 * MINUTE)], clock)
    historian.accept(cast.batch((1, NOON, 15.0)))
    for minute in range(8):
        clock.now_us = BEFORE + minute * MINUTE
        historian.accept(cast.batch((1, clock.now_us, 15.0)))

    assert transitions(historian) == [("limit_low", True, 5)]
    historian.close()


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (
            WatchedRule("fast", 1, "rate", threshold=60.0, window_us=2 * MINUTE),
            [30.0, 30.0, 34.0],
            ("rate:fast", True, 2),
        ),
        (
            WatchedRule("stuck", 1, "flat", threshold=0.1, window_us=2 * MINUTE),
            [30.0, 30.0, 30.0],
            ("flat:stuck", True, 2),
        ),
    ],
)
def test_conditions_look_back_on_the_new_time(
    tmp_path: Path, rule: WatchedRule, values: list[float], expected: tuple[str, bool, int]
) -> None:
    clock = cast.Clock(NOON)
    historian = cast.historian(tmp_path, [cast.pressure(1)], clock, [rule])
    historian.accept(cast.batch((1, NOON, 30.0)))
    for minute, value in enumerate(values):
        clock.now_us = BEFORE + minute * MINUTE
        historian.accept(cast.batch((1, clock.now_us, value)))

    assert transitions(historian) == [expected]
    historian.close()


@pytest.mark.parametrize("speaks", [False, True])
def test_silence_counts_by_the_new_time(tmp_path: Path, speaks: bool) -> None:
    """An hour after the clock went back; the point spoke a minute after it, or never again."""
    clock = cast.Clock(NOON)
    historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
    historian.accept(cast.batch((1, NOON, 30.0)))
    clock.now_us = BEFORE
    assert historian.judge_silence() == 0
    if speaks:
        historian.accept(cast.batch((1, BEFORE + MINUTE, 30.0)))
    clock.now_us = BEFORE + HOUR
    assert historian.judge_silence() == 1

    # Three turns of five minutes, and a quarter of a minute for the way.
    assert transitions(historian) == [("no_data", True, 16 if speaks else 15)]
    if speaks:
        historian.accept(cast.batch((1, BEFORE + HOUR, 30.0)))
        assert historian.judge_silence() == 1
    historian.close()


def flags(folder: Path) -> list[int]:
    return list(readers.Reader(folder).readings([1], BEFORE, NOON + DAY)[1].quality.tolist())


def test_flat_lines_are_found_on_the_new_time(tmp_path: Path) -> None:
    clock = cast.Clock(NOON)
    points = [cast.pressure(1, flat_after_us=2 * MINUTE, flat_band=0.01)]
    historian = cast.historian(tmp_path, points, clock)
    historian.accept(cast.batch((1, NOON, 30.0)))
    for minute in range(4):
        clock.now_us = BEFORE + minute * MINUTE
        historian.accept(cast.batch((1, clock.now_us, 30.0)))
    historian.close()

    assert flags(tmp_path) == [GOOD, GOOD, DOUBTFUL, DOUBTFUL, GOOD]


def test_a_device_ahead_of_time_does_not_stop_the_checks(tmp_path: Path) -> None:
    clock = cast.Clock(NOON)
    points = [cast.pressure(1, flat_after_us=2 * MINUTE, flat_band=0.01)]
    historian = cast.historian(tmp_path, points, clock)
    historian.accept(cast.batch((1, NOON + 20 * HOUR, 30.0)))
    for minute in range(4):
        clock.now_us = NOON + minute * MINUTE
        historian.accept(cast.batch((1, clock.now_us, 30.0)))
    historian.close()

    assert flags(tmp_path)[:4] == [GOOD, GOOD, DOUBTFUL, DOUBTFUL]


def test_nothing_has_jumped_from_a_bad_value(tmp_path: Path) -> None:
    historian = cast.historian(tmp_path, [cast.pressure(1, rate_max_per_s=0.1)])
    for second, value in enumerate((30.0, 9999.0, 30.0)):
        historian.accept(cast.batch((1, NOON - 10_000_000 + second * 1_000_000, value)))
    historian.close()

    assert flags(tmp_path) == [GOOD, cast.BAD, GOOD]


@pytest.mark.django_db
def test_calculated_points_go_on(home: object, person: SimpleNamespace) -> None:
    declared = [
        contracts.PointDeclaration(f"n{n}.pressure", "P", "压力", "pressure") for n in (1, 2)
    ]
    facade.declare_points(declared, by_id=None)
    actions.set_formula("n2.pressure", "{n1.pressure} * 2", person.id)
    number = facade.point_ids()["n1.pressure"]
    historian = keeping.open_historian()
    made = calculated.Calculator(historian)
    made.refresh()
    historian.accept(cast.batch((number, NOON, 20.0)))
    assert made.calculate() == 1
    with city_clock.frozen(contracts.from_us(BEFORE)):
        historian.accept(cast.batch((number, BEFORE, 21.0)))
        assert (made.calculate(), made.calculate()) == (1, 0)
    historian.close()
