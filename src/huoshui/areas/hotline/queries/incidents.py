"""Which calls are about the same thing, and what the next caller hears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Max, Q, QuerySet

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import refusals, rules
from huoshui.areas.hotline.models import Call, Incident, IncidentCall, Topic
from huoshui.areas.network import facade as network
from huoshui.kernel import clock, settings

LOOKED_AT_MAX = 300


@dataclass(frozen=True)
class Spot:
    """Where something is: a place on earth, an estate, a zone, or any of them together.

    ``connection`` is the one of the network that feeds the place, where that is known.
    """

    lon: float | None = None
    lat: float | None = None
    estate_code: str = ""
    zone_code: str = ""
    connection: str = ""


@dataclass(frozen=True)
class Similar:
    """What a call may be folded with: an incident, or one earlier call about the same thing."""

    incident_id: int | None
    call_id: int | None
    topic: Topic
    case_number: str
    place: str
    known: str
    callers: int
    since_at: datetime
    away_m: float | None
    by_pipes: bool = False
    is_own: bool = False

    @property
    def choice(self) -> str:
        """What the desk sends back to fold with this."""
        return f"incident:{self.incident_id}" if self.incident_id else f"call:{self.call_id}"


class Sharing:
    """Whose water comes through the same pipes as that of a connection; asked when first needed."""

    def __init__(self, connection: str) -> None:
        self._connection = connection

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that lose their water together with the connection."""
        if not self._connection:
            return frozenset()
        together = network.connections_together(self._connection)
        return frozenset(customers.accounts_fed_by(together)) if together else frozenset()

    def incidents(self, rows: Iterable[Incident]) -> frozenset[int]:
        """Return which of some incidents have a caller among these accounts."""
        keys = [row.pk for row in rows]
        if not keys or not self.accounts:
            return frozenset()
        told = IncidentCall.objects.filter(incident__in=keys, unfolded_at__isnull=True)
        pairs = told.exclude(call__account_code="").values_list("incident", "call__account_code")
        return frozenset(key for key, account in pairs if account in self.accounts)


def connection_of(account_code: str) -> str:
    """Return the connection of the network that feeds an account, or nothing."""
    found = customers.account(account_code) if account_code else None
    return found.premises.connection_code if found else ""


def incidents() -> QuerySet[Incident]:
    """Return all incidents with their topic and the number of their callers."""
    standing = Q(members__unfolded_at__isnull=True)
    return Incident.objects.select_related("topic").annotate(
        callers=Count("members", filter=standing),
        waiting=Count("members", filter=standing & Q(members__called_back_at__isnull=True)),
    )


def incident(incident_id: int) -> Incident:
    """Return one incident, or refuse with `hotline.no_such_incident`."""
    found = incidents().filter(pk=incident_id).first()
    if found is None:
        raise refusals.NoSuch("incident", incident_id)
    return found


def members(incident_id: int) -> QuerySet[IncidentCall]:
    """Return the callers of an incident with their calls, the first caller first."""
    rows = IncidentCall.objects.filter(incident_id=incident_id)
    return rows.select_related("call", "call__topic", "called_back_by").order_by("call__began_at")


def family(topic: Topic) -> Q:
    """Return which topics are folded with this one: those of its group that are folded at all."""
    same = Q(topic__above_id=topic.above_id, topic__is_folded=True)
    return same | Q(topic_id=topic.pk)


def similar(
    topic: Topic, spot: Spot, *, at: datetime, but_call: int | None = None, account_code: str = ""
) -> list[Similar]:
    """Return what a call about a topic at a place may be folded with, the best first.

    What the same caller or account called about before comes first, whether the topic is folded or
    not. Then the same topic before its relatives, an incident before a single call, what loses its
    water together before the rest, then the nearest.
    """
    since = at - timedelta(minutes=settings.get().calls_fold_minutes)
    own = [] if but_call is None else _own(topic, but_call, account_code, since)
    if not topic.is_folded:
        return own
    sharing = Sharing(spot.connection)
    known = {one.choice for one in own}
    found = [
        *_incidents(topic, spot, since, but_call, sharing),
        *_calls(topic, spot, since, but_call, sharing),
    ]
    found = [*own, *(one for one in found if one.choice not in known)]
    return sorted(
        found,
        key=lambda one: (
            not one.is_own, one.topic.pk != topic.pk, one.incident_id is None, not one.by_pipes,
            one.away_m if one.away_m is not None else 1e9, one.since_at,
        ),
    )  # fmt: skip


