"""Questions about cases: one, those of a thing, those nearby, lists for a reader."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from huoshui.kernel import search
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, facts, reaching, reading, refusals
from huoshui.lab.units import earth

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import Case

WORDS = search.Index("cases_case", ("number", "title", "place"))
OPEN_KINDS = ("open", "waiting")
FOUND_MAX = 200
AT_ONCE = 500


def case(number: str) -> facts.CaseFact | None:
    """Return a case by its number, or None."""
    from huoshui.kernel.cases.models import Case

    found = Case.objects.select_related("merged_into").filter(number=number.strip().upper())
    row = found.first()
    return reading.fact_of(row) if row else None


def many(numbers: Iterable[str]) -> dict[str, facts.CaseFact]:
    """Return cases by their numbers; a query for each five hundred."""
    from huoshui.kernel.cases.models import Case

    wanted, found = list(dict.fromkeys(numbers)), {}
    for place in range(0, len(wanted), AT_ONCE):
        rows = Case.objects.filter(number__in=wanted[place : place + AT_ONCE])
        for row in rows.select_related("merged_into"):
            found[row.number] = reading.fact_of(row)
    return found


def moves(numbers: Iterable[str], at: datetime) -> dict[str, list[tuple[str, datetime]]]:
    """Return the states that cases came into until a moment, each with when, the earliest first.

    So that what is counted of a past moment is what was true then.
    """
    from huoshui.kernel.cases.models import CaseStep

    wanted = list(dict.fromkeys(numbers))
    found: dict[str, list[tuple[str, datetime]]] = {}
    for place in range(0, len(wanted), AT_ONCE):
        rows = CaseStep.objects.filter(case__number__in=wanted[place : place + AT_ONCE], at__lt=at)
        moved = rows.exclude(to_state="").order_by("id")
        for number, state, moment in moved.values_list("case__number", "to_state", "at"):
            found.setdefault(number, []).append((state, moment))
    return found


def linked(
    kind: str, code: str, *, open_only: bool = True, limit: int = FOUND_MAX
) -> list[facts.CaseFact]:
    """Return the cases about a thing, those with the nearest deadline first."""
    return _facts(_rows(open_only).filter(links__kind=kind, links__code=code), limit)


def linked_between(
    kind: str, since: datetime, until: datetime, *, reader: User
) -> list[tuple[str, facts.CaseFact]]:
    """Return what a reader may see of cases opened in a stretch of time, each with its thing.

    For comparing many things of one kind: two queries however many there are. The end is not in.
    """
    from huoshui.kernel.cases.models import CaseLink

    mine = readable(reader).filter(opened_at__gte=since, opened_at__lt=until)
    rows = CaseLink.objects.filter(kind=kind, case__in=mine.values("pk"))
    rows = rows.select_related("case__merged_into").order_by("case__opened_at", "pk")
    return [(row.code, reading.fact_of(row.case)) for row in rows]


def opened_between(
    types: Iterable[str], since: datetime, until: datetime, *, but_about: str = ""
) -> list[tuple[facts.CaseFact, dict[str, str]]]:
    """Return the cases of some types opened in a stretch of time, each with what it is about.

    The things are by their kind, of several the first. What was entered later than ``until`` is
    left out, though it may be said to have begun before; so is what is about a thing of the kind
    ``but_about``. The earliest first; two queries however many there are.
    """
    from django.db.models import Exists, OuterRef

    from huoshui.kernel.cases.models import Case, CaseLink, CaseStep

    mine = Case.objects.filter(type_code__in=tuple(types))
    mine = mine.filter(opened_at__gte=since, opened_at__lt=until)
    entered = CaseStep.objects.filter(case=OuterRef("pk"), kind="opened", at__lt=until)
    mine = mine.filter(Exists(entered))
    if but_about:
        mine = mine.exclude(Exists(CaseLink.objects.filter(case=OuterRef("pk"), kind=but_about)))
    things: dict[int, dict[str, str]] = {}
    links = CaseLink.objects.filter(case__in=mine.values("pk")).order_by("pk")
    for case_id, kind, code in links.values_list("case_id", "kind", "code"):
        things.setdefault(case_id, {}).setdefault(kind, code)
    rows = mine.select_related("merged_into").order_by("opened_at", "pk")
    return [(reading.fact_of(row), things.get(row.pk, {})) for row in rows]


def relations(numbers: Iterable[str], at: datetime) -> list[tuple[facts.CaseFact, facts.CaseFact]]:
    """Return the pairs in which cases were related until a moment, whichever is named first.

    For counting: a query for each five hundred cases.
    """
    from django.db.models import Q

    from huoshui.kernel.cases.models import CaseRelation

    wanted, found = list(dict.fromkeys(numbers)), {}
    for place in range(0, len(wanted), AT_ONCE):
        some = wanted[place : place + AT_ONCE]
        rows = CaseRelation.objects.filter(made_at__lt=at)
        rows = rows.filter(Q(case__number__in=some) | Q(other__number__in=some)).order_by("pk")
        for row in rows.select_related("case__merged_into", "other__merged_into"):
            found[row.pk] = (reading.fact_of(row.case), reading.fact_of(row.other))
    return list(found.values())


def of_phone(
    number: str, *, open_only: bool = False, limit: int = FOUND_MAX
) -> list[facts.CaseFact]:
    """Return the cases that were raised from a telephone number, however it is written."""
    digits = re.sub(r"\D", "", number)
    if not digits:
        return []
    return _facts(_rows(open_only).filter(private__phone_digits=digits), limit)


def related(number: str) -> list[tuple[str, bool, facts.CaseFact]]:
    """Return the relations of a case: kind, whether seen from the other, the other."""
    from huoshui.kernel.cases.models import CaseRelation

    rows = CaseRelation.objects.select_related("other__merged_into", "case__merged_into")
    ahead = [(r.how, False, reading.fact_of(r.other)) for r in rows.filter(case__number=number)]
    back = [(r.how, True, reading.fact_of(r.case)) for r in rows.filter(other__number=number)]
    return [*ahead, *back]


def duplicates(number: str) -> list[facts.CaseFact]:
    """Return the cases that rest with an original, or were closed with it; oldest first."""
    from huoshui.kernel.cases.models import Case

    rows = Case.objects.select_related("merged_into").filter(merged_into__number=number)
    return [reading.fact_of(one) for one in rows.order_by("opened_at", "id")]


def near(
    lon: float,
    lat: float,
    within_m: float,
    *,
    types: Iterable[str] = (),
    since: datetime | None = None,
    open_only: bool = True,
) -> list[tuple[float, facts.CaseFact]]:
    """Return the cases around a place with their distance in metres, the nearest first."""
    from django.db.models import F

    high = within_m / earth.M_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    rows = _rows(open_only).filter(
        lat__range=(lat - high, lat + high), lon__range=(lon - wide, lon + wide)
    )
    wanted = tuple(types)
    if wanted:
        rows = rows.filter(type_code__in=wanted)
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    found = []
    shrink = math.cos(math.radians(lat)) ** 2
    away = (F("lat") - lat) * (F("lat") - lat) + (F("lon") - lon) * (F("lon") - lon) * shrink
    ordered = rows.select_related("merged_into").order_by(away, "pk")
    for row in ordered[: FOUND_MAX * 5]:
        away_m = distance_m(lon, lat, float(row.lon or 0), float(row.lat or 0))
        if away_m <= within_m:
            found.append((away_m, reading.fact_of(row)))
    return sorted(found, key=lambda one: (one[0], one[1].number))


def distance_m(lon_1: float, lat_1: float, lon_2: float, lat_2: float) -> float:
    """Return the way between two places as the crow flies; good for a city, not for a continent."""
    return earth.apart_m(lon_1, lat_1, lon_2, lat_2)


def standing(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Keep the cases that still need somebody, by the small indexes of them.

    The kinds stand in the statement as they stand in the index: with values handed over apart, a
    database cannot know that the index holds all that is asked for.
    """
    from django.db.models import BooleanField
    from django.db.models.expressions import RawSQL

    kinds = ", ".join(f"'{one}'" for one in OPEN_KINDS)
    inside = f'"cases_case"."state_kind" IN ({kinds})'
    return rows.filter(RawSQL(inside, (), output_field=BooleanField()))


