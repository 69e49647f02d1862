"""What deadlines do by themselves: warn, note that they passed, escalate level by level.

Each moment is told once, whenever the worker comes to it: after a pause of the computer all that
passed meanwhile is told, and a run that is repeated finds nothing left to do.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.kernel.cases import changing, deadlines, declaring, telling, ticking

if TYPE_CHECKING:
    from huoshui.kernel.cases.declaring import CaseType, Clock
    from huoshui.kernel.cases.models import Case, CaseClockRun

logger = logging.getLogger("huoshui.cases")

BATCH = 500


def check_deadlines(now: datetime) -> int:
    """Look at every clock whose next moment has come; return how many were looked at.

    Raises RuntimeError at the end where some could not be, so that the schedule tries again.
    """
    from huoshui.kernel.cases.models import CaseClockRun

    count = latest = 0
    broken: list[str] = []
    while True:
        due = CaseClockRun.objects.filter(next_check_at__lte=now, id__gt=latest).order_by("id")
        found = list(due.values_list("case__number", "pk")[:BATCH])
        for number, pk in found:
            # One case that breaks must not keep the deadlines of all others from being told.
            try:
                _check_one(number, pk, now)
            except Exception:
                logger.exception("the deadline of case %s could not be looked at", number)
                broken.append(number)
        count += len(found)
        if len(found) < BATCH:
            break
        latest = found[-1][1]
    if broken:
        msg = f"deadlines could not be looked at: {', '.join(broken[:20])}"
        raise RuntimeError(msg)
    return count


def _check_one(number: str, pk: int, now: datetime) -> None:
    """Tell what has come of one clock; the case is locked, so no step of a person gets between."""
    from huoshui.kernel.cases.models import CaseClockRun

    with transaction.atomic():
        case = changing.locked(number)
        run = CaseClockRun.objects.filter(pk=pk, next_check_at__lte=now).first()
        if run is None or run.due_at is None or run.warn_at is None:
            return
        case_type = declaring.case_type(case.type_code)
        clock = ticking.clock_of(case_type, run.clock)
        if case_type is None or clock is None:
            run.next_check_at = None  # nobody knows any more whom to tell
            run.save(update_fields=["next_check_at"])
            return
        if run.warned_at is None and run.warn_at <= now < run.due_at:
            _warn(case_type, case, run, now)
        if run.breached_at is None and run.due_at <= now:
            _breach(case_type, case, run)
        _escalate(case, clock, run, now)
        run.next_check_at = _next_moment(clock, run)
        run.save()


def _warn(case_type: CaseType, case: Case, run: CaseClockRun, now: datetime) -> None:
    run.warned_at = now
    told = {"clock": run.clock, "due_at": run.due_at.isoformat() if run.due_at else ""}
    changing.write(case, "warned", at=now, by_id=None, data=told)
    key = f"cases.warned:{case.number}:{run.pk}:{told['due_at']}"
    telling.nears(case, telling.waiting_for(case_type, case), run.clock, key)


def _breach(case_type: CaseType, case: Case, run: CaseClockRun) -> None:
    assert run.due_at is not None
    run.breached_at, run.late = run.due_at, True
    run.warned_at = run.warned_at or run.due_at
    changing.write(case, "breached", at=run.due_at, by_id=None, data={"clock": run.clock})
    key = f"cases.breached:{case.number}:{run.pk}"
    telling.missed(case, telling.waiting_for(case_type, case), run.clock, key)


def _escalate(case: Case, clock: Clock, run: CaseClockRun, now: datetime) -> None:
    """Tell every level whose moment has come and that was not told yet."""
    if run.due_at is None:
        return
    for level, one in enumerate(clock.escalate, start=1):
        if level <= run.level or deadlines.due_at(run.due_at, one.after) > now:
            continue
        run.level = level
        changing.write(
            case,
            "escalated",
            at=now,
            by_id=None,
            data={"clock": run.clock, "level": level, "post": one.to_post},
        )
        key = f"cases.escalated:{case.number}:{run.pk}:{level}"
        telling.missed(case, telling.holders((one.to_post,), case.unit_id), run.clock, key)


def _next_moment(clock: Clock, run: CaseClockRun) -> datetime | None:
    """Return when this clock has to be looked at again; None when nothing more can come."""
    if run.due_at is None or run.breached_at is None:
        return run.due_at
    ahead = clock.escalate[run.level :]
    return deadlines.due_at(run.due_at, ahead[0].after) if ahead else None
