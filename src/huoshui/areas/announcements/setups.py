"""How the channels are set up here: options in the table, secrets in files of the owner alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import channels
from huoshui.areas.announcements.channels import reaching
from huoshui.areas.announcements.channels.base import Channel, Config
from huoshui.areas.announcements.models import ChannelSetup
from huoshui.kernel import settings


@dataclass(frozen=True)
class Standing:
    """One channel as it stands: what it is, how it is set up, and why it cannot be used."""

    way: str
    channel: Channel
    config: Config
    is_enabled: bool
    problem: Any
    paused_until: datetime | None
    trouble: str
    trouble_text: str
    trouble_at: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether messages may leave over it, now or when its pause is over."""
        return self.is_enabled and not self.problem


def secret_folder(way: str) -> Path:
    """Return where the secrets of a channel lie."""
    return settings.get().home / "secrets" / "channels" / way


def secrets_of(way: str) -> dict[str, str]:
    """Return the secrets of a channel by the name of their option."""
    channel = channels.KNOWN[way]
    folder = secret_folder(way)
    names = [one.name for one in channel.options if one.kind == "secret"]
    return {name: (folder / name).read_text("utf-8") for name in names if (folder / name).is_file()}


def write_secret(way: str, name: str, value: str) -> None:
    """Keep a secret in a file that only the owner can read, whole or not at all."""
    folder = secret_folder(way)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"{name}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(value)
        out.flush()
        os.fsync(out.fileno())
    os.replace(fresh, folder / name)


def remove_secret(way: str, name: str) -> None:
    """Forget a secret."""
    (secret_folder(way) / name).unlink(missing_ok=True)


def config_of(way: str, options: Mapping[str, Any], price_cents: Decimal) -> Config:
    """Return a channel's options with defaults for what was not said, and its secrets."""
    defaults = {one.name: one.default for one in channels.KNOWN[way].options}
    return Config({**defaults, **options}, secrets_of(way), price_cents)


def standing() -> dict[str, Standing]:
    """Return every channel by its code, set up or not; one small query."""
    rows = {row.way: row for row in ChannelSetup.objects.all()}
    return {way: _standing(way, rows.get(way)) for way in channels.KNOWN}


def _standing(way: str, row: ChannelSetup | None) -> Standing:
    channel = channels.KNOWN[way]
    config = config_of(way, row.options if row else {}, row.price_cents if row else Decimal(0))
    return Standing(
        way=way,
        channel=channel,
        config=config,
        is_enabled=bool(row and row.is_enabled),
        problem=problem_of(channel, config) if row else _("Not set up."),
        paused_until=row.paused_until if row else None,
        trouble=row.trouble if row else "",
        trouble_text=row.trouble_text if row else "",
        trouble_at=row.trouble_at if row else None,
    )


def problem_of(channel: Channel, config: Config) -> Any:
    """Return the first thing that keeps a channel from being used, or nothing."""
    for option in channel.options:
        given = config.secret(option.name) if option.kind == "secret" else config.text(option.name)
        if option.required and not given:
            return _("%(option)s is missing.") % {"option": option.label}
    for _option, words in channel.faults(config):
        return words
    if any(not reaching.is_allowed(host) for host in channel.hosts(config)):
        return _("This host is not in the setting message_hosts of the server.")
    return ""
