"""Clocks of cases: they start, warn, pass, escalate, pause and go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huoshui.kernel import cases, clock
from huoshui.kernel.cases import driving, refusals
from huoshui.kernel.cases.models import Case, CaseClockRun, CaseStep
from huoshui.kernel.notices.models import Notice, Receipt

pytestmark = pytest.mark.django_db


def run(number: str, code: str) -> CaseClockRun:
    return CaseClockRun.objects.filter(case__number=number, clock=code).latest("id")


def kinds(number: str) -> list[str]:
    return list(CaseStep.objects.filter(case__number=number).values_list("kind", flat=True))


def told(kind: str) -> list[str]:
    """Return who was told something of a kind."""
    rows = Receipt.objects.filter(notice__key__startswith=f"cases.{kind}:")
    return sorted(rows.values_list("user__username", flat=True))


class TestClocks:
    def test_run_from_the_opening_the_nearest_first(self, opened):
        fact = opened()

        assert fact.next_due_at == clock.now() + timedelta(minutes=30)
        assert fact.next_due_clock == "look"
        # Five working days from Thursday 12 February 2026: Thursday the 26th, half past five.
        assert run(fact.number, "settle").due_at == datetime(2026, 2, 26, 9, 30, tzinfo=UTC)

    def test_follow_the_priority(self, opened):
        fact = opened(priority="urgent")

        assert fact.next_due_at == clock.now() + timedelta(minutes=10)

    def test_are_kept_by_the_state_that_ends_them(self, opened, people):
        number = opened().number
        clock.advance(timedelta(minutes=29))

        fact = cases.act(number, "search", by_id=people.desk.pk)

        assert not run(number, "look").late
        assert fact.next_due_clock == "settle"

    def test_are_late_though_nobody_looked(self, opened, people):
        number = opened().number
        clock.advance(timedelta(minutes=31))

        cases.act(number, "search", by_id=people.desk.pk)

        assert run(number, "look").late

    def test_ran_before_the_case_was_written_down(self, opened):
        fact = opened(opened_at=clock.now() - timedelta(minutes=20))

        assert fact.next_due_at == clock.now() + timedelta(minutes=10)

    def test_run_to_a_deadline_of_its_own(self, opened):
        due = clock.now() + timedelta(minutes=5)

        fact = opened(due_at=due)

        assert (fact.next_due_at, fact.next_due_clock) == (due, "agreed")


class TestCheckDeadlines:
    def test_warns_before_the_breach(self, opened):
        number = opened().number
        clock.advance(timedelta(minutes=24))

        driving.check_deadlines(clock.now())

        assert kinds(number) == ["opened", "warned"]
        assert told("warned") == ["desk", "second"]

    def test_tells_of_the_breach_and_escalates_by_level_and_time(self, opened):
        number = opened().number
        clock.advance(timedelta(minutes=30))
        driving.check_deadlines(clock.now())
        assert told("escalated") == ["desk", "second"]

        clock.advance(timedelta(minutes=59))
        driving.check_deadlines(clock.now())
        assert told("escalated") == ["desk", "second"]

        clock.advance(timedelta(minutes=1))
        driving.check_deadlines(clock.now())
        assert told("escalated") == ["boss", "desk", "second"]
        assert kinds(number) == ["opened", "breached", "escalated", "escalated"]
        assert run(number, "look").next_check_at is None

    def test_says_nothing_twice(self, opened):
        opened()
        clock.advance(timedelta(minutes=40))

        for _again in range(3):
            driving.check_deadlines(clock.now())
        before = Notice.objects.count()
        CaseClockRun.objects.update(next_check_at=clock.now())  # as after a crash
        driving.check_deadlines(clock.now())

        assert Notice.objects.count() == before

    def test_tells_all_that_passed_while_it_was_down(self, opened):
        number = opened().number
        clock.advance(timedelta(hours=5))

        driving.check_deadlines(clock.now())

        assert kinds(number) == ["opened", "breached", "escalated", "escalated"]
        assert run(number, "look").breached_at == clock.now() - timedelta(hours=4, minutes=30)

    def test_tells_the_responsible_person_rather_than_the_post(self, opened, people):
        opened(owner_id=people.second.pk)
        clock.advance(timedelta(minutes=24))

        driving.check_deadlines(clock.now())

        assert told("warned") == ["second"]

    def test_goes_on_past_a_case_that_breaks(self, opened, monkeypatch):
        first, second = opened().number, opened().number
        look = driving._check_one

        def breaks(number: str, pk: int, now: datetime) -> None:
            if number == first:
                raise OSError("disk")
            look(number, pk, now)

        monkeypatch.setattr(driving, "_check_one", breaks)
        clock.advance(timedelta(minutes=24))

        with pytest.raises(RuntimeError, match=first):
            driving.check_deadlines(clock.now())

        assert kinds(second) == ["opened", "warned"]

    def test_leaves_a_closed_case_in_peace(self, opened, people):
        number = opened().number
        cases.act(number, "give_up", by_id=people.second.pk, note="No")
        clock.advance(timedelta(days=30))

        assert driving.check_deadlines(clock.now()) == 0
        assert not CaseClockRun.objects.filter(late=True).exists()


class TestPause:
    def test_lets_no_time_pass(self, opened, people):
        number = opened().number
        clock.advance(timedelta(minutes=20))

        fact = cases.pause(number, "away", by_id=people.desk.pk)
        assert (fact.paused_for, fact.next_due_at) == ("away", None)
        clock.advance(timedelta(hours=3))
        assert driving.check_deadlines(clock.now()) == 0

        fact = cases.resume(number, by_id=people.desk.pk)
        assert fact.next_due_at == clock.now() + timedelta(minutes=10)
        clock.advance(timedelta(minutes=4))
        driving.check_deadlines(clock.now())
        assert kinds(number) == ["opened", "paused", "resumed", "warned"]

    def test_holds_only_the_clocks_it_names(self, opened, people):
        number = opened().number

        fact = cases.pause(number, "locksmith", by_id=people.desk.pk, note="Comes on Monday")

        assert fact.next_due_clock == "look"
        assert run(number, "settle").due_at is None

    def test_asks_for_a_note_where_the_reason_needs_one(self, opened, people):
        with pytest.raises(refusals.Missing):
            cases.pause(opened().number, "locksmith", by_id=people.desk.pk)

    def test_refuses_to_stop_what_stands_and_start_what_runs(self, opened, people):
        number = opened().number
        with pytest.raises(refusals.PauseNotPossible):
            cases.resume(number, by_id=people.desk.pk)
        cases.pause(number, "away", by_id=people.desk.pk)
        with pytest.raises(refusals.PauseNotPossible):
            cases.pause(number, "away", by_id=people.desk.pk)

    def test_does_not_undo_a_breach(self, opened, people):
        number = opened().number
        clock.advance(timedelta(minutes=31))

        cases.pause(number, "away", by_id=people.desk.pk)
        driving.check_deadlines(clock.now())

        assert "breached" in kinds(number)

    def test_ends_with_the_case(self, opened, people):
        number = opened().number
        cases.pause(number, "away", by_id=people.desk.pk)

        fact = cases.act(number, "give_up", by_id=people.second.pk, note="No")

        assert fact.paused_for == ""
        assert not Case.objects.get(number=number).pauses.filter(until_at=None).exists()


class TestCallBack:
    def found(self, opened, people) -> str:
        number = opened().number
        cases.act(number, "search", by_id=people.desk.pk)
        cases.act(number, "find", by_id=people.desk.pk, fields={"room": "1"})
        return number

    def test_reopens_with_a_new_deadline_when_somebody_is_not_content(self, opened, people):
        number = self.found(opened, people)

        fact = cases.call_back(number, False, by_id=people.boss.pk, note="Wrong key")

        assert (fact.state, fact.reopened_count, fact.content) == ("searched", 1, False)
        # Three working days from Thursday: Friday, the worked Saturday, Tuesday the 24th.
        assert fact.deadline_at == datetime(2026, 2, 24, 9, 30, tzinfo=UTC)
        assert fact.next_due_at == fact.deadline_at

    def test_takes_a_score_for_an_answer(self, opened, people):
        number = self.found(opened, people)

        assert cases.call_back(number, score=3, by_id=people.boss.pk).content is False

    def test_does_not_count_before_a_reopening(self, opened, people):
        number = self.found(opened, people)
        cases.call_back(number, False, by_id=people.boss.pk)
        cases.act(number, "find", by_id=people.desk.pk)

        with pytest.raises(refusals.Missing) as refused:
            cases.act(number, "hand_over", by_id=people.boss.pk)
        assert refused.value.data["missing"] == ["call_back"]

        cases.call_back(number, True, by_id=people.boss.pk)
        assert cases.act(number, "hand_over", by_id=people.boss.pk).state_kind == "done"

    def test_is_no_answer_when_nobody_was_reached(self, opened, people):
        number = self.found(opened, people)
        cases.call_back(number, by_id=people.boss.pk, note="No answer")

        with pytest.raises(refusals.Missing):
            cases.act(number, "hand_over", by_id=people.boss.pk)

    def test_is_refused_where_none_is_due(self, opened, people):
        with pytest.raises(refusals.CallBackNotPossible):
            cases.call_back(opened().number, True, by_id=people.boss.pk)


class TestReopen:
    def test_takes_a_closed_case_up_with_a_named_deadline(self, opened, people):
        number = opened().number
        cases.act(number, "give_up", by_id=people.second.pk, note="No")
        due = clock.now() + timedelta(hours=2)

        fact = cases.reopen(number, by_id=people.boss.pk, note="It turned up", due_at=due)

        assert (fact.state, fact.closed_at, fact.next_due_at) == ("searched", None, due)
        clock.advance(timedelta(hours=3))
        driving.check_deadlines(clock.now())
        assert run(number, "agreed").late

    def test_is_refused_for_an_open_case_and_without_a_reason(self, opened, people):
        number = opened().number
        with pytest.raises(refusals.NotClosed):
            cases.reopen(number, by_id=people.boss.pk, note="Why not")
        cases.act(number, "give_up", by_id=people.second.pk, note="No")
        with pytest.raises(refusals.Missing):
            cases.reopen(number, by_id=people.boss.pk)
