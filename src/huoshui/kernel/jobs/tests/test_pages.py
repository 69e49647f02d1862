"""Pages of background work: who started what, how far it is, ending it, running it now."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import errors, jobs
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.jobs import actions, pages, schedules, work, worker
from huoshui.kernel.jobs.models import Progress, Schedule

# The worker closes its connections after a task, as it does in life.
pytestmark = pytest.mark.django_db(transaction=True)


@jobs.task(label="Light the lamps")
def light(lamps: int, by_id: int | None = None) -> dict[str, str]:
    for lamp in range(lamps):
        jobs.progress(lamp, lamps, "lamp by lamp")
    return {"url": "/lamps/"}


@jobs.task(label="Break a lamp")
def break_one(by_id: int | None = None) -> None:
    raise errors.Refused("lamps.broken", "The lamp is broken.", next_step="Bring another.")


# The worker finds a task by its module's name, which pytest's way of importing does not register.
import sys  # noqa: E402

sys.modules.setdefault(light.func.__module__, sys.modules[__name__])


@pytest.fixture
def boss():
    return accounts.add_user("boss", "Boss", posts=("administrator",), password="x" * 20)[0]


@pytest.fixture
def wang():
    return accounts.add_user("wang", "Wang", posts=("crew",), password="x" * 20)[0]


def asked_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def begun(user, task=light, **arguments) -> tuple[str, DBTaskResult]:
    url = jobs.begin(asked_by(user), task, **arguments)
    return url, DBTaskResult.objects.latest("enqueued_at")


class TestBegin:
    def test_leads_to_a_page_that_its_starter_may_see_and_others_not(self, client, boss, wang):
        url, _task = begun(wang, lamps=3)
        li = accounts.add_user("li", "Li", posts=("crew",), password="x" * 20)[0]

        for user, status in ((wang, 200), (boss, 200), (li, 403)):
            client.force_login(user)
            assert client.get(url).status_code == status

    def test_shows_who_started_it_and_links_to_the_result(self, client, wang):
        url, _task = begun(wang, lamps=3)
        worker.run_tasks()
        client.force_login(wang)

        page = client.get(url).content.decode()

        assert "Wang" in page
        assert 'href="/lamps/"' in page
        assert "every 2s" not in page

    def test_is_listed_with_ones_own_tasks_only(self, client, boss, wang):
        begun(boss, lamps=1)
        client.force_login(wang)
        assert "Light the lamps" not in client.get("/me/tasks/").content.decode()

        begun(wang, lamps=1)
        assert "Light the lamps" in client.get("/me/tasks/").content.decode()


class TestFailure:
    def test_is_said_in_the_words_of_the_refusal(self, client, boss):
        url, _task = begun(boss, break_one)
        worker.run_tasks()
        client.force_login(boss)

        page = client.get(url).content.decode()
        assert "The lamp is broken. Bring another." in page
        assert "lamps.broken" not in page

    def test_of_our_own_making_says_that_the_program_stumbled(self):
        with translation.override("en"):
            said = pages.reason_of("Traceback\nValueError: it fell")

        assert said == "The program stumbled: ValueError: it fell"


class TestCancel:
    def test_ends_a_waiting_task_at_once(self, client, wang):
        url, task = begun(wang, lamps=3)
        client.force_login(wang)

        client.post(f"{url}cancel/")
        assert worker.run_tasks() == 0

        task.refresh_from_db()
        assert (task.status, task.exception_class_path) == ("FAILED", actions.CANCELLED)
        assert AuditRecord.objects.filter(action="jobs.task_cancelled", by=wang).count() == 1
        boss = accounts.add_user("boss", "Boss", posts=("administrator",), password="x" * 20)[0]
        client.force_login(boss)
        assert client.get("/system/tasks/?status=CANCELLED").content.decode().count("<tr ") == 1
        assert client.get("/system/tasks/?status=FAILED").content.decode().count("<tr ") == 0

    def test_ends_a_running_task_where_it_next_reports(self, wang):
        _url, task = begun(wang, lamps=3)
        DBTaskResult.objects.filter(pk=task.pk).update(status="RUNNING")
        token = work.current_task.set(task.pk)
        try:
            jobs.progress(1, 3)
            actions.cancel_task(task.pk, by_id=wang.pk)
            with pytest.raises(jobs.Cancelled):
                jobs.progress(2, 3)
        finally:
            work.current_task.reset(token)

    def test_is_for_the_starter_and_the_administrator_only(self, client, boss, wang):
        url, task = begun(boss, lamps=3)
        client.force_login(wang)

        assert client.post(f"{url}cancel/").status_code == 403
        task.refresh_from_db()
        assert task.status == "READY"

    def test_is_refused_when_it_has_ended(self, wang):
        _url, task = begun(wang, lamps=1)
        worker.run_tasks()

        with pytest.raises(actions.NotToCancel):
            actions.cancel_task(task.pk, by_id=wang.pk)

    def test_leaves_no_mark_on_a_run_again(self, wang):
        _url, task = begun(wang, lamps=1)
        actions.cancel_task(task.pk, by_id=wang.pk)

        actions.run_task_again(task.pk, by_id=wang.pk)
        worker.run_tasks()

        task.refresh_from_db()
        assert task.status == "SUCCESSFUL"


class TestRefreshing:
    def test_lasts_as_long_as_something_runs(self, client, boss):
        client.force_login(boss)
        begun(boss, lamps=1)
        assert 'hx-trigger="every 2s"' in client.get("/system/tasks/").content.decode()

        worker.run_tasks()
        assert 'hx-trigger="every 2s"' not in client.get("/system/tasks/").content.decode()

    def test_shows_a_bar(self, client, boss):
        client.force_login(boss)
        _url, task = begun(boss, lamps=9)
        Progress.objects.filter(task_id=task.pk).update(done=4, total=9, note="lamp by lamp")

        page = client.get("/system/tasks/").content.decode()
        assert '<progress class="hs-progress" value="4" max="9">' in page
        assert "4 / 9 lamp by lamp" in page


class TestRunNow:
    @pytest.fixture
    def ran(self, monkeypatch):
        times: list[object] = []
        monkeypatch.setattr(schedules, "_declared", {})
        jobs.schedule("lamps.light", every=timedelta(days=1), run=times.append, label="Lamps")
        schedules.run_due()
        return times

    def test_runs_a_schedule_before_its_time_and_never_takes_it_back(self, client, boss, ran):
        client.force_login(boss)
        before = Schedule.objects.get(name="lamps.light").latest_due_at
        assert ran == []

        client.post("/system/schedules/lamps.light/run/")
        assert schedules.run_due() == 1
        assert schedules.run_due() == 0

        row = Schedule.objects.get(name="lamps.light")
        assert ran == [before]
        assert (row.asked_at, row.latest_due_at, row.runs) == (None, before, 1)
        assert AuditRecord.objects.filter(action="jobs.schedule_run_now").count() == 1

    def test_is_refused_to_others_and_for_what_is_not_there(self, client, boss, wang, ran):
        client.force_login(wang)
        assert client.post("/system/schedules/lamps.light/run/").status_code == 403
        client.force_login(boss)
        assert client.post("/system/schedules/nothing/run/").status_code == 404


def test_a_task_nobody_began_is_not_there(client, boss):
    client.force_login(boss)

    assert client.get(f"/system/tasks/{uuid.uuid4()}/").status_code == 404
