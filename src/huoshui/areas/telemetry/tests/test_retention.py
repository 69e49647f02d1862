"""Retention: what goes, what stays for ever, what is written down, how long the disk lasts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from huoshui.areas.telemetry import (
    contracts,
    facade,
    keeping,
    models,
    queries,
    refusals,
    retention,
)
from huoshui.areas.telemetry.store import corrections, readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DAY, HOUR, MINUTE, NOON
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord


class TestCut:
    """Two points, a reading a minute for three hours on each of four days."""

    @pytest.fixture
    def historian(self, tmp_path: Path):
        opened = cast.historian(
            tmp_path, [cast.pressure(1), cast.pressure(2)], cast.Clock(NOON + 10 * DAY)
        )
        for day in range(4):
            at = [NOON + day * DAY + minute * MINUTE for minute in range(180)]
            for point in (1, 2):
                opened.accept(cast.columns([point] * 180, at, [30.0 + day] * 180))
        yield opened
        opened.close()

    def hours(
        self, historian, known: corrections.Corrections = corrections.NONE
    ) -> dict[int, list[tuple[int, int, float]]]:
        reader = readers.Reader(historian.folder, lambda _points: known)
        found = reader.hourly([1, 2], NOON - DAY, NOON + 9 * DAY)
        return {
            point: list(
                zip(
                    part.hour_us.tolist(), part.count.tolist(), part.values[1].tolist(), strict=True
                )
            )
            for point, part in found.items()
        }

    def count(self, historian, point: int) -> int:
        found = readers.Reader(historian.folder).readings([point], NOON - DAY, NOON + 9 * DAY)
        return len(found[point])

    def test_deletes_nothing_that_is_not_rolled_up(self, historian) -> None:
        historian.flush()

        assert historian.keeper.cut(7, range(10**6), [1]) == (0, 0)
        assert self.count(historian, 1) == 720

    def test_takes_readings_of_the_class_and_leaves_hours_and_others(self, historian) -> None:
        historian.flush()
        historian.upkeep(quiet_s=0)
        before = self.hours(historian)
        first = NOON // DAY
        assert historian.keeper.cut_due(7, first + 2) == [first, first + 1]

        gone, freed = historian.keeper.cut(7, [first, first + 1], [1])

        assert gone == 360
        assert freed > 0
        assert historian.keeper.cut_due(7, first + 2) == []
        assert (self.count(historian, 1), self.count(historian, 2)) == (360, 720)
        assert self.hours(historian) == before

    @pytest.mark.parametrize("points", [[1], [1, 2]])
    def test_leaves_the_sums_of_zones_as_they_were(self, historian, points) -> None:
        """One class goes, or both; the third day stays, and is summed from its readings."""
        historian.flush()
        historian.upkeep(quiet_s=0)
        reader = readers.Reader(historian.folder)
        group_of = np.array([-1, 0, 0], np.int32)
        before = reader.hourly_sums(group_of, 1, NOON - DAY, NOON + 9 * DAY)
        assert before.points.sum() == 24
        historian.keeper.cut(7, [NOON // DAY, NOON // DAY + 1], points)

        after = reader.hourly_sums(group_of, 1, NOON - DAY, NOON + 9 * DAY)
        assert after.total == pytest.approx(before.total)
        assert (after.points == before.points).all()

    def test_does_not_take_a_late_straggler_for_the_whole_hour(self, historian) -> None:
        historian.flush()
        historian.upkeep(quiet_s=0)
        before = self.hours(historian)
        historian.keeper.cut(7, [NOON // DAY], [1])

        historian.accept(cast.batch((1, NOON + 1, 99.0), (1, NOON + 5 * HOUR, 50.0)))
        late = (NOON + 5 * HOUR, 1, 50.0)
        expected = sorted([*before[1], late])
        # From the journal, from the lake, and rolled up again.
        assert self.hours(historian) == {**before, 1: expected}
        historian.flush()
        assert self.hours(historian) == {**before, 1: expected}
        historian.upkeep(quiet_s=0)
        assert self.hours(historian) == {**before, 1: expected}
        assert historian.keeper.cut_due(7, NOON // DAY + 1) == [NOON // DAY]

    def test_takes_over_what_was_corrected_where_the_readings_are_left(self, historian) -> None:
        """A quarter of an hour of the other class turns out bad, and its hour must say so."""
        historian.flush()
        historian.upkeep(quiet_s=0)
        historian.keeper.cut(7, [NOON // DAY], [1])
        before = self.hours(historian)
        known = corrections.Corrections(
            [
                corrections.Correction(1, 1, point, NOON, NOON + 15 * MINUTE, corrections.BAD)
                for point in (1, 2)
            ]
            + [corrections.Correction(2, 1, 2, NOON + HOUR, NOON + 2 * HOUR, corrections.BAD)]
        )
        # One hour in part, one wholly: first as readers see it, then as it is rolled up.
        expected = {1: before[1], 2: [(NOON, 45, 30.0), *before[2][2:]]}
        assert self.hours(historian, known) == expected
        historian.keeper.see_with(known)
        historian.upkeep(quiet_s=0)

        assert self.hours(historian, known) == expected

    def test_waits_for_what_was_corrected(self, historian) -> None:
        historian.flush()
        historian.upkeep(quiet_s=0)
        first = NOON // DAY
        historian.keeper.see_with(
            corrections.Corrections(
                [corrections.Correction(1, 1, 1, NOON, NOON + HOUR, corrections.VALUE, 20.0)]
            )
        )
        assert historian.keeper.cut_due(7, first + 2) == [first + 1]
        historian.upkeep(quiet_s=0)

        assert historian.keeper.cut_due(7, first + 2) == [first, first + 1]

    def test_removes_a_day_of_which_nothing_is_left(self, historian) -> None:
        historian.flush()
        historian.upkeep(quiet_s=0)
        historian.keeper.cut(7, [NOON // DAY], [1, 2])

        assert historian.lake.files_of(NOON // DAY) == []
        assert self.count(historian, 1) == 540


class TestDeleteDue:
    def test_follows_the_classes_and_leaves_a_record(
        self, home: Path, person: SimpleNamespace
    ) -> None:
        facade.declare_points(
            [
                contracts.PointDeclaration("a.flow", "A", "甲", "flow"),
                contracts.PointDeclaration("b.use", "B", "乙", "use"),
            ],
            None,
        )
        flow, use = (facade.point_ids()[code] for code in ("a.flow", "b.use"))
        historian = keeping.open_historian()
        for day in range(3):
            at = NOON + (day - 3) * DAY
            historian.accept(cast.batch((flow, at, 5.0), (use, at, 7.0)))
        historian.flush()
        with clock.frozen(contracts.from_us(NOON + 30 * DAY)):
            historian.upkeep(quiet_s=0)
            assert retention.delete_due(historian) == 0
            retention.keep_for("process", 31, person.id)
            assert retention.delete_due(historian) == 2
            assert retention.delete_due(historian) == 0
        historian.close()

        until = contracts.from_us(NOON + 9 * DAY)
        since = contracts.from_us(NOON - 9 * DAY)
        left = facade.readings(["a.flow", "b.use"], since, until)
        assert (len(left["a.flow"]), len(left["b.use"])) == (1, 3)
        assert len(facade.hourly(["a.flow"], since, until)["a.flow"]) == 3
        [record] = models.Deletion.objects.all()
        assert (record.days, record.readings, record.done_at is None) == (2, 2, False)
        assert AuditRecord.objects.filter(action="telemetry.readings_deleted").count() == 1
        assert AuditRecord.objects.get(action="telemetry.retention_changed").by_id == person.id

    def test_what_was_corrected_before_stays_corrected(
        self, home: Path, person: SimpleNamespace
    ) -> None:
        facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
        [flow] = facade.point_ids().values()
        historian = keeping.open_historian()
        historian.accept(cast.batch(*((flow, NOON - n * DAY, 5.0) for n in (2, 3))))
        made = facade.correct(
            "a.flow",
            contracts.from_us(NOON - 4 * DAY),
            contracts.from_us(NOON - DAY),
            how="value",
            value=9.0,
            reason="calibrated",
            by_id=person.id,
        )
        historian.keeper.see_with(queries.corrections())
        historian.flush()
        with clock.frozen(contracts.from_us(NOON + 40 * DAY)):
            historian.upkeep(quiet_s=0)
            retention.keep_for("process", 31, person.id)
            assert retention.delete_due(historian) == 2
        historian.close()

        with pytest.raises(refusals.CorrectionPastKeeping):
            facade.undo_correction(made.number, person.id)
        assert models.Correction.objects.get().undone_at is None

    def test_refuses_what_would_delete_at_once(self, person: SimpleNamespace) -> None:
        with pytest.raises(refusals.KeptTooShort):
            retention.keep_for("process", 3, person.id)
        with pytest.raises(refusals.NoSuchRetentionClass):
            retention.keep_for("nothing", 365, person.id)


class TestDaysUntilFull:
    @pytest.mark.parametrize(
        ("free", "growing", "days"),
        [
            (1000, [(10, None)], 100),
            (1000, [], None),
            (1000, [(10, 500)], None),
            (1000, [(10, 2000)], 100),
            # 10 and 10 a day for 20 days take 400; the one that goes on takes 600 in 60 more.
            (1000, [(10, None), (10, 200)], 80),
        ],
    )
    def test_counts_what_stops_growing(
        self, free: float, growing: list[tuple[float, float | None]], days: float | None
    ) -> None:
        assert retention.days_until_full(free, growing) == days


class TestSizes:
    def test_share_the_growth_out_by_readings(self, home: Path, db: None) -> None:
        facade.declare_points(
            [
                contracts.PointDeclaration("a.flow", "A", "甲", "flow"),
                contracts.PointDeclaration("b.use", "B", "乙", "use"),
            ],
            None,
        )
        flow, use = (facade.point_ids()[code] for code in ("a.flow", "b.use"))
        historian = keeping.open_historian()
        rows = [(flow, NOON - DAY + n * MINUTE, 1.0) for n in range(30)]
        rows += [(use, NOON - DAY + n * HOUR, 1.0) for n in range(10)]
        historian.accept(cast.batch(*rows))
        historian.flush()
        historian.close()

        found = {one.code: one for one in retention.sizes(fresh=True).classes}

        assert found["process"].readings_per_day == pytest.approx(30)
        assert found["meters"].readings_per_day == pytest.approx(10)
        assert found["process"].bytes_per_day == pytest.approx(3 * found["meters"].bytes_per_day)
        assert found["process"].days_left is not None
