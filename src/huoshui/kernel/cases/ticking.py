"""Start, stop, pause and resume the clocks of one case, inside the transaction of a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from huoshui.kernel.cases import deadlines, declaring, workdays
from huoshui.kernel.cases.declaring import CaseType, Clock
from huoshui.kernel.cases.limits import AGREED, MINUTES, Limit
from huoshui.kernel.cases.words import AGREED_CLOCK, AGREED_LABEL

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case, CaseClockRun

PRIORITY_CODES = {rank: code for code, rank in declaring.PRIORITIES.items()}
# What runs where a case has a deadline of its own and its type no clock for it.
IMPLICIT = Clock(AGREED_CLOCK, AGREED_LABEL, Limit(0, AGREED))


def agreed_clock(case_type: CaseType) -> Clock:
    """Return the clock of a case's own deadline."""
    return next((one for one in case_type.clocks if one.limit.unit == AGREED), IMPLICIT)


def clock_of(case_type: CaseType | None, code: str) -> Clock | None:
    """Return a declared clock, or the one that every case may have."""
    found = case_type.clock(code) if case_type is not None else None
    return IMPLICIT if found is None and code == AGREED_CLOCK else found


def limit_for(clock: Clock, case: Case) -> Limit:
    """Return the limit of a clock for the priority of a case."""
    return clock.limits.get(PRIORITY_CODES.get(case.priority, ""), clock.limit)


def enter(case_type: CaseType, case: Case, now: datetime, *, opening: bool = False) -> None:
    """Start and stop what the state of a case starts and stops.

    A closed case has no clock left; a clock that runs already is not started again.
    """
    runs = {run.clock: run for run in running(case)}
    closed = case.state_kind in declaring.CLOSED_KINDS
    for code, run in runs.items():
        clock = clock_of(case_type, code)
        if clock is None or closed or case.state in clock.until:
            stop(run, now, overtaken=clock is None or case.state_kind == declaring.CANCELLED)
    if not closed:
        for clock in case_type.clocks:
            begins = case.state in clock.start or (opening and declaring.OPENED in clock.start)
            if begins and clock.code not in runs and case.state not in clock.until:
                start(case, clock, now)
        own = agreed_clock(case_type)
        if opening and case.deadline_at is not None:
            set_agreed(case, own, now)
    settle(case)


def running(case: Case) -> list[CaseClockRun]:
    """Return the clocks of a case that are neither kept nor missed for good, locked."""
    from huoshui.kernel.cases.models import CaseClockRun

    return list(CaseClockRun.objects.filter(case=case, stopped_at__isnull=True).order_by("id"))


def start(case: Case, clock: Clock, now: datetime, limit: Limit | None = None) -> None:
    """Start a clock; the agreed one only where a deadline is agreed."""
    found = limit or limit_for(clock, case)
    if found.unit == AGREED:
        if case.deadline_at is not None:
            set_agreed(case, clock, now)
        return
    local = workdays.local_days()
    _create(case, clock, found, now, deadlines.due_at(now, found, local), local)


