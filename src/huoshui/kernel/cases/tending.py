"""Look after a case between its steps: fields, responsibility, notes, pauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.kernel import clock, events
from huoshui.kernel.cases import (
    changing,
    declaring,
    facts,
    moving,
    reading,
    refusals,
    telling,
    ticking,
    values,
)

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case


def edit(
    number: str,
    *,
    by_id: int | None,
    fields: Mapping[str, Any] | None = None,
    title: str | None = None,
    place: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    priority: str | None = None,
    person: Mapping[str, str] | None = None,
    links: Iterable[tuple[str, str]] = (),
    note: str = "",
    revision: int | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Change what is written of an open case; what is not given stays.

    A required field cannot be emptied. A new priority changes deadlines that start later only.
    Where ``lon`` and ``lat`` (degrees) are new, publishes `CasePlaced`.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        changing.check_may(changing.user_of(by_id), case_type.permission("edit"), case)
        changing.check_alive(case)
        changing.check_revision(case, revision)
        found = values.checked(case_type, fields or {})
        _refuse_unusable(case_type, found, title, priority, (lon, lat))
        told = values.store(case, case_type, found)
        if title is not None and title.strip() != case.title:
            case.title = told["title"] = title.strip()[:200]
        if place is not None and place.strip() != case.place:
            case.place = told["place"] = place.strip()[:200]
        moved = lon is not None and lat is not None and (lon, lat) != (case.lon, case.lat)
        if moved:
            case.lon, case.lat = lon, lat
            told["spot"] = [lon, lat]
        if priority is not None and declaring.PRIORITIES[priority] != case.priority:
            case.priority = declaring.PRIORITIES[priority]
            told["priority"] = priority
        if changing.keep_person(case, person):
            told["private"] = [*told.get("private", ()), reading.PERSON]
        before = set(changing.links_of(case))
        changing.add_links(case, links)
        added = [list(one) for one in changing.links_of(case) if one not in before]
        if added:
            told["links"] = added
        if told:
            now = clock.now()
            changing.write(case, "edited", at=now, by_id=by_id, note=note, data=told, key=key)
            names = sorted({*told, *told.get("fields", {}), *told.get("private", ())})
            changing.in_the_trail(case, "case_edited", by_id, changed=names)
        if moved:
            _tell_where(case, by_id)
    return changing.fact(case)


def _tell_where(case: Case, by_id: int | None) -> None:
    if case.lon is not None and case.lat is not None:
        placed = facts.CasePlaced(
            number=case.number, type_code=case.type_code, state=case.state,
            lon=case.lon, lat=case.lat, at=clock.now(), by_id=by_id,
        )  # fmt: skip
        events.publish(placed)


def _refuse_unusable(
    case_type: declaring.CaseType,
    found: Mapping[str, Any],
    title: str | None,
    priority: str | None,
    spot: tuple[float | None, float | None],
) -> None:
    problems: dict[str, Any] = {}
    wrong = values.wrong_with_spot(*spot)
    if wrong:
        problems["place"] = wrong
    if title is not None and not title.strip():
        problems["title"] = _("a title is missing")
    if priority is not None and priority not in declaring.PRIORITIES:
        problems["priority"] = _("there is no priority %(code)s") % {"code": priority}
    for field in case_type.fields:
        emptied = field.code in found and not values.is_filled(found[field.code])
        if field.required and emptied:
            problems[field.code] = _("%(field)s is missing") % {"field": field.label}
    if problems:
        raise refusals.NotUsable(problems)


def assign(
    number: str,
    *,
    by_id: int | None,
    owner_id: int | None = None,
    unit: str | None = None,
    due_at: datetime | None = None,
    to_nobody: bool = False,
    note: str = "",
    revision: int | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Give an open case its responsible person, unit or agreed deadline; they are told.

    ``to_nobody`` takes the responsible person off, so that it waits for its post again.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        user = changing.user_of(by_id)
        changing.check_may(user, case_type.permission("assign"), case)
        changing.check_alive(case)
        changing.check_revision(case, revision)
        now = clock.now()
        told = moving.take_over(case_type, case, owner_id, unit, due_at, now)
        if to_nobody and owner_id is None and case.owner_id is not None:
            case.owner_id, told["owner"] = None, None
        # Nobody gives a case away into a part that they may not give cases in.
        changing.check_may(user, case_type.permission("assign"), case)
        if told:
            ticking.settle(case)
            changing.write(case, "assigned", at=now, by_id=by_id, note=note, data=told, key=key)
            changing.in_the_trail(case, "case_assigned", by_id, **told)
            if told.get("owner"):
                telling.given(case_type, case, by_id)
            elif case.owner_id is None and ("unit" in told or "owner" in told):
                telling.stands(case_type, case, by_id)
    return changing.fact(case)


def note(
    number: str,
    text: str,
    *,
    by_id: int | None,
    photos: Iterable[int] = (),
    key: str = "",
) -> facts.CaseFact:
    """Write a sentence into the timeline of a case, closed ones included."""
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        changing.check_may(changing.user_of(by_id), case_type.permission("note"), case)
        kept = tuple(photos)
        if not text.strip() and not kept:
            raise refusals.Missing(case.number, [("note", _("a note"))])
        line = changing.write(case, "noted", at=clock.now(), by_id=by_id, note=text, key=key)
        changing.add_photos(case_type, line, kept)
        changing.in_the_trail(case, "case_noted", by_id)
    return changing.fact(case)


def pause(
    number: str, reason: str, *, by_id: int | None, note: str = "", key: str = ""
) -> facts.CaseFact:
    """Let the clocks of a case stand still, for a declared reason; what remains is kept."""
    with transaction.atomic():
        case, case_type = _for_a_pause(number, by_id, key)
        if case is None:
            return changing.fact(changing.locked(number))
        found = case_type.pause(reason)
        if found is None:
            raise refusals.NotUsable({"reason": _("there is no such reason to pause")})
        if case.paused_for:
            raise refusals.PauseNotPossible(case.number, paused=True)
        if found.needs_note and not note.strip():
            raise refusals.Missing(case.number, [("note", _("a note that says why"))])
        now = clock.now()
        case.paused_for = reason
        case.pauses.create(reason=reason, note=note.strip(), from_at=now, by_id=by_id)
        ticking.halt_all(case, now)
        changing.write(
            case, "paused", at=now, by_id=by_id, note=note, data={"reason": reason}, key=key
        )
        changing.in_the_trail(case, "case_paused", by_id, reason=reason)
    return changing.fact(case)


def resume(number: str, *, by_id: int | None, note: str = "", key: str = "") -> facts.CaseFact:
    """Let the clocks of a case go on with what remained when they stopped."""
    with transaction.atomic():
        case, case_type = _for_a_pause(number, by_id, key)
        if case is None:
            return changing.fact(changing.locked(number))
        if not case.paused_for:
            raise refusals.PauseNotPossible(case.number, paused=False)
        now = clock.now()
        case.pauses.filter(until_at__isnull=True).update(until_at=now)
        case.paused_for = ""
        ticking.go_on_all(case_type, case, now)
        changing.write(case, "resumed", at=now, by_id=by_id, note=note, key=key)
        changing.in_the_trail(case, "case_resumed", by_id)
    return changing.fact(case)


def _for_a_pause(
    number: str, by_id: int | None, key: str
) -> tuple[Case | None, declaring.CaseType]:
    """Return a case that may be paused or resumed; None where the request was done before."""
    case = changing.locked(number)
    case_type = changing.type_of(case.type_code)
    if changing.done_before(case, key):
        return None, case_type
    changing.check_may(changing.user_of(by_id), case_type.permission("pause"), case)
    changing.check_alive(case)
    return case, case_type
