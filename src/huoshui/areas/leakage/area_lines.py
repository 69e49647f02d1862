"""What leakage says on the cards of areas: the latest night, and what is suspected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.leakage import models, queries, rules
from huoshui.areas.network import contracts as cards
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

NIGHTS = 7


def read(areas: cards.Areas) -> dict[str, cards.Figures]:
    """Return the figures of each area; five queries.

    Of zones within one another the outermost measured one counts, so that no water is counted
    twice.
    """
    parents = network.zone_parents()
    setups = {row.zone_code: row.pk for row in models.ZoneSetup.objects.all()}
    nights = _latest_nights()
    leaks: dict[str, int] = {}
    standing = models.SuspectedLeak.objects.filter(state__in=rules.STANDING_STATES)
    for zone in standing.values_list("setup__zone_code", flat=True):
        leaks[zone] = leaks.get(zone, 0) + 1
    return {
        code: _figures(code, _outermost(code, parts & setups.keys(), parents), setups, nights,
                       sum(leaks.get(one, 0) for one in parts))
        for code, parts in areas.items() if parts & setups.keys()
    }  # fmt: skip


def _latest_nights() -> dict[int, models.NightFlow]:
    latest = queries.latest_night_date()
    if latest is None:
        return {}
    since = clock.local(clock.now()).date() - timedelta(days=NIGHTS)
    found = {}
    for setup, nights in queries.latest_nights(NIGHTS, latest).items():
        known = [one for one in nights if one.flow_m3h is not None and one.night_date >= since]
        if known:
            found[setup] = known[-1]
    return found


def _outermost(
    area: str, measured: Collection[str], parents: Mapping[str, str | None]
) -> list[str]:
    """Return the measured zones of an area that lie in no other measured zone of it."""
    found = []
    for code in measured:
        at = code
        while at != area and (above := parents.get(at)) is not None and above not in measured:
            at = above
        if at == area:
            found.append(code)
    return found


def _figures(
    area: str,
    measured: list[str],
    setups: Mapping[str, int],
    nights: Mapping[int, models.NightFlow],
    leaks: int,
) -> cards.Figures:
    known = [nights[setups[one]] for one in measured if setups[one] in nights]
    whole = bool(known) and len(known) == len(measured)
    excess = [one.excess_m3h for one in known if one.excess_m3h is not None]
    one_zone = area in setups
    page = reverse("leakage:zone", args=[area]) if one_zone else reverse("leakage:zones")
    listed = reverse("leakage:leaks")
    return {
        "night": cards.CardFigure(
            value=sum(one.flow_m3h or 0.0 for one in known) if whole else None, href=page
        ),
        "excess": cards.CardFigure(
            value=sum(excess) if whole and len(excess) == len(known) else None, href=page
        ),
        "leaks": cards.CardFigure(
            value=leaks, href=f"{listed}?zone={area}" if one_zone else listed,
            state=cards.CardState.BAD if leaks else cards.CardState.GOOD,
        ),
    }  # fmt: skip


LINES = cards.CardLines(
    id="leakage",
    label=pgettext_lazy("area card", "Leakage"),
    columns=(
        cards.CardColumn(key="night", label=_("Flow of the latest night"), unit="m³/h",
                         format=".1f", is_listed=False),
        cards.CardColumn(key="excess", label=_("More than expected that night"), unit="m³/h",
                         format=".1f"),
        cards.CardColumn(key="leaks", label=_("Suspected leaks")),
    ),
    read=read,
    permission="leakage.read",
    order=50,
)  # fmt: skip
