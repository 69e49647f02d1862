"""Pages of rounds to plants: the list, one round with its assets, what was missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from huoshui.areas.fieldwork.checks import queries, words
from huoshui.areas.fieldwork.patrol import belonging, kinds
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, MANAGE = "fieldwork.read_jobs", "fieldwork.manage_patrol"
STANDINGS = {str(code): pair for code, pair in words.STANDINGS.items()}
DONE = pgettext_lazy("check round", "Checked")
LEFT_SHOWN = 8
TURNS_SHOWN = 14


def round_url(code: str) -> str:
    """Return the address of a round's page."""
    return reverse("checks:round", args=[code])


def check_url(number: int) -> str:
    """Return the address of a check."""
    return reverse("checks:check", args=[number])


def of_asset_url(code: str) -> str:
    """Return the address of the checks of an asset."""
    return reverse("checks:asset", args=[code])


def trail_to_rounds() -> Sequence[tuple[Any, str]]:
    """Return the way back to the rounds."""
    return ((_("Equipment rounds"), reverse("checks:rounds")),)


def shown_assets(codes: Sequence[str]) -> str:
    """Return some numbers of assets in one line, and how many more there are."""
    said = pgettext("list", ", ").join(codes[:LEFT_SHOWN])
    more = len(codes) - LEFT_SHOWN
    return said if more <= 0 else gettext("%(some)s and %(n)s more") % {"some": said, "n": more}


@dataclass(frozen=True)
class TurnRow:
    """A round, or a period of one, as lists show it."""

    round: models.PatrolRound
    turn: queries.Turn | None

    @property
    def pk(self) -> int:
        """The key of the round."""
        return self.round.pk

    @property
    def code(self) -> str:
        """Its number."""
        return self.round.code

    @property
    def name(self) -> str:
        """Its name."""
        return self.round.shown_name

    @property
    def every_days(self) -> int:
        """How often."""
        return self.round.every_days

    @property
    def walker(self) -> str:
        """Who makes it; empty: every crew may."""
        return str(self.round.walker) if self.round.walker else gettext("every crew")

    @property
    def standing(self) -> str | None:
        """How the period stands."""
        return str(self.turn.standing) if self.turn else None

    @property
    def done(self) -> int | None:
        """How many assets were looked at."""
        return self.turn.done if self.turn else None

    @property
    def assets(self) -> int:
        """How many are to be looked at."""
        return len(self.turn.assets if self.turn else self.round.asset_codes)

    @property
    def left(self) -> str:
        """Which assets nobody looked at."""
        return shown_assets(self.turn.left) if self.turn else ""

    @property
    def begin(self) -> date | None:
        """When the period began."""
        return self.turn.period.begin if self.turn else None

    @property
    def until(self) -> date | None:
        """The last day of the period."""
        return self.turn.period.latest if self.turn else None


NAMES = (
    kit.Column("code", _("Number"), href=lambda one: round_url(one.code)),
    kit.Column("name", pgettext_lazy("equipment", "Round"), href=lambda one: round_url(one.code)),
    kit.Column("standing", _("State"), badge=STANDINGS),
    kit.Column("done", DONE, format="d"),
    kit.Column("assets", pgettext_lazy("check round", "Of assets"), format="d"),
)


