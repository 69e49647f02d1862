"""From nights to suspicions, and from repairs to their proof.

The nights are 10 m³/h with a noise of 0.3 m³/h; a leak adds a known amount, so the expected
size of a suspicion is that amount, and the expected saving is that amount again.
"""

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import actions, contracts, judging, models, queries, refusals, rules
from huoshui.areas.leakage.tests.conftest import TODAY, USUAL_M3H
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel import clock
from huoshui.kernel.events.models import Event

LeakState = contracts.LeakState
LEAK_M3H = 6.0


def told() -> list[str]:
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    return [kind.rsplit(".", 1)[1] for kind in kinds if ".leakage." in kind]


def closed(job, found: str, *, done_at, at, by_id) -> fieldwork_contracts.JobClosed:
    return fieldwork_contracts.JobClosed(
        job_id=job.id,
        number=job.number,
        origin=job.origin,
        result=found,
        zone_code="A",
        found_asset_code="p2",
        found_size_m3h=5.0,
        done_at=done_at,
        at=at,
        by_id=by_id,
    )


@pytest.fixture
def leak(nights) -> models.SuspectedLeak:
    """A leak of 6 m³/h in its third night."""
    nights(60, TODAY, leaking=3, extra_m3h=LEAK_M3H)
    (row,) = models.SuspectedLeak.objects.all()
    return row


@pytest.fixture
def repaired(leak, engineer, dispatcher) -> models.SuspectedLeak:
    """The same leak, repaired and confirmed on the afternoon of the third day."""
    job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)
    clock.advance(timedelta(hours=8))
    actions.on_job_closed(
        closed(
            job,
            "leak_repaired",
            done_at=clock.now() - timedelta(hours=1),
            at=clock.now(),
            by_id=dispatcher.pk,
        )
    )
    leak.refresh_from_db()
    return leak


class TestQuietZone:
    def test_raises_nothing(self, nights):
        nights(60, TODAY)

        assert not models.SuspectedLeak.objects.exists()
        latest = models.NightFlow.objects.latest("night_date")
        assert latest.state == "inside"
        assert latest.low_m3h < USUAL_M3H < latest.high_m3h

    def test_is_learned_before_it_is_judged(self, nights):
        nights(20, TODAY, leaking=2, extra_m3h=LEAK_M3H)

        assert set(models.NightFlow.objects.values_list("state", flat=True)) == {"learning"}
        assert not models.SuspectedLeak.objects.exists()


class TestLongHistory:
    def test_keeps_what_was_said_of_nights_at_its_far_end(self, nights, monkeypatch):
        monkeypatch.setattr(rules, "HISTORY_NIGHTS", 60)
        monkeypatch.setattr(rules, "REJUDGED_NIGHTS", 10)
        nights(60, TODAY)
        judged = set(models.NightFlow.objects.filter(state="inside").values_list("pk", flat=True))

        clock.advance(timedelta(days=15))
        nights(15, TODAY + timedelta(days=15))

        assert len(judged) == 18
        kept = models.NightFlow.objects.filter(pk__in=judged)
        assert set(kept.values_list("state", flat=True)) == {"inside"}


class TestLeak:
    def test_is_suspected_with_its_size_and_first_night(self, leak):
        assert leak.state == LeakState.OPEN
        assert leak.since_date == TODAY - timedelta(days=2)
        assert leak.size_m3h == pytest.approx(LEAK_M3H, abs=0.6)
        assert leak.low_m3h < LEAK_M3H < leak.high_m3h

    def test_raises_the_alarm_of_its_zone_once(self, leak):
        (alarm,) = telemetry.standing_alarms()

        assert alarm.zone_code == "A"
        assert alarm.data["size"] == pytest.approx(LEAK_M3H, abs=0.6)
        assert told() == ["LeakSuspected"]

    def test_is_told_once_however_often_it_is_judged(self, leak, zone):
        judging.rejudge(zone)
        judging.rejudge(zone)

        assert models.SuspectedLeak.objects.count() == 1
        assert told() == ["LeakSuspected"]

    def test_grows_with_the_nights_without_a_second_suspicion(self, leak, nights):
        clock.advance(timedelta(days=3))
        nights(3, TODAY + timedelta(days=3), leaking=3, extra_m3h=12.0)

        leak.refresh_from_db()
        assert leak.size_m3h == pytest.approx(12.0, abs=0.8)
        assert models.SuspectedLeak.objects.count() == 1

    def test_ends_when_the_flow_comes_back_by_itself(self, leak, nights):
        clock.advance(timedelta(days=4))
        nights(4, TODAY + timedelta(days=4))

        leak.refresh_from_db()
        assert (leak.state, leak.ended_date) == (LeakState.ENDED, TODAY + timedelta(days=1))
        assert telemetry.standing_alarms() == []

    def test_is_taken_back_when_later_readings_show_none(self, leak, nights):
        nights(3, TODAY)

        leak.refresh_from_db()
        assert leak.state == LeakState.ENDED
        assert queries.timeline(leak.pk)[-1].what == "withdrawn"
        assert queries.lost(leak, clock.now()).volume_m3 == 0.0
        assert telemetry.standing_alarms() == []

    def test_of_old_history_raises_no_alarm(self, nights):
        nights(60, TODAY - timedelta(days=30), leaking=3, extra_m3h=LEAK_M3H)
        nights(30, TODAY)

        assert [row.state for row in models.SuspectedLeak.objects.all()] == [LeakState.ENDED]
        assert telemetry.standing_alarms() == []
        assert told() == []

    def test_costs_its_excess_of_each_night_for_a_day(self, leak):
        lost = queries.lost(leak, clock.now())

        # Three nights of 6 m³/h: 3 x 24 h x 6 m³/h = 432 m³, at 3 yuan 1,296 yuan.
        assert lost.volume_m3 == pytest.approx(432.0, rel=0.1)
        assert lost.money_yuan == pytest.approx(lost.volume_m3 * 3.0)


