"""Zones, nights and suspected leaks as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.areas.leakage import contracts, models, queries, rules, words
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.pages import formats
from huoshui.lab.leakage import saving

SMALL_CHART_NIGHTS = 60

# A leak is shown with some quiet nights before it.
AROUND_NIGHTS = 21

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
    leak: models.SuspectedLeak | str | None = "ask",
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


def all_zones() -> list[Zone]:
    """Put together what is shown of all watched zones, with a fixed number of queries."""
    names = {one.code: one.name for one in network.zones()}
    today = clock.local(clock.now()).date()
    nights = queries.latest_nights(SMALL_CHART_NIGHTS, queries.latest_night_date() or today)
    leaks = queries.standing_leaks()
    return [
        zone(
            setup,
            nights.get(setup.pk, []),
            name=names.get(setup.zone_code, setup.zone_code),
            leak=leaks.get(setup.pk),
        )
        for setup in queries.setups()
    ]


def size_text(row: models.SuspectedLeak) -> str:
    """Say how large a suspected leak is, with its interval."""
    return _("%(size)s m³/h (%(low)s to %(high)s)") % {
        "size": formats.number(row.size_m3h, ".1f"),
        "low": formats.number(max(row.low_m3h, 0.0), ".1f"),
        "high": formats.number(row.high_m3h, ".1f"),
    }


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


def large_chart(zone_code: str, *, since: date | None = None) -> dict[str, Any]:
    """Return what the night-flow chart needs to fetch and draw a period that holds ``since``."""
    age = 0 if since is None else (clock.local(clock.now()).date() - since).days + AROUND_NIGHTS
    holding = [name for name, nights in PERIODS.items() if nights >= max(age, 60)]
    return {
        "url": reverse("api:leakage-nights", args=[zone_code]),
        "periods": [{"id": name, "nights": nights} for name, nights in PERIODS.items()],
        "period": holding[0] if holding else "year",
    }


def nights_columns(nights: Sequence[models.NightFlow]) -> dict[str, list[Any]]:
    """Return nights as columns for a chart; None is not known."""
    return {
        "date": [row.night_date.isoformat() for row in nights],
        "flow_m3h": [row.flow_m3h for row in nights],
        "expected_m3h": [row.expected_m3h for row in nights],
        # Nights judged before the band ended at zero keep their figures; they are shown as now.
        "low_m3h": [_not_below_zero(row) for row in nights],
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


def period_of(name: str, latest: date | None = None) -> tuple[date, date]:
    """Return the first night and the one after the latest of a period a reader may choose.

    It ends today, or with the ``latest`` judged night: readings from files may be years old.
    """
    today = clock.local(clock.now()).date()
    until = (today if latest is None else min(latest, today)) + timedelta(days=1)
    return until - timedelta(days=PERIODS.get(name, PERIODS["quarter"])), until


def _not_below_zero(night: models.NightFlow) -> float | None:
    """Return the band's lower end as it is judged now: a zone takes no water back."""
    if night.low_m3h is None or night.expected_m3h is None:
        return night.low_m3h
    return min(max(night.low_m3h, 0.0), max(night.expected_m3h, night.low_m3h))


def interval(low: float | None, high: float | None) -> dict[str, str]:
    """Return the ends of an interval as people see them."""
    return {"low": formats.number(low, ".1f"), "high": formats.number(high, ".1f")}


def yuan(amount: float) -> str:
    """Return an amount of money to the yuan."""
    return formats.number(amount, ".0f")


def saved_in_all() -> dict[str, Any]:
    """Return what all proven repairs have saved until now."""
    now = clock.now()
    proven = queries.leaks().filter(state=contracts.LeakState.REPAIRED)
    found = [(row, one) for row in proven if (one := queries.saved(row, now)) is not None]
    flow_m3h = sum(row.saved_m3h or 0.0 for row, _one in found)
    volume_m3 = sum(one.volume_m3 for _row, one in found)
    money_yuan = sum(one.price_cents for _row, one in found) / 100
    return {
        "repairs": len(found),
        "figures": [
            figure(_("Proven repairs"), len(found), "d"),
            figure(_("Saved flow"), flow_m3h, ".1f", "m³/h"),
            figure(_("Water saved"), volume_m3, ".0f", "m³"),
            figure(_("Money saved"), money_yuan, ".0f", _("yuan")),
        ],
    }


def figure(label: str, value: float | None, spec: str, unit: str = "") -> dict[str, str]:
    """Return one large figure with its label and unit."""
    return {"label": label, "value": formats.number(value, spec), "unit": unit}


