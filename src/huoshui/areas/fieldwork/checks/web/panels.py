"""What checks show on the page of an asset."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork.checks import queries, words
from huoshui.areas.fieldwork.checks.web.history import result
from huoshui.areas.fieldwork.checks.web.rounds import STANDINGS, check_url, of_asset_url, round_url


def of_asset(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the rounds that look at an asset, and its latest check."""
    rows = queries.rounds_at(asset_code)
    latest = queries.latest_of([asset_code]).get(asset_code)
    if not rows and latest is None:
        return None
    turns = queries.present_turns(rows)
    listed = []
    for row in rows:
        turn = turns.get(row.pk)
        label, colour = STANDINGS[turn.standing] if turn else ("", "")
        listed.append({"url": round_url(row.code), "name": row.shown_name, "label": label,
                       "colour": colour})  # fmt: skip
    values: dict[str, Any] = {
        "rounds": listed, "url": of_asset_url(asset_code), "latest": None,
    }  # fmt: skip
    if latest:
        values["latest"] = {
            "url": check_url(latest.pk), "at": latest.checked_at,
            "badge": words.VERDICTS[result(latest)], "wrong": words.wrong_words(latest.answers),
        }  # fmt: skip
    return render_to_string("fieldwork/check_panel.html", values, request=request)
