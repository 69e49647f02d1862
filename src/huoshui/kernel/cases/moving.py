"""Move a case: by one of its transitions, or out of a state that is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.kernel import clock, errors, events
from huoshui.kernel.cases import (
    changing,
    declaring,
    facts,
    meeting,
    needs,
    reading,
    refusals,
    relating,
    telling,
    ticking,
    values,
)
from huoshui.kernel.cases.declaring import CaseType, State, Transition

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import Case


def act(
    number: str,
    transition_code: str,
    *,
    by_id: int | None,
    note: str = "",
    fields: Mapping[str, Any] | None = None,
    photos: Iterable[int] = (),
    checklist: Iterable[str] = (),
    signature: int | None = None,
    owner_id: int | None = None,
    unit: str | None = None,
    due_at: datetime | None = None,
    revision: int | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Move a case by one of its transitions, with everything that comes with the step.

    ``checklist`` are the codes of ticked lines, ``photos`` and ``signature`` keys of kept files.
    ``revision`` is the case as the reader saw it; a repeated ``key`` does nothing. Publishes
    `CaseMoved` and, at an end, `CaseClosed`. Refuses what `kernel.cases.refusals` names.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        user = changing.user_of(by_id)
        step = _step_of(case_type, case, transition_code, user)
        changing.check_revision(case, revision)
        _check_extras(case_type, case, step, user, fields or {}, owner_id, unit, due_at)
        now = clock.now()
        found = values.checked(case_type, fields or {})
        told = values.store(case, case_type, found)
        told |= take_over(case_type, case, owner_id, unit, due_at, now)
        given = meeting.Given(by_id, note, tuple(photos), frozenset(checklist), signature)
        meeting.refuse_missing(case_type, case, step, given)
        if given.checklist:
            told["checklist"] = sorted(given.checklist)
        line = move(
            case_type, case, step.to, step.code, by_id=by_id, now=now, note=note, told=told, key=key
        )
        changing.add_photos(
            case_type,
            line,
            given.photos,
            signature=signature,
            by_field=values.photos_in(case_type, found),
        )
        changing.in_the_trail(
            case, "case_moved", by_id, step=step.code, from_state=line.from_state, to_state=step.to
        )
        telling.stands(case_type, case, by_id)
    return changing.fact(case)


def _step_of(
    case_type: CaseType, case: Case, transition_code: str, user: User | None
) -> Transition:
    step = case_type.transition(transition_code)
    if step is None:
        raise refusals.NotPossibleHere(case.number, transition_code, reading.state_label(case))
    changing.check_may(user, case_type.permission(step.permission), case)
    changing.check_not_merged(case)
    if step not in case_type.leaving(case.state):
        raise refusals.NotPossibleHere(case.number, step.label, reading.state_label(case))
    if user is not None and step.only:
        wanted = case.owner_id if step.only == "owner" else case.opened_by_id
        if wanted != user.pk:
            raise refusals.NotYours(case.number, step.only)
    return step


def _check_extras(
    case_type: CaseType,
    case: Case,
    step: Transition,
    user: User | None,
    fields: Mapping[str, Any],
    owner_id: int | None,
    unit: str | None,
    due_at: datetime | None,
) -> None:
    """Refuse what comes with a step unasked, unless the user might do it without the step.

    Whoever takes a step may take the case over with it.
    """
    asked = {type(need) for need in step.requires}
    named = set(step.fields)
    for need in step.requires:
        if isinstance(need, needs.NeedsField):
            named.update(need.fields)
    if set(fields) - named:
        changing.check_may(user, case_type.permission("edit"), case)
    taken_over = user is not None and owner_id == user.pk
    gives = owner_id not in (None, case.owner_id) and not taken_over
    if (
        (gives and needs.NeedsOwner not in asked)
        or (unit and needs.NeedsUnit not in asked)
        or (due_at is not None and needs.NeedsDeadline not in asked)
    ):
        changing.check_may(user, case_type.permission("assign"), case)


def possible(user: User, case: Case) -> list[Transition]:
    """Return the transitions that a person may try now, without what they will be asked for."""
    case_type = declaring.case_type(case.type_code)
    found = []
    for step in case_type.leaving(case.state) if case_type and case.state_kind != "merged" else ():
        try:
            _step_of(case_type, case, step.code, user)  # type: ignore[arg-type]
        except errors.Refused:
            continue
        found.append(step)
    return found


def take_over(
    case_type: CaseType,
    case: Case,
    owner_id: int | None,
    unit: str | None,
    due_at: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    """Give a case its responsible person, unit and deadline; return what may be told of them."""
    told: dict[str, Any] = {}
    if owner_id is not None and owner_id != case.owner_id:
        _refuse_nobody(owner_id)
        case.owner_id = owner_id
        told["owner"] = owner_id
    if unit:
        found = changing.unit_id_of(unit)
        if found != case.unit_id:
            case.unit_id = found
            told["unit"] = unit
    if due_at is not None and due_at != case.deadline_at:
        if due_at <= now:
            raise refusals.NotUsable({"due_at": _("the deadline has passed already")})
        case.deadline_at = due_at
        told["due_at"] = due_at.isoformat()
        ticking.set_agreed(case, ticking.agreed_clock(case_type), now)
    return told


def _refuse_nobody(owner_id: int) -> None:
    from huoshui.kernel.accounts.models import User

    if not User.objects.filter(pk=owner_id, is_active=True).exists():
        raise refusals.NotUsable({"owner": _("nobody who works here")})


def move(
    case_type: CaseType,
    case: Case,
    to: str,
    transition_code: str,
    *,
    by_id: int | None,
    now: datetime,
    note: str = "",
    told: Mapping[str, Any] | None = None,
    key: str = "",
    kind: str = "moved",
) -> Any:
    """Let a case stand in another state: clocks, timeline and facts, in the open transaction."""
    goal = case_type.state(to)
    if goal is None:
        raise refusals.NotPossibleHere(case.number, to, reading.state_label(case))
    left, since = case.state, case.state_since_at
    stand(case, goal, now)
    ticking.enter(case_type, case, now)
    line = changing.write(
        case,
        kind,
        at=now,
        by_id=by_id,
        note=note,
        transition=transition_code,
        from_state=left,
        to_state=goal.code,
        stayed_s=max(0.0, (now - since).total_seconds()),
        data=told,
        key=key,
    )
    telling.opener(case_type, case, by_id)
    links = changing.links_of(case)
    events.publish(
        facts.CaseMoved(
            case.number, case.type_code, transition_code, left, goal.code, now, by_id, links
        )
    )
    if case.state_kind in declaring.CLOSED_KINDS:
        end(case, by_id, now, links)
    return line


def stand(case: Case, goal: State, now: datetime) -> None:
    """Put a case into a state; the caller starts clocks and writes the step."""
    if goal.code != case.state:
        case.state_since_at = max(now, case.opened_at)
    case.state, case.state_kind = goal.code, goal.kind
    closed = goal.kind in declaring.CLOSED_KINDS
    case.closed_at = max(now, case.opened_at) if closed else None


def end(case: Case, by_id: int | None, now: datetime, links: tuple[tuple[str, str], ...]) -> None:
    """Tell that a case is closed, end its pause, and close its duplicates with it."""
    if case.paused_for:
        case.pauses.filter(until_at__isnull=True).update(until_at=now)
        case.paused_for = ""
        case.save(update_fields=["paused_for"])
    events.publish(
        facts.CaseClosed(
            case.number, case.type_code, case.state, case.state_kind, now, by_id, "", links
        )
    )
    relating.close_duplicates(case, by_id=by_id, now=now)


def mend(number: str, to: str, *, by_id: int, note: str) -> facts.CaseFact:
    """Bring a case whose state the present declaration does not know into one that it does.

    Needs `cases.mend`; refuses for a case that stands in a known state, and without a note.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        changing.check_may(changing.user_of(by_id), "cases.mend", case)
        if case_type.state(case.state) is not None or case_type.state(to) is None:
            raise refusals.NotPossibleHere(case.number, to, reading.state_label(case))
        if not note.strip():
            raise refusals.Missing(case.number, [("note", _("a note that says why"))])
        left = case.state
        move(case_type, case, to, "", by_id=by_id, now=clock.now(), note=note, kind="mended")
        changing.in_the_trail(case, "case_mended", by_id, from_state=left, to_state=to, note=note)
    return changing.fact(case)
