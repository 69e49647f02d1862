"""What waits to be sent, and what happens in the meantime: people decline, outages end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from huoshui.areas.announcements import actions, models, outbox, refusals, rules
from huoshui.areas.announcements.contracts import DeliveryState, Kind, State, Way
from huoshui.areas.announcements.tests.conftest import phones, queued, set_up_wechat
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LOST = (400, {"code": "blocked"}, {})


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


def states(row):
    """Return the states of an announcement's messages."""
    return list(
        models.Delivery.objects.filter(announcement=row).order_by("pk").values_list(
            "state", "reason"
        )
    )  # fmt: skip


class TestWhoDeclinesInTheMeantime:
    def test_is_left_alone_when_failed_messages_are_sent_again(self, sms):
        row = queued(*phones(1))
        sms.answers = [LOST]
        outbox.send_slice()
        actions.note_opt_out(Way.SMS, "13800000000", told_by="reply")
        actions.retry_failed(row.number, by_id=None)
        outbox.send_slice()

        assert states(row) == [(DeliveryState.LEFT_OUT, rules.OPTED_OUT)]
        assert not sms.taken

    def test_is_told_over_the_next_channel_where_one_is_enough(self, sms):
        set_up_wechat(sms.address)
        row = queued(
            {"phone": "13800000000", "wechat": "o1"}, ways=(Way.SMS, Way.WECHAT),
            first_way_only=True,
        )  # fmt: skip
        models.OptOut.objects.create(
            way=Way.SMS, address="13800000000", since_at=NOON, told_by="reply"
        )
        outbox.send_slice()
        outbox.send_slice()

        assert states(row) == [
            (DeliveryState.LEFT_OUT, rules.OPTED_OUT), (DeliveryState.SENT, ""),
        ]  # fmt: skip


class TestWhatIsOver:
    def over(self):
        """Return a tariff notice queued in the quiet hours that ends before they do."""
        with clock.frozen(NOON + timedelta(hours=11)):
            return queued(
                *phones(2), kind=Kind.TARIFF, until_at=NOON + timedelta(hours=15), is_urgent=False
            )

    def test_is_not_sent_in_the_morning(self, sms):
        row = self.over()
        with clock.frozen(NOON + timedelta(hours=20)):
            assert outbox.due()
            outbox.send_slice()

        assert states(row) == [(DeliveryState.CANCELLED, rules.OVER)] * 2
        assert models.Announcement.objects.get().state == State.DONE
        assert not sms.taken

    def test_is_not_tried_again_by_hand(self, sms):
        row = queued(*phones(1), until_at=NOON + timedelta(hours=1))
        sms.answers = [LOST]
        outbox.send_slice()

        with clock.frozen(NOON + timedelta(hours=2)), pytest.raises(refusals.WordsImpossible):
            actions.retry_failed(row.number, by_id=None)

    def test_is_not_told_over_the_next_channel_by_a_receipt_that_comes_late(self, sms):
        set_up_wechat(sms.address)
        row = queued(
            {"phone": "13800000000", "wechat": "o1"}, ways=(Way.SMS, Way.WECHAT),
            first_way_only=True, until_at=NOON + timedelta(hours=1),
        )  # fmt: skip
        outbox.send_slice()
        key = outbox.key_of(models.Delivery.objects.get(way=Way.SMS))
        with clock.frozen(NOON + timedelta(days=3)):
            actions.note_receipt(actions.Receipt(Way.SMS, False, key=key))

        assert states(row)[1] == (DeliveryState.LEFT_OUT, rules.NOT_NEEDED)


class TestSendingAgain:
    def test_leaves_those_alone_who_were_reached_over_the_next_channel(self, sms):
        set_up_wechat(sms.address)
        row = queued(
            {"phone": "13800000000", "wechat": "o1"}, ways=(Way.SMS, Way.WECHAT),
            first_way_only=True,
        )  # fmt: skip
        sms.answers = [LOST]
        outbox.send_slice()
        outbox.send_slice()
        assert [state for state, _reason in states(row)] == [
            DeliveryState.FAILED, DeliveryState.SENT,
        ]  # fmt: skip

        assert actions.retry_failed(row.number, by_id=None) == 0

    def test_keeps_what_the_lost_message_cost(self, sms):
        row = queued(*phones(1))
        outbox.send_slice()
        actions.note_receipt(
            actions.Receipt(Way.SMS, False, key=outbox.key_of(models.Delivery.objects.get()))
        )
        actions.retry_failed(row.number, by_id=None)
        outbox.send_slice()

        # 4.5 cents for the one that was taken and lost, 4.5 for the one that went again.
        assert models.Delivery.objects.get().cost_cents == Decimal(9)


class TestForgetting:
    def test_empties_drafts_that_nobody_released(self, sms):
        said = actions.compose(
            actions.Composed(kind=Kind.OTHER, title_zh="x", text_zh="y"), by_id=None
        )
        models.Recipient.objects.create(
            announcement=said, account_code="A1", why="list", phone="13800000000"
        )
        models.Announcement.objects.filter(pk=said.pk).update(gathered_at=NOON, people_total=1)
        with clock.frozen(NOON + timedelta(days=179)):
            actions.forget_old_addresses()
            assert models.Recipient.objects.exists()
        with clock.frozen(NOON + timedelta(days=181)):
            actions.forget_old_addresses()

        assert not models.Recipient.objects.exists()
        assert models.Announcement.objects.get().gathered_at is None
