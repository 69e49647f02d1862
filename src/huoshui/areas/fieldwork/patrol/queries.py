"""What people ask about rounds, walks, findings and construction sites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import ground, kinds, rules
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

LOOKED_BACK_DAYS = 365
SUMMARY = ("round_id", "began_at", "length_m", "covered_m", "pipes", "missed")


def rounds() -> QuerySet[models.PatrolRound]:
    """Return the rounds that are walked."""
    return rounds_ever().filter(is_retired=False)


def rounds_ever() -> QuerySet[models.PatrolRound]:
    """Return all rounds along pipes, also those that are not walked any more."""
    rows = models.PatrolRound.objects.exclude(purpose=kinds.Purpose.EQUIPMENT)
    return rows.select_related("walker")


def round_of(code: str) -> models.PatrolRound | None:
    """Return one round, also one that is not walked any more."""
    return rounds_ever().filter(code=code).first()


def assets_of(row: models.PatrolRound) -> list[network_contracts.Asset]:
    """Return what a round passes that is still there: pipes, valves and hydrants."""
    return network.assets(codes=row.asset_codes)


def walks() -> QuerySet[models.PatrolWalk]:
    """Return walks without their tracks, which are large."""
    return models.PatrolWalk.objects.select_related("round", "by").defer("track", "missed", "pipes")


def walk(number: int) -> models.PatrolWalk | None:
    """Return one walk with its track."""
    return models.PatrolWalk.objects.select_related("round", "by").filter(pk=number).first()


@dataclass(frozen=True)
class Turn:
    """One period of a round, and what all its walks together covered."""

    round: models.PatrolRound
    period: rules.Period
    walks: Sequence[dict[str, Any]]
    today: date

    @cached_property
    def missed(self) -> ground.Missed | None:
        """What no walk of the period saw; None where nobody walked."""
        if not self.walks:
            return None
        return ground.together([(one["pipes"], one["missed"]) for one in self.walks])

    @cached_property
    def share_frac(self) -> float | None:
        """Which part of the pipes was walked; None where nobody walked."""
        if self.missed is None:
            return None
        return ground.share(self.walks[-1]["pipes"], self.missed)

    @property
    def standing(self) -> kinds.Standing:
        """How the period stands."""
        return rules.standing(self.share_frac, period=self.period, today=self.today)


def turns(rows: Iterable[models.PatrolRound], *, days: int = LOOKED_BACK_DAYS) -> list[Turn]:
    """Return the periods of rounds that ended within so many days or still run, latest first."""
    listed = list(rows)
    today = clock.local(clock.now()).date()
    first = today - timedelta(days=days)
    found: list[Turn] = []
    due = {
        pk: [period for period, _codes in each]
        for pk, each in due_periods(listed, since=first, today=today).items()
    }
    begins = [one.begin for each in due.values() for one in each]
    by_round: dict[int, list[dict[str, Any]]] = {}
    if begins:
        since = datetime.combine(min(begins), time.min, clock.local_zone())
        asked = models.PatrolWalk.objects.filter(round_id__in=due, began_at__gte=since)
        for one in asked.order_by("began_at", "id").values(*SUMMARY):
            by_round.setdefault(one["round_id"], []).append(one)
    for row in listed:
        days_of = [(clock.local(one["began_at"]).date(), one) for one in by_round.get(row.pk, ())]
        for period in due.get(row.pk, ()):
            own = [one for day, one in days_of if period.begin <= day < period.until]
            found.append(Turn(row, period, own, today))
    return sorted(
        found,
        key=lambda turn: (turn.period.begin, turn.round.code, turn.period.until),
        reverse=True,
    )


def due_periods(
    rows: Iterable[models.PatrolRound], *, since: date, today: date
) -> dict[int, list[tuple[rules.Period, list[str] | None]]]:
    """Return the periods of rounds that end after ``since``, by the round's key, and what was on
    the round then; None: what is on it now.
    """
    listed = list(rows)
    former: dict[int, list[models.PatrolRhythm]] = {}
    changed = [row.pk for row in listed if row.rhythm_from_date is not None]
    if changed:
        for one in models.PatrolRhythm.objects.filter(round_id__in=changed, until_date__gt=since):
            former.setdefault(one.round_id, []).append(one)
    due: dict[int, list[tuple[rules.Period, list[str] | None]]] = {}
    for row in listed:
        every = [
            (period, one.asset_codes)
            for one in former.get(row.pk, ())
            for period in _closed_periods(one)
        ]
        if not row.is_retired:
            present = _periods(row, since=row.rhythm_from_date, today=today)
            every += [(period, None) for period in present]
        due[row.pk] = [one for one in every if one[0].until > since]
    return due


def _periods(
    given: models.PatrolRound | models.PatrolRhythm, *, since: date | None, today: date
) -> list[rules.Period]:
    if given.begin_date is None:
        return []
    every = rules.periods(
        begin=given.begin_date, every_days=given.every_days, from_month=given.from_month,
        until_month=given.until_month, today=today,
    )  # fmt: skip
    return [one for one in every if since is None or one.until > since]


def _closed_periods(former: models.PatrolRhythm) -> list[rules.Period]:
    """Return the periods that were over when a round got another rhythm."""
    every = _periods(former, since=former.from_date, today=former.until_date)
    return [one for one in every if one.until <= former.until_date]


def present_turns(rows: Iterable[models.PatrolRound]) -> dict[int, Turn]:
    """Return the period of today of each round that has one, by the round's key."""
    today = clock.local(clock.now()).date()
    return {
        one.round.pk: one
        for one in reversed(turns(rows, days=1))
        if one.period.begin <= today < one.period.until
    }


