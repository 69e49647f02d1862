"""E-mail through a mail server.

A mail server knows no key against doubles: a message whose fate is not known is therefore not sent
again by itself, but shown to a person who decides.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

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

TIMEOUT_S = 15
PAUSE_S = 120.0


class Email:
    """The mail server."""

    way: str = Way.EMAIL
    repeat_safe_s: float | None = 0.0
    options: Sequence[Option] = (
        Option("host", _("Mail server"), required=True,
               help=_("Must be in the setting message_hosts.")),
        Option("port", _("Port"), "number", default=587, least=1, most=65535, required=True),
        Option("username", _("User name")),
        Option("password", _("Password"), "secret"),
        Option("tls", _("Begin encryption after greeting (STARTTLS)"), "switch", default=True),
        Option("ssl", _("Encrypted from the first byte"), "switch", default=False),
        Option("sender", _("Sender"), required=True,
               help=_("An address, or a name with an address in <>.")),
        Option("parallel", _("Messages at once"), "number", default=2, least=1, most=16),
        Option("per_second", _("Messages per second at most"), "number", default=10,
               least=1, most=1000),
    )  # fmt: skip

    def faults(self, config: Config) -> list[tuple[str, Any]]:
        """Return what is wrong with the setup."""
        found: list[tuple[str, Any]] = []
        host = config.text("host").lower()
        if not reaching.is_allowed(f"{host}:{config.number('port', 587)}"):
            found.append(
                ("host", _("This host is not in the setting message_hosts of the server."))
            )
        if config.options.get("tls") and config.options.get("ssl"):
            found.append(("ssl", _("Only one of the two kinds of encryption can be.")))
        encrypted = config.options.get("tls") or config.options.get("ssl")
        if config.secret("password") and not encrypted and host not in reaching.LOOPBACK:
            found.append(("tls", _("A password is never sent without encryption.")))
        if not _is_sender(config.text("sender")):
            found.append(("sender", _("This is no address of e-mail.")))
        return found

    def hosts(self, config: Config) -> list[str]:
        """Return the mail server."""
        return [f"{config.text('host').lower()}:{config.number('port', 587)}"]

    def address(self, phone: str, wechat: str, email: str) -> str:
        """Return the address, where it can be one."""
        try:
            validate_email(email)
        except ValidationError:
            return ""
        return email

    def parts(self, title: str, text: str) -> int:
        """Return one."""
        return 1

    def send(self, message: Message, config: Config) -> Outcome:
        """Hand one message to the mail server."""
        if not reaching.is_allowed(self.hosts(config)[0]):
            return Later("host_not_allowed", self.hosts(config)[0], PAUSE_S, pauses=True)
        server = EmailBackend(
            host=config.text("host"),
            port=config.number("port", 587),
            username=config.text("username"),
            password=config.secret("password"),
            use_tls=bool(config.options.get("tls")),
            use_ssl=bool(config.options.get("ssl")),
            timeout=TIMEOUT_S,
        )
        try:
            server.open()
        except smtplib.SMTPAuthenticationError as problem:
            return Later("sign_in_failed", _said(problem), PAUSE_S, pauses=True)
        except (OSError, ssl.SSLError, smtplib.SMTPException) as problem:
            return Later("unreachable", _said(problem), PAUSE_S, pauses=True)
        try:
            server.send_messages([self._letter(message, config)])
        except smtplib.SMTPException as problem:
            return _refusal(problem)
        except OSError as problem:
            return Later("cut_off", _said(problem), is_certain=False)
        finally:
            server.close()
        return Accepted(message.key)

    def _letter(self, message: Message, config: Config) -> EmailMessage:
        domain = config.text("sender").rpartition("@")[2].strip("<> ") or "localhost"
        text = f"{message.text}\n\n{message.page_url}" if message.page_url else message.text
        return EmailMessage(
            # A line break in a subject would begin a header of somebody else's making.
            subject=" ".join(message.title.split()),
            body=text,
            from_email=config.text("sender"),
            to=[message.address],
            headers={"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"},
        )


def _refusal(problem: smtplib.SMTPException) -> Outcome:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [answer[0] for answer in problem.recipients.values()]
        text = "; ".join(_text(answer[1]) for answer in problem.recipients.values())
        if codes and all(500 <= code < 600 for code in codes):
            return Rejected("bad_address", text[:200])
        return Later("busy", text[:200])
    if isinstance(problem, smtplib.SMTPResponseException):
        if 500 <= problem.smtp_code < 600:
            return Rejected("refused", _said(problem))
        return Later("busy", _said(problem))
    return Later("cut_off", _said(problem), is_certain=False)


def _said(problem: BaseException) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_text(problem.smtp_error)}"[:200]
    return str(getattr(problem, "strerror", "") or type(problem).__name__)[:200]


def _text(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _is_sender(text: str) -> bool:
    plain = text.rpartition("<")[2].strip("> ") if "<" in text else text
    try:
        validate_email(plain)
    except ValidationError:
        return False
    return "\n" not in text
