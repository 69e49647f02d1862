"""Template messages of a WeChat official account.

Facts of the platform that this module rests on: the stable access token lives two hours and is
given again to every process that asks (``cgi-bin/stable_token``); ``client_msg_id`` keeps a message
from being sent twice to one person for ten minutes; a value named ``thing…`` holds 20 characters;
whether a message arrived is told later by the event ``TEMPLATESENDJOBFINISH``.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
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

ADDRESS = "https://api.weixin.qq.com"
THING_CHARS_MAX = 20
EARLY_S = 300.0
PAUSE_S = 60.0
DAY_PAUSE_S = 3600.0
TOKEN_BAD = frozenset({40001, 40014, 42001})
REJECTIONS = {
    40003: "bad_address",
    43004: "not_following",
    43101: "opted_out",
    40037: "template_wrong",
    47003: "template_wrong",
    40036: "template_wrong",
    50002: "blocked",
}
CREDENTIALS = frozenset({40013, 40125, 40164, 50004, 48001, 61024})
DEFAULT_VALUES = "first = {title}\nkeyword1 = {place}\nkeyword2 = {from}\nkeyword3 = {until}"


def callback_signature(token: str, timestamp: str, nonce: str) -> str:
    """Return how the platform signs what it sends us: SHA-1 over the sorted three."""
    return hashlib.sha1("".join(sorted([token, timestamp, nonce])).encode()).hexdigest()


class Tokens:
    """Access tokens by account: fetched when needed, kept until shortly before they end."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, config: Config, *, instead_of: str = "") -> str:
        """Return a token that is valid; ``instead_of`` names one that was refused.

        Raises `reaching.NotReached` and `SignInFailed`.
        """
        account = (config.text("api") or ADDRESS, config.text("appid"))
        with self._lock:
            token, until = self._kept.get(account, ("", 0.0))
            if token and token != instead_of and time.monotonic() < until:
                return token
            body = {
                "grant_type": "client_credential",
                "appid": account[1],
                "secret": config.secret("secret"),
                "force_refresh": bool(instead_of) and token == instead_of,
            }
            answer = reaching.post(
                f"{account[0]}/cgi-bin/stable_token", json.dumps(body).encode(), {}
            )
            fresh = answer.said.get("access_token")
            if not isinstance(fresh, str) or not fresh:
                raise SignInFailed(answer)
            lives_s = float(answer.said.get("expires_in", 7200))
            self._kept[account] = (fresh, time.monotonic() + max(60.0, lives_s - EARLY_S))
            return fresh

    def forget(self) -> None:
        """Fetch anew the next time; for a changed setup."""
        with self._lock:
            self._kept.clear()


class SignInFailed(Exception):
    """The platform gave no token."""

    def __init__(self, answer: reaching.Answer) -> None:
        super().__init__("no token")
        self.text = str(answer.said.get("errmsg") or f"HTTP {answer.status}")[:200]


TOKENS = Tokens()


