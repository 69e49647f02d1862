"""Tasks run in the worker, report how far they are, and outlive a worker that dies."""

import threading
import uuid

import pytest
from django.db import connections
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import jobs
from huoshui.kernel.jobs import work, worker
from huoshui.kernel.jobs.models import Progress

did: list[str] = []


@jobs.task
def light_lamps(count: int) -> int:
    for number in range(count):
        jobs.progress(number + 1, count, f"lamp {number + 1}")
    did.append(f"lit {count}")
    return count


@jobs.task
def drop_lamp() -> None:
    raise ValueError("it fell")


@pytest.fixture(autouse=True)
def nothing_done():
    did.clear()


def results(status: str) -> int:
    return DBTaskResult.objects.filter(status=status).count()


@pytest.mark.django_db(transaction=True)
class TestRunTasks:
    def test_runs_what_is_ready_and_keeps_its_progress(self):
        task_id = light_lamps.enqueue(3).id

        assert worker.run_tasks() == 1

        progress = Progress.objects.get(task_id=task_id)
        assert (progress.done, progress.total, progress.note) == (3, 3, "lamp 3")
        assert DBTaskResult.objects.get().return_value == 3

    def test_keeps_the_story_of_a_failure_and_goes_on(self):
        drop_lamp.enqueue()
        light_lamps.enqueue(1)

        worker.run_tasks()

        assert (results("FAILED"), results("SUCCESSFUL")) == (1, 1)
        assert "it fell" in DBTaskResult.objects.get(status="FAILED").traceback

    def test_runs_again_what_a_dead_worker_left(self):
        light_lamps.enqueue(1)
        DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"])

        assert worker.take_back_abandoned() == 1
        worker.run_tasks()

        assert did == ["lit 1"]

    def test_gives_up_what_seems_to_kill_the_worker(self):
        light_lamps.enqueue(1)
        DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"] * 3)

        assert worker.take_back_abandoned() == 0
        assert results("FAILED") == 1


@pytest.mark.django_db
class TestProgress:
    def test_does_nothing_outside_a_task(self):
        jobs.progress(1, 2, "nobody asks")

        assert not Progress.objects.exists()

    def test_shortens_a_long_note(self):
        token = work.current_task.set(uuid.uuid4())
        jobs.progress(1, 2, "x" * 500)
        work.current_task.reset(token)

        assert len(Progress.objects.get().note) == 200


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_does_all_three_kinds_of_work_and_stops_quickly(self):
        light_lamps.enqueue(2)
        stop = threading.Event()

        def wait_for_the_lamp():
            for _ in range(200):
                if did:
                    break
                threading.Event().wait(0.05)
            stop.set()
            connections.close_all()

        waiting = threading.Thread(target=wait_for_the_lamp)
        waiting.start()
        worker.run(stop)
        waiting.join()

        assert did == ["lit 2"]
        assert not [one for one in threading.enumerate() if one.name in {"events", "tasks"}]