class Rounds(kit.ListPage):
    """All rounds to plants, with how their present period stands."""

    title = _("Equipment rounds")
    permission = READ
    url_name = "checks:rounds"
    columns = (
        *NAMES,
        kit.Column("until", pgettext_lazy("patrol", "Until"), format="day"),
        kit.Column("left", pgettext_lazy("check round", "Still left"), sort=False, phone=False),
        kit.Column("every_days", pgettext_lazy("patrol", "Every"), format="d",
                   unit=pgettext_lazy("patrol", "days"), phone=False),
        kit.Column("walker", pgettext_lazy("check round", "Who makes it"), phone=False),
    )  # fmt: skip
    search = ("code", "name", "walker")
    default_sort = "code"
    empty = _("No rounds yet. Say what is looked at under “Check lists”, then make a round.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the rounds there are."""
        rows = list(queries.rounds())
        turns = queries.present_turns(rows)
        return [TurnRow(row, turns.get(row.pk)) for row in rows]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new round, the lists, and what checks brought."""
        found = [
            kit.link_button(label, reverse(f"checks:{name}"), icon=icon)
            for label, name, icon in (
                (pgettext("equipment", "Missed rounds"), "missed", "calendar"),
                (pgettext("equipment", "Checks"), "history", "history"),
                (gettext("Check lists"), "lists", "list"),
            )
        ]
        if permissions.holds(request.user, MANAGE):
            url = reverse("checks:new-round")
            label = pgettext("equipment", "New round")
            found.append(kit.link_button(label, url, colour="primary", icon="plus"))
        return found


class Overdue(kit.ListPage):
    """Periods of the past three months that ended before every asset was looked at."""

    title = pgettext_lazy("equipment", "Missed rounds")
    permission = READ
    url_name = "checks:missed"
    columns = (
        *NAMES,
        kit.Column("left", pgettext_lazy("check round", "Not looked at"), sort=False),
        kit.Column("begin", pgettext_lazy("patrol", "Began"), format="day", phone=False),
        kit.Column("until", pgettext_lazy("patrol", "Until"), format="day"),
        kit.Column("walker", pgettext_lazy("check round", "Who makes it"), phone=False),
    )
    search = ("code", "name", "walker", "left")
    default_sort = "-until"
    empty = _("No round was missed within three months.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def rows(self, request: HttpRequest) -> Any:
        """Return the periods."""
        bad = (kinds.Standing.MISSED, kinds.Standing.PARTLY)
        turns = queries.turns(queries.rounds_ever())
        return [TurnRow(one.round, one) for one in turns if one.standing in bad]


class RoundPage(kit.DetailPage):
    """One round: its assets with their latest check, and its periods."""

    permission = READ
    template = "fieldwork/check_round.html"

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
        """The periods of the past three months, latest first."""
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
            return (kit.badge(gettext("Not made any more"), "secondary"),)
        turn = self.present
        return (kit.badge(*STANDINGS[turn.standing]),) if turn else ()

    def trail(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return trail_to_rounds()

    def facts(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[kit.Section]:
        """Say how often, by whom, and how it stands."""
        turn = self.present
        season = None
        if (obj.from_month, obj.until_month) != (1, 12):
            season = gettext("months %(from)s to %(until)s") % {
                "from": obj.from_month, "until": obj.until_month,
            }  # fmt: skip
        ended = [one for one in self.turns if one.period.until <= one.today]
        kept = sum(one.standing == kinds.Standing.WALKED for one in ended)
        return (
            kit.Section(
                _("Present period"),
                [
                    kit.Fact(pgettext_lazy("patrol", "Every"), obj.every_days,
                             unit=gettext("days"), format="d"),
                    *([kit.Fact(_("Season"), season)] if season else []),
                    kit.Fact(pgettext_lazy("check round", "Who makes it"),
                             obj.walker or gettext("every crew")),
                    *([
                        kit.Fact(_("Began"), turn.period.begin, format="day"),
                        kit.Fact(_("Until"), turn.period.latest, format="day"),
                        kit.Fact(DONE, f"{turn.done} / {len(turn.assets)}"),
                    ] if turn else []),
                    *([kit.Fact(pgettext_lazy("check round", "Whole rounds, 3 months"),
                                f"{kept} / {len(ended)}")] if ended else []),
                ],
            ),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: models.PatrolRound) -> Sequence[SafeString]:
        """Offer changes."""
        if not belonging.may_on_round(request.user, obj):
            return ()
        url = reverse("checks:change-round", args=[obj.code])
        return (kit.link_button(gettext("Change"), url, icon="edit"),)

    def context(self, request: HttpRequest, obj: models.PatrolRound) -> dict[str, Any]:
        """Add the assets with their latest check, and the periods."""
        turn = self.present
        latest = queries.latest_of(obj.asset_codes)
        assets = {one.code: one for one in network.assets(codes=obj.asset_codes)}
        asked = queries.asked(obj.asset_codes)
        lists = {one.code: asked.of(one.code, one.kind, obj) for one in assets.values()}
        return {
            "rows": [_asset_row(code, assets.get(code), latest.get(code), turn, asked.types)
                     | _list_of(lists.get(code), obj)
                     for code in obj.asset_codes],
            "turns": [
                {
                    "begin": one.period.begin, "until": one.period.latest, "done": one.done,
                    "of": len(one.assets), "left": shown_assets(one.left) if one.done else "",
                    "label": STANDINGS[one.standing][0], "colour": STANDINGS[one.standing][1],
                }
                for one in self.turns[:TURNS_SHOWN]
            ],
        }  # fmt: skip


def _list_of(row: models.CheckList | None, obj: models.PatrolRound) -> dict[str, Any]:
    """Return by which list an asset of a round is asked; nothing where none is for it."""
    if row is None:
        return {"list": ""}
    return {"list": words.named(row.name_zh, row.name_en), "is_own": row.code in obj.check_lists,
            "list_url": reverse("checks:list", args=[row.code])}  # fmt: skip


def _asset_row(
    code: str, asset: Any, check: models.Check | None, turn: queries.Turn | None,
    types: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Return one asset of a round as its page shows it."""
    name = asset.name if asset else ""
    kind = words.stands_for(asset.kind, types.get(code, "")) if asset else ""
    return {
        "code": code, "name": name, "kind": kind, "url": of_asset_url(code),
        "asset_url": labels.asset_url(code),
        "is_done": bool(turn and code in turn.seen),
        "check_url": check_url(check.pk) if check else "",
        "at": check.checked_at if check else None,
        "wrong": words.wrong_words(check.answers) if check else "",
        "job": check.finding.job.number if check and check.finding and check.finding.job else "",
    }  # fmt: skip
