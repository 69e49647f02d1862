"""Conditions of several values, rules laid over the points' own limits, and what survives a kill.

Values come a minute apart, so that a rate of 1 a minute is 60 an hour.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from huoshui.areas.telemetry import conditions
from huoshui.areas.telemetry.conditions import WatchedRule
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.lab.series import expression

NONE = (cast.NAN,) * 4


def found(
    folder: Path, rule: WatchedRule, *rows: tuple[int, int, float], **point: object
) -> list[tuple[str, bool, int]]:
    """Feed (point, minute, value) one by one to a point without limits of its own."""
    points = [cast.pressure(number, **{"limits": NONE, **point}) for number in (1, 2)]
    clock = cast.Clock(NOON + HOUR)
    historian = cast.historian(folder, points, clock, [rule])
    for number, minute, value in rows:
        historian.accept(cast.batch((number, NOON + minute * MINUTE, value)))
    answer = [
        (item.rule, item.raised, (item.at_us - NOON) // MINUTE)
        for item in historian.journal.transitions(0)
    ]
    historian.close()
    return answer


def own(*values: float) -> list[tuple[int, int, float]]:
    return [(1, minute, value) for minute, value in enumerate(values)]


class TestRate:
    RULE = WatchedRule("fast", 1, "rate", threshold=60.0, window_us=2 * MINUTE)

    def test_is_raised_by_a_change_over_the_window_in_either_direction(
        self, tmp_path: Path
    ) -> None:
        # 2.5 in two minutes is 75 an hour, 1.5 is 45.
        rows = own(30, 30, 31.5, 32.5, 32.5, 32.5, 30)

        assert found(tmp_path, self.RULE, *rows) == [
            ("rate:fast", True, 3),
            ("rate:fast", False, 4),
            ("rate:fast", True, 6),
        ]

    def test_waits_for_half_a_window(self, tmp_path: Path) -> None:
        rule = WatchedRule("fast", 1, "rate", threshold=60.0, window_us=10 * MINUTE)

        assert found(tmp_path, rule, *own(30, 50, 50, 50, 50)) == []


class TestFlat:
    def test_is_raised_when_nothing_changes_for_the_window(self, tmp_path: Path) -> None:
        rule = WatchedRule("stuck", 1, "flat", threshold=0.1, window_us=3 * MINUTE)

        assert found(tmp_path, rule, *own(30, 31, 31.05, 30.95, 31, 31, 32)) == [
            ("flat:stuck", True, 4),
            ("flat:stuck", False, 6),
        ]


class TestDeviation:
    def test_from_another_point_needs_both_of_about_the_same_time(self, tmp_path: Path) -> None:
        rule = WatchedRule(
            "pair", 1, "deviation", threshold=5.0, dead_band=2.0, reference_id=2,
            window_us=5 * MINUTE,
        )  # fmt: skip
        rows = [(1, 0, 50.0), (2, 1, 42.0), (1, 2, 46.0), (1, 3, 44.9), (1, 20, 60.0)]

        assert found(tmp_path, rule, *rows) == [
            ("deviation:pair", True, 1),
            ("deviation:pair", False, 3),
        ]

    def test_from_the_expected_band_of_the_hour(self, tmp_path: Path) -> None:
        rule = WatchedRule("odd", 1, "deviation", threshold=1.0)
        historian = cast.historian(
            tmp_path, [cast.pressure(1, limits=NONE)], cast.Clock(NOON + HOUR), [rule]
        )
        band = conditions.Band(NOON, np.array([40.0]), np.array([45.0]))
        historian.expect({1: band})
        for minute, value in enumerate([42.0, 45.9, 46.1, 44.0, 38.0]):
            historian.accept(cast.batch((1, NOON + minute * MINUTE, value)))
        # The next hour has no band: nothing is known, so nothing changes.
        historian.accept(cast.batch((1, NOON + HOUR, 42.0)))

        assert [
            (item.raised, (item.at_us - NOON) // MINUTE)
            for item in historian.journal.transitions(0)
        ] == [(True, 2), (False, 3), (True, 4)]
        historian.close()


class TestFormula:
    RULE = WatchedRule(
        "pump",
        1,
        "expression",
        expression=expression.compile("{a} < 20 and {b} > 50"),
        inputs=(("a", 1), ("b", 2)),
        on_delay_us=MINUTE,
    )

    def test_is_raised_when_it_has_been_true_for_the_delay(self, tmp_path: Path) -> None:
        rows = [(1, 0, 10.0), (2, 1, 60.0), (1, 2, 10.0), (2, 3, 40.0)]

        assert found(tmp_path, self.RULE, *rows) == [
            ("expression:pump", True, 2),
            ("expression:pump", False, 3),
        ]

    def test_does_not_believe_values_of_long_ago(self, tmp_path: Path) -> None:
        rows = [(2, 0, 60.0), (1, 61 + 1, 10.0), (1, 64, 10.0)]
        # The second value of point 2 is an hour old by then.
        assert found(tmp_path, self.RULE, *rows) == []


class TestRulesOverPoints:
    def test_give_each_limit_its_own_delays_and_dead_band(self, tmp_path: Path) -> None:
        rule = WatchedRule(
            "low", 1, "limit_low", threshold=25.0, dead_band=2.0, on_delay_us=2 * MINUTE
        )
        rows = own(30, 24, 24, 24, 26, 28)

        assert found(tmp_path, rule, *rows, limits=(10.0, 20.0, 60.0, 80.0)) == [
            ("limit_low", True, 3),
            ("limit_low", False, 5),
        ]

    def test_say_how_long_silence_may_last(self, tmp_path: Path) -> None:
        clock = cast.Clock()
        rule = WatchedRule("silent", 1, "no_data", threshold=3600.0)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock, [rule])
        historian.accept(cast.batch((1, NOON, 30.0)))
        clock.now_us = NOON + 59 * MINUTE
        assert historian.judge_silence() == 0
        clock.now_us = NOON + 62 * MINUTE
        assert historian.judge_silence() == 1
        historian.close()

    def test_end_their_alarm_when_they_are_taken_away(self, tmp_path: Path) -> None:
        rule = WatchedRule("stuck", 1, "flat", threshold=0.1, window_us=MINUTE)
        clock = cast.Clock(NOON + HOUR)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock, [rule])
        for row in own(30, 30, 30):
            historian.accept(cast.batch((row[0], NOON + row[1] * MINUTE, row[2])))
        historian.know({"p": 1}, [cast.pressure(1)], [])

        assert [item.raised for item in historian.journal.transitions(0)] == [True, False]
        historian.close()


class TestAfterAKill:
    # Nothing is closed: the files are as a killed process leaves them.
    @pytest.mark.parametrize("flushed", [False, True], ids=["in the journal", "in the lake"])
    @pytest.mark.parametrize(
        ("rule", "values"),
        [
            (WatchedRule("low", 1, "limit_low", threshold=25.0, on_delay_us=4 * MINUTE),
             [30, 24, 24, 24, 24, 24]),
            (WatchedRule("stuck", 1, "flat", threshold=0.1, window_us=4 * MINUTE),
             [29, 30, 30, 30, 30, 30]),
            (WatchedRule("fast", 1, "rate", threshold=60.0, window_us=4 * MINUTE),
             [30, 30, 31, 33, 35, 36]),
        ],
        ids=["delay", "flat", "rate"],
    )  # fmt: skip
    def test_delays_and_windows_go_on(
        self, tmp_path: Path, rule: WatchedRule, values: list[float], flushed: bool
    ) -> None:
        def run(folder: Path, restarts: bool) -> list[int]:
            clock = cast.Clock(NOON)
            points = [cast.pressure(1, limits=NONE)]
            historian = cast.historian(folder, points, clock, [rule])
            for minute, value in enumerate(values):
                clock.now_us = NOON + minute * MINUTE
                if restarts and minute == 3:
                    if flushed:
                        historian.flush()
                    historian._held.close()
                    historian = cast.historian(folder, points, clock, [rule])
                historian.accept(cast.batch((1, clock.now_us, value)))
            moments = [item.at_us for item in historian.journal.transitions(0)]
            historian.close()
            return moments

        straight = run(tmp_path / "straight", restarts=False)

        assert len(straight) == 1
        assert run(tmp_path / "killed", restarts=True) == straight

    def test_what_was_found_is_not_found_again(self, tmp_path: Path) -> None:
        rule = WatchedRule("stuck", 1, "flat", threshold=0.1, window_us=MINUTE)
        points = [cast.pressure(1, limits=NONE)]
        clock = cast.Clock(NOON + 3 * MINUTE)
        before = cast.historian(tmp_path, points, clock, [rule])
        before.accept(cast.batch(*((1, NOON + minute * MINUTE, 30.0) for minute in range(3))))
        before._held.close()
        after = cast.historian(tmp_path, points, clock, [rule])
        after.accept(cast.batch((1, NOON + 3 * MINUTE, 30.0)))

        assert [item.raised for item in after.journal.transitions(0)] == [True]
        after.close()