def set_agreed(case: Case, clock: Clock, now: datetime) -> None:
    """Let the agreed clock run to the deadline of the case, in place of an earlier one."""
    from huoshui.kernel.cases.models import CaseClockRun

    due = case.deadline_at
    if due is None:
        return
    standing = CaseClockRun.objects.filter(
        case=case, clock=clock.code, stopped_at__isnull=True
    ).first()
    if standing is not None:
        if standing.due_at == due:
            return
        stop(standing, now, overtaken=True)
    # The span is kept in minutes, so that a pause and the warning know how long it was.
    span = Limit(max(0, int((due - now).total_seconds() // 60)), MINUTES)
    _create(case, clock, span, now, due, {})


def _create(
    case: Case,
    clock: Clock,
    limit: Limit,
    now: datetime,
    due: datetime,
    local: Mapping[date, bool],
) -> None:
    from huoshui.kernel.cases.models import CaseClockRun

    warn = deadlines.warn_at(due, limit, clock.warn_frac, local)
    run = CaseClockRun(
        case=case,
        clock=clock.code,
        round=case.reopened_count,
        limit_amount=limit.amount,
        limit_unit=limit.unit,
        started_at=now,
        due_at=due,
        warn_at=warn,
        next_check_at=warn,
    )
    if case.paused_for and pauses_clock(case, clock.code):
        _halt(run, now, local)
    run.save(force_insert=True)


def pauses_clock(case: Case, clock_code: str) -> bool:
    """Tell whether the pause of a case holds this clock."""
    case_type = declaring.case_type(case.type_code)
    pause = case_type.pause(case.paused_for) if case_type else None
    return pause is None or not pause.clocks or clock_code in pause.clocks


def stop(run: CaseClockRun, now: datetime, *, overtaken: bool = False) -> None:
    """End a clock: kept, missed, or overtaken by something that makes it mean nothing."""
    run.stopped_at = max(now, run.started_at)
    run.overtaken = overtaken
    run.late = not overtaken and (
        run.breached_at is not None or (run.due_at is not None and now > run.due_at)
    )
    run.next_check_at = None
    run.save()


def halt_all(case: Case, now: datetime) -> None:
    """Stop the clocks that the pause of a case holds; what remains of them is kept."""
    local = workdays.local_days()
    for run in running(case):
        if run.due_at is not None and pauses_clock(case, run.clock):
            _halt(run, now, local)
            run.save()
    settle(case)


def _halt(run: CaseClockRun, now: datetime, local: Mapping[date, bool]) -> None:
    if run.due_at is None or run.breached_at is not None:
        return  # what is missed stays missed
    run.left = deadlines.left_of(now, run.due_at, limit_of(run), local)
    if run.left < 0:
        run.left = None  # missed a moment ago; the driver has yet to say so
        return
    run.due_at = run.warn_at = run.next_check_at = None


def go_on_all(case_type: CaseType | None, case: Case, now: datetime) -> None:
    """Let the clocks that stood still go on with what remained of them."""
    local = workdays.local_days()
    for run in running(case):
        if run.due_at is not None or run.left is None:
            continue
        clock = clock_of(case_type, run.clock)
        limit = limit_of(run)
        run.due_at = deadlines.due_with(now, run.left, limit, local)
        frac = clock.warn_frac if clock else 0.8
        run.warn_at = deadlines.warn_at(run.due_at, limit, frac, local)
        run.left = None
        run.next_check_at = run.due_at if run.warned_at else run.warn_at
        run.save()
    settle(case)


def limit_of(run: CaseClockRun) -> Limit:
    """Return the limit under which a clock was started."""
    return Limit(run.limit_amount, run.limit_unit)


def settle(case: Case) -> None:
    """Note on the case which of its deadlines comes first; the caller saves it."""
    from huoshui.kernel.cases.models import CaseClockRun
    from huoshui.kernel.cases.models.case import CLOSED, NEVER

    first = (
        CaseClockRun.objects.filter(case=case, stopped_at__isnull=True, due_at__isnull=False)
        .order_by("due_at", "id")
        .values_list("due_at", "clock")
        .first()
    )
    case.next_due_at, case.next_due_clock = first or (None, "")
    is_open = case.state_kind in (declaring.OPEN, declaring.WAITING)
    case.due_order_at = (case.next_due_at or NEVER) if is_open else CLOSED


def overtake(case: Case, now: datetime, codes: Iterable[str] | None = None) -> None:
    """Stop clocks that mean nothing any more, such as those of a duplicate."""
    for run in running(case):
        if codes is None or run.clock in codes:
            stop(run, now, overtaken=True)
    settle(case)


def revive(case: Case, stopped_at: datetime) -> None:
    """Let clocks run on that were overtaken at a moment, with the deadlines they had."""
    from huoshui.kernel.cases.models import CaseClockRun

    for run in CaseClockRun.objects.filter(case=case, overtaken=True, stopped_at=stopped_at):
        run.stopped_at, run.overtaken, run.late = None, False, False
        if run.due_at is not None:
            run.next_check_at = run.due_at if run.warned_at else run.warn_at
        run.save()
    settle(case)
