"""The alarm engine: limits with delay and dead band, and silence.

limits of the point        10   20                    60   80   [m]
rules         low_low <----|    |                     |    |---> high_high
              low     <---------|                     |--------> high
"""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DAY, HOUR, MINUTE, NOON

HIGH, HIGH_HIGH, LOW, LOW_LOW = "limit_high", "limit_high_high", "limit_low", "limit_low_low"


def transitions(
    folder: Path, values: list[float], *, together: bool, quality: int = 0, **point: object
) -> list[tuple[str, bool, int]]:
    """Feed values a minute apart; return (rule, raised, minute) of what was found."""
    historian = cast.historian(folder, [cast.pressure(1, **point)], cast.Clock(NOON + HOUR))
    rows = [(1, NOON + place * MINUTE, value) for place, value in enumerate(values)]
    if together:
        historian.accept(cast.batch(*rows, quality=quality))
    else:
        for row in rows:
            historian.accept(cast.batch(row, quality=quality))
    found = [
        (item.rule, item.raised, (item.at_us - NOON) // MINUTE)
        for item in historian.journal.transitions(0)
    ]
    historian.close()
    return found


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "one by one"])
class TestLimits:
    # Values a minute apart, dead band [m], delay [min], and what is found at which minute.
    @pytest.mark.parametrize(
        ("values", "dead_band", "delay_min", "expected"),
        [
            ([30, 40, 50], 0, 0, []),
            ([30, 61, 59], 0, 0, [(HIGH, True, 1), (HIGH, False, 2)]),
            ([30, 60, 30], 0, 0, []),
            ([30, 61, 60, 59], 0, 0, [(HIGH, True, 1), (HIGH, False, 3)]),
            ([30, 61, 62, 63], 0, 0, [(HIGH, True, 1)]),
            ([30, 61, 59, 57], 2, 0, [(HIGH, True, 1), (HIGH, False, 3)]),
            ([30, 61, 30, 62], 0, 0, [(HIGH, True, 1), (HIGH, False, 2), (HIGH, True, 3)]),
            ([30, 61, 61, 61, 30], 0, 2, [(HIGH, True, 3)]),
            ([30, 61, 30, 61, 30], 0, 2, []),
            ([61, 61, 61, 30, 30, 30], 0, 2, [(HIGH, True, 2), (HIGH, False, 5)]),
            ([61, 61, 61, 30, 61, 30], 0, 2, [(HIGH, True, 2)]),
            ([30, 19, 21], 0, 0, [(LOW, True, 1), (LOW, False, 2)]),
            ([30, 90, 30], 0, 0, [(HIGH, True, 1), (HIGH_HIGH, True, 1), (HIGH, False, 2),
                                  (HIGH_HIGH, False, 2)]),
            ([5], 0, 0, [(LOW_LOW, True, 0), (LOW, True, 0)]),
            ([30, 101, 30], 0, 0, []),
        ],
    )  # fmt: skip
    def test_raise_and_clear(
        self,
        tmp_path: Path,
        together: bool,
        values: list[float],
        dead_band: float,
        delay_min: int,
        expected: list[tuple[str, bool, int]],
    ) -> None:
        found = transitions(
            tmp_path, values, together=together, dead_band=dead_band, delay_us=delay_min * MINUTE
        )

        assert sorted(found, key=lambda one: one[2]) == expected

    def test_ignore_doubtful_values(self, tmp_path: Path, together: bool) -> None:
        assert transitions(tmp_path, [30, 70, 30], together=together, quality=2) == []


