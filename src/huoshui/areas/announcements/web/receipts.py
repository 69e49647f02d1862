"""What gateways tell us of messages: receipts, replies, who follows no more."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.areas.announcements import actions, refusals, rules, setups
from huoshui.areas.announcements.channels import sms, wechat
from huoshui.areas.announcements.contracts import Way
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

BODY_BYTES_MAX = 200_000
CLOCK_S = 300
RECEIPTS_MAX = 1000


@csrf_exempt
@permissions.public
@require_POST
def sms_receipts(request: HttpRequest) -> HttpResponse:
    """Take receipts and replies of the SMS gateway, signed with the secret that we share."""
    body = _body(request)
    secret = setups.secrets_of(Way.SMS).get("secret", "")
    moment = request.headers.get(sms.TIME, "")
    nonce = request.headers.get(sms.NONCE, "")
    wanted = sms.signature(secret, moment, nonce, body)
    if not (
        secret
        and _is_fresh(moment)
        and constant_time_compare(wanted, request.headers.get(sms.SIGNATURE, ""))
    ):
        raise refusals.NotGenuine
    try:
        said = json.loads(body)
        receipts, replies = said.get("receipts", []), said.get("replies", [])
        taken = sum(_sms_receipt(one) for one in receipts[:RECEIPTS_MAX])
        for one in replies[:RECEIPTS_MAX]:
            if rules.opt_out_asked(str(one.get("text", ""))):
                actions.note_opt_out(Way.SMS, str(one.get("phone", "")), told_by="reply")
    except (ValueError, AttributeError, TypeError) as problem:
        raise refusals.NotUnderstood from problem
    return JsonResponse({"code": "ok", "taken": taken})


def _is_fresh(moment: str) -> bool:
    """Tell whether a signed moment is of now: what somebody wrote down serves nobody later."""
    is_number = moment.isascii() and moment.isdigit() and len(moment) < 13
    return is_number and abs(clock.real_now().timestamp() - int(moment)) < CLOCK_S


def _sms_receipt(one: dict[str, Any]) -> bool:
    arrived = one.get("state") == "delivered"
    return actions.note_receipt(
        actions.Receipt(
            Way.SMS,
            arrived,
            provider_id=str(one.get("id", ""))[:80],
            key=str(one.get("key", ""))[:80],
            reason="" if arrived else sms.REJECTIONS.get(str(one.get("reason")), "not_delivered"),
            text=str(one.get("message", ""))[:200],
        )
    )


@csrf_exempt
@permissions.public
@require_http_methods(["GET", "POST"])
def wechat_events(request: HttpRequest) -> HttpResponse:
    """Take events of the official account: whether a message arrived, who follows no more."""
    token = setups.secrets_of(Way.WECHAT).get("token", "")
    query = {name: request.GET.get(name, "") for name in ("signature", "timestamp", "nonce")}
    if not (wechat.genuine(token, query) and _is_fresh(query["timestamp"])):
        raise refusals.NotGenuine
    if request.method == "GET":
        # The platform asks once whether the address is ours, and wants its own word back.
        return HttpResponse(request.GET.get("echostr", "")[:200], content_type="text/plain")
    _wechat_event(_body(request))
    return HttpResponse("success", content_type="text/plain")


def _wechat_event(body: bytes) -> None:
    # No document of the platform declares anything; one that does wants to harm.
    if b"<!" in body.replace(b"<![CDATA[", b""):
        raise refusals.NotUnderstood
    try:
        # As text: in another encoding a declaration would not be seen above.
        tree = ElementTree.fromstring(body.decode("utf-8"))
    except (ElementTree.ParseError, UnicodeDecodeError) as problem:
        raise refusals.NotUnderstood from problem
    event = (tree.findtext("Event") or "").strip()
    if event == "TEMPLATESENDJOBFINISH":
        status = (tree.findtext("Status") or "").strip()
        actions.note_receipt(
            actions.Receipt(
                Way.WECHAT,
                status == "success",
                provider_id=(tree.findtext("MsgID") or "").strip()[:80],
                reason="blocked" if "user block" in status else "not_delivered",
                text=status[:200],
            )
        )
    elif event == "unsubscribe":
        openid = (tree.findtext("FromUserName") or "").strip()
        actions.note_opt_out(Way.WECHAT, openid[:64], told_by="unsubscribe")
    elif event == "subscribe":
        openid = (tree.findtext("FromUserName") or "").strip()
        actions.note_opt_in(Way.WECHAT, openid[:64])


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > BODY_BYTES_MAX:
        raise refusals.NotUnderstood
    return request.body
