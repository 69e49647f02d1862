"""Setting up channels, the rules of sending, and texts to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django.db import transaction

from huoshui.areas.announcements import channels, models, outbox, refusals, rules, setups
from huoshui.areas.announcements.channels import wechat
from huoshui.kernel import audit, clock


def save_channel(
    way: str,
    *,
    options: Mapping[str, Any],
    secrets: Mapping[str, str],
    price_cents: Decimal,
    by_id: int | None,
) -> models.ChannelSetup:
    """Set up a channel or change it. Audited; secrets by name only.

    ``secrets`` names those to replace. A channel that no longer works as set up is switched off.
    """
    known = {one.name for one in channels.KNOWN[way].options if one.kind != "secret"}
    with transaction.atomic():
        row = models.ChannelSetup.objects.select_for_update().filter(way=way).first()
        row = row or models.ChannelSetup(way=way)
        before = {**row.options, "price_cents": str(row.price_cents)}
        row.options = {name: value for name, value in options.items() if name in known}
        row.price_cents, row.changed_at = price_cents, clock.now()
        row.paused_until, row.trouble, row.trouble_text = None, "", ""
        for name, value in secrets.items():
            setups.write_secret(way, name, value)
        config = setups.config_of(way, row.options, price_cents)
        if setups.problem_of(channels.KNOWN[way], config):
            row.is_enabled = False
        row.save()
        after = {**row.options, "price_cents": str(price_cents)}
        detail = {
            "changed": {k: v for k, v in after.items() if before.get(k) != v},
            "secrets": sorted(secrets),
        }
        audit.record(by_id, "announcements.channel_set_up", _subject(way), detail)
    wechat.TOKENS.forget()
    return row


def switch_channel(way: str, *, is_enabled: bool, by_id: int | None) -> None:
    """Switch a channel on or off. Audited. Refuses with `announcements.channel_not_ready`."""
    with transaction.atomic():
        row = models.ChannelSetup.objects.select_for_update().filter(way=way).first()
        problem = setups.standing()[way].problem
        if row is None or (is_enabled and problem):
            raise refusals.ChannelNotReady(way, str(problem))
        if row.is_enabled != is_enabled:
            row.is_enabled, row.changed_at = is_enabled, clock.now()
            row.paused_until = None
            row.save()
            deed = "channel_switched_on" if is_enabled else "channel_switched_off"
            audit.record(by_id, f"announcements.{deed}", _subject(way), {})


def change_rules(
    *,
    quiet_from: time,
    quiet_until: time,
    mass_from: int,
    keep_days: int,
    page_address: str,
    by_id: int | None,
) -> models.SendingRules:
    """Change the rules of sending. Audited with before and after."""
    given = {
        "quiet_from": quiet_from, "quiet_until": quiet_until, "mass_from": mass_from,
        "keep_days": keep_days, "page_address": page_address.strip(),
    }  # fmt: skip
    with transaction.atomic():
        row = outbox.house_rules()
        before = {name: str(getattr(row, name)) for name in given}
        if mass_from > row.mass_from:
            # Raised twice by the same person: the first limit goes on to hold for them.
            again = by_id is not None and row.mass_raised_by_id == by_id
            if not again or row.mass_from_before is None:
                row.mass_from_before = row.mass_from
            row.mass_raised_by_id = by_id
        elif row.mass_from_before is not None and mass_from <= row.mass_from_before:
            row.mass_from_before = row.mass_raised_by_id = None
        for name, value in given.items():
            setattr(row, name, value)
        row.changed_at = clock.now()
        row.save()
        after = {name: str(value) for name, value in given.items()}
        audit.record(
            by_id, "announcements.rules_changed", "announcements.rules:",
            {"before": before, "after": after},
        )  # fmt: skip
    return row


def save_wording(
    pk: int | None,
    *,
    kind: str,
    name: str,
    title_zh: str,
    text_zh: str,
    title_en: str = "",
    text_en: str = "",
    is_offered: bool = True,
    by_id: int | None,
) -> models.Wording:
    """Keep a text to begin with. Audited. Refuses with `announcements.unknown_variable`."""
    said = "\n".join((title_zh, text_zh, title_en, text_en))
    unknown = rules.unknown_variables(said)
    if unknown:
        raise refusals.UnknownVariable(
            unknown, (*rules.PUBLIC_VARIABLES, *rules.PERSONAL_VARIABLES)
        )
    with transaction.atomic():
        row = models.Wording.objects.filter(pk=pk or 0).first() or models.Wording()
        row.kind, row.name, row.is_offered = kind, name, is_offered
        row.title_zh, row.text_zh, row.title_en, row.text_en = title_zh, text_zh, title_en, text_en
        row.changed_at = clock.now()
        row.save()
        audit.record(
            by_id, "announcements.wording_kept", f"announcements.wording:{row.name}",
            {"title": title_zh},
        )  # fmt: skip
    return row


def _subject(way: str) -> str:
    return f"announcements.channel:{way}"