class TestMakeJob:
    def test_sends_a_crew_into_the_zone(self, leak, engineer):
        job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)

        assert (job.place.zone_code, job.kind) == ("A", "leak_search")
        assert job.place.lon == pytest.approx(113.605, abs=0.001)
        leak.refresh_from_db()
        assert (leak.state, leak.job_number) == (LeakState.JOB_MADE, job.number)

    def test_gives_the_same_job_when_asked_twice(self, leak, engineer):
        first, second = (actions.make_job(leak_id=leak.pk, by_id=engineer.pk) for _time in range(2))

        assert first.number == second.number

    def test_refuses_a_leak_that_is_over(self, leak, engineer):
        actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason="Street washing.")

        with pytest.raises(refusals.NotInThisState):
            actions.make_job(leak_id=leak.pk, by_id=engineer.pk)


class TestDismiss:
    def test_teaches_the_band_the_new_level(self, leak, nights, engineer):
        actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason="A bakery moved in.")

        clock.advance(timedelta(days=20))
        nights(20, TODAY + timedelta(days=20), leaking=20, extra_m3h=LEAK_M3H)

        assert models.SuspectedLeak.objects.count() == 1
        latest = models.NightFlow.objects.latest("night_date")
        assert latest.state == "inside"
        assert latest.expected_m3h == pytest.approx(USUAL_M3H + LEAK_M3H, abs=0.6)
        assert telemetry.standing_alarms() == []

    def test_takes_back_what_was_said_to_be_lost(self, leak, engineer):
        actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason="A bakery moved in.")

        leak.refresh_from_db()
        assert queries.lost(leak, clock.now()) == queries.Worth(0.0, 0.0)

    def test_leaves_the_alarm_standing_for_another_leak_of_the_zone(self, leak, engineer):
        other = models.SuspectedLeak.objects.get(pk=leak.pk)
        other.pk, other.since_date = None, leak.since_date - timedelta(days=1)
        other.save()

        actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason="A bakery moved in.")
        standing = len(telemetry.standing_alarms())
        actions.dismiss(leak_id=other.pk, by_id=engineer.pk, reason="A bakery moved in.")

        assert (standing, telemetry.standing_alarms()) == (1, [])

    def test_refuses_without_a_reason(self, leak, engineer):
        with pytest.raises(refusals.ReasonMissing):
            actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason=" ")

    def test_refuses_while_a_crew_is_on_its_way(self, leak, engineer):
        actions.make_job(leak_id=leak.pk, by_id=engineer.pk)

        with pytest.raises(refusals.JobRunning):
            actions.dismiss(leak_id=leak.pk, by_id=engineer.pk, reason="A bakery.")


