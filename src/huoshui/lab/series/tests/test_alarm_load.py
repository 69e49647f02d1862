"""Figures of an alarm system, worked by hand on a day of few alarms."""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.series import alarm_load

NAN = np.nan
DAY = 86_400.0


def load(raised: list[float], **more: list[float]) -> alarm_load.Load:
    count = len(raised)
    return alarm_load.load(
        raised_s=np.array(raised),
        cleared_s=np.array(more.get("cleared", [NAN] * count)),
        acknowledged_s=np.array(more.get("acknowledged", [NAN] * count)),
        kind=np.array(more.get("kind", [0] * count), np.int64),
        from_s=0.0,
        until_s=DAY,
        operators=2.0,
    )


class TestLoad:
    def test_counts_for_each_operator_hour(self) -> None:
        found = load([60.0 * minute for minute in range(48)])

        assert (found.count, found.per_hour, found.per_day) == (48, 1.0, 24.0)
        assert (found.peak_10_min, found.peak_at_s) == (10, 0.0)

    def test_a_flood_begins_above_ten_and_ends_below_five(self) -> None:
        # 11 in the first ten minutes, 5 in the next, 4 in the third.
        raised = [*np.linspace(0, 599, 11), *np.linspace(600, 1199, 5), *np.linspace(1200, 1799, 4)]
        found = load(raised)

        assert found.floods == ((0.0, 1200.0, 16),)
        assert found.flood_frac == pytest.approx(1200 / DAY)

    def test_three_in_a_minute_chatter(self) -> None:
        found = load(
            [0.0, 30.0, 60.0, 100.0, 140.0, 300.0], kind=[1, 1, 1, 2, 2, 2], cleared=[1.0] * 6
        )

        assert found.chattering == (1,)
        assert found.top_ten == ((1, 3), (2, 3))
        assert found.top_ten_frac == 1.0

    def test_what_stands_longer_than_a_day_is_stale(self) -> None:
        found = load([-10.0, -10.0, 10.0, -2 * DAY], cleared=[NAN, 50.0, NAN, -DAY / 2])

        # The first stands since ten seconds before the day; the last went before it began.
        assert found.stale == (0,)
        assert found.count == 1

    def test_times_to_acknowledge(self) -> None:
        found = load([0.0, 0.0, 0.0], acknowledged=[60.0, 120.0, NAN])

        assert found.acknowledge_mean_s == 90.0
        # Linear between the two: 60 + 0.95 * 60.
        assert found.acknowledge_p95_s == pytest.approx(117.0)

    def test_of_a_quiet_day_says_nothing_it_does_not_know(self) -> None:
        found = load([])

        assert (found.count, found.peak_10_min, found.floods) == (0, 0, ())
        assert np.isnan(found.top_ten_frac)
        assert np.isnan(found.acknowledge_mean_s)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("per_hour", 6.0, "good"),
        ("per_hour", 12.0, "bearable"),
        ("per_hour", 12.1, "too_much"),
        ("chattering", 1.0, "too_much"),
        ("top_ten_frac", NAN, "unknown"),
    ],
)
def test_verdict(name: str, value: float, expected: str) -> None:
    assert alarm_load.verdict(name, value) == expected
