"""The files: deduplication, lake, compaction, roll-ups and readers, against plain models."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry import contracts
from huoshui.areas.telemetry.store import columns, delta, hours, lake, readers, thinning
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import BAD, DAY, HOUR, MINUTE, NOON

rows = st.tuples(
    st.integers(1, 4), st.integers(0, 40).map(lambda step: NOON + step * 7 * HOUR), st.floats(0, 99)
)


class TestDeduplication:
    @given(st.lists(st.lists(rows, max_size=12), max_size=10), st.integers(0, 2**40))
    @settings(max_examples=300, deadline=None)
    def test_agrees_with_a_dictionary(
        self, batches: list[list[tuple[int, int, float]]], spread: int
    ) -> None:
        """The model: a dictionary written to in order of arrival keeps the last of each key.

        ``spread`` moves one point far away in number and time, so that both ways of sorting run.
        """
        model: dict[tuple[int, int], float] = {}
        parts = []
        for sequence, batch in enumerate(batches):
            for point, at, value in batch:
                model[point if point < 4 else 2**20, at + spread * (point == 4)] = value
            if batch:
                point_id = [point if point < 4 else 2**20 for point, _, _ in batch]
                at_us = [at + spread * (point == 4) for point, at, _ in batch]
                parts.append(
                    columns.Columns(
                        np.array(point_id, np.int32),
                        np.array(at_us, np.int64),
                        np.array([value for _, _, value in batch]),
                        np.zeros(len(batch), np.uint8),
                        np.full(len(batch), sequence),
                    )
                )

        kept = columns.latest_of_each(columns.concat(parts))

        found = list(zip(kept.point_id.tolist(), kept.at_us.tolist(), strict=True))
        assert found == sorted(model)
        assert kept.value.tolist() == [model[key] for key in found]

    @given(
        st.lists(
            st.one_of(
                st.lists(rows, min_size=1, max_size=8),
                st.sampled_from(["flush", "upkeep", "restart"]),
            ),
            max_size=12,
        )
    )
    @settings(max_examples=25, deadline=None)
    def test_holds_through_any_order_of_arrival_flush_and_compaction(
        self, deeds: list[list[tuple[int, int, float]] | str]
    ) -> None:
        points = [cast.pressure(number, range_min=cast.NAN) for number in range(1, 5)]
        clock = cast.Clock(NOON + 400 * 7 * HOUR)
        model: dict[tuple[int, int], float] = {}
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            historian = cast.historian(folder, points, clock)
            for deed in deeds:
                if deed == "flush":
                    historian.flush()
                elif deed == "upkeep":
                    historian.upkeep(quiet_s=0, files_max=2)
                elif deed == "restart":
                    historian.close()
                    historian = cast.historian(folder, points, clock)
                else:
                    historian.accept(cast.batch(*deed))
                    model.update({(point, at): value for point, at, value in deed})
            reader = readers.Reader(folder)
            found = reader.readings([1, 2, 3, 4], 0, clock.now_us)
            rolled = reader.hourly([1, 2, 3, 4], 0, clock.now_us)
            historian.close()

        assert {
            (point, at): value
            for point, part in found.items()
            for at, value in zip(part.at_us.tolist(), part.value.tolist(), strict=True)
        } == model
        # Moments are hours apart, so each hour holds just one reading.
        assert {
            (point, hour): value
            for point, part in rolled.items()
            for hour, value in zip(part.hour_us.tolist(), part.values[1].tolist(), strict=True)
        } == model


class TestHours:
    def test_sum_up_usable_readings(self) -> None:
        """Worked by hand: 12:00 holds 1, 2, 6 (mean 3); the bad 100 and the 14:00 gap do not."""
        at = NOON + np.array([0, 20, 59, 61, 70, 130]) * MINUTE
        part = columns.Columns(
            np.ones(6, np.int32),
            at,
            np.array([1.0, 2.0, 6.0, 5.0, 100.0, np.nan]),
            np.array([0, 1, 2, 0, BAD, 4], np.uint8),
            np.zeros(6, np.int64),
        )

        found = hours.roll_up(part, 9)

        assert found.hour_us.tolist() == [NOON, NOON + HOUR]
        assert found.count.tolist() == [3, 1]
        assert found.values[:, 0].tolist() == [1.0, 3.0, 6.0, 1.0, 6.0]

    def test_are_merged_per_month_without_changing_an_answer(self, tmp_path: Path) -> None:
        clock = cast.Clock(NOON + 40 * DAY)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        reader = readers.Reader(tmp_path)
        for round_ in range(hours.MERGE_FROM_FILES + 1):
            historian.accept(cast.batch((1, NOON, 10.0 + round_), (1, NOON + DAY, 30.0)))
            historian.flush()
            historian.upkeep(quiet_s=0)
            found = reader.hourly([1], NOON, NOON + 2 * DAY)[1]
            assert found.values[4].tolist() == [10.0 + round_, 30.0]
        snapshot = historian.keeper.hours.table.snapshot()
        historian.close()

        assert snapshot is not None
        assert len(snapshot.files) < hours.MERGE_FROM_FILES


class TestLake:
    def test_has_one_file_for_a_closed_day_and_opens_it_for_late_readings(
        self, tmp_path: Path
    ) -> None:
        clock = cast.Clock(NOON)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        for minute in range(5):
            historian.accept(cast.batch((1, NOON + minute * MINUTE, 30.0 + minute)))
            historian.flush()
        today = NOON // DAY
        assert historian.upkeep(quiet_s=0) == []
        assert len(historian.lake.files_of(today)) == 5

        clock.now_us = NOON + DAY
        assert historian.upkeep(quiet_s=0) == [today]
        assert len(historian.lake.files_of(today)) == 1
        assert historian.upkeep(quiet_s=0) == []

        historian.accept(cast.batch((1, NOON + 2 * MINUTE, 99.0)))
        historian.flush()
        assert historian.upkeep(quiet_s=60) == []
        assert historian.upkeep(quiet_s=0) == [today]
        found = readers.Reader(tmp_path).readings([1], NOON, NOON + HOUR)[1]
        historian.close()
        assert found.value.tolist() == [30.0, 31.0, 99.0, 33.0, 34.0]

    def test_compacts_a_big_day_in_pieces(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lake, "ROWS_AT_ONCE", 50)
        points = [cast.pressure(number) for number in range(1, 21)]
        historian = cast.historian(tmp_path, points, cast.Clock(NOON + DAY))
        for minute in range(12):
            historian.accept(
                cast.columns(range(1, 21), [NOON + minute * MINUTE] * 20, [float(minute)] * 20)
            )
            historian.flush()
        historian.upkeep(quiet_s=0)
        files = historian.lake.files_of(NOON // DAY)
        found = readers.Reader(tmp_path).readings(list(range(1, 21)), NOON, NOON + HOUR)
        historian.close()

        assert [file.rows for file in files] == [240]
        assert all(part.value.tolist() == list(range(12)) for part in found.values())

    def test_is_readable_by_any_delta_reader(self, tmp_path: Path) -> None:
        """A second opinion: deltalake's own reading of the table, by the protocol."""
        import deltalake
        import pyarrow as pa

        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.accept(cast.batch((1, NOON, 30.0), (1, NOON + MINUTE, cast.NAN)))
        historian.flush()
        historian.close()

        table = pa.table(
            deltalake.QueryBuilder()
            .register("r", deltalake.DeltaTable(str(tmp_path / "lake" / "readings")))
            .execute("SELECT point_id, taken_at, value, day FROM r ORDER BY taken_at")
        )

        assert table.column("value").to_pylist() == [30.0, None]
        assert table.column("day").to_pylist() == ["2026-03-01", "2026-03-01"]
        assert table.column("taken_at").to_pylist()[0] == datetime(2026, 3, 1, 12, tzinfo=UTC)

    def test_sweeps_only_files_that_no_snapshot_names(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)], cast.Clock(NOON + DAY))
        for minute in range(3):
            historian.accept(cast.batch((1, NOON + minute * MINUTE, 30.0)))
            historian.flush()
        historian.upkeep(quiet_s=0)

        assert historian.sweep() == 0
        assert historian.lake.readings.sweep(older_than_s=-1) == 3
        found = readers.Reader(tmp_path).readings([1], NOON, NOON + HOUR)[1]
        historian.close()
        assert len(found) == 3

    def test_keeps_an_old_file_that_was_replaced_only_now(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)], cast.Clock(NOON + DAY))
        for minute in range(2):
            historian.accept(cast.batch((1, NOON + minute * MINUTE, 30.0)))
            historian.flush()
        old = [
            historian.lake.readings.folder / f.path for f in historian.lake.files_of(NOON // DAY)
        ]
        for path in old:
            os.utime(path, (0, 0))
        historian.upkeep(quiet_s=0)

        assert historian.sweep() == 0
        assert all(path.exists() for path in old)
        historian.close()

    def test_a_reader_keeps_its_answer_while_files_are_compacted(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1)], cast.Clock(NOON + DAY))
        for minute in range(3):
            historian.accept(cast.batch((1, NOON + minute * MINUTE, 30.0)))
            historian.flush()
        table = delta.DeltaFolder(tmp_path / "lake" / "readings", lake.READINGS)
        before = table.snapshot()
        assert before is not None
        historian.upkeep(quiet_s=0)
        historian.sweep()
        historian.close()

        assert all((table.folder / file.path).exists() for file in before.files)


