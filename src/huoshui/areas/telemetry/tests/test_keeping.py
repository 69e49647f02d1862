"""The rhythm of the ingest process, with real transactions."""

from __future__ import annotations

import pytest

from huoshui.areas.telemetry import contracts, facade, keeping, models
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import NOON


@pytest.mark.django_db(transaction=True)
class TestRunIngest:
    def test_takes_over_points_declared_meanwhile_and_raises_their_alarms(
        self, home: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeping, "POINTS_EVERY_S", 0.0)
        monkeypatch.setattr(keeping, "ALARMS_EVERY_S", 0.0)
        historian = facade.open_historian()
        rounds = iter(range(4))

        def should_stop(wait_s: float) -> bool:
            step = next(rounds)
            if step == 0:
                facade.declare_points(
                    [contracts.PointDeclaration("a.flow", "A", "甲", "flow", limit_high=10.0)], None
                )
            if step == 2:
                ids = historian.ids(["a.flow"])
                assert ids[0] > 0
                historian.accept(cast.batch((int(ids[0]), NOON, 12.0)))
                historian.note_unknown("plc", "b.flow", NOON, 1.0)
            return step == 3

        facade.run_ingest(historian, should_stop)
        historian.close()

        assert models.Alarm.objects.get().point.code == "a.flow"
        assert facade.latest()["a.flow"].value == 12.0

    def test_takes_over_points_declared_while_it_was_opening(
        self, home: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        historian = facade.open_historian()
        facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
        rounds = iter(range(2))

        facade.run_ingest(historian, lambda wait_s: next(rounds) == 1)

        assert historian.ids(["a.flow"])[0] > 0
        historian.close()

    def test_takes_over_a_change_while_the_clock_stands(
        self, home: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeping, "POINTS_EVERY_S", 0.0)
        facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
        historian = facade.open_historian()
        rounds = iter(range(3))

        def should_stop(wait_s: float) -> bool:
            step = next(rounds)
            if step == 1:
                limited = contracts.PointDeclaration("a.flow", "A", "甲", "flow", limit_high=10.0)
                facade.declare_points([limited], None)
            return step == 2

        facade.run_ingest(historian, should_stop)
        known = historian._watch.table.limits[2].tolist()
        historian.close()

        assert known == [10.0]

    def test_goes_on_when_one_thing_fails(
        self, home: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        historian = facade.open_historian()
        monkeypatch.setattr(historian, "judge_silence", lambda: 1 // 0)
        rounds = iter(range(3))

        facade.run_ingest(historian, lambda wait_s: next(rounds) == 2)
        historian.close()

        assert "Could not listen for silence" in caplog.text