class TestRepair:
    def test_waits_for_its_proof(self, repaired):
        assert repaired.state == LeakState.VERIFYING
        assert repaired.found_asset_code == "p2"

    def test_is_not_proven_by_a_single_night(self, repaired, nights):
        clock.advance(timedelta(days=1))
        nights(1, TODAY + timedelta(days=1))

        repaired.refresh_from_db()
        assert repaired.state == LeakState.VERIFYING

    def test_is_proven_by_the_step_down(self, repaired, nights):
        clock.advance(timedelta(days=2))
        nights(2, TODAY + timedelta(days=2))

        repaired.refresh_from_db()
        assert repaired.state == LeakState.REPAIRED
        assert repaired.saved_m3h == pytest.approx(LEAK_M3H, abs=0.8)
        assert repaired.saved_m3h_low < LEAK_M3H < repaired.saved_m3h_high
        assert telemetry.standing_alarms() == []
        assert told() == ["LeakSuspected", "LeakVerified"]

    def test_saves_water_and_money_from_then_on(self, repaired, nights):
        clock.advance(timedelta(days=2))
        nights(2, TODAY + timedelta(days=2))
        repaired.refresh_from_db()

        saved = queries.saved(repaired, clock.now())

        # The repair was confirmed two days before: 48 h x 6 m³/h = 288 m³, at 3 yuan 864 yuan.
        assert saved.volume_m3 == pytest.approx(repaired.saved_m3h * 48)
        assert saved.volume_m3 == pytest.approx(288.0, rel=0.15)
        assert saved.price_cents == pytest.approx(saved.volume_m3 * 300)

    def test_is_taken_back_when_the_flow_stays_up(self, repaired, nights, dispatcher):
        clock.advance(timedelta(days=3))
        nights(3, TODAY + timedelta(days=3), leaking=3, extra_m3h=LEAK_M3H)

        repaired.refresh_from_db()
        assert (repaired.state, repaired.reason) == (LeakState.OPEN, "no_step_down")
        assert models.SuspectedLeak.objects.count() == 1
        assert told()[-1] == "LeakReopened"

    def test_told_after_the_next_leak_began_is_no_proof_of_that_one(
        self, leak, nights, engineer, dispatcher
    ):
        job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)
        repaired_at = clock.now() + timedelta(hours=8)
        clock.advance(timedelta(days=10))
        nights(10, TODAY + timedelta(days=10))
        clock.advance(timedelta(days=3))
        nights(3, TODAY + timedelta(days=13), leaking=3, extra_m3h=4.0)
        actions.on_job_closed(
            closed(job, "leak_repaired", done_at=repaired_at, at=repaired_at, by_id=dispatcher.pk)
        )
        clock.advance(timedelta(days=1))
        nights(1, TODAY + timedelta(days=14), leaking=1, extra_m3h=4.0)

        leak.refresh_from_db()
        assert (leak.state, leak.reason) == (LeakState.OPEN, "began_later")
        assert leak.since_date == TODAY + timedelta(days=11)
        states = set(models.SuspectedLeak.objects.values_list("state", flat=True))
        assert states == {LeakState.OPEN, LeakState.ENDED}
        assert told()[-1] == "LeakReopened"

    def test_makes_way_for_a_second_leak(self, repaired, nights):
        clock.advance(timedelta(days=10))
        nights(10, TODAY + timedelta(days=10))
        clock.advance(timedelta(days=3))
        nights(3, TODAY + timedelta(days=13), leaking=3, extra_m3h=4.0)

        states = list(models.SuspectedLeak.objects.order_by("id").values_list("state", flat=True))
        assert states == [LeakState.REPAIRED, LeakState.OPEN]


class TestJobWithoutRepair:
    @pytest.mark.parametrize("found", ["no_leak_found", "leak_found_not_repaired", "other"])
    def test_leaves_the_leak_under_watch(self, leak, engineer, dispatcher, found):
        job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)
        actions.on_job_closed(
            closed(job, found, done_at=clock.now(), at=clock.now(), by_id=dispatcher.pk)
        )

        leak.refresh_from_db()
        assert leak.state == LeakState.OPEN
        assert leak.repaired_at is None

    def test_is_taken_in_once_however_often_it_is_told(self, leak, engineer, dispatcher):
        job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)
        event = closed(
            job, "no_leak_found", done_at=clock.now(), at=clock.now(), by_id=dispatcher.pk
        )
        actions.on_job_closed(event)
        fieldwork.cancel_job(number=job.number, by_id=engineer.pk, reason="Closed by telephone.")
        second = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)

        actions.on_job_closed(event)

        leak.refresh_from_db()
        assert (leak.state, leak.job_number) == (LeakState.JOB_MADE, second.number)

    def test_can_be_cancelled(self, leak, engineer):
        job = actions.make_job(leak_id=leak.pk, by_id=engineer.pk)
        event = fieldwork_contracts.JobCancelled(
            job_id=job.id,
            number=job.number,
            origin=job.origin,
            reason="Storm.",
            at=clock.now(),
            by_id=engineer.pk,
        )
        actions.on_job_cancelled(event)
        actions.on_job_cancelled(event)

        leak.refresh_from_db()
        assert leak.state == LeakState.OPEN
        assert models.LeakEvent.objects.filter(leak=leak, what="job_cancelled").count() == 1

    def test_of_somebody_else_is_left_alone(self, leak):
        event = fieldwork_contracts.JobCancelled(
            job_id=1, number="J", origin="other.thing:1", reason="", at=clock.now(), by_id=None
        )

        actions.on_job_cancelled(event)

        assert not models.LeakEvent.objects.filter(what="job_cancelled").exists()