class TestReader:
    def test_answers_before_anything_was_written(self, tmp_path: Path) -> None:
        reader = readers.Reader(tmp_path / "nothing")

        assert len(reader.readings([1], 0, NOON)[1]) == 0
        assert len(reader.hourly([1], 0, NOON)[1]) == 0

    @pytest.mark.parametrize("flushed", [False, True])
    def test_keeps_to_the_span_with_its_end_left_out(self, tmp_path: Path, flushed: bool) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(1), cast.pressure(2)])
        for place in range(4):
            historian.accept(cast.batch((1, NOON + place, 30.0 + place), (2, NOON + place, 1.0)))
        if flushed:
            historian.flush()
        found = readers.Reader(tmp_path).readings([2, 1], NOON + 1, NOON + 3)
        historian.close()

        assert found[1].value.tolist() == [31.0, 32.0]
        assert found[2].value.tolist() == [1.0, 1.0]


class TestMoments:
    @given(st.integers(-(10**15), 10**16))
    def test_go_to_microseconds_and_back_exactly(self, at_us: int) -> None:
        assert contracts.to_us(contracts.from_us(at_us)) == at_us


class TestThinning:
    @given(
        st.lists(st.floats(-1e6, 1e6) | st.just(cast.NAN), min_size=1, max_size=400),
        st.integers(4, 60),
    )
    def test_keeps_peaks_ends_and_order(self, values: list[float], points_max: int) -> None:
        value = np.array(values)
        kept = thinning.keep_peaks(value, points_max)

        assert len(kept) <= max(points_max, 4)
        assert (np.diff(kept) > 0).all()
        assert (kept[0], kept[-1]) == (0, len(value) - 1)
        if not np.isnan(value).all():
            assert np.nanmax(value[kept]) == np.nanmax(value)
            assert np.nanmin(value[kept]) == np.nanmin(value)
