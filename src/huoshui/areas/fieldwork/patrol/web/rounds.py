"""Pages of patrol rounds: the list, one round with its map, what was missed, the forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import belonging, ground, queries, words
from huoshui.areas.fieldwork.patrol.web import maps
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, MANAGE = "fieldwork.read_jobs", "fieldwork.manage_patrol"
STANDINGS = {str(code): pair for code, pair in words.STANDINGS.items()}
WALKED = pgettext_lazy("patrol", "Walked")


def round_url(code: str) -> str:
    """Return the address of a round's page."""
    return reverse("patrol:round", args=[code])


def percent(share_frac: float | None) -> float | None:
    """Return a share as people read it; never a hundred while a metre is missing."""
    return None if share_frac is None else int(share_frac * 1000 + 1e-9) / 10


def zone_choices() -> list[tuple[str, str]]:
    """Return the zones to choose from."""
    return list(network.zone_names().items())


def buttons(user: Any) -> list[SafeString]:
    """Return the ways to the other pages of patrols."""
    return [
        kit.link_button(label, reverse(f"patrol:{name}"), icon=icon)
        for label, name, icon in (
            (gettext("Proposed rounds"), "proposals", "bulb"),
            (gettext("Missed rounds"), "missed", "calendar"),
            (gettext("Walks"), "walks", "history"),
            (pgettext("patrol", "Findings"), "findings", "list-search"),
            (gettext("Repeat-hazard points"), "hazards", "alert-triangle"),
        )
    ]


@dataclass(frozen=True)
class RoundRow:
    """A round as the list shows it."""

    row: models.PatrolRound
    turn: queries.Turn | None
    zone: str

    @property
    def pk(self) -> int:
        """The key of the round."""
        return self.row.pk

    @property
    def code(self) -> str:
        """Its number."""
        return self.row.code

    @property
    def name(self) -> str:
        """Its name."""
        return self.row.shown_name

    @property
    def purpose(self) -> str:
        """What it is walked for."""
        return self.row.purpose

    @property
    def every_days(self) -> int:
        """How often."""
        return self.row.every_days

    @property
    def walker(self) -> str:
        """Who walks it; empty: every crew may."""
        return str(self.row.walker) if self.row.walker else gettext("every crew")

    @property
    def standing(self) -> str | None:
        """How its present period stands."""
        return str(self.turn.standing) if self.turn else None

    @property
    def walked(self) -> float | None:
        """How much of it was walked in the present period, per cent."""
        return percent(self.turn.share_frac) if self.turn else None

    @property
    def until(self) -> date | None:
        """The last day of the present period."""
        return self.turn.period.latest if self.turn else None


