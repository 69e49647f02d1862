"""The demo's hotline: a week of calls that a reader believes, and callers of the present."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.hotline import contracts
from huoshui.areas.hotline import facade as hotline_facade
from huoshui.democity import city, hotline, timetable
from huoshui.kernel import clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    with clock.frozen(timetable.SHOWN_FROM - timedelta(days=30)):
        for username, name, post in city.PEOPLE:
            accounts.add_user(username, name, posts=(post,))
    ids = dict(User.objects.values_list("username", "pk"))
    return {post: ids[username] for username, _name, post in city.PEOPLE}


@pytest.fixture
def known():
    """Eight customers of two estates, since the whole register takes long to make."""
    return [
        hotline.Caller(f"A{n}", "王伟", f"1380013{n:04d}", f"光明小区{n}号楼", 117.0 + n / 1e4,
                       36.66, f"XQ-{n % 2}", "")
        for n in range(8)
    ]  # fmt: skip


class TestSetUp:
    def test_lives_through_a_week_once(self, people, known):
        with clock.frozen(timetable.SHOWN_FROM):
            hotline.set_up(people, known)
            hotline.set_up(people, known)

        week_ago = timetable.SHOWN_FROM - timedelta(days=8)
        calls = hotline_facade.calls(since=week_ago)
        counts = hotline_facade.figures(week_ago, timetable.SHOWN_FROM)
        assert 50 < len(calls) <= hotline.DAYS * hotline.CALLS_A_DAY + 6
        assert counts["repair"]
        assert counts["enquiry"]
        assert all(one.began_at < timetable.SHOWN_FROM for one in calls)

    def test_fills_desk_and_knowledge_without_customers(self, people):
        with clock.frozen(timetable.SHOWN_FROM):
            hotline.set_up(people)

        assert hotline_facade.seat_state(hotline.EXTENSION) is contracts.SeatState.READY


class TestRota:
    @pytest.mark.parametrize("days", [0, 9, 16, 60])
    def test_is_planned_a_week_ahead_whenever_the_demo_runs(self, people, days):
        with clock.frozen(timetable.SHOWN_FROM):
            hotline.set_up(people, [])
        now = timetable.SHOWN_FROM + timedelta(days=days)

        with clock.frozen(now):
            hotline.plan_on()
            hotline.plan_on()
            planned = hotline_facade.planned_until()

            assert now + timedelta(days=5) < planned < now + timedelta(days=15)


class TestCallers:
    def test_ring_be_answered_and_noted_by_a_colleague_at_last(self, people, known):
        now = [1000.0]
        with clock.frozen(timetable.SHOWN_FROM):
            hotline_facade.take_seat(user_id=people["hotline_agent"], extension=hotline.EXTENSION)
            callers = hotline.Callers(known, lambda: now[0])
            states = []
            for pause_s in (60, 10, 60, 300, 0):
                now[0] += pause_s
                callers.look()
                (call,) = hotline_facade.calls(since=timetable.SHOWN_FROM - timedelta(hours=1))
                states.append((call.state, bool(call.kind)))

        assert states == [
            ("ringing", False), ("talking", False), ("ended", False), ("ended", True),
            ("ended", True),
        ]  # fmt: skip
