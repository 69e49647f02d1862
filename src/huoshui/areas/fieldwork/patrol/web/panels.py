"""What patrols show on the pages of assets and zones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork.patrol import queries, words
from huoshui.areas.fieldwork.patrol.web import rounds

SHOWN = 5


def of_asset(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show the rounds that pass an asset, and what was found there."""
    return _panel(request, queries.rounds_on(asset_code), queries.at_asset(asset_code, limit=SHOWN))


def of_zone(request: HttpRequest, *, zone_code: str, **_context: Any) -> SafeString | None:
    """Show the rounds of a zone."""
    return _panel(request, queries.rounds_of_zone(zone_code), [])


def _panel(request: HttpRequest, rows: list[Any], found: list[Any]) -> SafeString | None:
    if not rows and not found:
        return None
    turns = queries.present_turns(rows)
    listed = []
    for row in rows:
        turn = turns.get(row.pk)
        label, colour = rounds.STANDINGS[turn.standing] if turn else ("", "")
        listed.append(
            {
                "url": rounds.round_url(row.code), "name": row.shown_name, "label": label,
                "colour": colour, "walked": rounds.percent(turn.share_frac) if turn else None,
                "until": turn.period.latest if turn else None,
            }
        )  # fmt: skip
    findings = [
        {
            "url": reverse("patrol:finding", args=[one.pk]), "at": one.found_at,
            "label": words.FINDINGS[one.kind], "note": one.note,
        }
        for one in found
    ]  # fmt: skip
    return render_to_string(
        "fieldwork/patrol_panel.html", {"rounds": listed, "findings": findings}, request=request
    )
