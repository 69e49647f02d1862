"""What the kernel itself looks at: disk, database, parts, clock, versions, background work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.kernel import clock, settings
from huoshui.kernel.health import heartbeat, versions
from huoshui.kernel.health.checking import FAILING, OK, WARNING, Finding
from huoshui.kernel.pages import formats, frame

GIGABYTE = 1_000_000_000
FREE_WARNING_BYTES = 5 * GIGABYTE
FREE_FAILING_BYTES = 1 * GIGABYTE
FREE_WARNING_FRAC = 0.10
FREE_FAILING_FRAC = 0.03
DAYS_LEFT_WARNING = 30.0
GROWTH_KNOWN_AFTER = timedelta(hours=12)
LOG_WARNING_BYTES = 512_000_000
EVENTS_LATE = timedelta(minutes=5)
TASK_WAITING = timedelta(minutes=10)
FAILED_TASKS_OF = timedelta(days=7)
SCHEDULE_LATE = timedelta(minutes=10)
CLOCK_DRIFT_S = 5.0


def size(size_bytes: float) -> str:
    """Return a size in the unit that suits it."""
    for unit, step in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if abs(size_bytes) >= step:
            return f"{formats.number(size_bytes / step, '.1f')} {unit}"
    return f"{formats.number(size_bytes / 1000, '.0f')} kB"


def _page(name: str, *arguments: Any, query: str = "") -> str:
    try:
        return reverse(name, args=arguments) + query
    except NoReverseMatch:  # a test may mount only one area
        return ""


def free_bytes(folder: Path) -> tuple[int, int]:
    """Return free and total bytes of the disk that a folder lies on."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def days_left(now: datetime, free: int) -> float | None:
    """Return in how many days the disk is full if it goes on like the past fortnight."""
    from huoshui.kernel.health.models import Sample

    kept = Sample.objects.filter(name="disk_free", at__gte=now - timedelta(days=14))
    earliest = kept.order_by("at").first()
    if earliest is None or now - earliest.at < GROWTH_KNOWN_AFTER:
        return None
    per_day = (earliest.size_bytes - free) / ((now - earliest.at).total_seconds() / 86400)
    return free / per_day if per_day > 0 else None


def disk() -> Iterator[Finding]:
    """Free space, and how long it lasts at the present growth."""
    home = settings.get().home
    free, total = free_bytes(home)
    left = days_left(datetime.now(tz=UTC), free)
    said = _("%(free)s of %(total)s are free.") % {"free": size(free), "total": size(total)}
    if left is not None and left < 3650:
        said += " " + _("At the present growth that lasts %(days)s days.") % {
            "days": formats.number(left, ".0f")
        }
    remedy = _("Make room on the disk of %(home)s, or move the folder to a larger one.") % {
        "home": home
    }
    share = free / total if total else 0.0
    if free < FREE_FAILING_BYTES or (share < FREE_FAILING_FRAC and free < FREE_WARNING_BYTES):
        yield Finding(FAILING, said, remedy)
    elif (share < FREE_WARNING_FRAC and free < 10 * FREE_WARNING_BYTES) or (
        left is not None and left < DAYS_LEFT_WARNING
    ):
        yield Finding(WARNING, said, remedy)
    else:
        yield Finding(OK, said)


def database() -> Iterator[Finding]:
    """The operational database: that it answers, how large it is, its log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            (found,) = cursor.fetchone()
        yield Finding(OK, _("The database holds %(size)s.") % {"size": size(found)})
        return
    path = Path(str(connection.settings_dict["NAME"]))
    yield Finding(OK, _("The database holds %(size)s.") % {"size": size(_file_bytes(path))})
    log_bytes = _file_bytes(path.with_name(path.name + "-wal"))
    if log_bytes > LOG_WARNING_BYTES:
        yield Finding(
            WARNING,
            _("The log of the database has grown to %(size)s: somebody has been reading for long.")
            % {"size": size(log_bytes)},
            _("Restart the web process; an export or a foreign program keeps the log open."),
        )


def _file_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def parts() -> Iterator[Finding]:
    """The processes that should run: each gave a sign of life just now, in this version."""
    now = datetime.now(tz=UTC)
    beats = heartbeat.beats()
    for part in heartbeat.expected():
        start = _("Start it: %(command)s") % {"command": part.command}
        latest = beats.get(part.name)
        if latest is None:
            text = _("%(part)s has never run here.") % {"part": part.label}
            yield Finding(FAILING, text, start)
            continue
        silent_s = (now - latest.at).total_seconds()
        if silent_s > heartbeat.SILENT_S:
            text = _("%(part)s has been silent for %(time)s.") % {
                "part": part.label,
                "time": formats.duration(silent_s),
            }
            yield Finding(FAILING, text, start)
        elif latest.version != frame.installed_version():
            text = _("%(part)s still runs version %(old)s; this is %(new)s.") % {
                "part": part.label,
                "old": latest.version,
                "new": frame.installed_version(),
            }
            yield Finding(WARNING, text, _("Restart it."))
        else:
            text = _("%(part)s has been running for %(time)s.") % {
                "part": part.label,
                "time": formats.duration(now - latest.started_at),
            }
            yield Finding(OK, text)


def computer_clock() -> Iterator[Finding]:
    """Steps of the computer's clock, and parts that show different times."""
    now = datetime.now(tz=UTC)
    beats = heartbeat.beats()
    anchor = clock.anchor()
    troubled = False
    for one in beats.values():
        if one.step_at and now - one.step_at < heartbeat.STEP_KEPT:
            troubled = True
            words = (
                _("The computer's clock was set back by %(time)s at %(at)s.")
                if one.step_s < 0
                else _("The computer's clock jumped ahead by %(time)s at %(at)s.")
            )
            yield Finding(
                WARNING,
                words % {"time": formats.duration(abs(one.step_s)), "at": formats.moment(one.at)},
                _("Let a time service keep the clock; then restart all parts."),
            )
        if one.at > now + timedelta(seconds=CLOCK_DRIFT_S):
            troubled = True
            text = _("The latest sign of life of %(part)s lies in the future.") % {"part": one.name}
            yield Finding(WARNING, text, _("Look whether the computer's clock was set back."))
            continue
        fresh = (now - one.at).total_seconds() < heartbeat.SILENT_S
        if anchor is not None and fresh:
            apart_s = abs((anchor.shown(one.at) - one.shown_at).total_seconds())
            if apart_s > CLOCK_DRIFT_S * max(1.0, anchor.speed, anchor.then_speed):
                troubled = True
                text = _("%(part)s shows a time that is %(time)s apart from that of the pages.") % {
                    "part": one.name,
                    "time": formats.duration(apart_s),
                }
                yield Finding(WARNING, text, _("Restart it if this lasts for more than a minute."))
    if not troubled:
        yield Finding(OK, _("No step of the clock in the past 24 hours."))


