"""Zones, nights and suspected leaks as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from huoshui.areas.leakage import contracts, models, queries, rules, words
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.lab.leakage import saving

SMALL_CHART_NIGHTS = 60

# Periods a reader may choose for the chart, in nights.
PERIODS = {"month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Zone:
    """A watched zone with its latest night and what stands against it."""

    code: str
    name: str
    setup: models.ZoneSetup
    nights: Sequence[models.NightFlow]
    night: models.NightFlow | None
    leak: models.SuspectedLeak | None
    lost: queries.Worth | None

    @property
    def state(self) -> Any:
        """How the latest night was judged, in words."""
        return words.NIGHT_STATES[self.night.state] if self.night else ""

    @property
    def colour(self) -> str:
        """The colour of that judgement."""
        return words.NIGHT_COLOURS[self.night.state] if self.night else "secondary"

    @property
    def leak_state(self) -> Any:
        """Where the standing suspicion stands, in words."""
        return words.LEAK_STATES[self.leak.state] if self.leak else ""

    @property
    def leak_colour(self) -> str:
        """The colour of that state."""
        return words.LEAK_COLOURS[self.leak.state] if self.leak else ""


@dataclass(frozen=True, slots=True)
class Leak:
    """A suspected leak with what it cost and what its repair saved."""

    row: models.SuspectedLeak
    zone_name: str
    state: Any
    colour: str
    lost: queries.Worth
    saved: saving.WaterSaved | None
    standing: bool

    @property
    def saved_yuan(self) -> float | None:
        """What the repair saved, in yuan."""
        return None if self.saved is None else self.saved.price_cents / 100


def zone(
    setup: models.ZoneSetup,
    nights: Sequence[models.NightFlow],
    *,
    name: str = "",
    leak: models.SuspectedLeak | None | str = "ask",
) -> Zone:
    """Put together what is shown of a zone; ``leak`` is looked up unless it is given."""
    standing = queries.standing_leak(setup.pk) if isinstance(leak, str) else leak
    return Zone(
        code=setup.zone_code,
        name=name or zone_name(setup.zone_code),
        setup=setup,
        nights=nights,
        night=nights[-1] if nights else None,
        leak=standing,
        lost=None if standing is None else queries.lost(standing, clock.now()),
    )


def leak(row: models.SuspectedLeak, now: datetime, *, name: str = "") -> Leak:
    """Put together what is shown of a suspected leak."""
    return Leak(
        row=row,
        zone_name=name or zone_name(row.setup.zone_code),
        state=words.LEAK_STATES[row.state],
        colour=words.LEAK_COLOURS[row.state],
        lost=queries.lost(row, now),
        saved=queries.saved(row, now),
        standing=row.state in rules.STANDING_STATES,
    )


def zone_name(code: str) -> str:
    """Return the name of a zone as people know it."""
    found = network.zone(code)
    return found.name if found else code


def small_chart(shown_zone: Zone) -> dict[str, Any]:
    """Return what the night-flow chart needs to draw itself small, without asking again."""
    return {
        "small": True,
        "data": nights_columns(shown_zone.nights),
        "leaks": [leak_mark(shown_zone.leak)] if shown_zone.leak else [],
    }


def large_chart(zone_code: str) -> dict[str, Any]:
    """Return what the night-flow chart needs to fetch and draw a period."""
    return {
        "url": f"{reverse('api:leakage-zones')}/{zone_code}/nights",
        "periods": [{"id": name, "nights": nights} for name, nights in PERIODS.items()],
        "latest": clock.local(clock.now()).date().isoformat(),
    }


def nights_columns(nights: Sequence[models.NightFlow]) -> dict[str, list[Any]]:
    """Return nights as columns for a chart; None is not known."""
    return {
        "date": [row.night_date.isoformat() for row in nights],
        "flow_m3h": [row.flow_m3h for row in nights],
        "expected_m3h": [row.expected_m3h for row in nights],
        "low_m3h": [row.low_m3h for row in nights],
        "high_m3h": [row.high_m3h for row in nights],
        "excess_m3h": [row.excess_m3h for row in nights],
        "state": [row.state for row in nights],
        "quality": [row.quality for row in nights],
    }


def leak_mark(row: models.SuspectedLeak) -> dict[str, Any]:
    """Return what a chart marks of a suspected leak."""
    repaired = row.repaired_at
    dismissed = row.state == contracts.LeakState.DISMISSED
    ended: date | None = None if dismissed else row.ended_date
    return {
        "id": row.pk,
        "state": row.state,
        "since": row.since_date.isoformat(),
        "called": row.called_date.isoformat(),
        "repaired": None if repaired is None else clock.local(repaired).date().isoformat(),
        "ended": None if ended is None else ended.isoformat(),
        "size_m3h": row.size_m3h,
        "url": reverse("leakage:leak", args=[row.pk]),
    }


def period_of(name: str) -> tuple[date, date]:
    """Return the first night and the one after the latest of a period a reader may choose."""
    until = clock.local(clock.now()).date() + timedelta(days=1)
    return until - timedelta(days=PERIODS.get(name, PERIODS["quarter"])), until
