"""What other areas ask: what a caller at a place should hear, and who was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huoshui.areas.announcements import actions, facade, models, outbox
from huoshui.areas.announcements.contracts import DeliveryState, Kind, State, Way
from huoshui.areas.announcements.tests.conftest import phones, queued
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
#  (0,2) ____ (2,2)
#    |          |     the area that is announced
#  (0,0) ____ (2,0)
SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


def outage(**given):
    """Return the number of an outage of tonight, drawn as the square and released."""
    number = facade.compose(
        kind=Kind.PLANNED_OUTAGE, title_zh="{place}停水", text_zh="停水", place="光明小区",
        from_at=NOON + timedelta(hours=10), until_at=NOON + timedelta(hours=16), polygon=SQUARE,
        by_id=None, **given,
    )  # fmt: skip
    assert facade.submit(number, by_id=None) == State.DONE
    return number


def numbers(*place, **who):
    """Return the numbers of what is in force somewhere."""
    return [one.number for one in facade.in_force(*place, **who)]


class TestInForce:
    def test_is_told_inside_the_area_before_it_begins(self):
        number = outage()

        assert numbers(1.0, 1.0) == [number]
        assert numbers(3.0, 1.0) == []

    def test_ends_with_the_outage(self):
        outage()
        with clock.frozen(NOON + timedelta(hours=16)):
            assert numbers(1.0, 1.0) == []

    def test_ends_when_it_is_taken_back(self):
        number = outage()
        actions.recall(number, by_id=None, reason="moved")

        assert numbers(1.0, 1.0) == []

    def test_is_told_to_the_account_that_was_chosen_wherever_it_calls_from(self, sms):
        row = queued(*phones(1))

        assert numbers(account_code="A1") == [row.number]
        assert numbers(account_code="A9") == []

    def test_puts_the_urgent_first_and_fills_in_the_words(self, sms):
        outage()
        burst = queued(*phones(1), everyone=True, is_urgent=True)

        found = facade.in_force(1.0, 1.0)
        assert found[0].number == burst.number
        assert found[1].title == "光明小区停水"

    def test_asks_the_database_the_same_for_many(self, django_assert_max_num_queries):
        for _ in range(12):
            outage()
        with django_assert_max_num_queries(3):
            assert len(numbers(1.0, 1.0, account_code="A1", estate_code="E1")) == 12


class TestWasTold:
    def test_says_when_over_which_channel_and_whether_it_got_through(self, sms):
        row = queued(*phones(2), kind=Kind.FREEZE)
        sms.answers = [(400, {"code": "blocked"}, {})]
        outbox.send_slice()

        told = {
            code: facade.was_told(code, Kind.FREEZE, NOON - timedelta(days=1))
            for code in ("A1", "A2", "A3")
        }
        assert sorted(one.got_through for code in ("A1", "A2") for one in told[code]) == [
            False, True,
        ]  # fmt: skip
        assert {one.number for one in told["A1"]} == {row.number}
        assert told["A3"] == ()

    def test_counts_for_every_account_of_the_person(self, sms):
        row = queued(*phones(1), kind=Kind.FREEZE)
        leader = row.recipients.get()
        models.Recipient.objects.create(
            announcement=row, account_code="B7", why="list", leader=leader
        )
        outbox.send_slice()

        (told,) = facade.was_told("B7", Kind.FREEZE, NOON - timedelta(days=1))
        assert (told.channel, told.state) == (Way.SMS, DeliveryState.SENT)

    def test_knows_nothing_of_another_kind_or_time(self, sms):
        queued(*phones(1), kind=Kind.FREEZE)
        outbox.send_slice()

        assert facade.was_told("A1", Kind.TARIFF, NOON - timedelta(days=1)) == ()
        assert facade.was_told("A1", Kind.FREEZE, NOON + timedelta(days=1)) == ()


class TestCompose:
    def test_keeps_a_draft_until_somebody_hands_it_in(self):
        facade.compose(kind=Kind.OTHER, title_zh="x", text_zh="y", by_id=None, polygon=SQUARE)

        assert models.Announcement.objects.get().state == State.DRAFT
        assert numbers(1.0, 1.0) == []
