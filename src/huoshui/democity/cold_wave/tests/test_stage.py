"""Deeds happen in the order of their moments, at once or when the shown clock is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from huoshui.democity.cold_wave.stage import AGAIN_S, Stage
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
SIX = datetime(2026, 1, 7, 6, tzinfo=UTC)


@pytest.fixture
def stage():
    return Stage(SIX)


class TestPlay:
    def test_takes_deeds_in_the_order_of_their_moments(self, stage):
        done = []
        for at_s in (90, 30, 60, 30):
            stage.at(at_s, lambda at_s=at_s: done.append((at_s, clock.now())))

        stage.play(60)

        assert [one[0] for one in done] == [30, 30, 60]
        assert [one[1] for one in done] == [SIX + timedelta(seconds=one[0]) for one in done]
        assert clock.now() == SIX + timedelta(seconds=60)

    def test_repeats_what_recurs(self, stage):
        done = []
        stage.every(20, lambda: done.append(stage.now_s), first_s=10)

        stage.play(70)

        assert done == [10, 30, 50, 70]

    def test_never_goes_back_for_a_deed_that_comes_late(self, stage):
        done = []
        stage.at(50, lambda: stage.at(10, lambda: done.append(stage.now_s)))

        stage.play(60)

        assert done == [50]


class TestLook:
    def test_does_only_what_the_shown_clock_has_reached(self, stage):
        done = []
        for at_s in (10, 20, 30):
            stage.at(at_s, lambda at_s=at_s: done.append(at_s))

        with clock.frozen(SIX + timedelta(seconds=20)):
            late = stage.look(5.0)

        assert (done, late) == ([10, 20], 0)

    def test_does_a_deed_again_that_found_the_database_busy(self, stage):
        done = []

        def busy_at_first():
            done.append(stage.now_s)
            if len(done) == 1:
                raise OperationalError("database is locked")

        stage.every(600, busy_at_first, first_s=10)
        for at_s in (20, 60):
            with clock.frozen(SIX + timedelta(seconds=at_s)):
                stage.look(5.0)

        assert done == [10, 10 + AGAIN_S]

    def test_goes_on_with_the_others_when_a_deed_fails(self, stage, caplog):
        done = []
        stage.every(20, lambda: 1 / 0, first_s=5)
        stage.at(10, lambda: done.append(10))

        with clock.frozen(SIX + timedelta(seconds=26)):
            late = stage.look(5.0)

        assert (done, late) == ([10], 0)
        assert caplog.text.count("A deed of the rehearsal failed") == 2

    def test_says_how_much_is_due_when_its_time_is_over(self, stage):
        done = []
        for at_s in range(5):
            stage.at(at_s, lambda at_s=at_s: done.append(at_s))

        with clock.frozen(SIX + timedelta(seconds=60)):
            late = stage.look(-1.0)

        assert (done, late) == ([], 5)
