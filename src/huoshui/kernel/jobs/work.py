"""Tasks in the background, and how far they have come."""

from __future__ import annotations

import contextvars
import uuid
from collections.abc import Callable
from typing import Any

from django_tasks import task as _task

from huoshui.kernel import clock

# The key of the task that this thread is running, set by the worker.
current_task: contextvars.ContextVar[uuid.UUID | None] = contextvars.ContextVar(
    "current_task", default=None
)


def task(function: Callable[..., Any]) -> Any:
    """Make a module-level function a background task: ``f.enqueue(...)`` runs it in the worker.

    Arguments and result must be JSON. Inside, call `progress` as the work goes on.
    """
    return _task()(function)


def progress(done: int, total: int, note: str = "") -> None:
    """Report how far the running task has come; outside a task it does nothing."""
    task_id = current_task.get()
    if task_id is None:
        return
    from huoshui.kernel.jobs.models import Progress

    Progress.objects.update_or_create(
        task_id=task_id,
        defaults={
            "done": max(0, done),
            "total": max(0, total),
            "note": str(note)[:200],
            "reported_at": clock.real_now(),
        },
    )
