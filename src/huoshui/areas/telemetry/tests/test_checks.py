"""Flat lines and spikes; each series is written out, so that one sees what must be marked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry import contracts, facade, keeping, models
from huoshui.areas.telemetry.store import readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DOUBTFUL, GOOD, HOUR, MINUTE, NOON

CALM = [30.0, 30.1, 29.9, 30.2, 30.0, 29.8, 30.1]


def qualities(
    folder: Path, values: list[float], *, at_once: bool = False, **changes: object
) -> list[int]:
    """Store values a minute apart and return the quality of each."""
    clock = cast.Clock(NOON + len(values) * MINUTE)
    historian = cast.historian(folder, [cast.pressure(1, **changes)], clock)
    rows = [(1, NOON + place * MINUTE, value) for place, value in enumerate(values)]
    if at_once:
        historian.accept(cast.batch(*rows))
    else:
        for row in rows:
            historian.accept(cast.batch(row))
    historian.close()
    return list(readers.Reader(folder).readings([1], NOON, NOON + 24 * HOUR)[1].quality.tolist())


@pytest.mark.parametrize("at_once", [False, True])
class TestSpike:
    def test_is_marked_when_the_next_reading_is_back(self, tmp_path: Path, at_once: bool) -> None:
        found = qualities(tmp_path, [*CALM, 50.0, 30.0, 30.1], at_once=at_once, spike_min=5.0)

        assert found == [GOOD] * 7 + [DOUBTFUL] + [GOOD] * 2

    def test_stays_marked_when_it_is_sent_again(self, tmp_path: Path, at_once: bool) -> None:
        """A broker repeats what was not acknowledged, also after a new start of ours."""
        values = [*CALM, 50.0, 30.0, 30.1]
        assert qualities(tmp_path, values, at_once=at_once, spike_min=5.0)[7] == DOUBTFUL
        spike = NOON + 7 * MINUTE
        for _start in range(2):
            clock = cast.Clock(NOON + len(values) * MINUTE)
            historian = cast.historian(tmp_path, [cast.pressure(1, spike_min=5.0)], clock)
            for _time in range(2):
                historian.accept(cast.batch((1, spike, 50.0)))
            historian.close()
            found = readers.Reader(tmp_path).readings([1], spike, spike + 1)[1]
            assert found.quality.tolist() == [DOUBTFUL]

        # Another value for that moment is another reading.
        historian = cast.historian(tmp_path, [cast.pressure(1, spike_min=5.0)], clock)
        historian.accept(cast.batch((1, spike, 30.2)))
        historian.close()
        found = readers.Reader(tmp_path).readings([1], spike, spike + 1)[1]
        assert (found.value.tolist(), found.quality.tolist()) == ([30.2], [GOOD])

    def test_is_no_step(self, tmp_path: Path, at_once: bool) -> None:
        found = qualities(
            tmp_path, [*CALM, 50.0, 50.1, 49.9, 50.2, 50.0, 50.1], at_once=at_once, spike_min=5.0
        )

        assert found == [GOOD] * 13

    def test_is_found_again_on_the_level_behind_a_step(self, tmp_path: Path, at_once: bool) -> None:
        level = [50.0, 50.1, 49.9, 50.2, 50.0]
        found = qualities(tmp_path, [*CALM, *level, 20.0, 50.0], at_once=at_once, spike_min=5.0)

        assert found == [GOOD] * 12 + [DOUBTFUL, GOOD]

    def test_must_stand_out_of_what_is_usual_for_the_point(
        self, tmp_path: Path, at_once: bool
    ) -> None:
        """The median deviation of the seven is 8, six of them by 1.4826 are 71: 55 is no spike."""
        restless = [30.0, 38.0, 22.0, 46.0, 14.0, 30.0, 38.0]
        found = qualities(tmp_path, [*restless, 85.0, 30.0], at_once=at_once, spike_min=5.0)

        assert found == [GOOD] * 9


class TestFlat:
    def test_is_marked_from_the_moment_it_lasts_too_long(self, tmp_path: Path) -> None:
        values = [30.0, 31.0, 31.0, 31.0, 31.0, 32.0]
        found = qualities(tmp_path, values, flat_after_us=2 * MINUTE)

        assert found == [GOOD, GOOD, GOOD, DOUBTFUL, DOUBTFUL, GOOD]

    def test_counts_small_changes_as_none(self, tmp_path: Path) -> None:
        values = [31.0, 31.02, 30.99, 31.2]
        found = qualities(tmp_path, values, flat_after_us=2 * MINUTE, flat_band=0.05)

        assert found == [GOOD, GOOD, DOUBTFUL, GOOD]

    def test_leaves_a_closed_pipe_alone(self, tmp_path: Path) -> None:
        found = qualities(tmp_path, [0.0] * 5, flat_after_us=2 * MINUTE, flat_zero_ok=True)

        assert found == [GOOD] * 5


class TestChecks:
    @given(
        st.lists(st.tuples(st.integers(1, 3), st.floats(0, 99)), min_size=1, max_size=60),
        st.lists(st.integers(1, 9), min_size=1, max_size=60),
    )
    @settings(max_examples=40, deadline=None)
    def test_find_the_same_however_readings_are_cut_into_batches(
        self, rows: list[tuple[int, float]], cuts: list[int]
    ) -> None:
        import tempfile

        readings = [(point, NOON + n * MINUTE, value) for n, (point, value) in enumerate(rows)]
        answers = []
        for sizes in ([1] * len(rows), cuts):
            with tempfile.TemporaryDirectory() as made:
                points = [
                    cast.pressure(n, spike_min=5.0, flat_after_us=3 * MINUTE) for n in (1, 2, 3)
                ]
                historian = cast.historian(Path(made), points, cast.Clock(NOON + HOUR))
                left = list(readings)
                for size in [*sizes, len(rows)]:
                    if left[:size]:
                        historian.accept(cast.batch(*left[:size]))
                    left = left[size:]
                historian.close()
                found = readers.Reader(Path(made)).readings([1, 2, 3], NOON, NOON + 24 * HOUR)
                answers.append({n: part.quality.tolist() for n, part in found.items()})

        assert answers[0] == answers[1]

    def test_count_what_they_marked_by_day(self, home: Path, db: None) -> None:
        facade.declare_points(
            [contracts.PointDeclaration("a.p", "A", "甲", "pressure", range_max=100.0)], None
        )
        number = facade.point_ids()["a.p"]
        historian = keeping.open_historian()
        values = [*CALM, 50.0, 30.0, 500.0]
        at = NOON - np.arange(len(values))[::-1] * MINUTE
        historian.accept(cast.columns([number] * len(values), at.tolist(), values))
        keeping.keep_marks(historian)
        keeping.keep_marks(historian)
        historian.close()

        counts = models.MarkCount.objects.values_list("reason", "count")
        assert dict(counts) == {"spike": 1, "outside_range": 1}

    def test_count_what_came_late_without_doubting_it(self, tmp_path: Path) -> None:
        """With a reading expected every five minutes, one of two hours ago is late."""
        historian = cast.historian(tmp_path, [cast.pressure(1)], cast.Clock(NOON + 2 * HOUR))
        historian.accept(cast.batch((1, NOON, 30.0), (1, NOON + 90 * MINUTE, 30.0)))
        marks = historian.marks.take()
        historian.close()

        assert marks == {(1, NOON // (24 * HOUR), "late"): 1}
        assert historian.newest.quality[0] == GOOD

    def test_count_nothing_as_late_while_the_clock_stands(self, tmp_path: Path) -> None:
        """As while the demo's past is brought in."""
        clock = cast.Clock(NOON + 2 * HOUR, speed=0.0)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        historian.accept(cast.batch((1, NOON, 30.0)))
        assert historian.marks.take() == {}
        historian.close()
