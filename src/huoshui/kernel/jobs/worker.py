"""The worker: outbox, schedules and tasks side by side in one process, stopped together."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress

from django.db import close_old_connections, connections
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from huoshui.kernel.events import dispatcher
from huoshui.kernel.health import heartbeat
from huoshui.kernel.jobs import schedules, work

logger = logging.getLogger("huoshui.jobs")

IDLE_S = 0.25
TROUBLE_S = 2.0
STOP_S = 5.0
STARTS_MAX = 3


class _Tasks(TaskWorker):
    """Runs background tasks and tells `progress` which one it is running."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"],
            interval=0.0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=f"worker-{os.getpid()}",
            excluded_queue_names=[],
        )

    def run_task(self, db_task_result: DBTaskResult) -> None:
        token = work.current_task.set(uuid.UUID(str(db_task_result.id)))
        try:
            super().run_task(db_task_result)
        finally:
            work.current_task.reset(token)


def run_tasks(stop: threading.Event | None = None) -> int:
    """Run the background tasks that are ready, one after the other; return how many ran."""
    ran = 0
    # Looked up first: claiming takes the write lock, which an idle worker must leave to others.
    while not (stop and stop.is_set()) and DBTaskResult.objects.ready().exists():
        tasks = _Tasks()
        tasks.run()
        if not tasks._run_tasks:
            break
        ran += 1
    return ran


def take_back_abandoned() -> int:
    """Make tasks ready again that a worker left in the middle when it died; return how many.

    There is one worker, so whatever runs when it starts was abandoned. A task that was started
    several times and never ended is given up: it may be what kills the worker.
    """
    taken = 0
    for left in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if len(left.worker_ids) >= STARTS_MAX:
            left.set_failed(RuntimeError(f"the worker died {len(left.worker_ids)} times on it"))
            continue
        left.status = TaskResultStatus.READY
        left.save(update_fields=["status"])
        taken += 1
    return taken


def run(stop: threading.Event) -> None:
    """Work until ``stop`` is set; what is cut off in the middle is done again at the next start."""
    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
    logging.getLogger("django_tasks").setLevel(logging.WARNING)
    take_back_abandoned()
    loops: dict[str, Callable[[threading.Event], int]] = {
        "events": dispatcher.dispatch,
        "schedules": schedules.run_due,
        "tasks": run_tasks,
    }
    threads = [
        # Daemons: a task of several minutes must not hold the process when it is told to stop.
        threading.Thread(target=_loop, args=(name, once, stop), name=name, daemon=True)
        for name, once in loops.items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(heartbeat.BEAT_S / 2):
        if all(thread.is_alive() for thread in threads):
            heartbeat.beat("worker")
    for thread in threads:
        thread.join(STOP_S / len(threads))


def _loop(name: str, once: Callable[[threading.Event], int], stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            try:
                close_old_connections()
                did = once(stop)
            except Exception:
                logger.exception("the loop of %s stumbled and goes on", name)
                stop.wait(TROUBLE_S)
                continue
            if not did:
                stop.wait(IDLE_S)
    finally:
        with suppress(Exception):
            connections.close_all()
