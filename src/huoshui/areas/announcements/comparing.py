"""What became of those who were told and of the others: calls and cases of a stretch of time.

Groups are of accounts. An account whose person was told over another account of theirs counts as
told. The others are the open accounts of the same estates that the announcement was not for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from huoshui.areas.announcements import models, rules
from huoshui.areas.announcements.contracts import DeliveryState, Happened, Happenings
from huoshui.areas.customers import facade as customers
from huoshui.kernel import cases
from huoshui.kernel.accounts import permissions

OPENED, TOLD, MISSED, OTHERS = "opened", "told", "missed", "others"
GROUPS = (OPENED, TOLD, MISSED, OTHERS)
ACCOUNT = "customers.account"
MATTERS_SHOWN = 60

_offered: dict[str, Happenings] = {}


def offer(happenings: Happenings) -> None:
    """Take a kind of thing to compare by."""
    _offered[happenings.code] = happenings


def offered(reader: Any) -> list[Happenings]:
    """Return the kinds of things that a reader may compare by."""
    return [
        one
        for one in _offered.values()
        if not one.permission or permissions.holds(reader, one.permission)
    ]


def cases_between(reader: Any, since: datetime, until: datetime) -> Iterator[Happened]:
    """Yield the cases about accounts that a reader may see, sorted by type and topic."""
    for code, fact in cases.linked_between(ACCOUNT, since, until, reader=reader):
        known = cases.case_type(fact.type_code)
        label = str(known.label) if known else fact.type_code
        topic = str(fact.fields.get("topic") or "")
        yield Happened(
            account_code=code,
            at=fact.opened_at,
            matter=f"{fact.type_code}/{topic}" if topic else fact.type_code,
            matter_label=f"{label}: {topic}" if topic else label,
            number=fact.number,
            url=reverse("cases:case", args=[fact.number]),
        )


@dataclass(frozen=True)
class Placed:
    """One account in the comparison: its group, its estate, and the channels that reached it."""

    group: str
    estate: str
    ways: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Event:
    """One thing that happened to an account of the comparison."""

    placed: Placed
    kind: str
    happened: Happened


@dataclass
class Comparison:
    """How many accounts each group, estate and channel has, and what happened to whom."""

    accounts: Counter[str] = field(default_factory=Counter)
    of_estate: Counter[tuple[str, str]] = field(default_factory=Counter)
    of_way: Counter[str] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)

    def hit(self, kind: str, **narrowed: Any) -> int:
        """Return how many accounts something of a kind happened to, each counted once."""
        return len(
            {
                one.happened.account_code
                for one in self.events
                if one.kind == kind and fits(one, **narrowed)
            }
        )

    def estates(self) -> list[str]:
        """Return the estates of the comparison, those with most accounts told first."""
        told: Counter[str] = Counter()
        for (estate, group), n in self.of_estate.items():
            told[estate] += n if group in (OPENED, TOLD) else 0
        return [estate for estate, _n in told.most_common()]


def fits(
    one: Event, *, groups: Iterable[str] = (), estate: str | None = None, way: str = ""
) -> bool:
    """Tell whether an event is of one of some groups, of an estate, and of a channel."""
    placed = one.placed
    return (
        (not groups or placed.group in groups)
        and (estate is None or placed.estate == estate)
        and (not way or way in placed.ways)
    )


def placed_recipients(row: models.Announcement) -> dict[str, Placed]:
    """Return for each account of an announcement how far its message came; two queries."""
    ways: dict[int, set[str]] = {}
    opened: set[int] = set()
    got = models.Delivery.objects.filter(announcement=row, state__in=rules.GOT_THROUGH).order_by()
    for pk, way, state in got.values_list("recipient_id", "way", "state").iterator():
        ways.setdefault(pk, set()).add(way)
        if state == DeliveryState.READ:
            opened.add(pk)
    found: dict[str, Placed] = {}
    rows = models.Recipient.objects.filter(announcement=row).order_by()
    for pk, leader, code, estate in rows.values_list(
        "pk", "leader_id", "account_code", "estate_code"
    ).iterator():
        who = leader or pk
        group = OPENED if who in opened else TOLD if who in ways else MISSED
        found[code] = Placed(group, estate, frozenset(ways.get(who, ())))
    return found


Found = list[tuple[str, Happened]]


def happened(reader: Any, since: datetime, until: datetime) -> Found:
    """Return all that a reader may know to have happened to accounts, each with its kind."""
    return [
        (kind.code, one) for kind in offered(reader) for one in kind.between(reader, since, until)
    ]


def compare(row: models.Announcement, everything: Found, *, matter: str = "") -> Comparison:
    """Return what happened to the told and to the others, of one matter or of all."""
    placed = placed_recipients(row)
    result = Comparison()
    for one in placed.values():
        result.accounts[one.group] += 1
        result.of_estate[one.estate, one.group] += 1
        result.of_way.update(one.ways)
    estates = {one.estate for one in placed.values()} - {""}
    for estate in customers.estates():
        if estate.code in estates:
            ours = sum(result.of_estate[estate.code, group] for group in (OPENED, TOLD, MISSED))
            rest = max(0, estate.accounts - ours)
            result.of_estate[estate.code, OTHERS] = rest
            result.accounts[OTHERS] += rest
    found = [
        (kind, one) for kind, one in everything if not matter or f"{kind}:{one.matter}" == matter
    ]
    strangers = {one.account_code for _kind, one in found} - set(placed)
    others = {
        one.account_code: Placed(OTHERS, one.estate_code)
        for one in customers.recipients(accounts=sorted(strangers))
        if one.estate_code in estates
    }
    for kind, told in found:
        where = placed.get(told.account_code) or others.get(told.account_code)
        if where is not None:
            result.events.append(Event(where, kind, told))
    return result


def matters(everything: Found) -> list[tuple[str, str]]:
    """Return what all of it was about, as (code, words), the most frequent first."""
    labels = {code: one.label for code, one in _offered.items()}
    counted = Counter(
        (f"{kind}:{one.matter}", f"{labels[kind]}: {one.matter_label}") for kind, one in everything
    )
    return [pair for pair, _n in counted.most_common(MATTERS_SHOWN)]
