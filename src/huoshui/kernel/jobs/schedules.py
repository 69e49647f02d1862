"""Recurring work, due by the product's clock: each due time once, missed ones caught up."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from huoshui.kernel import clock

logger = logging.getLogger("huoshui.jobs")

DAY = timedelta(days=1)
EPOCH = datetime(2000, 1, 3)  # noqa: DTZ001  (a Monday at midnight, on the wall of the city)
RETRY_S_MAX = 300.0
ERROR_CHARS_MAX = 4000


@dataclass(frozen=True)
class Recurring:
    """One declared schedule."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]
    offset: timedelta
    catch_up: bool
    label: Any = ""


_declared: dict[str, Recurring] = {}


def schedule(
    name: str,
    *,
    every: timedelta,
    run: Callable[[datetime], object],
    offset: timedelta = timedelta(0),
    catch_up: bool = True,
    label: Any = "",
) -> None:
    """Have ``run(due_at)`` called by the worker at each multiple of ``every`` plus ``offset``.

    Multiples are counted in the city's local time, so that ``every=1 day, offset=5 h`` is five in
    the morning and ``every=7 days`` is Monday. Due times missed while the worker was down run in
    order, each once; with ``catch_up=False`` only the latest of them runs. A run that fails is
    tried again, and the due times behind it wait. A crash in the middle of a run repeats it, so
    ``run`` must be idempotent. ``label`` is what people see it called.
    """
    if every <= timedelta(0):
        msg = f"{name}: a schedule needs a period greater than zero"
        raise ValueError(msg)
    _declared[name] = Recurring(name, every, run, offset, catch_up, label or name)


def declared() -> tuple[Recurring, ...]:
    """Return every schedule by name."""
    return tuple(_declared[name] for name in sorted(_declared))


def due_at_or_before(recurring: Recurring, moment: datetime) -> datetime:
    """Return the latest due time that is not after ``moment``."""
    wall = clock.local(moment).replace(tzinfo=None)
    steps = (wall - EPOCH - recurring.offset) // recurring.every
    return _moment_of(recurring, steps)


def next_due(recurring: Recurring, after: datetime) -> datetime:
    """Return the first due time after ``after``."""
    wall = clock.local(after).replace(tzinfo=None)
    steps = (wall - EPOCH - recurring.offset) // recurring.every + 1
    due_at = _moment_of(recurring, steps)
    while due_at <= after:  # the hour that an autumn clock change repeats
        steps += 1
        due_at = _moment_of(recurring, steps)
    return due_at


def _moment_of(recurring: Recurring, steps: int) -> datetime:
    wall = EPOCH + recurring.offset + steps * recurring.every
    return wall.replace(tzinfo=clock.local_zone()).astimezone(UTC)


def run_due(stop: threading.Event | None = None, *, runs_max: int = 1000) -> int:
    """Run what is due by the product's clock, the earliest due time first; return how many ran."""
    ran = 0
    waiting: set[str] = set()
    while ran < runs_max and not (stop and stop.is_set()):
        found = _earliest_due(waiting)
        if found is None:
            break
        recurring, due_at = found
        if _run_once(recurring, due_at):
            ran += 1
        else:
            waiting.add(recurring.name)
    return ran


def _earliest_due(waiting: set[str]) -> tuple[Recurring, datetime] | None:
    from huoshui.kernel.jobs.models import Schedule

    now = clock.now()
    real = clock.real_now()
    rows = {row.name: row for row in Schedule.objects.filter(name__in=_declared)}
    due: list[tuple[datetime, str, Recurring]] = []
    for recurring in declared():
        row = rows.get(recurring.name)
        if row is None:
            # First seen: what was due before anybody declared it is not missed work.
            Schedule.objects.get_or_create(
                name=recurring.name,
                defaults={"latest_due_at": due_at_or_before(recurring, now)},
            )
            continue
        if recurring.name in waiting or (row.retry_at and row.retry_at > real):
            continue
        if row.asked_at:
            due.append((due_at_or_before(recurring, now), recurring.name, recurring))
            continue
        due_at = next_due(recurring, row.latest_due_at)
        if not recurring.catch_up:
            due_at = max(due_at, due_at_or_before(recurring, now))
        if due_at <= now:
            due.append((due_at, recurring.name, recurring))
    if not due:
        return None
    due_at, _name, recurring = min(due, key=lambda one: one[:2])
    return recurring, due_at


def _run_once(recurring: Recurring, due_at: datetime) -> bool:
    from django.db.models import F

    from huoshui.kernel.jobs.models import Schedule

    row = Schedule.objects.filter(name=recurring.name)
    began = time.monotonic()
    try:
        recurring.run(due_at)
    except Exception as problem:
        logger.exception("schedule %s failed for %s", recurring.name, due_at.isoformat())
        failures = row.values_list("failures", flat=True).get() + 1
        pause_s = min(2.0**failures, RETRY_S_MAX)
        row.update(
            failures=failures,
            retry_at=clock.real_now() + timedelta(seconds=pause_s),
            error="".join(traceback.format_exception(problem))[-ERROR_CHARS_MAX:],
        )
        return False
    # A run that a person asked for may repeat a due time; it never takes the schedule back.
    row.filter(latest_due_at__lt=due_at).update(latest_due_at=due_at)
    row.update(
        ran_at=clock.real_now(),
        duration_s=time.monotonic() - began,
        runs=F("runs") + 1,
        failures=0,
        retry_at=None,
        asked_at=None,
        error="",
    )
    return True
