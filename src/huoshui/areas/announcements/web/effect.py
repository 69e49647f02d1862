"""Whether telling helped: the told beside the others, in a stretch of time; each number opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huoshui.areas.announcements import comparing, models, rules, words
from huoshui.areas.announcements.web import shown
from huoshui.areas.customers import facade as customers
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import excel

DAYS = 7
ESTATES_SHOWN = 30
TOLD_GROUPS = (comparing.OPENED, comparing.TOLD)
REST_GROUPS = (comparing.MISSED, comparing.OTHERS)
TITLE = _("What came of it")


@dataclass(frozen=True)
class Period:
    """Which days are compared; nothing before the release counts."""

    first: date
    last: date
    since: datetime
    until: datetime


def period_of(row: models.Announcement, query: QueryDict) -> Period:
    """Return the days that are asked for: a week from the release where nobody says."""
    released = row.released_at or row.composed_at
    first = _day(query, "at_from") or clock.local(released).date()
    last = max(first, _day(query, "at_to") or first + timedelta(days=DAYS))
    zone = clock.local_zone()
    begins = datetime.combine(first, time(), tzinfo=zone)
    ends = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    return Period(first, last, max(begins, released), ends)


def _day(query: QueryDict, name: str) -> date | None:
    try:
        found = date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


class _Tables:
    """The tables of one comparison, as the page and Excel show them."""

    def __init__(self, request: HttpRequest, row: models.Announcement) -> None:
        self.row = row
        self.period = period_of(row, request.GET)
        self.kinds = comparing.offered(request.user)
        self.labels = {one.code: one.label for one in self.kinds}
        everything = comparing.happened(request.user, self.period.since, self.period.until)
        self.matters = comparing.matters(everything)
        asked = request.GET.get("matter", "")
        self.matter = asked if asked in dict(self.matters) else ""
        self.found = comparing.compare(row, everything, matter=self.matter)
        if self.matter:
            self.kinds = [one for one in self.kinds if self.matter.startswith(f"{one.code}:")]

    def url(self, **more: str) -> str:
        """Return the list of the very events that a number counts."""
        query = {
            "announcement": self.row.number,
            "at_from": self.period.first.isoformat(),
            "at_to": self.period.last.isoformat(),
            "matter": self.matter,
            **more,
        }
        kept = {name: value for name, value in query.items() if value}
        return f"{reverse('announcements:affected')}?{urlencode(kept)}"

    def _line(self, label: Any, accounts: int, cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"label": label, "accounts": accounts, "cells": cells}

    def _cell(
        self, kind: str, accounts: int, told: dict[str, str], **narrowed: Any
    ) -> dict[str, Any]:
        hits = self.found.hit(kind, **narrowed)
        least, most = rules.share_between(hits, accounts)
        return {
            "kind": kind,
            "label": self.labels[kind],
            "hits": hits,
            "share": hits / accounts if accounts else None,
            "between": f"{100 * least:.1f} – {100 * most:.1f} %" if accounts else "",
            "url": self.url(kind=kind, **told),
        }

    def groups(self) -> Iterator[dict[str, Any]]:
        """Yield a line for each group."""
        for group in comparing.GROUPS:
            n = self.found.accounts[group]
            cells = [self._cell(one.code, n, {"group": group}, groups=(group,))
                     for one in self.kinds]  # fmt: skip
            yield self._line(words.GROUPS[group], n, cells)

    def ways(self) -> Iterator[dict[str, Any]]:
        """Yield a line for each channel, of those whom it reached."""
        for way in self.row.ways:
            n = self.found.of_way[way]
            if n:
                cells = [self._cell(one.code, n, {"way": way}, way=way) for one in self.kinds]
                yield self._line(words.WAYS[way], n, cells)

    def estates(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield a line for each estate: the told beside the rest of it."""
        names = customers.estate_names()
        for code in self.found.estates()[:most]:
            sides = []
            for side, groups in (("yes", TOLD_GROUPS), ("no", REST_GROUPS)):
                n = sum(self.found.of_estate[code, group] for group in groups)
                told = {"estate": code or "-", "told": side}
                cells = [self._cell(one.code, n, told, groups=groups, estate=code)
                         for one in self.kinds]  # fmt: skip
                sides.append(self._line(side, n, cells))
            label = names.get(code, code) or gettext("in no estate")
            yield {"label": label, "told": sides[0], "rest": sides[1]}

    def excel_rows(self) -> Iterator[dict[str, Any]]:
        """Yield everything as one table."""
        parts = [(words.GROUP, self.groups()), (_("Channel"), self.ways())]
        for part, lines in parts:
            for line in lines:
                yield from self._flat(part, line["label"], line)
        for estate in self.estates():
            for side, label in (
                ("told", pgettext("announcement", "Told")),
                ("rest", pgettext("announcement", "The rest")),
            ):
                said = f"{estate['label']}: {label}"
                yield from self._flat(_("Estate"), said, estate[side])

    def _flat(self, part: Any, label: Any, line: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for cell in line["cells"]:
            yield {
                "part": str(part),
                "label": str(label),
                "accounts": line["accounts"],
                "kind": str(cell["label"]),
                "hits": cell["hits"],
                "share": cell["share"],
                "between": cell["between"],
            }


COLUMNS = (
    kit.Column("part", _("Part")),
    kit.Column("label", _("What")),
    kit.Column("accounts", _("Accounts"), format="d"),
    kit.Column("kind", pgettext_lazy("announcement", "What happened")),
    kit.Column("hits", _("Accounts it happened to"), format="d"),
    kit.Column("share", _("Share"), format="percent"),
    kit.Column("between", _("Share, 19 times of 20")),
)


@permissions.needs("announcements.read")
@require_GET
def effect(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show what happened to the told and to the others, or give it as Excel."""
    row = shown.row_of(number)
    tables = _Tables(request, row)
    if request.GET.get("format") == "xlsx":
        columns = [one.asked for one in COLUMNS]
        return excel.write(f"{number} {gettext('What came of it')}", columns, tables.excel_rows())
    estates = list(tables.estates(ESTATES_SHOWN))
    context = {
        "title": TITLE,
        "trail": shown.trail(row, TITLE),
        "row": row,
        "heading": shown.title_of(row),
        "period": tables.period,
        "first": tables.period.first.isoformat(),
        "last": tables.period.last.isoformat(),
        "now": clock.now(),
        "is_running": tables.period.until > clock.now(),
        "kinds": tables.kinds,
        "matters": tables.matters,
        "matter": tables.matter,
        "compared": list(tables.groups()),
        "ways": list(tables.ways()),
        "estates": estates,
        "estates_more": max(0, len(tables.found.estates()) - len(estates)),
        "everyone": row.everyone,
        "excel_url": f"?{urlencode({**request.GET.dict(), 'format': 'xlsx'})}",
    }
    return render(request, "announcements/effect.html", context)


class Affected(kit.ListPage):
    """The calls and cases that the comparison counts, each with its account and group."""

    title = TITLE
    permission = "announcements.read"
    url_name = "announcements:affected"
    search = ("account", "number")
    search_hint = _("Account or number")
    default_sort = "-at"
    empty = _("Nothing of this happened to these accounts in these days.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        labels = {one.code: one.label for one in comparing.offered(request.user)}
        self.filters = (
            kit.TextFilter("announcement", _("Announcement"), field="announcement"),
            kit.ChoiceFilter("group", words.GROUP, choices=words.GROUPS.items()),
            kit.ChoiceFilter(
                "told",
                pgettext_lazy("announcement", "Told"),
                choices=(("yes", _("Yes")), ("no", _("No"))),
                apply=lambda rows, wanted: [
                    one for one in rows if (one["group"] in TOLD_GROUPS) == (wanted == "yes")
                ],
            ),
            kit.ChoiceFilter("kind", pgettext_lazy("announcement", "What happened"),
                             choices=labels.items()),
            kit.ChoiceFilter("matter", _("About"), choices=self._matters),
            kit.PeriodFilter("at", _("When")),
            kit.ChoiceFilter(
                "way", _("Channel"),
                choices=[(way, words.WAYS[way]) for way in rules.PERSONAL_WAYS],
                apply=lambda rows, wanted: [one for one in rows if wanted in one["ways"]],
            ),
            kit.ChoiceFilter(
                "estate", _("Estate"), choices=self._estates,
                apply=lambda rows, wanted: [
                    one for one in rows if one["estate"] == ("" if wanted == "-" else wanted)
                ],
            ),
        )  # fmt: skip
        self.columns = (
            kit.Column("number", _("Number"), href=lambda r: r["url"]),
            kit.Column("at", _("When"), format="moment"),
            kit.Column("account", _("Account")),
            kit.Column("group", words.GROUP, badge={
                code: (label, words.GROUP_COLOURS[code]) for code, label in words.GROUPS.items()
            }),
            kit.Column("kind", pgettext_lazy("announcement", "What happened"), labels=labels),
            kit.Column("about", _("About")),
            kit.Column("estate", _("Estate"), labels=lambda: self.names),
        )  # fmt: skip

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of estates by code."""
        return customers.estate_names()

    def _estates(self) -> list[tuple[str, Any]]:
        return [("-", _("in no estate")), *sorted(self.names.items(), key=lambda one: one[1])]

    @cached_property
    def row(self) -> models.Announcement | None:
        """The announcement that is meant."""
        number = self.request.GET.get("announcement", "")
        return models.Announcement.objects.filter(number=number).first() if number else None

    @cached_property
    def everything(self) -> comparing.Found:
        """All that happened to accounts in the days that are meant."""
        if self.row is None:
            return []
        period = period_of(self.row, self.request.GET)
        return comparing.happened(self.request.user, period.since, period.until)

    def _matters(self) -> list[tuple[str, str]]:
        return comparing.matters(self.everything)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return shown.trail(self.row, self.title)

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        if self.row is None:
            return []
        found = comparing.compare(self.row, self.everything)
        return [
            {
                "announcement": self.row.number,
                "number": one.happened.number,
                "url": one.happened.url,
                "at": one.happened.at,
                "account": one.happened.account_code,
                "group": one.placed.group,
                "ways": one.placed.ways,
                "kind": one.kind,
                "matter": f"{one.kind}:{one.happened.matter}",
                "about": one.happened.matter_label,
                "estate": one.placed.estate,
            }
            for one in found.events
        ]
