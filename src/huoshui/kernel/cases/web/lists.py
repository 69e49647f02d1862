"""The list of cases: of one type, of all of them, and of what waits for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries, reading, ticking, words
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, bulk, own_fields, seen, shown, ways
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import kit

EVERYTHING = "everything"


@dataclass(frozen=True)
class ShowFilter(kit.ChoiceFilter):
    """What of the list is meant: what is open, unless somebody searches or says otherwise."""

    def effective(self, query: QueryDict) -> str:
        """Return what is shown; a search looks everywhere, because a closed case is found by it."""
        asked = query.get(self.name, "")
        if asked in dict(self.pairs()):
            return asked
        return EVERYTHING if query.get("q", "").strip() or query.get("state") else "open"

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        """Return the rows that are meant."""
        assert self.apply is not None
        return self.apply(rows, self.effective(query))

    def controls(self, query: QueryDict) -> SafeString:
        """Show what is meant as chosen, also where nobody chose it."""
        told = query.copy()
        told[self.name] = self.effective(query)
        return super().controls(told)


SHOWN = (
    ("open", _("Open")),
    ("late", _("Late")),
    ("today", _("Due today")),
    ("unowned", _("Nobody responsible")),
    ("paused", _("Paused")),
    ("reopened", _("Reopened, open")),
    ("closed", _("Closed")),
    (EVERYTHING, _("Open and closed")),
)


def narrow_shown(rows: QuerySet[Case], wanted: str) -> QuerySet[Case]:
    """Keep what one of `SHOWN` means."""
    if wanted == EVERYTHING:
        return rows
    if wanted == "closed":
        return rows.filter(closed_at__isnull=False)
    standing = queries.standing(rows)
    now = clock.now()
    if wanted == "late":
        return standing.filter(next_due_at__lt=now)
    if wanted == "today":
        midnight = clock.local(now).replace(hour=23, minute=59, second=59)
        return standing.filter(next_due_at__lte=midnight)
    if wanted == "unowned":
        return standing.filter(owner__isnull=True)
    if wanted == "paused":
        return standing.exclude(paused_for="")
    if wanted == "reopened":
        return standing.filter(reopened_count__gt=0)
    return standing


def unit_choices() -> list[tuple[int, str]]:
    """Return the units of today by name."""
    return [(pk, node.name) for pk, node in tree.on().nodes.items()]


def owner_choices() -> list[tuple[int, str]]:
    """Return the active people by name."""
    from huoshui.kernel.accounts.models import User

    rows = User.objects.filter(is_active=True).order_by("name", "username")
    return [(one.pk, str(one)) for one in rows]


def case_href(row: Case) -> str:
    """Return where a row leads."""
    return addresses.case_url(row.number)


def people_named() -> dict[int, str]:
    """Return the names of all people, those who left included."""
    from huoshui.kernel.accounts.models import User

    return {one.pk: str(one) for one in User.objects.all()}


BASE_COLUMNS: tuple[kit.Column, ...] = (
    kit.Column("number", _("Number"), href=case_href),
    kit.Column("title", _("What")),
    kit.Column("state", _("State"), value=shown.state_badge, sort="state"),
    kit.Column(
        "left", _("Time left"), value=lambda row: shown.left_of(row).html, sort="due_order_at"
    ),
    kit.Column("next_due_at", _("Due"), format="moment", optional=True, sort="due_order_at"),
    kit.Column("priority", _("Priority"), badge=shown.PRIORITY_BADGES),
    kit.Column("owner", _("Responsible"), sort="owner__name"),
    kit.Column("unit_id", _("Unit"), labels=lambda: dict(unit_choices()), phone=False),
    kit.Column("place", _("Where"), phone=False),
    kit.Column("opened_at", _("Opened"), format="moment", phone=False),
    kit.Column("closed_at", _("Closed"), format="moment", optional=True),
    kit.Column("reopened_count", _("Times reopened"), format="d", optional=True),
    kit.Column("score", _("Score"), format="d", optional=True),
)
# Of a million closed cases only an index leads to a page of an order; sorting them all takes
# seconds, of all kinds together or of one.
LED = {"number", "due_order_at", "priority", "opened_at", "closed_at"}
LED_OF_ONE = {"state", "priority", "opened_at", "closed_at"}
TYPE_COLUMN = kit.Column(
    "type_code", _("Kind"), value=lambda row: reading.type_label(row.type_code), sort="type_code"
)


class Cases(kit.ListPage):
    """Cases of one type, or of every type that the reader sees."""

    title = _("Cases")
    permission = permissions.SIGNED_IN
    url_name = "cases:list"
    columns: Sequence[kit.Column] = BASE_COLUMNS
    search_index = queries.WORDS
    search_hint = _("Number, words, place")
    default_sort = "due_order_at"
    ties = {"due_order_at": "opened_at"}

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        code = kwargs.get("type_code", "")
        self.case_type = seen.type_or_refusal(request.user, code) if code else None
        self.filters = filters_of(self.case_type, request.user)
        effective = self.filters[0].effective(request.GET)  # type: ignore[attr-defined]
        self._declare_columns()
        if effective in ("closed", EVERYTHING):
            self.default_sort = "-opened_at"
            led = LED if self.case_type is None else LED_OF_ONE
            self.columns = [
                one if one.sort_field in led else replace(one, sort=False) for one in self.columns
            ]

    @property
    def asks_place(self) -> bool:
        """Whether cases of this list have places."""
        return self.case_type is None or self.case_type.asks_place

    def _declare_columns(self) -> None:
        number, title, *rest = BASE_COLUMNS
        if self.case_type is None:
            self.empty = _("There are no cases yet.")
            self.columns = (number, TYPE_COLUMN, title, *rest)
            return
        one = self.case_type
        self.title = one.name
        self.empty = _("There is no open case of this kind.")
        # Each kind has fields of its own, so views and columns are kept for each by itself.
        self.url_name = f"{type(self).url_name}:{one.code}"
        fields = own_fields.columns_of(one, people_named)
        shown_columns = [one for one in rest if one.key != "place" or self.asks_place]
        self.columns = (number, title, *shown_columns, *fields)
        self.bulk = bulk.offered(one)

    def rows(self, request: HttpRequest) -> QuerySet[Case]:
        """Return what the reader sees."""
        code = self.case_type.code if self.case_type else ""
        user: Any = request.user
        return seen.with_all(queries.readable(user, code))

    def row_css(self, row: Case) -> str:
        """Mark what is late."""
        return "hs-row-alert" if shown.left_of(row).tone == "bad" else ""

    def refresh_s(self, rows: Sequence[Any]) -> int:
        """Keep the remaining time true."""
        return 30 if rows else 0

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer what may be opened."""
        if self.case_type is not None:
            return ways.buttons(request, self.case_type)
        return ()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Offer the other ways to look at the same cases."""
        return ways.bar(request, self.case_type, "list") if self.case_type else None


def filters_of(case_type: CaseType | None, user: Any) -> tuple[kit.Filter, ...]:
    """Return what a list may be narrowed by."""
    found: list[kit.Filter] = [ShowFilter("show", _("Show"), choices=SHOWN, apply=narrow_shown)]
    if case_type is None:
        kinds = [(one.code, one.label) for one in queries.readable_types(user)]
        found.append(kit.ChoiceFilter("kind", _("Kind"), field="type_code", choices=kinds))
    else:
        states = [(one.code, one.label) for one in case_type.states]
        found.append(kit.ChoiceFilter("state", _("State"), choices=states))
        if case_type.channels:
            found.append(
                kit.ChoiceFilter("channel", _("How it came in"), choices=case_type.channels)
            )
    ranks = [(rank, words.PRIORITIES[code]) for rank, code in ticking.PRIORITY_CODES.items()]
    found += [
        kit.ChoiceFilter("priority", _("Priority"), choices=ranks),
        kit.ChoiceFilter("owner", _("Responsible"), field="owner_id", choices=owner_choices),
        kit.ChoiceFilter("unit", _("Unit"), field="unit_id", choices=unit_choices),
        kit.PeriodFilter("due", _("Due"), field="next_due_at"),
        kit.PeriodFilter("opened", _("Opened"), field="opened_at"),
    ]
    if case_type is not None:
        found += own_fields.filters_of(case_type, owner_choices)
    return tuple(found)


class Mine(kit.ListPage):
    """What the reader is responsible for, and what waits for a post of theirs."""

    title = _("My cases")
    permission = permissions.SIGNED_IN
    url_name = "cases:mine"
    columns: Sequence[kit.Column] = (BASE_COLUMNS[0], TYPE_COLUMN, *BASE_COLUMNS[1:])
    search_index = queries.WORDS
    search_hint = _("Number, words, place")
    filters = (
        kit.ChoiceFilter(
            "whose",
            _("Whose"),
            choices=(("me", _("I am responsible")), ("post", _("Waiting for my post"))),
            apply=lambda rows, _wanted: rows,
        ),
        kit.PeriodFilter("due", _("Due"), field="next_due_at"),
    )
    default_sort = "due_order_at"
    empty = _("Nothing waits for you. Well done.")

    def rows(self, request: HttpRequest) -> QuerySet[Case]:
        """Return what waits for this reader."""
        user: Any = request.user
        rows = queries.mine(user)
        asked = request.GET.get("whose", "")
        if asked:
            rows = rows.filter(owner=user if asked == "me" else None)
        return seen.with_all(rows)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to the cases of all kinds that the reader sees."""
        if not seen.may_see_any(request.user):
            return ()
        return (kit.link_button(_("All cases"), addresses.list_url(), icon="list-details"),)

    def row_css(self, row: Case) -> str:
        """Mark what is late."""
        return "hs-row-alert" if shown.left_of(row).tone == "bad" else ""

    def refresh_s(self, rows: Sequence[Any]) -> int:
        """Show what comes without being asked."""
        return 30
