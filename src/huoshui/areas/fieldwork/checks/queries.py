"""What people ask about checks: what is due, what is left, what was found, how a figure went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import rules
from huoshui.areas.fieldwork.checks.kinds import ItemKind, Verdict
from huoshui.areas.fieldwork.patrol import kinds as patrol_kinds
from huoshui.areas.fieldwork.patrol import queries as patrol_queries
from huoshui.areas.fieldwork.patrol.rules import Period
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

LOOKED_BACK_DAYS = 92
TREND_DAYS = 400
TREND_MAX = 1_000


def rounds() -> QuerySet[models.PatrolRound]:
    """Return the rounds to plants that are made."""
    return rounds_ever().filter(is_retired=False)


def rounds_ever() -> QuerySet[models.PatrolRound]:
    """Return all rounds to plants, also those that are not made any more."""
    rows = models.PatrolRound.objects.filter(purpose=patrol_kinds.Purpose.EQUIPMENT)
    return rows.select_related("walker")


def round_of(code: str) -> models.PatrolRound | None:
    """Return one round to plants."""
    return rounds_ever().filter(code=code).first()


def rounds_to_make(user: Any) -> list[models.PatrolRound]:
    """Return the rounds that somebody may make: their own, and those that are nobody's."""
    return list(rounds().filter(Q(walker=user) | Q(walker__isnull=True)).order_by("code"))


def rounds_at(asset_code: str) -> list[models.PatrolRound]:
    """Return the rounds that look at an asset."""
    return [one for one in rounds().order_by("code") if asset_code in one.asset_codes]


@dataclass(frozen=True)
class Turn:
    """One period of a round, and which of its assets were looked at."""

    round: models.PatrolRound
    period: Period
    assets: tuple[str, ...]
    seen: frozenset[str]
    today: date

    @cached_property
    def left(self) -> list[str]:
        """The assets that nobody looked at."""
        return [code for code in self.assets if code not in self.seen]

    @property
    def done(self) -> int:
        """How many assets were looked at."""
        return len(self.assets) - len(self.left)

    @property
    def standing(self) -> patrol_kinds.Standing:
        """How the period stands."""
        return rules.standing(
            done=self.done, of=len(self.assets), period=self.period, today=self.today
        )


def turns(rows: Iterable[models.PatrolRound], *, days: int = LOOKED_BACK_DAYS) -> list[Turn]:
    """Return the periods of rounds that ended within so many days or still run, latest first.

    What a round looked at then counts, not what it looks at now.
    """
    listed = list(rows)
    today = clock.local(clock.now()).date()
    due = patrol_queries.due_periods(listed, since=today - timedelta(days=days), today=today)
    begins = [period.begin for each in due.values() for period, _codes in each]
    seen: dict[int, list[tuple[date, str]]] = {}
    if begins:
        since = datetime.combine(min(begins), time.min, clock.local_zone())
        asked = models.Check.objects.filter(round_id__in=due, checked_at__gte=since)
        for round_id, code, at in asked.values_list("round_id", "asset_code", "checked_at"):
            seen.setdefault(round_id, []).append((clock.local(at).date(), code))
    found = [
        Turn(
            row, period, tuple(codes if codes is not None else row.asset_codes),
            frozenset(code for day, code in seen.get(row.pk, ())
                      if period.begin <= day < period.until),
            today,
        )
        for row in listed
        for period, codes in due.get(row.pk, ())
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.period.begin, one.round.code), reverse=True)


def present_turns(rows: Iterable[models.PatrolRound]) -> dict[int, Turn]:
    """Return the period of today of each round that has one, by the round's key."""
    return {
        one.round.pk: one
        for one in reversed(turns(rows, days=1))
        if one.period.begin <= one.today < one.period.until
    }


def lists() -> QuerySet[models.CheckList]:
    """Return all check lists."""
    return models.CheckList.objects.prefetch_related("items")


