"""Tasks in the background, and how far they have come."""

from __future__ import annotations

import contextvars
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django_tasks import task as _task

from huoshui.kernel import clock

# The key of the task that this thread is running, set by the worker.
current_task: contextvars.ContextVar[uuid.UUID | None] = contextvars.ContextVar(
    "current_task", default=None
)


# Import path of a task's function to what people see it called.
_labels: dict[str, Any] = {}


def task(function: Callable[..., Any] | None = None, *, label: Any = "") -> Any:
    """Make a module-level function a background task: ``f.enqueue(...)`` runs it in the worker.

    Use as ``@task`` or ``@task(label=_("..."))``. Arguments and result must be JSON. A task runs
    again from its beginning if the worker died on it, so it must be idempotent. Inside, call
    `progress` as the work goes on.
    """

    def make(one: Callable[..., Any]) -> Any:
        _labels[f"{one.__module__}.{one.__qualname__}"] = label or one.__name__
        return _task()(one)

    return make if function is None else make(function)


def label_of(task_path: str) -> Any:
    """Return what a task is called; one of an older version is called by its function."""
    return _labels.get(task_path, task_path.rpartition(".")[2])


class Cancelled(Exception):
    """A person asked the running task to end; raised where it next reports its progress."""


def begin(request: HttpRequest, task: Any, **arguments: Any) -> str:
    """Start a background task for a person, and return the page where its progress is seen.

    The task receives ``arguments`` and, as ``by_id``, the key of whoever started it.
    """
    from huoshui.kernel.jobs.models import Progress

    with transaction.atomic():
        result = task.enqueue(**arguments, by_id=request.user.pk)
        Progress.objects.create(
            task_id=result.id, by_id=request.user.pk, reported_at=clock.real_now()
        )
    return reverse("jobs:task", args=[result.id])


def progress(done: int, total: int, note: str = "") -> None:
    """Report how far the running task has come; outside a task it does nothing.

    Raises `Cancelled` when a person asked for the end: let it pass, so that what is open is undone.
    """
    task_id = current_task.get()
    if task_id is None:
        return
    from huoshui.kernel.jobs.models import Progress

    if Progress.objects.filter(task_id=task_id, cancel_asked_at__isnull=False).exists():
        raise Cancelled
    Progress.objects.update_or_create(
        task_id=task_id,
        defaults={
            "done": max(0, done),
            "total": max(0, total),
            "note": str(note)[:200],
            "reported_at": clock.real_now(),
        },
    )