def _rows(open_only: bool) -> QuerySet[Case]:
    from huoshui.kernel.cases.models import Case

    rows = Case.objects.all()
    return rows.filter(state_kind__in=OPEN_KINDS) if open_only else rows


def _facts(rows: QuerySet[Any], limit: int) -> list[facts.CaseFact]:
    ordered = rows.select_related("merged_into").order_by("due_order_at", "-opened_at", "-id")
    return [reading.fact_of(one) for one in ordered[:limit]]


def readable_types(user: User) -> list[declaring.CaseType]:
    """Return the declared types that a reader may see, somewhere at least."""
    return [one for one in declaring.declared() if permissions.holds(user, one.permission("read"))]


def readable(user: User, type_code: str = "") -> QuerySet[Case]:
    """Return the cases that a reader may see, of one type or of all.

    Refuses with `cases.unknown_type` or `accounts.not_allowed`. Somebody whose post is limited to a
    unit sees the cases of it, the ones they opened, and the ones they are responsible for.
    """
    from django.db.models import Q

    from huoshui.kernel.cases.models import Case

    if type_code:
        case_type = declaring.case_type(type_code)
        if case_type is None:
            raise refusals.UnknownType(type_code)
        permissions.require(user, case_type.permission("read"))
        return Case.objects.filter(type_code=type_code).filter(reaching.of_type(user, case_type))
    known = declaring.declared()
    allowed = readable_types(user)
    retired = permissions.holds(user, "cases.read_retired")
    if len(allowed) == len(known) and retired and all(_unlimited(user, one) for one in known):
        return Case.objects.all()
    wanted = reaching.of_types(user, allowed)
    if retired:
        wanted |= ~Q(type_code__in=[one.code for one in known])
    return Case.objects.filter(wanted)


def _unlimited(user: User, case_type: declaring.CaseType) -> bool:
    return permissions.units_of(user, case_type.permission("read")) is None


def may_read(user: User, row: Case) -> bool:
    """Tell whether a reader may see one case."""
    case_type = declaring.case_type(row.type_code)
    if case_type is None:
        return permissions.holds(user, "cases.read_retired")
    code = case_type.permission("read")
    if not permissions.holds(user, code):
        return False
    reached = permissions.units_of(user, code)
    return reached is None or row.unit_id in reached or user.pk in (row.owner_id, row.opened_by_id)


def mine(user: User) -> QuerySet[Case]:
    """Return the open cases that wait for a person: theirs by name, or their post's by state."""
    from django.db.models import Q

    from huoshui.kernel import clock
    from huoshui.kernel.accounts.models import PostHolding

    holdings = PostHolding.objects.filter(user=user).valid_at(clock.now())
    posts = {
        code
        for pair in holdings.values_list("post__code", "post__based_on")
        for code in pair
        if code
    }
    wanted = Q(owner=user)
    for case_type in readable_types(user):
        states = [one.code for one in case_type.states if posts & set(one.posts)]
        if states:
            wanted |= Q(type_code=case_type.code, state__in=states, owner__isnull=True)
    return standing(readable(user).filter(wanted))