class TestWhatDoesNotAlarm:
    def test_history_older_than_two_days(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON - 3 * DAY, 70.0)))

        assert historian.journal.transitions(0) == []
        historian.accept(cast.batch((1, NOON - DAY, 70.0)))
        assert len(historian.journal.transitions(0)) == 1
        historian.close()

    def test_a_late_reading_from_before_the_newest(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON, 30.0)))
        historian.accept(cast.batch((1, NOON - MINUTE, 70.0)))

        assert historian.journal.transitions(0) == []
        historian.close()

    def test_a_batch_sent_twice(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        for _ in range(2):
            historian.accept(cast.batch((1, NOON, 70.0), (1, NOON + MINUTE, 30.0)))

        assert [one.raised for one in historian.journal.transitions(0)] == [True, False]
        historian.close()


class TestStandingAlarms:
    def test_are_not_raised_again_after_a_restart(self, tmp_path: Path) -> None:
        before = cast.historian(tmp_path, [cast.pressure(1)])
        before.accept(cast.batch((1, NOON, 70.0)))
        before.close()

        after = cast.historian(tmp_path, [cast.pressure(1)])
        after.accept(cast.batch((1, NOON + MINUTE, 71.0), (1, NOON + 2 * MINUTE, 50.0)))

        assert [one.raised for one in after.journal.transitions(0)] == [True, False]
        after.close()

    def test_end_when_their_limit_is_taken_away(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON, 70.0)))
        none = (cast.NAN,) * 4
        historian.know({"p": 1}, [cast.pressure(1, limits=none)])

        assert [one.raised for one in historian.journal.transitions(0)] == [True, False]
        assert historian.journal.standing() == []
        historian.close()

    def test_end_when_their_point_is_gone(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1), cast.pressure(2)])
        historian.accept(cast.batch((2, NOON, 70.0)))
        historian.know({"p": 1}, [cast.pressure(1)])

        assert [one.raised for one in historian.journal.transitions(0)] == [True, False]
        historian.close()


class TestSilence:
    def test_is_raised_after_three_turns_and_cleared_by_a_reading(self, tmp_path: Path) -> None:
        clock = cast.Clock()
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        historian.accept(cast.batch((1, NOON, 30.0)))

        clock.now_us = NOON + 15 * MINUTE
        assert historian.judge_silence() == 0
        # Three turns of five minutes and 15 s on the way.
        clock.now_us = NOON + 16 * MINUTE
        assert historian.judge_silence() == 1
        assert historian.judge_silence() == 0
        historian.accept(cast.batch((1, NOON + 16 * MINUTE, 30.0)))
        assert historian.judge_silence() == 1

        found = historian.journal.transitions(0)
        assert [(one.rule, one.raised) for one in found] == [("no_data", True), ("no_data", False)]
        assert found[0].at_us == NOON + 15 * MINUTE + 15_000_000
        historian.close()

    def test_is_not_broken_by_a_report_without_value(self, tmp_path: Path) -> None:
        clock = cast.Clock()
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        clock.now_us = NOON + HOUR
        historian.accept(cast.batch((1, NOON + HOUR, cast.NAN)))

        assert historian.judge_silence() == 1
        historian.close()

    def test_waits_longer_where_the_clock_runs_fast(self, tmp_path: Path) -> None:
        clock = cast.Clock(speed=600)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        clock.now_us = NOON + 2 * HOUR

        assert historian.judge_silence() == 0
        clock.now_us = NOON + 3 * HOUR
        assert historian.judge_silence() == 1
        historian.close()

    def test_survives_a_restart_and_is_not_raised_for_our_own_absence(self, tmp_path: Path) -> None:
        clock = cast.Clock()
        points = [cast.pressure(1), cast.pressure(2)]
        before = cast.historian(tmp_path, points, clock)
        before.accept(cast.batch((1, NOON, 30.0)))
        clock.now_us = NOON + 16 * MINUTE
        before.accept(cast.batch((1, NOON + 16 * MINUTE, 30.0)))
        assert before.judge_silence() == 1
        before.close()

        clock.now_us = NOON + DAY
        after = cast.historian(tmp_path, points, clock)
        assert after.judge_silence() == 0
        assert [row[0] for row in after.journal.standing()] == [2]
        after.close()
