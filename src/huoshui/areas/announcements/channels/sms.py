"""Short messages through a gateway that speaks signed JSON over HTTP.

Gateways differ in names more than in kind: a small relay at the provider's end, or the provider
itself, speaks the form described in docs/reference/channels.md. Each request is signed with
HMAC-SHA256 over its time, a number used once and the hash of its body, so that nobody on the way
can send in our name, change a word or send the same request again later.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import rules
from huoshui.areas.announcements.channels import reaching
from huoshui.areas.announcements.channels.base import (
    Accepted,
    Config,
    Later,
    Message,
    Option,
    Outcome,
    Rejected,
)
from huoshui.areas.announcements.contracts import Way
from huoshui.kernel import clock

TIME, NONCE, SIGNATURE, ACCOUNT = (
    "X-Huoshui-Time",
    "X-Huoshui-Nonce",
    "X-Huoshui-Signature",
    "X-Huoshui-Account",
)
PAUSE_S = 60.0
SIGN_IN_PAUSE_S = 300.0
# What a gateway may say of one message, and what we call it.
REJECTIONS = {
    "bad_number": "bad_address",
    "blocked": "blocked",
    "opted_out": "opted_out",
    "template": "template_wrong",
    "text_refused": "text_refused",
}


def signature(secret: str, time: str, nonce: str, body: bytes) -> str:
    """Return the signature of a request in either direction, as hexadecimal digits."""
    signed = f"{time}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


class Sms:
    """The SMS gateway."""

    way: str = Way.SMS
    repeat_safe_s: float | None = None
    options: Sequence[Option] = (
        Option("url", _("Address of the gateway"), required=True,
               help=_("Begins with https://. Its host must be in the setting message_hosts.")),
        Option("account", _("Account at the gateway"), required=True),
        Option("secret", _("Secret for signing"), "secret", required=True),
        Option("sign", _("Signature before the text"), required=True,
               help=_("As registered with the provider; people see it in 【】.")),
        Option("templates", _("Templates of the provider"), "lines",
               help=_("One line for each kind, such as planned_outage = SMS_1001; default = … for "
                      "the rest. Empty where the provider takes free text.")),
        Option("parallel", _("Messages at once"), "number", default=4, least=1, most=16),
        Option("per_second", _("Messages per second at most"), "number", default=20,
               least=1, most=1000),
    )  # fmt: skip

    def faults(self, config: Config) -> list[tuple[str, Any]]:
        """Return what is wrong with the setup."""
        url = config.text("url")
        if not reaching.is_address(url):
            return [("url", _("This is no address that begins with https://."))]
        if not reaching.is_allowed(reaching.host_of(url)):
            return [("url", _("This host is not in the setting message_hosts of the server."))]
        return []

    def hosts(self, config: Config) -> list[str]:
        """Return the gateway's host."""
        return [reaching.host_of(config.text("url"))]

    def address(self, phone: str, wechat: str, email: str) -> str:
        """Return the mobile number; a landline receives no short messages."""
        return rules.digits(phone) if rules.is_mobile(phone) else ""

    def parts(self, title: str, text: str) -> int:
        """Return how many short messages the text takes; its signature counts with it."""
        return rules.sms_parts(text)

    def send(self, message: Message, config: Config) -> Outcome:
        """Hand one short message to the gateway."""
        templates = config.lines("templates")
        body = json.dumps(
            {
                "key": message.key,
                "phone": message.address,
                "sign": config.text("sign"),
                "template": templates.get(message.kind, templates.get("default", "")),
                "parameters": dict(message.parameters),
                "text": message.text,
            },
            ensure_ascii=False,
        ).encode()
        try:
            answer = reaching.post(config.text("url"), body, self._signed(config, body))
        except reaching.NotReached as problem:
            pauses = problem.reason in {"unreachable", "host_not_allowed"}
            return Later(problem.reason, problem.text, PAUSE_S if pauses else None,
                         is_certain=problem.is_certain, pauses=pauses)  # fmt: skip
        return understood(answer)

    def _signed(self, config: Config, body: bytes) -> Mapping[str, str]:
        time, nonce = str(int(clock.real_now().timestamp())), secrets.token_hex(12)
        return {
            ACCOUNT: config.text("account"),
            TIME: time,
            NONCE: nonce,
            SIGNATURE: signature(config.secret("secret"), time, nonce, body),
        }


def understood(answer: reaching.Answer) -> Outcome:
    """Return what a gateway's answer means."""
    code = str(answer.said.get("code", ""))
    text = str(answer.said.get("message", ""))[:200]
    if answer.status == 429:
        return Later("rate_limit", text, answer.retry_after_s or PAUSE_S, pauses=True)
    if answer.status in (401, 403):
        return Later("sign_in_failed", text, SIGN_IN_PAUSE_S, pauses=True)
    if answer.status == 402 or code == "no_credit":
        return Later("no_credit", text, SIGN_IN_PAUSE_S, pauses=True)
    if answer.status >= 500:
        # What a gateway did before it broke is not known.
        return Later("gateway_broken", text, is_certain=answer.status == 503)
    if answer.status == 200 and code in ("ok", "duplicate") and answer.said.get("id"):
        parts = answer.said.get("parts", 1)
        return Accepted(str(answer.said["id"])[:80], parts if isinstance(parts, int) else 1)
    if code in REJECTIONS:
        return Rejected(REJECTIONS[code], text)
    if answer.status >= 400:
        return Rejected("refused", text or f"HTTP {answer.status}")
    return Later("not_understood", text or f"HTTP {answer.status}", is_certain=False)