def rounds_to_walk(user: Any) -> list[models.PatrolRound]:
    """Return the rounds that somebody may walk: their own, and those that are nobody's."""
    return list(rounds().filter(Q(walker=user) | Q(walker__isnull=True)).order_by("code"))


def findings() -> QuerySet[models.PatrolFinding]:
    """Return everything patrollers found, the latest first."""
    return models.PatrolFinding.objects.select_related("by", "job", "round", "walk")


def findings_open() -> QuerySet[models.PatrolFinding]:
    """Return the findings that nobody has made a job of, or whose job is not over."""
    over = Q(job__state__in=("closed", "cancelled"))
    since = clock.now() - timedelta(days=rules.HAZARD_DAYS)
    return findings().filter(found_at__gte=since).exclude(over)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A place where patrollers found something again and again within a year."""

    lon: float
    lat: float
    radius_m: float
    findings: tuple[models.PatrolFinding, ...]

    @property
    def pk(self) -> int:
        """The number of its earliest finding, which names it."""
        return min(one.pk for one in self.findings)

    @property
    def count(self) -> int:
        """How many findings."""
        return len(self.findings)

    @property
    def latest_at(self) -> datetime:
        """When something was found there last."""
        return max(one.found_at for one in self.findings)

    @property
    def earliest_at(self) -> datetime:
        """When something was found there first."""
        return min(one.found_at for one in self.findings)


def hazards() -> list[Hazard]:
    """Return the repeat-hazard points of the past year, the fullest first."""
    since = clock.now() - timedelta(days=rules.HAZARD_DAYS)
    rows = list(findings().filter(found_at__gte=since, found_at__lte=clock.now()).order_by("id"))
    return [
        Hazard(lon, lat, spot.radius_m, tuple(rows[number] for number in spot.members))
        for spot, lon, lat in ground.recurring_at([(one.lon, one.lat) for one in rows])
    ]


def sites(*, is_open: bool = True) -> QuerySet[models.ConstructionSite]:
    """Return the construction sites that are not finished, or all."""
    rows = models.ConstructionSite.objects.all()
    return rows.filter(finished_at__isnull=True) if is_open else rows


def site(number: str) -> models.ConstructionSite | None:
    """Return one construction site."""
    return models.ConstructionSite.objects.filter(number=number).first()


def visit_due_at(row: models.ConstructionSite) -> datetime | None:
    """Return until when a site is to be looked at; None once it is finished."""
    if row.finished_at is not None:
        return None
    return (row.visited_at or row.registered_at) + timedelta(days=row.visit_every_days)


def events_of(row: models.ConstructionSite) -> QuerySet[models.SiteEvent]:
    """Return what happened at a site, the earliest first."""
    return row.events.select_related("by", "job").prefetch_related("photos")


def pictures_of(
    events: Iterable[models.SiteEvent],
) -> dict[tuple[int | None, str], list[Any]]:
    """Return the pictures of phones for events that have arrived, by whom and hash."""
    hashes = {one.photo_hash for one in events if one.photo_hash}
    rows = models.PhonePhoto.objects.filter(content_hash__in=hashes, file__isnull=False)
    return {
        (one.by_id, one.content_hash): [one.file]
        for one in rows.select_related("file") if one.file is not None
    }  # fmt: skip


def at_asset(code: str, *, limit: int) -> list[models.PatrolFinding]:
    """Return the latest findings at an asset."""
    return list(findings().filter(asset_code=code)[:limit])


def rounds_of_zone(code: str) -> list[models.PatrolRound]:
    """Return the rounds of a zone."""
    return list(rounds().filter(zone_code=code).order_by("code"))


def rounds_on(code: str) -> list[models.PatrolRound]:
    """Return the rounds that pass an asset."""
    return [one for one in rounds().order_by(F("code")) if code in one.asset_codes]
