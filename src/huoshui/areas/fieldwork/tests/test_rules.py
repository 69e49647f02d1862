"""What may become of a job, how it is numbered, and until when it is due."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huoshui.areas.fieldwork import rules
from huoshui.areas.fieldwork.contracts import JobState, Priority

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TestMayBecome:
    @pytest.mark.parametrize("final", [JobState.CLOSED, JobState.CANCELLED])
    def test_leaves_final_states_alone(self, final):
        assert not any(rules.may_become(final, state) for state in JobState)

    def test_never_closes_what_nobody_reported(self):
        closing = [state for state in JobState if rules.may_become(state, JobState.CLOSED)]

        assert closing == [JobState.DONE]

    @pytest.mark.parametrize("state", rules.OPEN_STATES)
    def test_lets_an_open_job_be_cancelled(self, state):
        assert rules.may_become(state, JobState.CANCELLED)


class TestNumber:
    def test_counts_from_one_each_day(self):
        assert rules.number(date(2026, 3, 2), 0) == "J-20260302-001"

    def test_goes_on_beyond_three_digits(self):
        assert rules.number(date(2026, 3, 2), 999) == "J-20260302-1000"


class TestDueAt:
    def test_gives_pressing_jobs_less_time(self):
        order = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT]
        due = [rules.due_at(NOON, priority) for priority in order]

        assert due == sorted(due, reverse=True)
        assert due[-1] == NOON + timedelta(hours=4)


class TestOverdue:
    def test_is_for_jobs_that_wait_for_their_crew(self):
        late = NOON - timedelta(minutes=1)

        assert rules.overdue(JobState.ASSIGNED, late, NOON)
        assert not rules.overdue(JobState.DONE, late, NOON)
        assert not rules.overdue(JobState.ASSIGNED, NOON, NOON)
