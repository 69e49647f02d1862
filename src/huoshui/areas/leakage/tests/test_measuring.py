"""From readings in the historian to a proven repair, through the doors that a real city uses.

Sixty-odd nights of one inlet at 5 minutes, sent as batches through the historian; the leak is a
known 6 m³/h on the latest nights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import (
    actions,
    contracts,
    facade,
    judging,
    models,
    queries,
    rules,
    tasks,
)
from huoshui.areas.leakage.tests.conftest import NOISE_M3H, TODAY, USUAL_M3H
from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock, settings
from huoshui.kernel.events import dispatcher as outbox
from huoshui.lab.leakage import decision

NIGHTS = 60
STEP_S = 300
LEAK_M3H = 6.0

Send = Callable[..., None]


@pytest.fixture
def send(street: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Send]:
    """Send a point's readings of one night's window into a historian of its own."""
    monkeypatch.setenv("HUOSHUI_HOME", str(tmp_path))
    settings.get.cache_clear()
    historian = telemetry.open_historian()
    ids = telemetry.point_ids()

    def send_night(
        code: str, night: date, values: np.ndarray | float, *, step_s: int = STEP_S
    ) -> None:
        start, end = rules.window(night, clock.local_zone())
        at_us = np.arange(
            telemetry_contracts.to_us(start), telemetry_contracts.to_us(end), step_s * 1_000_000
        )
        batch = telemetry_contracts.Batch(
            source="test",
            point_id=np.full(len(at_us), ids[code], np.int32),
            at_us=at_us,
            value=np.broadcast_to(np.asarray(values, float), at_us.shape).copy(),
            quality=np.zeros(len(at_us), np.uint8),
        )
        receipt = historian.accept(batch)
        assert receipt.refused == 0

    yield send_night
    historian.close()
    monkeypatch.undo()
    settings.get.cache_clear()


def send_nights(send: Send, count: int, until: date, *, extra_m3h: float = 0.0) -> None:
    """Send ``count`` nights up to ``until`` through the one inlet."""
    rng = np.random.default_rng(7)
    for age in range(count - 1, -1, -1):
        night = until - timedelta(days=age)
        usual = USUAL_M3H + rng.normal(0.0, NOISE_M3H)
        send("p1.flow", night, usual + extra_m3h + rng.normal(0.0, 0.1, 24))


class TestMeasure:
    def test_takes_tank_and_meters_into_the_balance(self, send):
        """Worked by hand: 20 in, the tank of 50 m² rises 0.1 m/h (5 m³/h), meters take 3 m³/h."""
        facade.set_up_zone(
            "A",
            inlets=["p1.flow"],
            storage=contracts.Storage("T1.level", 50.0),
            meters=["n1.use", "n2.use"],
            watched_since=TODAY,
        )
        send("p1.flow", TODAY, 20.0)
        send("T1.level", TODAY, 2.0 + 0.1 * np.arange(24) / 12)
        send("n1.use", TODAY, 1000.0)
        send("n2.use", TODAY, 2000.0)

        facade.backfill(TODAY, TODAY + timedelta(days=1))

        (night,) = facade.nights("A", TODAY, TODAY + timedelta(days=1))
        assert night.flow_m3h == pytest.approx(20.0 - 5.0 - 3.0, abs=0.01)
        row = models.NightFlow.objects.get()
        assert (row.inputs["meters_read"], row.quality) == (2, "good")

    def test_does_not_take_a_silent_meter_for_a_leak(self, send):
        facade.set_up_zone(
            "A", inlets=["p1.flow"], meters=["n1.use", "n2.use"], watched_since=TODAY
        )
        send("p1.flow", TODAY, 20.0)
        send("n1.use", TODAY, 1000.0)

        facade.backfill(TODAY, TODAY + timedelta(days=1))

        row = models.NightFlow.objects.get()
        assert (row.flow_m3h, row.quality) == (None, "insufficient")

    def test_says_when_too_little_came(self, send):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY)
        send("p1.flow", TODAY, 20.0, step_s=1200)

        facade.backfill(TODAY, TODAY + timedelta(days=1))

        (night,) = facade.nights("A", TODAY, TODAY + timedelta(days=1))
        assert night.flow_m3h is None
        assert night.completeness_frac == pytest.approx(0.25)


class TestJudgeDueNights:
    def test_catches_up_once_and_then_has_nothing_to_do(self, send):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY - timedelta(days=4))
        send_nights(send, 5, TODAY)

        assert judging.judge_due_nights() == 5
        assert judging.judge_due_nights() == 0

    def test_waits_for_readings_that_are_still_to_come(self, send):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY - timedelta(days=1))
        send_nights(send, 1, TODAY - timedelta(days=1))
        assert judging.judge_due_nights() == 1

        send_nights(send, 1, TODAY)

        assert judging.judge_due_nights() == 1

    def test_judges_an_incomplete_night_again_only_when_more_came(self, send):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY)
        send("p1.flow", TODAY, 20.0, step_s=1200)
        assert judging.judge_due_nights() == 1

        assert judging.judge_due_nights() == 0

        send("p1.flow", TODAY, 20.0, step_s=600)
        assert judging.judge_due_nights() == 1

    def test_takes_up_a_night_whose_judging_was_cut_short(self, send, monkeypatch):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY)
        send_nights(send, 1, TODAY)
        with monkeypatch.context() as patch:
            patch.setattr(judging, "rejudge", lambda setup: None)
            judging.judge_due_nights()

        assert judging.judge_due_nights() == 1
        assert models.NightFlow.objects.get().model_version == decision.VERSION


class TestWholePath:
    def test_goes_from_a_rising_night_flow_to_water_saved(self, send, engineer, dispatcher, crew):
        facade.set_up_zone(
            "A", inlets=["p1.flow"], watched_since=TODAY - timedelta(days=NIGHTS - 1)
        )
        send_nights(send, NIGHTS - 2, TODAY - timedelta(days=2))
        send_nights(send, 2, TODAY, extra_m3h=LEAK_M3H)
        judging.judge_due_nights()
        (leak,) = facade.suspected_leaks(standing_only=True)
        assert leak.size_m3h == pytest.approx(LEAK_M3H, abs=0.8)
        assert [alarm.zone_code for alarm in telemetry.standing_alarms()] == ["A"]

        job = actions.make_job(leak_id=leak.id, by_id=engineer.pk)
        fieldwork.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)
        clock.advance(timedelta(hours=4))
        fieldwork.report_job(
            number=job.number,
            by=crew,
            found=fieldwork_contracts.Found.LEAK_REPAIRED,
            found_asset_code="p2",
        )
        fieldwork.close_job(number=job.number, by_id=dispatcher.pk)
        outbox.dispatch()
        assert facade.suspected_leaks()[0].state == contracts.LeakState.VERIFYING

        clock.advance(timedelta(days=2))
        send_nights(send, 2, TODAY + timedelta(days=2))
        judging.judge_due_nights()

        (leak,) = facade.suspected_leaks()
        assert leak.state == contracts.LeakState.REPAIRED
        assert leak.saved_m3h == pytest.approx(LEAK_M3H, abs=0.8)
        row = queries.leak(leak.id)
        assert row is not None
        assert queries.saved(row, clock.now()).volume_m3 == pytest.approx(
            leak.saved_m3h * 48, rel=0.01
        )
        assert telemetry.standing_alarms() == []


class TestCorrectedReadings:
    """Five quiet nights and one of which a meter said the double."""

    WRONG = TODAY - timedelta(days=1)

    @pytest.fixture
    def judged(self, send, engineer):
        facade.set_up_zone("A", inlets=["p1.flow"], watched_since=TODAY - timedelta(days=5))
        for age in range(6):
            night = TODAY - timedelta(days=age)
            send("p1.flow", night, 20.0 if night == self.WRONG else 10.0)
        assert judging.judge_due_nights() == 6
        return engineer

    def correct(self, by, how="scale", night=WRONG, **given):
        start, end = rules.window(night, clock.local_zone())
        return telemetry.correct(
            "p1.flow", start, end, how=how, reason="pulse weight", by_id=by.pk, **given
        )

    def flow(self, night=WRONG):
        return models.NightFlow.objects.get(night_date=night).flow_m3h

    def test_have_their_night_judged_again_and_no_other(self, judged):
        before = dict(models.NightFlow.objects.values_list("night_date", "judged_at"))
        clock.advance(timedelta(hours=1))

        made = self.correct(judged, value=0.5)
        outbox.dispatch()

        assert self.flow() == pytest.approx(10.0)
        after = dict(models.NightFlow.objects.values_list("night_date", "judged_at"))
        assert {night for night in after if after[night] != before[night]} == {self.WRONG}
        telemetry.undo_correction(made.number, judged.pk)
        outbox.dispatch()
        assert self.flow() == pytest.approx(20.0)

    def test_are_taken_in_once_however_often_they_are_told(self, judged):
        self.correct(judged, value=0.5)
        start, end = rules.window(self.WRONG, clock.local_zone())
        event = telemetry_contracts.ReadingsCorrected("p1.flow", start, end)

        assert [tasks.on_readings_corrected(event) for _time in range(2)] == [1, 0]

    def test_of_the_latest_night_marked_bad_leave_no_figure_behind(self, judged):
        self.correct(judged, how="bad", night=TODAY)
        outbox.dispatch()

        row = models.NightFlow.objects.get(night_date=TODAY)
        assert (row.flow_m3h, row.completeness_frac) == (None, 0.0)

    def test_of_other_points_or_without_readings_change_nothing(self, judged):
        long_ago = clock.now() - timedelta(days=900)
        for code in ("p2.flow", "p1.flow"):
            event = telemetry_contracts.ReadingsCorrected(
                code, long_ago, long_ago + timedelta(days=1)
            )
            assert tasks.on_readings_corrected(event) == 0
