"""What patrols say on the cards of areas: how much was walked, what was missed, what recurs."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.patrol import kinds, queries
from huoshui.areas.network import contracts as cards
from huoshui.areas.network import facade as network

MISSED = (kinds.Standing.MISSED, kinds.Standing.PARTLY)


def zones_of_hazards(hazards: Iterable[queries.Hazard]) -> dict[int, frozenset[str]]:
    """Return the zones in which each repeat-hazard point lies, by its key; one query.

    The zone of the asset that was found, else the one of the round that was walked.
    """
    listed = list(hazards)
    found = [finding for one in listed for finding in one.findings]
    zones = network.zones_of_assets(row.asset_code for row in found if row.asset_code)
    return {
        one.pk: frozenset(
            zone for row in one.findings
            if (zone := zones.get(row.asset_code) or (row.round.zone_code if row.round else ""))
        )
        for one in listed
    }  # fmt: skip


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; five queries at most.

    Of the rounds those of the past year count whose period is over.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    missed: Counter[str] = Counter()
    for turn in queries.turns(queries.rounds_ever()):
        if turn.period.until > turn.today:
            continue
        zone = turn.round.zone_code
        shares[zone].append(turn.share_frac or 0.0)
        missed[zone] += turn.standing in MISSED
    lying = zones_of_hazards(queries.hazards()).values()
    found: dict[str, cards.Figures] = {}
    for area, parts in areas.items():
        walked = [one for zone in parts for one in shares[zone]]
        left = sum(missed[zone] for zone in parts)
        hazards = sum(bool(zones & parts) for zones in lying)
        narrowed = f"?zone={area}" if len(parts) == 1 else ""
        found[area] = {
            "walked": cards.CardFigure(
                value=100 * statistics.fmean(walked) if walked else None,
                href=reverse("patrol:rounds"),
            ),
            "missed": cards.CardFigure(
                value=left if walked else None, href=reverse("patrol:missed") + narrowed,
                state=cards.CardState.WATCH if left else cards.CardState.GOOD,
            ),
            "hazards": cards.CardFigure(
                value=hazards, href=reverse("patrol:hazards") + narrowed,
                state=cards.CardState.WATCH if hazards else cards.CardState.GOOD,
            ),
        }  # fmt: skip
    return found


LINES = cards.CardLines(
    id="patrol",
    label=pgettext_lazy("area card", "Patrol"),
    columns=(
        cards.CardColumn(key="walked", label=_("Walked of the rounds, 12 months"), unit="%",
                         format=".0f", is_listed=False),
        cards.CardColumn(key="missed", label=_("Missed rounds, 12 months"), is_listed=False),
        cards.CardColumn(key="hazards", label=_("Repeat-hazard points"), is_listed=False),
    ),
    read=read,
    permission="fieldwork.read_jobs",
    order=20,
)  # fmt: skip
