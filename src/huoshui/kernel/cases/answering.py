"""Ask whoever raised a case whether they are content, and take a closed case up again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.kernel import clock
from huoshui.kernel.cases import (
    changing,
    deadlines,
    declaring,
    facts,
    meeting,
    moving,
    reading,
    refusals,
    telling,
    ticking,
)
from huoshui.kernel.cases.declaring import CallBack, CaseType, Reopen

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case


def call_back(
    number: str,
    satisfied: bool | None = None,
    *,
    by_id: int | None,
    score: int | None = None,
    note: str = "",
    due_at: datetime | None = None,
    revision: int | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Write down a call-back: content or not, with or without a score; None was not reached.

    A score alone decides by the declaration. Content closes the case where that is declared;
    discontent reopens it with a new deadline, ``due_at`` where the type gives none.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        asked = _call_back_of(case_type, case)
        user = changing.user_of(by_id)
        changing.check_may(user, case_type.permission(asked.permission), case)
        changing.check_not_merged(case)
        changing.check_revision(case, revision)
        if asked.second_person and by_id is not None and by_id == case.owner_id:
            who = _("a second person: you were responsible for the case")
            raise refusals.Missing(case.number, [("second_person", who)])
        if score is not None and not 1 <= score <= asked.score_max:
            raise refusals.NotUsable(
                {"score": _("a score is 1 to %(most)d") % {"most": asked.score_max}}
            )
        content = satisfied
        if content is None and score is not None:
            content = score >= asked.content_from
        now = clock.now()
        case.call_backs.create(
            round=case.reopened_count,
            reached=content is not None,
            content=content,
            score=score,
            note=note.strip(),
            at=now,
            by_id=by_id,
        )
        if content is not None:
            case.content, case.score = content, score
        told = {"reached": content is not None, "content": content, "score": score}
        changing.write(case, "called_back", at=now, by_id=by_id, note=note, data=told, key=key)
        changing.in_the_trail(case, "case_called_back", by_id, **told)
        _answer(case_type, case, asked, content, by_id=by_id, now=now, note=note, due_at=due_at)
    return changing.fact(case)


def _call_back_of(case_type: CaseType, case: Case) -> CallBack:
    asked = case_type.call_back
    state = case_type.state(case.state)
    if asked is None or state is None or state.code not in asked.from_:
        raise refusals.CallBackNotPossible(case.number, reading.state_label(case))
    return asked


def _answer(
    case_type: CaseType,
    case: Case,
    asked: CallBack,
    content: bool | None,
    *,
    by_id: int | None,
    now: datetime,
    note: str,
    due_at: datetime | None,
) -> None:
    """Move a case where the answer of whoever raised it sends it."""
    if content is None:
        tries = case.call_backs.filter(round=case.reopened_count, reached=False).count()
        if asked.unreached_to and tries >= asked.attempts_max:
            moving.move(case_type, case, asked.unreached_to, "", by_id=by_id, now=now)
        return
    if content and asked.content_to and case.state != asked.content_to:
        # What a person would be asked for on this way is asked of a call-back as well.
        ways = [one for one in case_type.leaving(case.state) if one.to == asked.content_to]
        for step in ways[:1]:
            meeting.refuse_missing(case_type, case, step, meeting.Given(by_id, note))
        code = ways[0].code if ways else ""
        moving.move(case_type, case, asked.content_to, code, by_id=by_id, now=now)
    elif not content and asked.discontent_to and case_type.reopen is not None:
        _take_up(
            case_type, case, case_type.reopen, asked.discontent_to, due_at, by_id=by_id, now=now
        )


def reopen(
    number: str,
    *,
    by_id: int | None,
    note: str = "",
    due_at: datetime | None = None,
    revision: int | None = None,
    key: str = "",
) -> facts.CaseFact:
    """Take a closed case up again, with a reason and a new deadline.

    Publishes `CaseMoved` and `CaseReopened`. Duplicates stay closed; their timeline says it.
    """
    with transaction.atomic():
        case = changing.locked(number)
        case_type = changing.type_of(case.type_code)
        if changing.done_before(case, key):
            return changing.fact(case)
        again = case_type.reopen
        if again is None or case.state_kind not in declaring.CLOSED_KINDS:
            raise refusals.NotClosed(case.number)
        changing.check_may(changing.user_of(by_id), case_type.permission(again.permission), case)
        changing.check_not_merged(case)
        changing.check_revision(case, revision)
        if not note.strip():
            raise refusals.Missing(case.number, [("note", _("a note that says why"))])
        _take_up(
            case_type,
            case,
            again,
            again.to,
            due_at,
            by_id=by_id,
            now=clock.now(),
            note=note,
            key=key,
        )
    return changing.fact(case)


def _take_up(
    case_type: CaseType,
    case: Case,
    again: Reopen,
    to: str,
    due_at: datetime | None,
    *,
    by_id: int | None,
    now: datetime,
    note: str = "",
    key: str = "",
) -> None:
    due = due_at
    if due is None and again.limit is not None:
        due = deadlines.due_at(now, again.limit)
    if due is None:
        raise refusals.Missing(case.number, [("due_at", _("a new deadline"))])
    if due <= now:
        raise refusals.NotUsable({"due_at": _("the deadline has passed already")})
    case.reopened_count += 1
    case.deadline_at = due
    moving.move(
        case_type,
        case,
        to,
        "",
        by_id=by_id,
        now=now,
        note=note,
        told={"due_at": due.isoformat(), "round": case.reopened_count},
        key=key,
        kind="reopened",
    )
    _run_anew(case_type, case, again, due_at, now)
    case.save()
    changing.in_the_trail(case, "case_reopened", by_id, due_at=due.isoformat())
    changing.tell_reopened(case, by_id=by_id, now=now, due_at=due)
    for one in case.duplicates.order_by("pk"):
        told = {"other": case.number}
        changing.write(one, "original_reopened", at=now, by_id=by_id, data=told)
    telling.stands(case_type, case, by_id)


def _run_anew(
    case_type: CaseType, case: Case, again: Reopen, named: datetime | None, now: datetime
) -> None:
    """Start the clock of a reopened case: the one it names, to the new deadline."""
    clock_code = again.clock
    clock_found = case_type.clock(clock_code) if clock_code else None
    if clock_found is None:
        clock_found = ticking.agreed_clock(case_type)
    if named is None and again.limit is not None and clock_found.limit.unit != "agreed":
        ticking.overtake(case, now, (clock_found.code,))
        ticking.start(case, clock_found, now, again.limit)
    else:
        ticking.set_agreed(case, clock_found, now)
    ticking.settle(case)
