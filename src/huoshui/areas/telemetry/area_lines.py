"""What telemetry says on the cards of areas: its points, the silent ones, standing alarms."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.network import contracts as cards
from huoshui.areas.telemetry import models, queries
from huoshui.kernel import clock

SILENT_AFTER = timedelta(hours=24)


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; three queries and one look at the newest readings."""
    zones = frozenset[str]().union(*areas.values())
    rows = models.Point.objects.filter(zone__code__in=zones).values_list("zone__code", "code")
    newest = queries.latest()
    since_us = round((clock.now() - SILENT_AFTER).timestamp() * 1_000_000)
    points: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for zone, code in rows:
        points[zone] += 1
        at = newest.get(code)
        silent[zone] += at is None or at.at_us < since_us
    alarms = Counter(
        models.Alarm.objects.standing().filter(zone__code__in=zones)
        .values_list("zone__code", flat=True)
    )  # fmt: skip
    alarms.update(
        models.Alarm.objects.standing().filter(zone=None, point__zone__code__in=zones)
        .values_list("point__zone__code", flat=True)
    )  # fmt: skip
    found: dict[str, cards.Figures] = {}
    for area, parts in areas.items():
        count, quiet, standing = (
            sum(each[one] for one in parts) for each in (points, silent, alarms)
        )
        chosen = {"zone": area} if len(parts) == 1 else {}
        listed = f"{reverse('telemetry:points')}?{urlencode(chosen)}"
        called = f"{reverse('telemetry:alarms')}?{urlencode({**chosen, 'state': 'standing'})}"
        found[area] = {
            "points": cards.CardFigure(value=count, href=listed),
            "silent": cards.CardFigure(
                value=quiet if count else None, href=listed,
                state=cards.CardState.WATCH if quiet else cards.CardState.GOOD,
            ),
            "alarms": cards.CardFigure(
                value=standing, href=called,
                state=cards.CardState.BAD if standing else cards.CardState.GOOD,
            ),
        }  # fmt: skip
    return found


LINES = cards.CardLines(
    id="telemetry",
    label=pgettext_lazy("area card", "Measuring"),
    columns=(
        cards.CardColumn(key="points", label=_("Points"), is_listed=False),
        cards.CardColumn(key="silent", label=_("Points silent for 24 hours"), is_listed=False),
        cards.CardColumn(key="alarms", label=_("Standing alarms")),
    ),
    read=read,
    permission="telemetry.read",
    order=60,
)