class WeChat:
    """The official account."""

    way: str = Way.WECHAT
    repeat_safe_s: float | None = 600.0
    options: Sequence[Option] = (
        Option("appid", _("AppID of the official account"), required=True),
        Option("secret", _("AppSecret"), "secret", required=True),
        Option("templates", _("Template messages"), "lines", required=True,
               help=_("One line for each kind, such as planned_outage = TEMPLATE_ID; default = … "
                      "for the rest.")),
        Option("values", _("Values of the template"), "lines", default=DEFAULT_VALUES,
               help=_("One line for each value of the template, with variables such as {place}.")),
        Option("token", _("Token for events"), "secret",
               help=_("As typed in on the platform, so that we know its events to be genuine.")),
        Option("api", _("Address of the platform"), default=ADDRESS,
               help=_("Its host must be in the setting message_hosts.")),
        Option("parallel", _("Messages at once"), "number", default=4, least=1, most=16),
        Option("per_second", _("Messages per second at most"), "number", default=50,
               least=1, most=1000),
    )  # fmt: skip

    def faults(self, config: Config) -> list[tuple[str, Any]]:
        """Return what is wrong with the setup."""
        found: list[tuple[str, Any]] = []
        api = config.text("api") or ADDRESS
        if not reaching.is_address(api):
            found.append(("api", _("This is no address that begins with https://.")))
        elif not reaching.is_allowed(reaching.host_of(api)):
            found.append(("api", _("This host is not in the setting message_hosts of the server.")))
        if not config.lines("templates"):
            found.append(("templates", _("At least one line, such as default = TEMPLATE_ID.")))
        return found

    def hosts(self, config: Config) -> list[str]:
        """Return the platform's host."""
        return [reaching.host_of(config.text("api") or ADDRESS)]

    def address(self, phone: str, wechat: str, email: str) -> str:
        """Return the person's openid."""
        return wechat

    def parts(self, title: str, text: str) -> int:
        """Return one: the platform counts messages, not letters."""
        return 1

    def send(self, message: Message, config: Config) -> Outcome:
        """Send one template message; a token that has ended is replaced once."""
        refused = ""
        for _attempt in range(2):
            try:
                token = TOKENS.get(config, instead_of=refused)
            except SignInFailed as problem:
                return Later("sign_in_failed", problem.text, PAUSE_S, pauses=True)
            except reaching.NotReached as problem:
                # Nothing but the wish for a token was sent.
                return Later(problem.reason, problem.text, PAUSE_S, pauses=True)
            try:
                answer = self._post(message, config, token)
            except reaching.NotReached as problem:
                return Later(problem.reason, problem.text, is_certain=problem.is_certain)
            if answer.said.get("errcode") not in TOKEN_BAD:
                return understood(answer)
            refused = token
        return Later("sign_in_failed", str(answer.said.get("errmsg", ""))[:200], PAUSE_S,
                     pauses=True)  # fmt: skip

    def _post(self, message: Message, config: Config, token: str) -> reaching.Answer:
        templates = config.lines("templates")
        values = config.lines("values") or Config({"values": DEFAULT_VALUES}).lines("values")
        said = {**message.parameters, "title": message.title, "text": message.text}
        body = {
            "touser": message.address,
            "template_id": templates.get(message.kind, templates.get("default", "")),
            "client_msg_id": message.key,
            "data": {name: {"value": _cut(name, rules.filled(one, said))}
                     for name, one in values.items()},
        }  # fmt: skip
        if message.page_url:
            body["url"] = message.page_url
        api = config.text("api") or ADDRESS
        return reaching.post(
            f"{api}/cgi-bin/message/template/send?access_token={token}",
            json.dumps(body, ensure_ascii=False).encode(),
            {},
        )


def _cut(name: str, value: str) -> str:
    if not name.startswith("thing") or len(value) <= THING_CHARS_MAX:
        return value
    return f"{value[: THING_CHARS_MAX - 1]}…"


def understood(answer: reaching.Answer) -> Outcome:
    """Return what the platform's answer means."""
    code = answer.said.get("errcode")
    text = f"{code} {answer.said.get('errmsg', '')}".strip()[:200]
    if answer.status != 200 or not isinstance(code, int):
        return Later("gateway_broken", f"HTTP {answer.status}", is_certain=False)
    if code == 0:
        return Accepted(str(answer.said.get("msgid", ""))[:80])
    if code in REJECTIONS:
        return Rejected(REJECTIONS[code], text)
    if code == -1:
        return Later("busy", text)
    if code in (45009, 45011):
        return Later("rate_limit", text, DAY_PAUSE_S if code == 45009 else PAUSE_S, pauses=True)
    if code in CREDENTIALS:
        return Later("sign_in_failed", text, PAUSE_S * 5, pauses=True)
    return Rejected("refused", text)


def genuine(token: str, query: Mapping[str, str]) -> bool:
    """Tell whether an event was sent by the platform: it knows the token, as we do."""
    from django.utils.crypto import constant_time_compare

    wanted = callback_signature(token, query.get("timestamp", ""), query.get("nonce", ""))
    return bool(token) and constant_time_compare(wanted, query.get("signature", ""))