def _own(topic: Topic, call_id: int, account_code: str, since: datetime) -> list[Similar]:
    """Return what this very caller, or somebody of the account, called about before."""
    key = Call.objects.filter(pk=call_id).values_list("caller_key", flat=True).first()
    mine = Q(caller_key=key) if key else Q()
    if account_code:
        mine |= Q(account_code=account_code)
    if not mine:
        return []
    rows = Call.objects.select_related("topic").filter(
        mine, topic=topic, began_at__gte=since, wrapped_at__isnull=False
    )
    rows = rows.exclude(case_number="").exclude(pk=call_id).order_by("began_at")
    found: dict[str, Similar] = {}
    for row in rows[:LOOKED_AT_MAX]:
        member = IncidentCall.objects.filter(call=row, unfolded_at__isnull=True).first()
        one = Similar(
            member.incident_id if member else None, row.pk, topic, row.case_number, row.place, "",
            1, row.began_at, 0.0, is_own=True,
        )  # fmt: skip
        found.setdefault(one.case_number, one)
    return _still_open(found.values())


def here(spot: Spot) -> list[Similar]:
    """Return the incidents that stand at a place, whatever they are about: for the next caller."""
    since = clock.now() - timedelta(days=2)
    return _incidents(None, spot, since, None, Sharing(spot.connection))


def _incidents(
    topic: Topic | None, spot: Spot, since: datetime, but_call: int | None, sharing: Sharing
) -> list[Similar]:
    rows = incidents().filter(closed_at__isnull=True).annotate(latest=Max("members__folded_at"))
    rows = rows.filter(Q(latest__gte=since) | Q(opened_at__gte=since))
    if topic is not None:
        rows = rows.filter(family(topic))
    if but_call is not None:
        mine = IncidentCall.objects.filter(call_id=but_call, unfolded_at__isnull=True)
        rows = rows.exclude(pk__in=mine.values("incident_id"))
    found = []
    looked_at = list(rows.order_by("-opened_at")[:LOOKED_AT_MAX])
    joined = sharing.incidents(looked_at)
    for row in looked_at:
        is_near, away_m = nearness(spot, row)
        if is_near or row.pk in joined:
            found.append(
                Similar(row.pk, None, row.topic, row.case_number, row.place, row.known,
                        getattr(row, "callers", 0), row.opened_at, away_m, row.pk in joined)
            )  # fmt: skip
    return found


def _calls(
    topic: Topic, spot: Spot, since: datetime, but_call: int | None, sharing: Sharing
) -> list[Similar]:
    rows = Call.objects.select_related("topic").filter(
        family(topic), began_at__gte=since, wrapped_at__isnull=False
    )
    taken = IncidentCall.objects.filter(unfolded_at__isnull=True)
    rows = rows.exclude(case_number="").exclude(pk__in=taken.values("call_id"))
    if but_call is not None:
        rows = rows.exclude(pk=but_call)
    found = []
    for row in rows.order_by("-began_at")[:LOOKED_AT_MAX]:
        is_near, away_m = nearness(spot, row)
        by_pipes = bool(row.account_code) and row.account_code in sharing.accounts
        if (is_near or by_pipes) and row.topic is not None:
            found.append(
                Similar(None, row.pk, row.topic, row.case_number, row.place, "", 1,
                        row.began_at, away_m, by_pipes)
            )  # fmt: skip
    return _still_open(found)


def _still_open(found: Iterable[Similar]) -> list[Similar]:
    from huoshui.kernel.cases import queries as case_queries
    from huoshui.kernel.cases.models import Case

    rows = list(found)
    numbers = [one.case_number for one in rows]
    still = case_queries.standing(Case.objects.filter(number__in=numbers))
    standing = set(still.values_list("number", flat=True))
    return [one for one in rows if one.case_number in standing]


def nearness(spot: Spot, other: Incident | Call) -> tuple[bool, float | None]:
    """Say whether something is where ``spot`` is, and how far away, where that is known.

    The same estate is near. Otherwise the distance decides; the zone only where a place is missing.
    """
    away_m = None
    if None not in (spot.lon, spot.lat, other.lon, other.lat):
        away_m = rules.distance_m(spot.lon, spot.lat, other.lon, other.lat)  # type: ignore[arg-type]
    if spot.estate_code and spot.estate_code == other.estate_code:
        return True, away_m
    if away_m is not None:
        return away_m <= settings.get().calls_fold_m, away_m
    return bool(spot.zone_code and spot.zone_code == other.zone_code), None
