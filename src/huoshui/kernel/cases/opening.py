"""Open a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.kernel import clock, events
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import (
    changing,
    declaring,
    facts,
    refusals,
    relating,
    snapshots,
    telling,
    ticking,
    values,
)
from huoshui.kernel.cases.declaring import CaseType

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case, CaseSeries, CaseStep

TITLE_MAX = 200


def open_case(
    type_code: str,
    title: str,
    *,
    by_id: int | None,
    fields: Mapping[str, Any] | None = None,
    lon: float | None = None,
    lat: float | None = None,
    place: str = "",
    unit: str | None = None,
    owner_id: int | None = None,
    priority: str = "normal",
    channel: str = "",
    links: Iterable[tuple[str, str]] = (),
    person: Mapping[str, str] | None = None,
    photos: Iterable[int] = (),
    note: str = "",
    caused_by: str | None = None,
    part_of: str | None = None,
    duplicate_of: str | None = None,
    due_at: datetime | None = None,
    opened_at: datetime | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Open a case of a declared type, give it its number and start its clocks.

    ``person`` is whoever raised it, with ``name`` and ``phone``, which are personal data.
    ``opened_at`` may lie in the past: its clocks have run since. The same ``key`` opens one case
    only. Publishes `CaseOpened`; refuses what is missing or unusable, all of it at once.
    """
    from huoshui.kernel.cases.models import Case

    case_type = changing.type_of(type_code)
    now = clock.now()
    began_at = min(opened_at or now, now)
    found = values.checked(case_type, fields or {})
    _refuse_incomplete(case_type, title, found, priority, due_at, began_at, (lon, lat))
    with transaction.atomic():
        if key:
            _series(case_type, now)  # whoever sends the same form now waits here
            already = Case.objects.filter(request_key=key).first()
            if already is not None:
                return changing.fact(already)
        case = Case(
            type_code=case_type.code,
            version_id=snapshots.version_id(case_type),
            title=title.strip()[:TITLE_MAX],
            place=place.strip()[:TITLE_MAX],
            lon=lon,
            lat=lat,
            state=case_type.initial.code,
            state_kind=case_type.initial.kind,
            state_since_at=began_at,
            priority=declaring.PRIORITIES[priority],
            channel=channel,
            unit_id=changing.unit_id_of(unit),
            owner_id=owner_id,
            opened_at=began_at,
            opened_by_id=by_id,
            deadline_at=due_at,
            request_key=key,
        )
        _check_may_open(case_type, case, by_id)
        case.number = _next_number(case_type, now)
        case.save(force_insert=True)
        told = values.store(case, case_type, found)
        changing.keep_person(case, person)
        changing.add_links(case, links)
        ticking.enter(case_type, case, began_at, opening=True)
        step = _first_step(case, by_id=by_id, now=now, note=note, told=told)
        changing.add_photos(case_type, step, photos, by_field=values.photos_in(case_type, found))
        for how, other in ((facts.CAUSED_BY, caused_by), (facts.PART_OF, part_of)):
            if other:
                relating.bind(case, how, other, by_id=by_id, now=now)
        if duplicate_of:
            relating.bind(case, facts.DUPLICATE_OF, duplicate_of, by_id=by_id, now=now)
        telling.stands(case_type, case, by_id)
    return changing.fact(case)


def _first_step(
    case: Case, *, by_id: int | None, now: datetime, note: str, told: Mapping[str, Any]
) -> CaseStep:
    """Begin the timeline of a case, and tell that it was opened."""
    step = changing.write(
        case, "opened", at=now, by_id=by_id, note=note, to_state=case.state, data=told
    )
    case.revision = 1
    case.save(update_fields=["revision"])
    changing.in_the_trail(case, "case_opened", by_id, title=case.title)
    events.publish(
        facts.CaseOpened(
            number=case.number,
            type_code=case.type_code,
            state=case.state,
            at=now,
            by_id=by_id,
            links=changing.links_of(case),
        )
    )
    return step


def _refuse_incomplete(
    case_type: CaseType,
    title: str,
    found: Mapping[str, Any],
    priority: str,
    due_at: datetime | None,
    began_at: datetime,
    spot: tuple[float | None, float | None],
) -> None:
    problems: dict[str, Any] = {}
    if not title.strip():
        problems["title"] = _("a title is missing")
    for field in case_type.fields:
        if field.required and not values.is_filled(found.get(field.code)):
            problems[field.code] = _("%(field)s is missing") % {"field": field.label}
    if priority not in declaring.PRIORITIES:
        problems["priority"] = _("there is no priority %(code)s") % {"code": priority}
    if due_at is not None and due_at <= began_at:
        problems["due_at"] = _("the deadline is not after the opening")
    wrong = values.wrong_with_spot(*spot)
    if wrong:
        problems["place"] = wrong
    if problems:
        raise refusals.NotUsable(problems)


def _check_may_open(case_type: CaseType, case: Case, by_id: int | None) -> None:
    user = changing.user_of(by_id)
    if user is None:
        return
    code = case_type.permission("open")
    permissions.require(user, code)
    reached = permissions.units_of(user, code)
    # Who may open in a part only, may also raise what belongs to no part yet.
    if reached is not None and case.unit_id is not None and case.unit_id not in reached:
        raise refusals.NotInYourUnit(case.number or case_type.prefix)


def _next_number(case_type: CaseType, now: datetime) -> str:
    """Return the next number of a type in this year: no gap, and none twice.

    The counter's row is locked until the transaction ends, so whoever comes next waits; a case that
    is not written gives its number back. A clock that goes back finds the counter of that year.
    """
    from huoshui.kernel.cases.models import CaseSeries

    series = _series(case_type, now)
    CaseSeries.objects.filter(pk=series.pk).update(latest=series.latest + 1)
    return f"{case_type.prefix}{series.year}-{series.latest + 1:05d}"


def _series(case_type: CaseType, now: datetime) -> CaseSeries:
    """Return the counter of a type in this year, locked until the transaction ends."""
    from huoshui.kernel.cases.models import CaseSeries

    year = clock.local(now).year
    CaseSeries.objects.get_or_create(prefix=case_type.prefix, year=year)
    return CaseSeries.objects.select_for_update().get(prefix=case_type.prefix, year=year)