def events() -> Iterator[Finding]:
    """Events that wait too long, and letters that were given up."""
    from huoshui.kernel.events.models import Delivery

    url = _page("events:deliveries", query="?state=dead")
    dead = Delivery.objects.filter(state=Delivery.State.DEAD).count()
    if dead:
        text = ngettext(
            "%(count)s event could not be delivered and was given up.",
            "%(count)s events could not be delivered and were given up.",
            dead,
        )
        remedy = _("Open it, read why, mend the cause, and send it again.")
        yield Finding(WARNING, text % {"count": dead}, remedy, url)
    late_at = clock.real_now() - EVENTS_LATE
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lt=late_at).count()
    if waiting:
        text = ngettext(
            "%(count)s event has waited for more than 5 minutes.",
            "%(count)s events have waited for more than 5 minutes.",
            waiting,
        )
        remedy = _("See whether the worker runs.")
        waiting_url = _page("events:deliveries", query="?state=waiting")
        yield Finding(WARNING, text % {"count": waiting}, remedy, waiting_url)
    if not dead and not waiting:
        yield Finding(OK, _("Everything that was told has arrived."))


def schedules_in_order() -> Iterator[Finding]:
    """Schedules that fail, or that should have run."""
    from huoshui.kernel.jobs import schedules
    from huoshui.kernel.jobs.models import Schedule

    url = _page("jobs:schedules")
    now = clock.now()
    late_by = max(SCHEDULE_LATE, timedelta(seconds=30 * max(clock.speed(), 1.0)))
    known = {row.name: row for row in Schedule.objects.all()}
    troubled = False
    for one in schedules.declared():
        row = known.get(one.name)
        if row is None:
            continue
        if row.failures:
            troubled = True
            text = _("%(schedule)s has failed %(count)s times in a row.") % {
                "schedule": one.label,
                "count": row.failures,
            }
            yield Finding(FAILING, text, _("Read why, mend the cause, and let it try again."), url)
        elif schedules.next_due(one, row.latest_due_at) < now - late_by - one.every:
            troubled = True
            text = _("%(schedule)s is late: it was due at %(at)s.") % {
                "schedule": one.label,
                "at": formats.moment(schedules.next_due(one, row.latest_due_at)),
            }
            yield Finding(WARNING, text, _("See whether the worker runs."), url)
    if not troubled:
        yield Finding(OK, _("All schedules run on time."))


def tasks() -> Iterator[Finding]:
    """Background tasks that failed lately, or that nobody begins."""
    from django_tasks_db.models import DBTaskResult

    real = clock.real_now()
    recent = DBTaskResult.objects.filter(status="FAILED", finished_at__gte=real - FAILED_TASKS_OF)
    failed = recent.count()
    if failed:
        text = ngettext(
            "%(count)s background task has failed in the past 7 days.",
            "%(count)s background tasks have failed in the past 7 days.",
            failed,
        )
        url = _page("jobs:tasks", query="?status=FAILED")
        yield Finding(WARNING, text % {"count": failed}, _("Read why, and run it again."), url)
    waiting = DBTaskResult.objects.filter(status="READY", enqueued_at__lt=real - TASK_WAITING)
    count = waiting.count()
    if count:
        text = ngettext(
            "%(count)s background task has waited for more than 10 minutes.",
            "%(count)s background tasks have waited for more than 10 minutes.",
            count,
        )
        url = _page("jobs:tasks", query="?status=READY")
        yield Finding(WARNING, text % {"count": count}, _("See whether the worker runs."), url)
    if not failed and not count:
        yield Finding(OK, _("No background task has failed in the past 7 days."))


def software() -> Iterator[Finding]:
    """The versions we stand on, and whether the database is of this version."""
    problems = versions.problems()
    for problem in problems:
        yield Finding(FAILING, problem.text, problem.remedy)
    if not problems:
        yield Finding(OK, versions.line())
