"""What was missed: pieces of pipes nobody passed yet, and rounds that were not walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork.patrol import ground, kinds, queries
from huoshui.areas.fieldwork.patrol.web.rounds import READ, STANDINGS, WALKED, percent, round_url
from huoshui.areas.network import facade as network
from huoshui.kernel.pages import kit


@dataclass(frozen=True)
class PieceRow:
    """A piece of pipe that nobody passed in a period."""

    turn: queries.Turn
    asset: str
    from_m: float
    to_m: float

    @property
    def round(self) -> str:
        """The number of the round."""
        return self.turn.round.code

    @property
    def begin(self) -> date:
        """When the period began."""
        return self.turn.period.begin

    @property
    def length_m(self) -> float:
        """How long the piece is."""
        return self.to_m - self.from_m


def _rounds() -> list[tuple[str, str]]:
    return [(row.code, f"{row.code} {row.shown_name}") for row in queries.rounds().order_by("code")]


class Pieces(kit.ListPage):
    """Pieces of pipes that nobody passed yet in the present period of their round."""

    title = _("Missing pieces")
    permission = READ
    url_name = "patrol:pieces"
    columns = (
        kit.Column("round", _("Round"), href=lambda one: round_url(one.round)),
        kit.Column("asset", _("Pipe"), href=lambda one: reverse("network:asset", args=[one.asset])),
        kit.Column("from_m", pgettext_lazy("piece", "From"), format=".0f", unit="m"),
        kit.Column("to_m", pgettext_lazy("piece", "To"), format=".0f", unit="m"),
        kit.Column("length_m", _("Length"), format=".0f", unit="m"),
        kit.Column("begin", _("Period since"), format="day", phone=False),
    )
    search = ("round", "asset")
    filters = (
        kit.ChoiceFilter("round", _("Round"), choices=_rounds, apply=lambda rows, _code: rows),
    )
    default_sort = "-length_m"
    empty = _("Nothing is missing: every pipe of the present periods was passed.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)

    def rows(self, request: HttpRequest) -> Any:
        """Return the pieces; where nobody walked yet, whole pipes."""
        chosen = queries.rounds()
        if code := request.GET.get("round"):
            chosen = chosen.filter(code=code)
        turns = queries.present_turns(chosen).values()
        unwalked = [code for one in turns if one.missed is None for code in one.round.asset_codes]
        lengths = {
            one.code: one.length_m or 0.0
            for one in ground.with_course(network.assets(kind="pipe", codes=unwalked))
        }
        found = []
        for turn in turns:
            missed = turn.missed
            if missed is None:
                missed = [(one, 0.0, lengths[one]) for one in turn.round.asset_codes
                          if one in lengths]  # fmt: skip
            found += [PieceRow(turn, code, begin, end) for code, begin, end in missed]
        return found


@dataclass(frozen=True)
class TurnRow:
    """A period that ended without enough of the round being walked."""

    turn: queries.Turn

    @property
    def code(self) -> str:
        """The number of the round."""
        return self.turn.round.code

    @property
    def name(self) -> str:
        """The name of the round."""
        return self.turn.round.shown_name

    @property
    def begin(self) -> date:
        """When the period began."""
        return self.turn.period.begin

    @property
    def until(self) -> date:
        """Its last day."""
        return self.turn.period.latest

    @property
    def standing(self) -> str:
        """Missed, or walked in part."""
        return str(self.turn.standing)

    @property
    def walked(self) -> float:
        """How much was walked, per cent."""
        return percent(self.turn.share_frac) or 0.0

    @property
    def walker(self) -> str:
        """Who was to walk it."""
        return str(self.turn.round.walker or gettext("every crew"))


def _of_zone(rows: list[TurnRow], code: str) -> list[TurnRow]:
    return [one for one in rows if one.turn.round.zone_code == code]


class Missed(kit.ListPage):
    """Periods of the past year that ended without enough being walked."""

    title = _("Missed rounds")
    permission = READ
    url_name = "patrol:missed"
    columns = (
        kit.Column("code", _("Number"), href=lambda one: round_url(one.code)),
        kit.Column("name", _("Round"), href=lambda one: round_url(one.code)),
        kit.Column("standing", _("State"), badge=STANDINGS),
        kit.Column("walked", WALKED, format=".1f", unit="%"),
        kit.Column("begin", pgettext_lazy("patrol", "Began"), format="day"),
        kit.Column("until", pgettext_lazy("patrol", "Until"), format="day", phone=False),
        kit.Column("walker", pgettext_lazy("patrol", "Who walks it"), phone=False),
    )
    search = ("code", "name", "walker")
    filters = (
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: network.zone_names().items(),
                         apply=_of_zone),
    )  # fmt: skip
    default_sort = "-begin"
    empty = _("No round was missed within a year.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)

    def rows(self, request: HttpRequest) -> Any:
        """Return the periods."""
        bad = (kinds.Standing.MISSED, kinds.Standing.PARTLY)
        turns = queries.turns(queries.rounds_ever())
        return [TurnRow(one) for one in turns if one.standing in bad]
