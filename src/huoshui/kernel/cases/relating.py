"""How cases hang together: duplicates rest with their original, causes, and parts of a whole."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.kernel import clock, events
from huoshui.kernel.cases import changing, declaring, facts, refusals, telling, ticking

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case

DEPTH_MAX = 50


def relate(number: str, how: str, other: str, *, by_id: int | None, note: str = "") -> None:
    """Relate a case to another: ``duplicate_of``, ``caused_by`` or ``part_of``.

    A duplicate rests with its original: its clocks stop, it leaves the lists of open cases, and it
    is closed when the original is. Asking twice changes nothing. Refuses circles.
    """
    with transaction.atomic():
        _lock_in_order(number, other)
        case = changing.locked(number)
        case_type = declaring.case_type(case.type_code)
        if case_type is not None:
            changing.check_may(changing.user_of(by_id), case_type.permission("relate"), case)
        bind(case, how, other, by_id=by_id, now=clock.now(), note=note)


def _lock_in_order(*numbers: str) -> None:
    """Lock cases always in the same order, so that two who relate the same pair do not block."""
    from huoshui.kernel.cases.models import Case

    wanted = [one.strip().upper() for one in numbers]
    rows = Case.objects.select_for_update().filter(number__in=wanted).order_by("number")
    list(rows.values_list("pk", flat=True))


def bind(
    case: Case, how: str, other_number: str, *, by_id: int | None, now: datetime, note: str = ""
) -> None:
    """Relate two cases in the open transaction, without asking who may."""
    from huoshui.kernel.cases.models import CaseRelation

    other = changing.locked(other_number)
    if how == facts.DUPLICATE_OF and other.merged_into_id is not None:
        other = changing.locked(_original(other).number)  # the original of a duplicate's original
    _refuse_nonsense(case, how, other)
    _row, is_new = CaseRelation.objects.get_or_create(
        case=case, how=how, other=other, defaults={"made_at": now, "made_by_id": by_id}
    )
    if not is_new:
        return
    if how == facts.DUPLICATE_OF:
        _merge(case, other, by_id=by_id, now=now, note=note)
    else:
        told = {"how": how, "other": other.number}
        changing.write(case, "related", at=now, by_id=by_id, note=note, data=told)
    changing.write(
        other, "related", at=now, by_id=by_id, data={"how": how, "other": case.number, "back": True}
    )
    changing.in_the_trail(case, "case_related", by_id, how=how, other=other.number)


def _original(case: Case) -> Case:
    """Return the case with which a duplicate rests, through any number of steps."""
    for _step in range(DEPTH_MAX):
        if case.merged_into is None:
            break
        case = case.merged_into
    return case


def _refuse_nonsense(case: Case, how: str, other: Case) -> None:
    why = ""
    if how not in facts.RELATIONS:
        why = _("there is no such relation")
    elif other.pk == case.pk:
        why = _("a case is not related to itself")
    elif how == facts.DUPLICATE_OF and case.merged_into_id not in (None, other.pk):
        why = _("it is a duplicate of another case already")
    elif how == facts.DUPLICATE_OF and case.state_kind in declaring.CLOSED_KINDS:
        why = _("it is closed")
    elif how == facts.DUPLICATE_OF and other.state_kind in declaring.CLOSED_KINDS:
        why = _("the original is closed; reopen it first")
    elif _leads_to(other, how, case):
        why = _("it would be a circle")
    if why:
        raise refusals.NotRelated(case.number, other.number, why)


def _leads_to(begin: Case, how: str, goal: Case) -> bool:
    """Tell whether relations of one kind lead from a case to another."""
    from huoshui.kernel.cases.models import CaseRelation

    seen: set[int] = set()
    edge = {begin.pk}
    for _step in range(DEPTH_MAX):
        ways = CaseRelation.objects.filter(case_id__in=edge, how=how)
        edge = set(ways.values_list("other_id", flat=True)) - seen
        if goal.pk in edge:
            return True
        if not edge:
            return False
        seen |= edge
    return True


def _merge(case: Case, other: Case, *, by_id: int | None, now: datetime, note: str) -> None:
    from huoshui.kernel.cases.models import Case as Cases

    # Those that rested with the new duplicate rest with its original from here on.
    Cases.objects.filter(merged_into=case).update(merged_into=other)
    case.merged_into = other
    case.state_kind = "merged"
    ticking.overtake(case, now)
    changing.write(case, "merged", at=now, by_id=by_id, note=note, data={"other": other.number})


def unrelate(number: str, how: str, other: str, *, by_id: int | None, note: str = "") -> None:
    """Take a relation back; a duplicate becomes a case of its own again, with its old deadlines.

    One that was closed with its original was never treated itself, so it is open again as well.
    """
    with transaction.atomic():
        _lock_in_order(number, other)
        case = changing.locked(number)
        case_type = declaring.case_type(case.type_code)
        if case_type is not None:
            changing.check_may(changing.user_of(by_id), case_type.permission("relate"), case)
        to = changing.locked(other)
        gone, _what = case.relations.filter(how=how, other=to).delete()
        if not gone:
            return
        now = clock.now()
        told = {"how": how, "other": to.number}
        if how == facts.DUPLICATE_OF and case.merged_into_id is not None:
            _separate(case, by_id=by_id, now=now, note=note)
        else:
            changing.write(case, "unrelated", at=now, by_id=by_id, note=note, data=told)
        changing.write(
            to, "unrelated", at=now, by_id=by_id, data={**told, "other": case.number, "back": True}
        )
        changing.in_the_trail(case, "case_unrelated", by_id, how=how, other=to.number)


def _separate(case: Case, *, by_id: int | None, now: datetime, note: str) -> None:
    from huoshui.kernel.cases.models import Case as Cases

    merged = case.steps.filter(kind="merged").order_by("-id").first()
    # Those that came along when it was merged go with it again.
    Cases.objects.filter(
        merged_into=case.merged_into, relations__how=facts.DUPLICATE_OF, relations__other=case
    ).update(merged_into=case)
    case_type = changing.type_of(case.type_code)
    state = case_type.state(case.state)
    was_closed = case.closed_at is not None
    case.merged_into, case.closed_at = None, None
    case.state_kind = state.kind if state else declaring.OPEN
    if merged is not None:
        ticking.revive(case, merged.at)
    changing.write(case, "unmerged", at=now, by_id=by_id, note=note)
    if was_closed:
        telling.stands(case_type, case, by_id)
        changing.tell_reopened(case, by_id=by_id, now=now)


def close_duplicates(case: Case, *, by_id: int | None, now: datetime) -> None:
    """Close the duplicates of a case that was closed, and tell of each."""
    from huoshui.kernel.cases.models import Case as Cases

    resting = Cases.objects.select_for_update().filter(merged_into=case, state_kind="merged")
    for one in resting.order_by("pk"):
        one.state_kind = case.state_kind
        one.closed_at = max(now, one.opened_at)
        changing.write(
            one, "closed_with_original", at=now, by_id=by_id, data={"other": case.number}
        )
        telling.ended_with(one, case.number, by_id)
        events.publish(
            facts.CaseClosed(
                number=one.number,
                type_code=one.type_code,
                state=one.state,
                state_kind=one.state_kind,
                at=now,
                by_id=by_id,
                merged_into=case.number,
                links=changing.links_of(one),
            )
        )