def zone_figures(one: Zone) -> list[dict[str, str]]:
    """Return the large figures at the head of a zone's page."""
    night = one.night
    if night is None:
        return []
    band = _("being learned")
    if night.low_m3h is not None:
        ends = interval(_not_below_zero(night), night.high_m3h)
        band = f"{ends['low']} – {ends['high']}"
    learned = night.low_m3h is not None
    found = [
        {"label": _("Latest night"), "value": formats.day(night.night_date), "unit": ""},
        figure(_("Night flow"), night.flow_m3h, ".1f", "m³/h"),
        {"label": _("Expected"), "value": band, "unit": "m³/h" if learned else ""},
    ]
    if one.leak is not None and one.lost is not None:
        since = formats.day(one.leak.since_date)
        found += [
            figure(_("Estimated leak"), one.leak.size_m3h, ".1f", "m³/h"),
            figure(_("Lost since %(day)s") % {"day": since}, one.lost.volume_m3, ".0f", "m³"),
            figure(_("Worth"), one.lost.money_yuan, ".0f", _("yuan")),
        ]
    return found


def steps(events: Sequence[models.LeakEvent]) -> list[dict[str, Any]]:
    """Return the timeline of a suspected leak in words."""
    return [
        {
            "label": words.STEPS[event.what],
            "colour": words.STEP_COLOURS.get(event.what, "secondary"),
            "at": event.at,
            "by": event.by,
            "note": event.note,
            "size_m3h": event.size_m3h,
        }
        for event in events
    ]


def explanation(one: Zone) -> dict[str, Any]:
    """Return how the latest night's figure was made: formula, inputs, version, quality."""
    roles = {point.point_code: point.role for point in one.setup.points.all()}
    meters = [code for code, role in roles.items() if role == "meter"]
    night = None if one.night is None else models.NightFlow.objects.filter(pk=one.night.pk).first()
    inputs = {} if night is None else night.inputs
    return {
        "night": night,
        "quality": None if night is None else words.QUALITIES[night.quality],
        "points": [
            {
                "code": point["point"],
                "role": words.ROLES[roles.get(point["point"], "inlet")],
                "sign": SIGNS[roles.get(point["point"], "inlet")],
                "mean": point["mean"],
                "unit": "m" if roles.get(point["point"]) == "storage" else "m³/h",
                "readings": point["readings"],
            }
            for point in inputs.get("points", [])
        ],
        "meters_total": len(meters),
        "meters_read": inputs.get("meters_read", 0),
        "tank_area_m2": one.setup.tank_area_m2,
        "price_yuan": one.setup.price_cents_per_m3 / 100,
        "window": f"{one.setup.night_from_h:02d}:00–{one.setup.night_until_h:02d}:00",
    }


SIGNS = {"inlet": "+", "outlet": "−", "storage": "−", "meter": "−"}


def formulas(one: Leak) -> list[dict[str, Any]]:
    """Return the sums behind lost and saved water, with their numbers put in."""
    price = formats.number(one.row.setup.price_cents_per_m3 / 100, ".2f")
    found = [
        {
            "name": _("Water lost"),
            "formula": _("sum of each night's excess × 24 h = %(volume)s m³")
            % {"volume": formats.number(one.lost.volume_m3, ".0f")},
        },
        {
            "name": _("Worth"),
            "formula": _("%(volume)s m³ × %(price)s yuan/m³ = %(money)s yuan")
            % {
                "volume": formats.number(one.lost.volume_m3, ".0f"),
                "price": price,
                "money": yuan(one.lost.money_yuan),
            },
        },
    ]
    if one.saved is not None and one.row.repaired_at is not None:
        hours = (clock.now() - one.row.repaired_at).total_seconds() / 3600
        found.append(
            {
                "name": _("Water saved"),
                "formula": _("%(flow)s m³/h × %(hours)s h since the repair = %(volume)s m³")
                % {
                    "flow": formats.number(one.row.saved_m3h, ".1f"),
                    "hours": formats.number(max(hours, 0.0), ".0f"),
                    "volume": formats.number(one.saved.volume_m3, ".0f"),
                },
            }
        )
        found.append(
            {
                "name": _("Money saved"),
                "formula": _("%(volume)s m³ × %(price)s yuan/m³ = %(money)s yuan")
                % {
                    "volume": formats.number(one.saved.volume_m3, ".0f"),
                    "price": price,
                    "money": yuan(one.saved.price_cents / 100),
                },
            }
        )
    return found
