"""What phones hand in of checks: the answers of one asset, and the pictures among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions, queries, rules
from huoshui.kernel import clock

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

Refusal = tuple[str, dict[str, Any]]


def read_answers(text: str) -> dict[str, Any] | None:
    """Return the answers by item as a phone writes them, or None where that cannot be read."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or len(said) > rules.ANSWERS_MAX:
        return None
    return said if all(len(code) <= 40 for code in said) else None


def take_check(row: models.PhoneEntry, body: Mapping[str, Any], by: User) -> Refusal | None:
    """Keep what somebody saw at an asset; a round that is gone meanwhile loses no check."""
    answers = read_answers(str(body["answers"]))
    if answers is None:
        return "fieldwork.entry_not_valid", {"names": ["answers"]}
    actions.take_check(
        str(body["asset_code"]), by=by, answers=answers,
        checked_at=min(row.done_at, clock.now()),
        row=queries.round_of(str(body.get("round") or "")), list_code=str(body.get("list") or ""),
        note=str(body.get("note") or ""), wants_job=bool(body.get("wants_job")), key=str(row.pk),
    )  # fmt: skip
    return None


def take_picture(row: models.PhoneEntry, body: Mapping[str, Any], by: User) -> Refusal | None:
    """Keep the entry of a picture; the check that names its hash shows it once it has arrived."""
    return None
