"""Sums of zones and means of nights, against plain dictionaries."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry.store import corrections, lake, readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import BAD, DAY, HOUR, MINUTE, NOON

rows = st.tuples(
    st.integers(1, 5),
    st.integers(0, 60).map(lambda step: NOON - DAY + step * 37 * MINUTE),
    st.floats(0, 99),
)
GROUPS = np.array([-1, 0, 1, 0, -1, 1], np.int32)


class TestHourlySums:
    @given(st.lists(st.lists(rows, min_size=1, max_size=12), max_size=6), st.integers(0, 6))
    @settings(max_examples=40, deadline=None)
    def test_agree_with_a_dictionary_wherever_the_readings_are(
        self, batches: list[list[tuple[int, int, float]]], flushed: int
    ) -> None:
        """The model: the last of each moment, means by point and hour, added up by group."""
        model = {(point, at): value for batch in batches for point, at, value in batch}
        hours: dict[tuple[int, int], list[float]] = defaultdict(list)
        for (point, at), value in model.items():
            hours[point, (at - (NOON - DAY)) // HOUR].append(value)
        expected = np.zeros((2, 48))
        for (point, hour), values in hours.items():
            if GROUPS[point] >= 0:
                expected[GROUPS[point], hour] += np.mean(values)
        points = [cast.pressure(number, range_min=cast.NAN) for number in range(1, 6)]
        with tempfile.TemporaryDirectory() as made:
            historian = cast.historian(Path(made), points, cast.Clock(NOON + 9 * DAY))
            for place, batch in enumerate(batches):
                historian.accept(cast.batch(*batch))
                if place < flushed:
                    historian.flush()
                if place == 3:
                    historian.upkeep(quiet_s=0)
            reader = readers.Reader(Path(made))
            found = reader.hourly_sums(GROUPS, 2, NOON - DAY, NOON + DAY)
            historian.close()

        assert found.total == pytest.approx(expected)
        assert found.points.sum() == sum(GROUPS[point] >= 0 for point, _ in hours)

    @given(
        st.lists(st.tuples(rows, st.sampled_from([0, 2, BAD])), min_size=1, max_size=60),
        st.integers(1, 7),
        st.integers(1, 3),
    )
    @settings(max_examples=40, deadline=None)
    def test_agree_with_a_dictionary_however_a_file_is_cut(
        self, given_rows: list[tuple[tuple[int, int, float], int]], row_group: int, at_once: int
    ) -> None:
        """One file of row groups of a few readings, some bad; one point is corrected."""
        model: dict[tuple[int, int], tuple[float, int]] = {}
        for (point, at, value), quality in given_rows:
            model[point, at] = (value, quality)
        hours: dict[tuple[int, int], list[float]] = defaultdict(list)
        for (point, at), (value, quality) in model.items():
            if quality != BAD:
                seen = 2 * value if point == 2 else value
                hours[point, (at - (NOON - DAY)) // HOUR].append(seen)
        expected = np.zeros((2, 48))
        for (point, hour), values in hours.items():
            if GROUPS[point] >= 0:
                expected[GROUPS[point], hour] += np.mean(values)
        doubled = corrections.Corrections(
            [corrections.Correction(1, 1, 2, 0, NOON + 9 * DAY, corrections.SCALE, 2.0)]
        )
        small = dataclasses.replace(lake.READINGS, row_group_rows=row_group)
        points = [cast.pressure(number, range_min=cast.NAN) for number in range(1, 6)]
        with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
            patch.setattr(lake, "READINGS", small)
            patch.setattr(lake, "GROUPS_AT_ONCE", at_once)
            historian = cast.historian(Path(made), points, cast.Clock(NOON + 9 * DAY))
            for row, quality in given_rows:
                historian.accept(cast.batch(row, quality=quality))
            historian.flush()
            reader = readers.Reader(Path(made), lambda _points: doubled)
            found = reader.hourly_sums(GROUPS, 2, NOON - DAY, NOON + DAY)
            historian.close()

        assert found.total == pytest.approx(expected)
        assert found.points.sum() == sum(GROUPS[point] >= 0 for point, _ in hours)

    def test_take_a_point_once_where_a_file_is_shared_out(self, tmp_path: Path) -> None:
        """40,000 readings of five points are two row groups, cut within the fifth point."""
        historian = cast.historian(
            tmp_path, [cast.pressure(number) for number in range(1, 6)], cast.Clock(NOON + 9 * DAY)
        )
        at = [NOON + place * 1_000_000 for place in range(8_000)]
        for number in range(1, 6):
            historian.accept(cast.columns([number] * 8_000, at, [float(number)] * 8_000))
        historian.flush()
        historian.close()

        found = readers.Reader(tmp_path).hourly_sums(GROUPS, 2, NOON, NOON + 3 * HOUR)

        assert found.total.tolist() == [[4.0] * 3, [7.0] * 3]
        assert found.points.tolist() == [[2] * 3, [2] * 3]


class TestDailyMeans:
    def test_take_whole_hours_of_each_window(self, tmp_path: Path) -> None:
        """Worked by hand: night 1 has hours of mean 10 and 20, night 2 only one of 30."""
        historian = cast.historian(tmp_path, [cast.pressure(1)], cast.Clock(NOON + 9 * DAY))
        historian.accept(
            cast.batch(
                (1, NOON - HOUR, 99.0),
                (1, NOON, 8.0),
                (1, NOON + MINUTE, 12.0),
                (1, NOON + HOUR, 20.0),
                (1, NOON + 2 * HOUR, 99.0),
                (1, NOON + DAY + HOUR, 30.0),
            )
        )
        reader = readers.Reader(tmp_path)

        means = reader.daily_means([1, 2], [NOON + day * DAY for day in range(3)], 2 * HOUR)
        historian.close()

        assert means[0].tolist()[:2] == [15.0, 30.0]
        assert np.isnan(means[0][2])
        assert np.isnan(means[1]).all()
