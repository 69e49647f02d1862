"""The way in: what is kept, marked, refused, remembered and written together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huoshui.areas.telemetry import contracts, ingest, refusals
from huoshui.areas.telemetry.store import latest, readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import BAD, DAY, DOUBTFUL, HOUR, MINUTE, MISSING, NAN, NOON


@pytest.fixture
def clock() -> cast.Clock:
    return cast.Clock()


@pytest.fixture
def historian(tmp_path: Path, clock: cast.Clock) -> Iterator[ingest.Historian]:
    opened = cast.historian(tmp_path, [cast.pressure(1), cast.pressure(2)], clock)
    yield opened
    opened.close()


def readings(historian: ingest.Historian, point: int) -> list[tuple[int, float, int]]:
    part = readers.Reader(historian.folder).readings([point], 0, NOON + 400 * DAY)[point]
    return [
        (int(at), float(value), int(quality))
        for at, value, quality in zip(part.at_us, part.value, part.quality, strict=True)
    ]


def newest(historian: ingest.Historian) -> dict[int, tuple[int, float | None, int]]:
    historian.write_latest()
    file = latest.LatestReader(historian.folder)
    rows = {row[0]: (row[1], row[2], row[3]) for row in file.since(-1)}
    file.close()
    return rows


class TestClockSetBack:
    def test_refuses_no_right_reading_and_keeps_that_it_happened(self, tmp_path: Path) -> None:
        """The server falls three days back; devices go on, and again after a restart."""
        clock = cast.Clock(NOON)
        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        historian.accept(cast.batch((1, NOON, 30.0)))
        clock.now_us = NOON - 3 * DAY
        assert historian.accept(cast.batch((1, NOON + MINUTE, 31.0))).refused == 0
        historian.close()

        historian = cast.historian(tmp_path, [cast.pressure(1)], clock)
        receipt = historian.accept(cast.batch((1, NOON + 2 * MINUTE, 32.0)))
        back_us = historian.journal.mark("clock_back_us")
        historian.close()

        assert (receipt.refused, dict(receipt.reasons)) == (0, {"future": 1})
        assert back_us == 3 * DAY
        found = readers.Reader(tmp_path).readings([1], NOON, NOON + HOUR)[1]
        assert found.value.tolist() == [30.0, 31.0, 32.0]


class TestAccept:
    def test_numbers_each_batch_and_counts_its_readings(self, historian: ingest.Historian) -> None:
        first = historian.accept(cast.batch((1, NOON, 30.0), (2, NOON, 31.0)))
        second = historian.accept(cast.batch((1, NOON + MINUTE, 30.0)))

        assert (first.accepted, first.refused, dict(first.reasons)) == (2, 0, {})
        assert second.sequence > first.sequence

    # One row per way a reading can be wrong: what came, what is kept of it, why.
    @pytest.mark.parametrize(
        ("row", "quality", "kept", "reason"),
        [
            ((7, NOON, 30.0), 0, [], "unknown_point"),
            ((-1, NOON, 30.0), 0, [], "unknown_point"),
            ((1, 0, 30.0), 0, [], "impossible_time"),
            ((1, NOON + 3 * DAY, 30.0), 0, [], "impossible_time"),
            ((1, NOON + HOUR, 30.0), 0, [(NOON + HOUR, 30.0, DOUBTFUL)], "future"),
            ((1, NOON, 100.5), 0, [(NOON, 100.5, BAD)], "outside_range"),
            ((1, NOON, -0.1), 0, [(NOON, -0.1, BAD)], "outside_range"),
            ((1, NOON, 30.0), 0, [(NOON, 30.0, 0)], None),
            ((1, NOON, 30.0), 2, [(NOON, 30.0, 2)], None),
            ((1, NOON, 100.5), 4, [(NOON, NAN, MISSING)], None),
        ],
    )
    def test_judges_each_reading_by_its_point_and_moment(
        self,
        historian: ingest.Historian,
        row: tuple[int, int, float],
        quality: int,
        kept: list[tuple[int, float, int]],
        reason: str | None,
    ) -> None:
        receipt = historian.accept(cast.batch(row, quality=quality))

        assert receipt.reasons == ({reason: 1} if reason else {})
        assert receipt.accepted == len(kept)
        assert receipt.refused == 1 - len(kept)
        assert np.array_equal(readings(historian, 1), kept, equal_nan=True)

    @pytest.mark.parametrize("value", [NAN, float("inf"), float("-inf")])
    def test_keeps_what_is_no_number_as_missing(
        self, historian: ingest.Historian, value: float
    ) -> None:
        receipt = historian.accept(cast.batch((1, NOON, value)))

        assert receipt.reasons == {"no_value": 1}
        assert np.array_equal(readings(historian, 1), [(NOON, NAN, MISSING)], equal_nan=True)
        assert newest(historian)[1] == (NOON, None, MISSING)

    def test_gives_no_sequence_when_nothing_was_kept(self, historian: ingest.Historian) -> None:
        receipt = historian.accept(cast.batch((9, NOON, 1.0)))

        assert (receipt.sequence, receipt.accepted, receipt.refused) == (0, 0, 1)

    def test_marks_a_jump_faster_than_the_point_can(self, tmp_path: Path) -> None:
        # 0.1 m a second: 6 m in a minute is possible, 7 m is not.
        opened = cast.historian(tmp_path / "fast", [cast.pressure(1, rate_max_per_s=0.1)])
        opened.accept(cast.batch((1, NOON, 30.0)))
        receipt = opened.accept(cast.batch((1, NOON + MINUTE, 36.0), (1, NOON + 2 * MINUTE, 43.0)))
        opened.close()

        assert receipt.reasons == {"too_fast": 1}
        assert [row[2] for row in readings(opened, 1)] == [0, 0, DOUBTFUL]

    def test_counts_for_each_of_several_batches_by_itself(
        self, historian: ingest.Historian
    ) -> None:
        good = cast.batch((1, NOON, 30.0), (2, NOON, 30.0))
        mixed = cast.batch((1, NOON + 1, 30.0), (8, NOON, 1.0), (1, NOON + 2, 500.0))
        useless = cast.batch((8, NOON, 1.0))

        receipts = historian.accept_many([good, useless, mixed])

        assert [(one.accepted, one.refused) for one in receipts] == [(2, 0), (0, 1), (2, 1)]
        assert receipts[2].reasons == {"unknown_point": 1, "outside_range": 1}
        assert receipts[0].sequence < receipts[2].sequence

    def test_keeps_one_of_a_batch_sent_twice(self, historian: ingest.Historian) -> None:
        for _ in range(2):
            historian.accept(cast.batch((1, NOON, 30.0), (1, NOON + MINUTE, 31.0)))

        assert readings(historian, 1) == [(NOON, 30.0, 0), (NOON + MINUTE, 31.0, 0)]

    def test_keeps_the_later_of_two_values_for_one_moment(
        self, historian: ingest.Historian
    ) -> None:
        historian.accept(cast.batch((1, NOON, 30.0)))
        historian.flush()
        historian.accept(cast.batch((1, NOON, 32.0), (1, NOON, 33.0)))

        assert readings(historian, 1) == [(NOON, 33.0, 0)]
        historian.flush()
        assert readings(historian, 1) == [(NOON, 33.0, 0)]

    def test_sorts_late_and_disordered_readings(self, historian: ingest.Historian) -> None:
        historian.accept(cast.batch((1, NOON, 3.0), (1, NOON - HOUR, 2.0)))
        historian.accept(cast.batch((1, NOON - DAY, 1.0)))

        assert [value for _, value, _ in readings(historian, 1)] == [1.0, 2.0, 3.0]
        assert newest(historian)[1][:2] == (NOON, 3.0)

    def test_counts_codes_nobody_declared(self, historian: ingest.Historian) -> None:
        historian.know({"n1.pressure": 1}, [cast.pressure(1)])

        assert historian.ids(["n1.pressure", "n9.pressure"]).tolist() == [1, -1]
        historian.note_unknown("plc", "n9.pressure", NOON, 5.0, 3)
        historian.note_unknown("plc", "n9.pressure", NOON - 1, 6.0)
        assert historian.take_unknown() == [
            contracts.UnknownCode("plc", "n9.pressure", 4, NOON - 1, NOON, 6.0)
        ]
        assert historian.take_unknown() == []


class TestNewestValues:
    def test_ignore_a_moment_ahead_of_the_clock(self, historian: ingest.Historian) -> None:
        historian.accept(cast.batch((1, NOON, 30.0), (1, NOON + HOUR, 99.0)))

        assert newest(historian)[1][:2] == (NOON, 30.0)

    def test_follow_a_clock_that_was_set_back(
        self, historian: ingest.Historian, clock: cast.Clock
    ) -> None:
        historian.accept(cast.batch((1, NOON, 30.0)))
        clock.now_us = NOON - 7 * DAY
        historian.accept(cast.batch((1, NOON - 7 * DAY, 31.0)))

        assert newest(historian)[1][:2] == (NOON - 7 * DAY, 31.0)
        assert len(readings(historian, 1)) == 2

    def test_tell_only_what_changed(self, historian: ingest.Historian) -> None:
        historian.accept(cast.batch((1, NOON, 30.0), (2, NOON, 31.0)))
        historian.write_latest()
        file = latest.LatestReader(historian.folder)
        seen = file.since(-1)[-1][4]
        historian.accept(cast.batch((2, NOON + 1, 32.0)))
        historian.write_latest()

        assert [row[:3] for row in file.since(seen)] == [(2, NOON + 1, 32.0)]
        file.close()

    @pytest.mark.parametrize("lost", [False, True])
    def test_are_there_again_after_a_crash(self, tmp_path: Path, lost: bool) -> None:
        points = [cast.pressure(1), cast.pressure(2), cast.pressure(3)]
        before = cast.historian(tmp_path, points)
        before.accept(cast.batch((1, NOON, 30.0), (2, NOON, 31.0)))
        before.flush()
        before.accept(cast.batch((2, NOON + MINUTE, 32.0)))
        before.journal.close()
        before._held.close()
        if lost:
            before.newest.close()
            for path in tmp_path.glob("latest.sqlite*"):
                path.unlink()

        after = cast.historian(tmp_path, points)

        assert after.newest.value[:2].tolist() == [30.0, 32.0]
        assert np.isnan(after.newest.value[2])
        after.close()

    def test_stay_when_points_are_declared_meanwhile(self, historian: ingest.Historian) -> None:
        historian.accept(cast.batch((2, NOON, 31.0)))
        historian.know({"a": 2, "b": 3}, [cast.pressure(2), cast.pressure(3)])
        historian.accept(cast.batch((3, NOON, 33.0)))

        assert {point: row[1] for point, row in newest(historian).items()} == {2: 31.0, 3: 33.0}


class TestTrouble:
    def test_a_second_writer_is_refused(self, historian: ingest.Historian) -> None:
        with pytest.raises(refusals.HistorianAlreadyOpen) as refused:
            cast.historian(historian.folder, [cast.pressure(1)])

        assert refused.value.code == "telemetry.historian_already_open"

    def test_a_full_disk_is_unavailable_and_loses_nothing(
        self, historian: ingest.Historian
    ) -> None:
        """SQLite's own page limit gives the same error as a full disk."""
        historian.accept(cast.batch((1, NOON, 30.0)))
        pages = historian.journal._write.execute("PRAGMA page_count").fetchone()[0]
        historian.journal._write.execute(f"PRAGMA max_page_count={pages + 2}")
        rng = np.random.default_rng(1)
        big = cast.columns([1] * 9000, range(NOON + 1, NOON + 9001), rng.random(9000) * 50)

        with pytest.raises(refusals.DiskFull) as refused:
            historian.accept(big)

        assert refused.value.code == "telemetry.journal_unavailable"
        assert refused.value.next_step
        assert newest(historian)[1][:2] == (NOON, 30.0)
        historian.journal._write.execute("PRAGMA max_page_count=1000000")
        assert historian.accept(big).accepted == 9000
        assert len(readings(historian, 1)) == 9001

    def test_a_lake_that_cannot_be_written_leaves_all_in_the_journal(
        self, historian: ingest.Historian, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        historian.accept(cast.batch((1, NOON, 30.0)))

        def full(*args: object, **kwargs: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
            with pytest.raises(OSError, match="No space"):
                historian.flush()

        assert readings(historian, 1) == [(NOON, 30.0, 0)]
        assert not list(historian.folder.glob("lake/readings/day=*/*.parquet"))
        assert historian.flush() == 1
        assert readings(historian, 1) == [(NOON, 30.0, 0)]

    def test_a_crash_between_lake_and_journal_doubles_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = cast.historian(tmp_path, [cast.pressure(1)])
        before.accept(cast.batch((1, NOON, 30.0)))

        def killed(*args: object) -> None:
            raise sqlite3.OperationalError("killed")

        with monkeypatch.context() as broken:
            broken.setattr(before.journal, "mark_flushed", killed)
            with pytest.raises(sqlite3.OperationalError):
                before.flush()
        assert readings(before, 1) == [(NOON, 30.0, 0)]
        before.close()

        after = cast.historian(tmp_path, [cast.pressure(1)])
        assert after.flush() == 0
        assert after.journal.pending() == (0, 0, 0)
        assert [day.day for day in after.journal.days()] == [NOON // DAY]
        assert readings(after, 1) == [(NOON, 30.0, 0)]
        after.close()

    def test_a_kill_after_the_lake_keeps_the_newest_values(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = cast.historian(tmp_path, [cast.pressure(1)])
        before.accept(cast.batch((1, NOON, 30.0)))
        before.write_latest()
        before.accept(cast.batch((1, NOON + MINUTE, 31.0)))

        def killed(**_options: object) -> int:
            raise OSError("killed")

        with monkeypatch.context() as broken:
            broken.setattr(before, "write_latest", killed)
            with pytest.raises(OSError, match="killed"):
                before.flush()
        before.journal.close()
        before._held.close()

        after = cast.historian(tmp_path, [cast.pressure(1)])
        assert after.newest.at_us.tolist() == [NOON + MINUTE]
        assert after.journal.pending() == (0, 0, 0)
        assert newest(after)[1][:2] == (NOON + MINUTE, 31.0)
        after.close()

    def test_a_journal_made_anew_loses_nothing_behind_the_lake(self, tmp_path: Path) -> None:
        before = cast.historian(tmp_path, [cast.pressure(1)])
        for minute in range(3):
            before.accept(cast.batch((1, NOON - DAY + minute * MINUTE, 30.0)))
        before.flush()
        before.close()
        for path in tmp_path.glob("journal.sqlite*"):
            path.unlink()

        between = cast.historian(tmp_path, [cast.pressure(1)])
        between.accept(cast.batch((1, NOON, 31.0)))
        assert readings(between, 1)[-1] == (NOON, 31.0, 0)
        between.close()

        after = cast.historian(tmp_path, [cast.pressure(1)])
        assert after.flush() == 1
        assert len(readings(after, 1)) == 4
        after.close()

    def test_a_commit_torn_by_a_power_cut_is_taken_back(self, tmp_path: Path) -> None:
        before = cast.historian(tmp_path, [cast.pressure(1)])
        before.accept(cast.batch((1, NOON, 30.0)))
        before.close()
        log = tmp_path / "lake" / "readings" / "_delta_log"
        (log / f"{1:020d}.json").write_bytes(b"")

        after = cast.historian(tmp_path, [cast.pressure(1)])

        assert after.flush() == 1
        assert readings(after, 1) == [(NOON, 30.0, 0)]
        after.close()
