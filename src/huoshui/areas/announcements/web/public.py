"""What anybody may see without signing in, the poster, and what gateways tell us."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.areas.announcements import (
    actions,
    models,
    outbox,
    posters,
    queries,
    refusals,
    rules,
    setups,
    wording,
    words,
)
from huoshui.areas.announcements.channels import sms, wechat
from huoshui.areas.announcements.contracts import State, Way
from huoshui.areas.announcements.web import shown
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

BODY_BYTES_MAX = 200_000
CLOCK_S = 300
RECEIPTS_MAX = 1000


def told(row: models.Announcement) -> dict[str, Any]:
    """Return what a page or poster says of an announcement: nothing of people."""
    english = wording.for_everybody(row, english=True) if row.text_en or row.title_en else None
    return {
        "number": row.number,
        "kind": words.KINDS[row.kind],
        "colour": words.KIND_COLOURS[row.kind],
        "chinese": wording.for_everybody(row),
        "english": english,
        "title": shown.title_of(row),
        "place": row.place,
        "from": formats.moment(row.from_at) if row.from_at else "",
        "until": formats.moment(row.until_at) if row.until_at else "",
        "released": formats.moment(row.released_at) if row.released_at else "",
        "is_over": bool(row.until_at and row.until_at <= clock.now()),
        "is_recalled": row.state == State.RECALLED,
        "reason": row.recall_reason,
        "url": reverse("announcements:public", args=[row.token]),
    }


@permissions.public
@require_GET
def public(request: HttpRequest, token: str) -> HttpResponse:
    """Show one announcement to anybody; of one taken back only that it was."""
    row = queries.by_token(token)
    if row is None:
        raise Http404
    mark = request.GET.get("m", "")
    if mark and (delivery_id := wording.delivery_of(mark)):
        actions.note_opened(delivery_id, announcement_id=row.pk)
    context = {"title": shown.title_of(row), "one": told(row), "trail": _trail()}
    return render(request, "announcements/public.html", context)


def _trail() -> tuple[tuple[Any, str], ...]:
    return ((_("Public announcements"), reverse("announcements:public_list")),)


@permissions.public
@require_GET
def public_list(request: HttpRequest) -> HttpResponse:
    """Show anybody what is announced now; with ``format=json`` as an open feed."""
    rows = [told(row) for row in queries.standing_at(clock.now()) if row.is_public]
    if request.GET.get("format") == "json":
        return JsonResponse({"announcements": [_feed(request, one) for one in rows]})
    context = {"title": _("Public announcements"), "rows": rows}
    return render(request, "announcements/public_list.html", context)


def _feed(request: HttpRequest, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": one["number"],
        "kind": str(one["kind"]),
        "title": one["title"],
        "text": one["chinese"].text,
        "place": one["place"],
        "from": one["from"],
        "until": one["until"],
        "url": request.build_absolute_uri(one["url"]),
    }


@permissions.needs("announcements.read")
@require_GET
def poster(request: HttpRequest, number: str) -> HttpResponse:
    """Show an A4 page to print and hang up, with a code that leads to the public page."""
    row = shown.row_of(number)
    path = reverse("announcements:public", args=[row.token])
    base = outbox.house_rules().page_address
    address = f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)
    # It hangs in the city, whatever language its printer reads.
    with translation.override(wording.LANGUAGE):
        one = told(row)
    context = {
        "title": _("Poster"),
        "one": one,
        "is_draft": row.state not in rules.RELEASED,
        # Made by ourselves from an address of ours: no foreign text is in it.
        "picture": mark_safe(posters.picture(address)) if row.is_public else "",
        "trail": shown.trail(row, _("Poster")),
    }
    return render(request, "announcements/poster.html", context)


# Receipts -----------------------------------------------------------------------------------------


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
