"""Shown time: anchored, faster, steady."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from huoshui.kernel import clock
from huoshui.kernel.clock.models import ClockSetting

DEMO_START = datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def real(monkeypatch):
    """A computer clock in our hand: ``real.at`` is what it says."""

    class Computer:
        at = datetime(2026, 11, 22, 8, tzinfo=UTC)

    monkeypatch.setattr(clock, "_wall", lambda: Computer.at)
    monkeypatch.setattr(clock._memory, "latest_real", None)
    yield Computer
    clock._memory.latest_real = None


@pytest.mark.django_db
class TestNow:
    def test_is_real_time_in_a_real_city(self, real):
        assert clock.now() == real.at
        assert clock.speed() == 1.0
        assert not clock.is_set()

    def test_runs_at_the_speed_that_was_set(self, real):
        clock.set_now(DEMO_START, times=600)
        real.at += timedelta(seconds=3)

        assert clock.now() == DEMO_START + timedelta(minutes=30)

    def test_does_not_jump_when_the_speed_changes(self, real):
        clock.set_now(DEMO_START, times=600)
        real.at += timedelta(seconds=3)
        clock.set_speed(1)
        real.at += timedelta(seconds=5)

        assert clock.now() == DEMO_START + timedelta(minutes=30, seconds=5)

    def test_goes_on_as_before_while_the_database_is_away(self, real, monkeypatch):
        clock.set_now(DEMO_START, times=600)
        monkeypatch.setattr(clock, "CACHE_S", 0.0)

        def away():
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(clock, "_kept_anchor", away)
        real.at += timedelta(seconds=3)

        assert clock.now() == DEMO_START + timedelta(minutes=30)
        clock.forget()
        with pytest.raises(OperationalError):
            clock.now()

    def test_stands_still_at_speed_zero(self, real):
        clock.set_now(DEMO_START, times=0)
        real.at += timedelta(days=1)

        assert clock.now() == DEMO_START

    def test_never_goes_back_when_the_computer_clock_is_set_back(self, real):
        clock.set_now(DEMO_START, times=600)
        real.at += timedelta(seconds=60)
        before = clock.now()
        real.at -= timedelta(hours=1)

        assert clock.now() == before

    def test_goes_back_when_a_person_moves_it_back(self, real):
        clock.set_now(DEMO_START, times=600)
        real.at += timedelta(seconds=60)
        clock.now()
        clock.set_now(DEMO_START)

        assert clock.now() == DEMO_START

    def test_waits_instead_of_stepping_back_when_another_process_slows_it(self, real):
        clock.set_now(DEMO_START, times=600)
        real.at += timedelta(seconds=10)
        slowed_at, shown_at = real.at, clock.now()
        real.at += timedelta(seconds=1)
        ahead = clock.now()
        ClockSetting.objects.update(anchor_real=slowed_at, anchor_shown=shown_at, speed=1)
        clock._memory.read_at = float("-inf")

        assert clock.now() == ahead
        real.at += timedelta(seconds=700)
        assert clock.now() == shown_at + timedelta(seconds=701)

    def test_follows_a_change_made_by_another_process(self, real):
        clock.set_now(DEMO_START, times=600)
        ClockSetting.objects.update(anchor_shown=DEMO_START - timedelta(days=9), speed=1)
        clock.forget()

        assert clock.now() == DEMO_START - timedelta(days=9)

    def test_asks_the_database_at_most_once_a_second(self, django_assert_num_queries):
        clock.now()
        with django_assert_num_queries(0):
            for _ in range(100):
                clock.now()


@pytest.mark.django_db
class TestSet:
    @pytest.mark.parametrize("times", [-1, 10_001])
    def test_refuses_an_impossible_speed(self, times):
        with pytest.raises(ValueError, match="speed"):
            clock.set_speed(times)

    def test_refuses_a_moment_without_a_time_zone(self):
        with pytest.raises(ValueError, match="time zone"):
            clock.set_now(datetime(2026, 3, 1))  # noqa: DTZ001


class TestFrozen:
    def test_stops_and_advances_without_a_database(self):
        with clock.frozen(DEMO_START):
            clock.advance(timedelta(hours=2))
            assert clock.now() == DEMO_START + timedelta(hours=2)

    def test_only_a_frozen_clock_can_be_advanced(self):
        with pytest.raises(RuntimeError, match="frozen"):
            clock.advance(timedelta(hours=2))


@pytest.mark.django_db
class TestRunTo:
    def test_shows_every_moment_on_the_way_and_then_runs_as_before(self, real):
        clock.set_now(DEMO_START, times=600)
        morning = DEMO_START + timedelta(hours=10)

        clock.run_to(morning)

        real.at += timedelta(seconds=1)
        assert clock.now() == DEMO_START + timedelta(seconds=clock.SPEED_MAX)
        assert clock.speed() == clock.SPEED_MAX
        assert clock.settled_speed() == 600
        real.at += timedelta(hours=10) / clock.SPEED_MAX
        assert clock.now() == morning + timedelta(seconds=600)
        assert clock.speed() == 600

    def test_is_known_to_every_process(self, real):
        clock.set_now(DEMO_START, times=0)
        clock.run_to(DEMO_START + timedelta(hours=1))
        clock.forget()
        real.at += timedelta(seconds=5)

        assert clock.now() == DEMO_START + timedelta(hours=1)
        assert clock.speed() == 0

    def test_ends_when_somebody_chooses_a_speed(self, real):
        clock.set_now(DEMO_START, times=600)
        clock.run_to(DEMO_START + timedelta(days=1))
        real.at += timedelta(seconds=1)

        clock.set_speed(60)

        real.at += timedelta(seconds=60)
        on_the_way = DEMO_START + timedelta(seconds=clock.SPEED_MAX)
        assert clock.now() == on_the_way + timedelta(hours=1)

    def test_does_not_go_back(self, real):
        clock.set_now(DEMO_START, times=600)

        with pytest.raises(ValueError, match="already"):
            clock.run_to(DEMO_START)
