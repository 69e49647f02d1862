"""What fieldwork says on the cards of areas: open jobs, and how long repairs take."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.queries import repairs
from huoshui.areas.network import contracts as cards
from huoshui.kernel import clock

REPAIRS_OF = timedelta(days=90)


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; three queries."""
    now = clock.now()
    zones = frozenset[str]().union(*areas.values())
    waiting: dict[str, list[datetime]] = defaultdict(list)
    rows = models.Job.objects.open().filter(zone_code__in=zones).order_by()
    for zone, asked_at in rows.values_list("zone_code", "requested_at"):
        waiting[zone].append(asked_at)
    late = Counter(
        models.Job.objects.overdue(now).filter(zone_code__in=zones).order_by()
        .values_list("zone_code", flat=True)
    )  # fmt: skip
    took: dict[str, list[float]] = defaultdict(list)
    count: Counter[str] = Counter()
    since = clock.local(now - REPAIRS_OF).date().isoformat()
    done = repairs.called_between(now - REPAIRS_OF, now).filter(zone_code__in=zones).order_by()
    for zone, called, asked, back in done.values_list(
        "zone_code", "called_at", "requested_at", "water_back_at"
    ):
        count[zone] += 1
        begin = called or asked
        if back is not None and back >= begin:
            took[zone].append((back - begin).total_seconds() / 3600)
    found: dict[str, cards.Figures] = {}
    for area, parts in areas.items():
        opened = [one for zone in parts for one in waiting[zone]]
        overdue = sum(late[zone] for zone in parts)
        hours = [one for zone in parts for one in took[zone]]
        narrowed = {"zone": area} if len(parts) == 1 else {}
        jobs = f"{reverse('fieldwork:jobs')}?{urlencode({**narrowed, 'show': 'open'})}"
        listed = (
            f"{reverse('fieldwork:repairs')}?{urlencode({**narrowed, 'requested_at_from': since})}"
        )
        found[area] = {
            "open": cards.CardFigure(value=len(opened), href=jobs),
            "oldest": cards.CardFigure(
                value=(now - min(opened)).total_seconds() / 86400 if opened else None,
                href=f"{jobs}&sort=requested_at",
            ),
            "overdue": cards.CardFigure(
                value=overdue, href=jobs.replace("show=open", "show=overdue"),
                state=cards.CardState.BAD if overdue else cards.CardState.GOOD,
            ),
            "repairs": cards.CardFigure(value=sum(count[zone] for zone in parts), href=listed),
            "repair_h": cards.CardFigure(
                value=statistics.median(hours) if hours else None, href=listed
            ),
        }  # fmt: skip
    return found


LINES = cards.CardLines(
    id="fieldwork",
    label=pgettext_lazy("area card", "Jobs and repairs"),
    columns=(
        cards.CardColumn(key="open", label=_("Open jobs")),
        cards.CardColumn(key="oldest", label=_("Oldest open job"), unit=_("days"), format=".1f"),
        cards.CardColumn(key="overdue", label=_("Overdue jobs"), is_listed=False),
        cards.CardColumn(key="repairs", label=_("Repairs of 90 days"), is_listed=False),
        cards.CardColumn(
            key="repair_h", label=_("Call to water back, median of 90 days"), unit="h",
            format=".1f",
        ),
    ),
    read=read,
    permission="fieldwork.read_jobs",
    order=10,
)  # fmt: skip
