"""What gateways tell us: signed and fresh, or refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from huoshui.areas.announcements import models, outbox
from huoshui.areas.announcements.channels import sms as sms_channel
from huoshui.areas.announcements.channels import wechat
from huoshui.areas.announcements.contracts import DeliveryState, Way
from huoshui.areas.announcements.tests import standin
from huoshui.areas.announcements.tests.conftest import phones, queued
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # twelve in Shanghai


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


class TestReceiptsOfTheGateway:
    def post(self, client, said, secret=standin.SECRET, age_s=0):
        body = json.dumps(said).encode()
        moment, nonce = str(int(time.time()) - age_s), "n1"
        signed = f"{moment}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
        signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        return client.post(
            reverse("announcements:sms_receipts"),
            body,
            content_type="application/json",
            headers={
                sms_channel.TIME: moment,
                sms_channel.NONCE: nonce,
                sms_channel.SIGNATURE: signature,
            },
        )

    def test_are_taken_when_signed(self, client, sms):
        queued(*phones(1))
        outbox.send_slice()
        number = models.Delivery.objects.get().provider_id
        answer = self.post(client, {"receipts": [{"id": number, "state": "delivered"}]})

        assert answer.json() == {"code": "ok", "taken": 1}
        assert models.Delivery.objects.get().state == DeliveryState.DELIVERED

    @pytest.mark.parametrize(("secret", "age_s"), [("wrong", 0), (standin.SECRET, 301)])
    def test_are_refused_when_forged_or_old(self, client, sms, secret, age_s):
        assert self.post(client, {"receipts": []}, secret, age_s).status_code == 403

    def test_are_refused_while_no_secret_is_kept(self, client, home):
        assert self.post(client, {"receipts": []}, "").status_code == 403

    @pytest.mark.parametrize("said", [[], {"receipts": 7}, {"receipts": [7]}])
    def test_are_refused_when_they_make_no_sense(self, client, sms, said):
        assert self.post(client, said).status_code == 400

    def test_bring_the_wish_for_no_more(self, client, sms):
        self.post(client, {"replies": [{"phone": "13800000000", "text": "TD"}]})

        assert models.OptOut.objects.get().address == "13800000000"


class TestEventsOfWeChat:
    def url(self, token="event-token", age_s=0, **more):
        moment = str(int(clock.real_now().timestamp()) - age_s)
        query = {"timestamp": moment, "nonce": "2", **more}
        query["signature"] = wechat.callback_signature(token, moment, "2")
        return (
            reverse("announcements:wechat_events")
            + "?"
            + "&".join(f"{name}={value}" for name, value in query.items())
        )

    def test_know_us_by_our_token(self, client, weixin):
        assert client.get(self.url(echostr="hello")).content == b"hello"
        assert client.get(self.url(token="other", echostr="hello")).status_code == 403

    def test_are_refused_when_somebody_wrote_the_address_down(self, client, weixin):
        # The platform's signature says nothing of the content: an old one would sign anything.
        event = "<xml><Event>unsubscribe</Event><FromUserName>o1</FromUserName></xml>"
        answer = client.post(self.url(age_s=301), event, content_type="text/xml")

        assert answer.status_code == 403
        assert not models.OptOut.objects.exists()

    def test_that_hide_a_declaration_in_another_encoding_are_refused(self, client, weixin):
        bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "unsubscribe">]>'
        bomb += "<xml><Event>&a;</Event><FromUserName>o1</FromUserName></xml>"
        body = bomb.encode("utf-16")

        assert client.post(self.url(), body, content_type="text/xml").status_code == 400
        assert not models.OptOut.objects.exists()

    def test_tell_that_a_message_was_blocked(self, client, weixin):
        queued({"wechat": "o1"}, ways=(Way.WECHAT,))
        outbox.send_slice()
        event = (
            "<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]>"
            "</Event><MsgID>1</MsgID><Status><![CDATA[failed:user block]]></Status></xml>"
        )
        client.post(self.url(), event, content_type="text/xml")

        message = models.Delivery.objects.get()
        assert (message.state, message.reason) == (DeliveryState.FAILED, "blocked")

    def test_that_declare_entities_are_refused(self, client, weixin):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Event>&a;</Event></xml>'

        assert client.post(self.url(), bomb, content_type="text/xml").status_code == 400

    def test_take_down_who_follows_no_more_and_who_does_again(self, client, weixin):
        event = "<xml><Event>%s</Event><FromUserName>o1</FromUserName></xml>"
        client.post(self.url(), event % "unsubscribe", content_type="text/xml")
        assert models.OptOut.objects.get().address == "o1"
        client.post(self.url(), event % "subscribe", content_type="text/xml")
        assert not models.OptOut.objects.exists()
