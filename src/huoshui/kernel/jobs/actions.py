"""What a person may do about background work."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.jobs.models import Progress, Schedule

KEEP_RESULTS = timedelta(days=14)
CANCELLED = "huoshui.kernel.jobs.work.Cancelled"


class NotFailed(errors.Refused):
    """Only what failed can be run again."""

    def __init__(self) -> None:
        super().__init__(
            "jobs.not_failed",
            _("This task has not failed, so it is not run again."),
            next_step=_("Load the page again to see its present state."),
        )


class NotToCancel(errors.Refused):
    """Only what waits or runs can be cancelled."""

    def __init__(self) -> None:
        super().__init__(
            "jobs.not_to_cancel",
            _("This task has ended already."),
            next_step=_("Load the page again to see its present state."),
        )


class UnknownSchedule(errors.Refused):
    """This version has no such schedule, or the worker has not seen it yet."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(
            "jobs.unknown_schedule",
            _("There is no schedule %(name)s.") % {"name": name},
            data={"name": name},
            next_step=_("Load the list again; a new schedule appears when the worker has run."),
        )


def cancel_task(pk: UUID, *, by_id: int | None) -> None:
    """End a task: one that waits at once, one that runs when it next reports its progress.

    Refuses with `jobs.not_to_cancel`.
    """
    now = clock.real_now()
    with transaction.atomic():
        waiting = DBTaskResult.objects.filter(pk=pk, status="READY").update(
            status="FAILED",
            started_at=now,
            finished_at=now,
            exception_class_path=CANCELLED,
            traceback="",
        )
        running = DBTaskResult.objects.filter(pk=pk, status="RUNNING").exists()
        if not waiting and not running:
            raise NotToCancel
        Progress.objects.update_or_create(
            task_id=pk, defaults={"cancel_asked_at": now, "reported_at": now}
        )
        audit.record(by_id, "jobs.task_cancelled", f"task:{pk}", {})


def run_schedule_now(name: str, *, by_id: int | None) -> None:
    """Let the worker run a schedule at its next look, whatever its due time.

    Refuses with `jobs.unknown_schedule`.
    """
    with transaction.atomic():
        asked = {"asked_at": clock.real_now(), "retry_at": None}
        if not Schedule.objects.filter(name=name).update(**asked):
            raise UnknownSchedule(name)
        audit.record(by_id, "jobs.schedule_run_now", f"schedule:{name}", {})


def run_task_again(pk: UUID, *, by_id: int | None) -> None:
    """Let a failed task run once more. Refuses with `jobs.not_failed`."""
    with transaction.atomic():
        changed = DBTaskResult.objects.filter(pk=pk, status="FAILED").update(
            status="READY",
            finished_at=None,
            worker_ids=[],
            exception_class_path="",
            traceback="",
            run_after=timezone.now(),
        )
        if not changed:
            raise NotFailed
        Progress.objects.filter(task_id=pk).update(done=0, note="", cancel_asked_at=None)
        audit.record(by_id, "jobs.task_run_again", f"task:{pk}", {})


def retry_schedule_now(name: str, *, by_id: int | None) -> None:
    """Let a failing schedule try again at once; one that works stays as it is."""
    with transaction.atomic():
        if Schedule.objects.filter(name=name, failures__gt=0).update(retry_at=None):
            audit.record(by_id, "jobs.schedule_retried", f"schedule:{name}", {})


def tidy(_due_at: datetime | None = None) -> None:
    """Remove results of tasks that ended some time ago, with their progress."""
    old = DBTaskResult.objects.finished().filter(finished_at__lt=clock.real_now() - KEEP_RESULTS)
    keys = list(old.values_list("pk", flat=True))
    Progress.objects.filter(task_id__in=keys).delete()
    DBTaskResult.objects.filter(pk__in=keys).delete()
