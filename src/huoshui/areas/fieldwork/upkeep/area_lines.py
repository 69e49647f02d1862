"""What maintenance says on the cards of areas: how well its plans are kept."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import queries
from huoshui.areas.network import contracts as cards
from huoshui.areas.network import facade as network

COUNTED = timedelta(days=365)


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; three queries."""
    day = queries.today()
    rows = list(
        models.MaintenanceDone.objects.filter(due_date__gt=day - COUNTED, due_date__lte=day)
        .values_list("plan__asset_code", "outcome", "due_date", "done_date")
    )  # fmt: skip
    codes = models.MaintenancePlan.objects.filter(is_retired=False)
    planned = list(codes.values_list("asset_code", flat=True))
    zones = network.zones_of_assets([*planned, *(row[0] for row in rows)])
    found: dict[str, cards.Figures] = {}
    for area, parts in areas.items():
        kept = queries.Kept()
        for asset, outcome, due, done in rows:
            if zones.get(asset) in parts and not (outcome == queries.Outcome.ASKED and due == day):
                kept.take(outcome, due, done)
        plans = sum(zones.get(asset) in parts for asset in planned)
        if not plans and not kept.due:
            continue
        rate = kept.rate_frac
        out = kept.missed + kept.waiting
        found[area] = {
            "plans": cards.CardFigure(
                value=plans,
                href=reverse("upkeep:plans") + (f"?zone={area}" if len(parts) == 1 else ""),
            ),
            "kept": cards.CardFigure(
                value=None if rate is None else 100 * rate, href=reverse("upkeep:kept"),
                state=cards.CardState.WATCH if out else cards.CardState.PLAIN,
            ),
        }  # fmt: skip
    return found


LINES = cards.CardLines(
    id="upkeep",
    label=pgettext_lazy("area card", "Maintenance"),
    columns=(
        cards.CardColumn(key="plans", label=_("Maintenance plans"), is_listed=False),
        cards.CardColumn(key="kept", label=_("Maintenance on its day, 12 months"), unit="%",
                         format=".0f", is_listed=False),
    ),
    read=read,
    permission="fieldwork.read_jobs",
    order=30,
)  # fmt: skip
