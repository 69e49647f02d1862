"""What the hotline says on the cards of areas: the calls of thirty days."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline.contracts import TopicKind
from huoshui.areas.hotline.models import Call
from huoshui.areas.network import contracts as cards
from huoshui.kernel import clock

COUNTED = timedelta(days=30)


def of_zone(code: str) -> Q:
    """Return which calls are of a zone: it was noted, or the estate lies in it."""
    estates = [one.code for one in customers.estates() if one.zone_code == code]
    return Q(zone_code=code) | Q(zone_code="", estate_code__in=estates)


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; two queries."""
    zone_of = {one.code: one.zone_code for one in customers.estates()}
    now = clock.now()
    rows = Call.objects.filter(began_at__gte=now - COUNTED, began_at__lte=now)
    calls: Counter[str] = Counter()
    complaints: Counter[str] = Counter()
    for zone, estate, kind in rows.values_list("zone_code", "estate_code", "kind"):
        at = zone or zone_of.get(estate, "")
        calls[at] += 1
        complaints[at] += kind == TopicKind.COMPLAINT
    since = clock.local(now - COUNTED).date().isoformat()
    found: dict[str, cards.Figures] = {}
    for area, parts in areas.items():
        zone = f"zone={area}&" if len(parts) == 1 else ""
        listed = f"{reverse('hotline:calls')}?{zone}at_from={since}T00:00"
        found[area] = {
            "calls": cards.CardFigure(value=sum(calls[one] for one in parts), href=listed),
            "complaints": cards.CardFigure(
                value=sum(complaints[one] for one in parts),
                href=f"{listed}&figure={TopicKind.COMPLAINT}",
            ),
        }
    return found


LINES = cards.CardLines(
    id="hotline",
    label=pgettext_lazy("area card", "Customers' calls"),
    columns=(
        cards.CardColumn(key="calls", label=_("Calls of 30 days")),
        cards.CardColumn(key="complaints", label=_("Complaints of 30 days"), is_listed=False),
    ),
    read=read,
    permission="hotline.read_calls",
    order=40,
)