class Rounds(kit.ListPage):
    """All rounds that are walked, with how their present period stands."""

    title = _("Patrol rounds")
    permission = READ
    url_name = "patrol:rounds"
    columns = (
        kit.Column("code", _("Number"), href=lambda one: round_url(one.code)),
        kit.Column("name", _("Round"), href=lambda one: round_url(one.code)),
        kit.Column("standing", _("State"), badge=STANDINGS),
        kit.Column("walked", WALKED, format=".1f", unit="%"),
        kit.Column("until", pgettext_lazy("patrol", "Until"), format="day"),
        kit.Column("every_days", pgettext_lazy("patrol", "Every"), format="d",
                   unit=pgettext_lazy("patrol", "days"), phone=False),
        kit.Column("purpose", pgettext_lazy("patrol", "For"), labels=words.PURPOSES, phone=False),
        kit.Column("zone", _("Zone"), phone=False),
        kit.Column("walker", pgettext_lazy("patrol", "Who walks it"), phone=False),
    )  # fmt: skip
    search = ("code", "name", "walker", "zone")
    default_sort = "code"
    empty = _("No rounds yet. Make one with the button above.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the rounds there are."""
        rows = list(queries.rounds())
        turns = queries.present_turns(rows)
        zones = network.zone_names()
        return [
            RoundRow(row, turns.get(row.pk), zones.get(row.zone_code, row.zone_code))
            for row in rows
        ]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new round, and the ways to what patrols brought."""
        found = buttons(request.user)
        if permissions.holds(request.user, MANAGE):
            url = reverse("patrol:new-round")
            found.append(kit.link_button(gettext("New round"), url, colour="primary", icon="plus"))
        return found


class RoundPage(kit.DetailPage):
    """One round: its way on the map, what is missing of it, its periods and walks."""

    permission = READ
    template = "fieldwork/round.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.PatrolRound:
        """Return the round, or answer that there is none."""
        row = queries.round_of(kwargs["code"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.PatrolRound) -> str:
        """Return number and name."""
        return f"{obj.code} {obj.shown_name}"

    @cached_property
    def turns(self) -> list[queries.Turn]:
        """The periods of the past year, latest first."""
        row = queries.round_of(self.kwargs["code"])
        return queries.turns([row]) if row else []

    @property
    def present(self) -> queries.Turn | None:
        """The period of today, if the season has one."""
        latest = self.turns[0] if self.turns else None
        return latest if latest and latest.today < latest.period.until else None

    def badges(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[SafeString]:
        """Show how the present period stands."""
        if obj.is_retired:
            return (kit.badge(gettext("Not walked any more"), "secondary"),)
        turn = self.present
        return (kit.badge(*STANDINGS[turn.standing]),) if turn else ()

    def trail(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)

    def facts(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[kit.Section]:
        """Say what is walked, how often, by whom, and how it stands."""
        assets = queries.assets_of(obj)
        pipes = ground.with_course(assets)
        points = sum(one.kind != "pipe" for one in assets)
        turn = self.present
        missed = sum(end - begin for _code, begin, end in (turn.missed or ())) if turn else None
        zone = network.zone_names().get(obj.zone_code, obj.zone_code)
        season = None
        if (obj.from_month, obj.until_month) != (1, 12):
            season = gettext("months %(from)s to %(until)s") % {
                "from": obj.from_month, "until": obj.until_month,
            }  # fmt: skip
        return (
            kit.Section(
                _("Round"),
                [
                    kit.Fact(pgettext_lazy("patrol", "For"), words.PURPOSES[obj.purpose]),
                    *([kit.Fact(_("Zone"), zone)] if zone else []),
                    kit.Fact(_("Pipes"), len(pipes), format="d"),
                    kit.Fact(_("Length of the pipes"), length_km(pipes), unit="km", format=".2f"),
                    kit.Fact(_("Valves and hydrants"), points, format="d"),
                    kit.Fact(_("Counts as walked within"), obj.near_m, unit="m", format=".0f"),
                ],
            ),
            kit.Section(
                _("Present period"),
                [
                    kit.Fact(pgettext_lazy("patrol", "Every"), obj.every_days,
                             unit=gettext("days"), format="d"),
                    *([kit.Fact(_("Season"), season)] if season else []),
                    kit.Fact(pgettext_lazy("patrol", "Who walks it"),
                             obj.walker or gettext("every crew")),
                    *([
                        kit.Fact(_("Began"), turn.period.begin, format="day"),
                        kit.Fact(_("Until"), turn.period.latest, format="day"),
                        kit.Fact(WALKED, percent(turn.share_frac) or 0.0, unit="%", format=".1f"),
                    ] if turn else []),
                    *([kit.Fact(_("Still missing"), missed, unit="m", format=".0f",
                                href=missed_url(obj.code))] if missed else []),
                ],
            ),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[SafeString]:
        """Offer the list of missing pieces, changes, and a track from a receiver."""
        found = [kit.link_button(gettext("Missing pieces"), missed_url(obj.code), icon="list")]
        if belonging.may_on_round(request.user, obj):
            change = reverse("patrol:change-round", args=[obj.code])
            track = reverse("patrol:import-track", args=[obj.code])
            found += [
                kit.link_button(gettext("Bring a GPX track"), track, icon="upload"),
                kit.link_button(gettext("Change"), change, icon="edit"),
            ]
        return found

    def context(self, request: HttpRequest, obj: models.PatrolRound) -> dict[str, Any]:
        """Add the map, the periods and the walks."""
        turn = self.present or (self.turns[0] if self.turns else None)
        assets = queries.assets_of(obj)
        features = ground.shapes(assets, turn.missed if turn else None)
        latest = queries.walks().filter(round=obj).order_by("-began_at", "-id")[:10]
        return {
            "map_props": maps.drawn(request, features),
            "turn": turn,
            "turns": [
                {
                    "begin": one.period.begin,
                    "until": one.period.latest,
                    "walked": percent(one.share_frac),
                    "walks": len(one.walks),
                    "label": STANDINGS[one.standing][0],
                    "colour": STANDINGS[one.standing][1],
                }
                for one in self.turns[:13]
            ],
            "walks": [
                {
                    "url": reverse("patrol:walk", args=[one.pk]),
                    "at": one.began_at,
                    "by": one.by,
                    "walked": percent(one.covered_m / one.length_m) if one.length_m else None,
                }
                for one in latest
            ],
        }


def length_km(pipes: Sequence[Any]) -> float:
    """Return how long pipes are together, as the register says."""
    return sum(one.length_m or 0.0 for one in pipes) / 1000


def missed_url(code: str) -> str:
    """Return the address of what is missing of a round."""
    return f"{reverse('patrol:pieces')}?round={code}"
