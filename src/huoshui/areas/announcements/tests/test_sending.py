"""Sending against the stand-ins: what arrives, what is refused, what is tried again, what never is.

No test waits for the clock: retries are due by the product's clock, which the tests move.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from huoshui.areas.announcements import actions, models, outbox, rules, setups
from huoshui.areas.announcements.channels import reaching
from huoshui.areas.announcements.contracts import DeliveryState, Kind, State, Way
from huoshui.areas.announcements.tests import standin
from huoshui.areas.announcements.tests.conftest import phones, queued, set_up_sms, set_up_wechat
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # twelve in Shanghai


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


def states(row):
    """Return the state of each message of an announcement, in order."""
    return list(
        models.Delivery.objects.filter(announcement=row)
        .order_by("recipient_id", "id")
        .values_list("state", flat=True)
    )


def only(row):
    """Return the only message of an announcement."""
    return models.Delivery.objects.get(announcement=row)


class TestSms:
    def test_reaches_each_person_once_signed_and_in_their_own_words(self, sms):
        row = queued(*phones(3))

        assert outbox.send_slice() == 3
        assert sms.refused_signatures == 0
        texts = {one["phone"]: one["text"] for one in sms.taken.values()}
        assert texts["13800000001"] == "王1您好，光明小区因管道抢修停水。"
        assert {one["template"] for one in sms.taken.values()} == {"SMS_9"}
        assert states(row) == [DeliveryState.SENT] * 3

    def test_is_done_when_nothing_is_left_and_knows_its_cost(self, sms):
        row = queued(*phones(2))
        outbox.send_slice()

        row.refresh_from_db()
        assert row.state == State.DONE
        # Two messages of one part at 4.5 fen.
        costs = models.Delivery.objects.values_list("cost_cents", flat=True)
        assert sum(costs) == Decimal("9.0")

    def test_waits_as_long_as_a_busy_gateway_asks_and_uses_up_no_attempt(self, sms):
        row = queued(*phones(1))
        sms.answers = [(429, {}, {"Retry-After": "120"})]
        outbox.send_slice()

        assert only(row).attempts == 0
        assert only(row).state == DeliveryState.QUEUED
        assert outbox.send_slice() == 0
        with clock.frozen(NOON + timedelta(seconds=121)):
            assert outbox.send_slice() == 1
        assert states(row) == [DeliveryState.SENT]
        assert models.ChannelSetup.objects.get(way=Way.SMS).trouble == ""

    def test_never_tries_an_address_again_that_does_not_exist(self, sms):
        row = queued(*phones(1))
        sms.answers = [(400, {"code": "bad_number", "message": "no such number"}, {})]
        outbox.send_slice()

        assert (only(row).state, only(row).reason) == (DeliveryState.FAILED, "bad_address")
        with clock.frozen(NOON + timedelta(days=1)):
            assert outbox.send_slice() == 0

    def test_sends_nothing_twice_when_the_answer_is_lost(self, sms, monkeypatch):
        row = queued(*phones(1))
        sms.slow_s = 1.0  # the gateway takes it, but we stop waiting before it says so
        with monkeypatch.context() as patched:
            patched.setattr(reaching, "TIMEOUT_S", 0.3)
            outbox.send_slice()
        assert (only(row).state, only(row).reason) == (DeliveryState.QUEUED, "timeout")
        assert len(sms.taken) == 1

        sms.slow_s = 0.0
        with clock.frozen(NOON + timedelta(minutes=1)):
            outbox.send_slice()

        assert only(row).state == DeliveryState.SENT
        assert len(sms.taken) == 1
        assert list(sms.asked.values()) == [2]

    def test_gives_up_after_some_attempts_each_later_than_the_one_before(self, sms):
        row = queued(*phones(1))
        sms.answers = [(503, {}, {})] * 10
        moment, waits = NOON, []
        for _ in range(rules.ATTEMPTS_MAX):
            with clock.frozen(moment):
                outbox.send_slice()
            if only(row).next_at:
                waits.append((only(row).next_at - moment).total_seconds())
                moment = only(row).next_at

        assert waits == [30, 60, 120, 240, 480]
        assert (only(row).state, only(row).reason) == (DeliveryState.FAILED, rules.TOO_OFTEN)

    def test_stops_the_channel_when_its_sign_in_is_refused(self, sms):
        queued(*phones(100))
        actions.save_channel(
            Way.SMS,
            options=models.ChannelSetup.objects.get(way=Way.SMS).options,
            secrets={"secret": "another"},
            price_cents=Decimal(0),
            by_id=None,
        )
        tried = outbox.send_slice()

        assert tried == outbox.BATCH  # one batch was on its way, nothing after it
        assert sms.taken == {}
        assert models.ChannelSetup.objects.get(way=Way.SMS).trouble == "sign_in_failed"

    def test_speaks_to_no_host_that_the_server_does_not_allow(self, sms, home, monkeypatch):
        row = queued(*phones(1))
        from huoshui.kernel import settings

        closed = settings.get().model_copy(update={"message_hosts": ""})
        monkeypatch.setattr(settings, "get", lambda: closed)

        assert outbox.send_slice() == 0
        assert sms.taken == {}
        assert states(row) == [DeliveryState.QUEUED]

    def test_lets_nothing_leave_over_a_channel_that_is_off(self, sms):
        actions.switch_channel(Way.SMS, is_enabled=False, by_id=None)
        queued(*phones(1))

        assert outbox.send_slice() == 0
        assert sms.taken == {}


class TestQuietHours:
    NIGHT = NOON + timedelta(hours=11)  # eleven in the evening

    def test_hold_what_is_not_urgent_until_morning(self, sms):
        row = queued(*phones(1), kind=Kind.TARIFF)
        with clock.frozen(self.NIGHT):
            assert outbox.send_slice() == 0
        with clock.frozen(self.NIGHT + timedelta(hours=8, minutes=31)):
            assert outbox.send_slice() == 1
        assert states(row) == [DeliveryState.SENT]

    def test_let_a_burst_pass(self, sms):
        queued(*phones(1), kind=Kind.BURST)
        with clock.frozen(self.NIGHT):
            assert outbox.send_slice() == 1

    def test_are_what_the_house_says(self, sms):
        queued(*phones(1), kind=Kind.TARIFF)
        actions.change_rules(
            quiet_from=time(0), quiet_until=time(0), mass_from=10, keep_days=90, page_address="",
            by_id=None,
        )  # fmt: skip
        with clock.frozen(self.NIGHT):
            assert outbox.send_slice() == 1


class TestOneChannelAfterTheOther:
    def test_spares_the_second_where_the_first_reaches(self, weixin):
        set_up_sms(weixin.address)
        row = queued(
            {"name": "王", "phone": "13800000001", "wechat": "o1"},
            {"name": "李", "phone": "13800000002"},
            ways=(Way.WECHAT, Way.SMS),
            first_way_only=True,
        )
        outbox.send_slice()

        assert states(row) == [
            DeliveryState.SENT, DeliveryState.LEFT_OUT,  # WeChat reached her
            DeliveryState.LEFT_OUT, DeliveryState.SENT,  # he has no WeChat
        ]  # fmt: skip
        assert len(weixin.taken) == 2

    def test_takes_the_second_when_the_first_fails(self, weixin):
        set_up_sms(weixin.address)
        row = queued(
            {"name": "王", "phone": "13800000001", "wechat": "o1"},
            ways=(Way.WECHAT, Way.SMS),
            first_way_only=True,
        )
        weixin.answers = [(200, {"errcode": 43004, "errmsg": "require subscribe"}, {})]
        outbox.send_slice()

        assert states(row) == [DeliveryState.FAILED, DeliveryState.SENT]


class TestWeChat:
    def test_fills_in_the_template_and_cuts_a_thing_to_twenty_characters(self, weixin):
        row = queued({"name": "王", "wechat": "o1"}, ways=(Way.WECHAT,))
        models.Announcement.objects.filter(pk=row.pk).update(place="光明小区" * 6)
        outbox.send_slice()

        (said,) = weixin.taken.values()
        assert said["touser"] == "o1"
        assert said["template_id"] == "TPL_1"
        assert len(said["data"]["thing1"]["value"]) == 20

    def test_fetches_one_token_for_many_messages(self, weixin):
        queued(*({"wechat": f"o{n}"} for n in range(20)), ways=(Way.WECHAT,))
        outbox.send_slice()

        assert len(weixin.taken) == 20
        assert weixin.tokens_given == 1

    def test_fetches_a_new_token_when_the_old_one_has_ended(self, weixin):
        queued({"wechat": "o1"}, ways=(Way.WECHAT,))
        outbox.send_slice()
        weixin.token = "ended-and-replaced-elsewhere"
        row = queued({"wechat": "o2"}, ways=(Way.WECHAT,))
        outbox.send_slice()

        assert states(row) == [DeliveryState.SENT]
        assert weixin.tokens_given == 2

    def test_says_when_the_platform_does_not_know_us(self, home, gateway):
        set_up_wechat(gateway.address, secret="wrong")
        row = queued({"wechat": "o1"}, ways=(Way.WECHAT,))
        outbox.send_slice()

        assert states(row) == [DeliveryState.QUEUED]
        setup = models.ChannelSetup.objects.get(way=Way.WECHAT)
        assert (setup.trouble, setup.trouble_text) == ("sign_in_failed", "invalid appsecret")

    def test_leaves_to_a_person_what_is_uncertain_longer_than_the_key_is_known(self, weixin):
        row = queued({"wechat": "o1"}, ways=(Way.WECHAT,))
        long_ago = clock.real_now() - timedelta(minutes=11)
        models.Delivery.objects.update(state=DeliveryState.SENDING, claimed_at=long_ago)
        outbox.send_slice()

        assert only(row).reason == rules.OUTCOME_UNKNOWN
        assert weixin.taken == {}


class TestEmail:
    @pytest.fixture
    def post(self, home):
        with standin.mail() as server:
            actions.save_channel(
                Way.EMAIL,
                options={
                    "host": "127.0.0.1", "port": server.server_address[1], "tls": False,
                    "sender": "活水水务 <water@example.org>",
                },
                secrets={},
                price_cents=Decimal(0),
                by_id=None,
            )  # fmt: skip
            actions.switch_channel(Way.EMAIL, is_enabled=True, by_id=None)
            yield server

    def test_writes_a_letter(self, post):
        row = queued({"name": "王", "email": "wang@example.org"}, ways=(Way.EMAIL,))
        outbox.send_slice()

        assert states(row) == [DeliveryState.SENT]
        (letter,) = post.letters
        assert "To: wang@example.org" in letter
        assert "Auto-Submitted: auto-generated" in letter

    def test_knows_an_address_that_does_not_exist(self, post):
        row = queued({"email": "gone@example.org"}, ways=(Way.EMAIL,))
        post.refusals["gone@example.org"] = "550 no such user"
        outbox.send_slice()

        assert (only(row).state, only(row).reason) == (DeliveryState.FAILED, "bad_address")

    def test_asks_a_person_where_the_line_was_cut_after_the_letter(self, post):
        row = queued({"email": "wang@example.org"}, ways=(Way.EMAIL,))
        post.after_data = lambda: None
        outbox.send_slice()

        assert (only(row).state, only(row).reason) == (
            DeliveryState.FAILED,
            rules.OUTCOME_UNKNOWN,
        )
        assert actions.retry_failed(row.number, by_id=None) == 0
        assert actions.retry_failed(row.number, by_id=None, also_uncertain=True) == 1

    def test_begins_no_header_of_somebody_elses_making(self, post):
        row = queued({"email": "wang@example.org"}, ways=(Way.EMAIL,))
        models.Announcement.objects.filter(pk=row.pk).update(title_zh="a\nBcc: other@example.org")
        outbox.send_slice()

        assert "\nBcc:" not in post.letters[0]


class TestRecall:
    def test_stops_what_has_not_left(self, sms):
        row = queued(*phones(50))
        outbox.send_slice(batches_max=1)

        stopped = actions.recall(row.number, by_id=None, reason="wrong date")

        assert stopped == 10
        assert outbox.send_slice() == 0
        assert len(sms.taken) == 40


class TestReceipts:
    def test_tell_what_arrived_and_what_was_lost(self, sms):
        row = queued(*phones(2))
        outbox.send_slice()
        first, second = models.Delivery.objects.order_by("id")
        actions.note_receipt(actions.Receipt(Way.SMS, True, provider_id=first.provider_id))
        key = outbox.key_of(second)
        actions.note_receipt(actions.Receipt(Way.SMS, False, key=key, reason="blocked"))

        assert states(row) == [DeliveryState.DELIVERED, DeliveryState.FAILED]

    def test_do_not_take_back_that_it_was_opened(self, sms):
        row = queued(*phones(1))
        outbox.send_slice()
        actions.note_opened(only(row).pk)
        actions.note_receipt(actions.Receipt(Way.SMS, True, provider_id=only(row).provider_id))

        assert only(row).state == DeliveryState.READ
        assert only(row).delivered_at is not None

    def test_may_come_before_we_know_that_the_gateway_took_it(self, sms):
        row = queued(*phones(1))
        (claimed,) = outbox.claim()
        actions.note_receipt(actions.Receipt(Way.SMS, True, key=claimed.message.key))
        outbox.keep(claimed, outbox.Accepted("G7"), setups.standing()["sms"])

        assert (only(row).state, only(row).provider_id) == (DeliveryState.DELIVERED, "G7")

    def test_of_an_earlier_round_come_too_late(self, sms):
        row = queued(*phones(1))
        sms.answers = [(400, {"code": "blocked"}, {})]
        outbox.send_slice()
        old = outbox.key_of(only(row))
        actions.retry_failed(row.number, by_id=None)
        outbox.send_slice()

        assert actions.note_receipt(actions.Receipt(Way.SMS, False, key=old)) is False
        assert states(row) == [DeliveryState.SENT]
        assert len(sms.taken) == 1

    def test_keep_a_wish_for_no_more_messages(self, sms):
        row = queued(*phones(2))
        assert actions.note_opt_out(Way.SMS, "+86 138 0000 0001", told_by="reply")
        outbox.send_slice()

        assert states(row) == [DeliveryState.SENT, DeliveryState.LEFT_OUT]
        later = queued(*phones(2))
        assert states(later) == [DeliveryState.QUEUED, DeliveryState.LEFT_OUT]
