"""What every channel is: the interface, what it is given and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True)
class Option:
    """One thing to say when a channel is set up.

    ``kind`` is text, number, switch, lines or secret; a secret is kept as a file of its own.
    """

    name: str
    label: Any
    kind: str = "text"
    help: Any = ""
    default: Any = ""
    required: bool = False
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Config:
    """A channel's options and secrets as they are set up here."""

    options: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    price_cents: Decimal = Decimal(0)

    def text(self, name: str) -> str:
        """Return an option as text without blanks around it."""
        return str(self.options.get(name) or "").strip()

    def number(self, name: str, default: int) -> int:
        """Return an option as a number."""
        value = self.options.get(name)
        return default if value in (None, "") else int(value)

    def lines(self, name: str) -> dict[str, str]:
        """Return an option of lines ``name = value``."""
        found: dict[str, str] = {}
        for line in self.text(name).splitlines():
            key, equals, value = line.partition("=")
            if equals and key.strip():
                found[key.strip()] = value.strip()
        return found

    def secret(self, name: str) -> str:
        """Return a secret, empty where none is kept."""
        return self.secrets.get(name, "")


@dataclass(frozen=True)
class Message:
    """What one person is to receive. ``key`` is the same whenever this message is sent again."""

    key: str
    address: str
    kind: str
    title: str
    text: str
    parameters: Mapping[str, str]
    page_url: str = ""


@dataclass(frozen=True)
class Accepted:
    """The gateway has taken the message."""

    provider_id: str = ""
    parts: int = 1


@dataclass(frozen=True)
class Rejected:
    """This message will never go to this address; trying again is of no use."""

    reason: str
    text: str = ""


@dataclass(frozen=True)
class Later:
    """It did not go now.

    ``is_certain`` is false where the gateway may have taken it after all, such as when its answer
    did not come in time. With ``pauses`` the whole channel waits, because every other message would
    fare the same.
    """

    reason: str
    text: str = ""
    after_s: float | None = None
    is_certain: bool = True
    pauses: bool = False


Outcome = Accepted | Rejected | Later


class Channel(Protocol):
    """One way to reach people outside."""

    way: str
    options: Sequence[Option]
    repeat_safe_s: float | None
    """How long the gateway knows a key again and sends nothing twice; None for ever, 0 never."""

    def faults(self, config: Config) -> list[tuple[str, Any]]:
        """Return what is wrong with the setup, as (option, words)."""
        ...

    def hosts(self, config: Config) -> list[str]:
        """Return the hosts that it would speak to, each as name or name:port."""
        ...

    def address(self, phone: str, wechat: str, email: str) -> str:
        """Return where a person is reached over this channel; empty where they are not."""
        ...

    def parts(self, title: str, text: str) -> int:
        """Return how many times the price is paid for one message."""
        ...

    def send(self, message: Message, config: Config) -> Outcome:
        """Send one message; never raises for what a gateway or the line does."""
        ...