@dataclass(frozen=True)
class Asked:
    """Which list each asset of a round is asked by; made once for many assets and rounds."""

    used: tuple[models.CheckList, ...]
    types: Mapping[str, str]

    def of(
        self, asset_code: str, kind: str, row: models.PatrolRound | None = None
    ) -> models.CheckList | None:
        """Return the list of an asset on a round, or the one of its kind; None: nothing says."""
        return self.among(asset_code, kind, row.check_lists if row else ())

    def among(self, asset_code: str, kind: str, named: Collection[str]) -> models.CheckList | None:
        """Return the list of an asset on a round that names some lists."""
        return rules.list_for(
            kind, self.types.get(asset_code, ""),
            named=[one for one in self.used if one.code in named],
            standing=[one for one in self.used if not one.only_named],
        )  # fmt: skip


def asked(asset_codes: Iterable[str]) -> Asked:
    """Return which lists some assets are asked by; three queries, however many there are."""
    used = tuple(lists().filter(is_retired=False))
    return Asked(used, network.types_of(asset_codes))


def items_of(row: models.CheckList) -> list[rules.Item]:
    """Return the items of a list in their order."""
    return [
        rules.Item(
            code=one.code, name_zh=one.name_zh, name_en=one.name_en, kind=ItemKind(one.kind),
            unit=one.unit, low=one.low, high=one.high, is_needed=one.is_needed,
            wants_job=one.wants_job,
        )
        for one in sorted(row.items.all(), key=lambda one: one.position)
    ]  # fmt: skip


def checks() -> QuerySet[models.Check]:
    """Return every check, the latest first."""
    return models.Check.objects.select_related("round", "check_list", "by", "finding__job")


def latest_of(asset_codes: Iterable[str]) -> dict[str, models.Check]:
    """Return the latest check of each asset; one query."""
    codes = list(asset_codes)
    found: dict[str, models.Check] = {}
    newest = models.Check.objects.filter(
        asset_code=OuterRef("asset_code")
    ).order_by("-checked_at", "-pk").values("pk")[:1]  # fmt: skip
    for one in checks().filter(asset_code__in=codes, pk=Subquery(newest)):
        found[one.asset_code] = one
    return found


@dataclass(frozen=True)
class Trend:
    """The numbers of one item at one asset, the earliest first, with the limits of today."""

    item: str
    zh: str
    en: str
    unit: str
    low: float | None
    high: float | None
    points: tuple[tuple[datetime, float, bool], ...]


def trends(asset_code: str) -> list[Trend]:
    """Return how every number of an asset went in the last 400 days; one query."""
    since = clock.now() - timedelta(days=TREND_DAYS)
    rows = models.Check.objects.filter(asset_code=asset_code, checked_at__gte=since)
    latest = list(
        rows.order_by("-checked_at", "-pk").values_list("checked_at", "answers")[:TREND_MAX]
    )
    points: dict[str, list[tuple[datetime, float, bool]]] = {}
    words: dict[str, dict[str, Any]] = {}
    for at, answers in reversed(latest):
        for one in answers:
            if one["kind"] == ItemKind.NUMBER and one["value"] is not None:
                wrong = one["verdict"] == Verdict.WRONG
                points.setdefault(one["item"], []).append((at, float(one["value"]), wrong))
                words[one["item"]] = one
    return [
        Trend(code, one["zh"], one["en"], one["unit"], one["low"], one["high"], tuple(points[code]))
        for code, one in words.items()
    ]


def open_job_of(asset_code: str, items: Iterable[str]) -> models.Job | None:
    """Return the open job that an earlier check of an asset asked for because of all of these."""
    wanted = set(items)
    over = ("closed", "cancelled")
    rows = checks().filter(asset_code=asset_code, wrong__gt=0, finding__job__isnull=False)
    for one in rows.exclude(finding__job__state__in=over).order_by("-checked_at")[:20]:
        wrong = {each["item"] for each in one.answers if each["verdict"] == Verdict.WRONG}
        if wanted <= wrong and one.finding is not None:
            return one.finding.job
    return None
