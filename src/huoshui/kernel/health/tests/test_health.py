"""The checks, the signs of life, the pages for people and for machines."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import clock, health, settings
from huoshui.kernel.accounts import actions
from huoshui.kernel.events.models import Delivery, Event
from huoshui.kernel.health import checking, checks, heartbeat, samples, versions
from huoshui.kernel.health.models import Sample
from huoshui.kernel.jobs.models import Schedule
from huoshui.kernel.notices.models import Notice, Receipt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder without signs of life, and no memory of a test before."""
    found = settings.get().model_copy(update={"home": tmp_path})
    monkeypatch.setattr(settings, "get", lambda: found)
    monkeypatch.setattr(heartbeat, "_pulse", heartbeat._Pulse())
    checking.forget()
    return tmp_path


@pytest.fixture
def only(monkeypatch):
    """Let one check be the only one."""

    def declare(*findings):
        monkeypatch.setattr(checking, "_declared", {})
        health.declare("test.lamp", "Lamp", lambda: findings)

    return declare


@pytest.fixture
def office(client):
    user = actions.add_user("boss", "Boss", posts=("administrator",), password="x" * 20)[0]
    client.force_login(user)
    return client


def kept_beat(home, name, **changes):
    """Write the sign of life of a part as another process would have."""
    now = datetime.now(tz=UTC)
    from huoshui.kernel.pages import frame

    content = {
        "at": now.isoformat(),
        "started_at": now.isoformat(),
        "shown_at": now.isoformat(),
        "pid": 1,
        "version": frame.installed_version(),
        "step_s": 0.0,
        "step_at": None,
        "detail": {},
    }
    (home / "run/beats").mkdir(parents=True, exist_ok=True)
    (home / f"run/beats/{name}.json").write_text(json.dumps(content | changes))


class TestChecks:
    def test_are_as_bad_as_their_worst_finding(self, only):
        only(health.Finding("ok", "Fine."), health.Finding("warning", "Dim."))

        assert health.run_all()[0].level == "warning"
        assert health.summary()[0] == "warning"

    def test_that_break_are_findings_and_hide_no_other(self, only):
        only(health.Finding("ok", "Fine."))

        def broken():
            raise RuntimeError("the lamp fell")

        health.declare("test.broken", "Broken", broken)

        found = {one.code: one for one in health.run_all()}
        assert found["test.lamp"].level == "ok"
        assert found["test.broken"].level == "failing"
        assert "the lamp fell" in str(found["test.broken"].findings[0].text)

    def test_refuse_a_level_nobody_knows(self):
        with pytest.raises(ValueError, match="ok, warning, failing"):
            health.Finding("red", "Fire.")


class TestParts:
    @pytest.fixture(autouse=True)
    def _one_part(self, monkeypatch):
        monkeypatch.setattr(heartbeat, "_expected", {})
        health.expect_part("worker", "The worker", "./huoshui worker")

    def test_that_never_ran_are_missed_with_the_command(self):
        (found,) = checks.parts()

        assert found.level == "failing"
        assert "./huoshui worker" in found.remedy

    def test_that_gave_a_sign_of_life_are_in_order(self):
        health.beat("worker")

        (found,) = checks.parts()
        assert found.level == "ok"
        assert heartbeat.beats()["worker"].pid == os.getpid()

    def test_that_fell_silent_are_failing(self, home):
        long_ago = datetime.now(tz=UTC) - timedelta(minutes=10)
        kept_beat(home, "worker", at=long_ago.isoformat())

        (found,) = checks.parts()
        assert found.level == "failing"

    def test_of_an_old_version_need_a_restart(self, home):
        kept_beat(home, "worker", version="0.0.1")

        (found,) = checks.parts()
        assert (found.level, "0.0.1" in found.text) == ("warning", True)

    def test_whose_file_is_torn_count_as_never_seen(self, home):
        kept_beat(home, "worker")
        (home / "run/beats/worker.json").write_text('{"at": "20')

        assert next(iter(checks.parts())).level == "failing"

    def test_never_stop_over_a_full_disk(self, monkeypatch):
        def full(*_given):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(heartbeat, "_write", full)

        health.beat("worker")


class TestClock:
    def test_set_back_is_noticed_and_said(self, monkeypatch):
        moments = iter([1_000_000.0, 1_000_005.0 - 3600.0])
        steady = iter([0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0])
        pulse = heartbeat._Pulse()
        monkeypatch.setattr(heartbeat.time, "time", lambda: next(moments))
        monkeypatch.setattr(heartbeat.time, "monotonic", lambda: next(steady))

        pulse.look_at_the_clock()
        next(steady)
        next(steady)
        pulse.look_at_the_clock()

        assert pulse.step_s == pytest.approx(-3600.0)

    def test_step_of_a_part_is_a_finding(self, home):
        now = datetime.now(tz=UTC)
        kept_beat(home, "ingest", step_s=-3600.0, step_at=now.isoformat())

        (found,) = checks.computer_clock()
        assert found.level == "warning"

    def test_sign_of_life_from_the_future_is_a_finding(self, home):
        later = datetime.now(tz=UTC) + timedelta(hours=1)
        kept_beat(home, "ingest", at=later.isoformat())

        assert [one.level for one in checks.computer_clock()] == ["warning"]

    def test_parts_that_show_different_times_are_a_finding(self, home):
        clock.set_now(datetime(2026, 3, 1, tzinfo=UTC))
        apart = clock.now() + timedelta(hours=2)
        kept_beat(home, "worker", shown_at=apart.isoformat())

        assert [one.level for one in checks.computer_clock()] == ["warning"]


class TestDisk:
    @pytest.mark.parametrize(
        ("free", "total", "level"),
        [(500e9, 1000e9, "ok"), (40e9, 1000e9, "warning"), (0.5e9, 1000e9, "failing")],
    )
    def test_says_how_full_it_is(self, monkeypatch, free, total, level):
        monkeypatch.setattr(checks, "free_bytes", lambda _home: (int(free), int(total)))

        (found,) = checks.disk()
        assert found.level == level

    def test_warns_when_the_growth_will_fill_it_soon(self, monkeypatch):
        now = datetime.now(tz=UTC)
        Sample.objects.create(name="disk_free", at=now - timedelta(days=10), size_bytes=300 * 10**9)
        monkeypatch.setattr(checks, "free_bytes", lambda _home: (200 * 10**9, 1000 * 10**9))

        # 100 GB in ten days leave twenty days for the 200 GB that are free.
        assert checks.days_left(now, 200 * 10**9) == pytest.approx(20.0, rel=1e-6)
        (found,) = checks.disk()
        assert found.level == "warning"

    def test_tells_no_growth_from_one_hour(self):
        now = datetime.now(tz=UTC)
        Sample.objects.create(name="disk_free", at=now - timedelta(hours=1), size_bytes=300)

        assert checks.days_left(now, 200) is None


class TestBackgroundWork:
    def test_given_up_and_waiting_events_are_findings(self):
        event = Event.objects.create(kind="x.Y", payload={}, published_at=clock.now(), spread=True)
        late = clock.real_now() - timedelta(hours=1)
        for state in ("dead", "waiting"):
            Delivery.objects.create(event=event, listener=state, state=state, due_at=late)

        found = list(checks.events())

        assert [one.level for one in found] == ["warning", "warning"]
        assert all(one.url for one in found)

    def test_failing_and_late_schedules_are_findings(self):
        now = clock.now()
        Schedule.objects.create(name="jobs.tidy", latest_due_at=now, failures=3, error="E: lamp")
        Schedule.objects.create(name="notices.tidy", latest_due_at=now - timedelta(days=5))

        assert sorted(one.level for one in checks.schedules_in_order()) == ["failing", "warning"]

    def test_failed_and_forgotten_tasks_are_findings(self):
        real = clock.real_now()
        common = {
            "args_kwargs": {"args": [], "kwargs": {}},
            "task_path": "lamps.light",
            "backend_name": "default",
            "run_after": real,
        }
        DBTaskResult.objects.create(status="FAILED", finished_at=real, **common)
        waiting = DBTaskResult.objects.create(status="READY", **common)
        DBTaskResult.objects.filter(pk=waiting.pk).update(enqueued_at=real - timedelta(hours=1))

        assert [one.level for one in checks.tasks()] == ["warning", "warning"]


class TestVersions:
    def test_that_are_too_old_are_named_with_the_remedy(self):
        for found in (
            versions.of_python((3, 9, 2)),
            versions.of_sqlite((3, 31, 1)),
            versions.of_postgresql(120004),
        ):
            assert len(found) == 1
            assert str(found[0].remedy)
        assert "3.31.1" in str(versions.of_sqlite((3, 31, 1))[0].text)

    def test_of_today_are_fine(self):
        assert versions.problems() == []

    def test_of_the_database_must_be_ours(self, monkeypatch):
        monkeypatch.setattr(versions, "pending_migrations", lambda: ["lamps.0002_brighter"])

        with pytest.raises(versions.NotReady) as refused:
            versions.require()
        assert "./huoshui setup" in refused.value.next_step


class TestMachines:
    def test_are_told_that_it_lives_without_the_database(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = client.get("/health/live")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_are_told_when_it_cannot_serve(self, client, monkeypatch):
        assert client.get("/health/ready").status_code == 200
        monkeypatch.setattr(versions, "pending_migrations", lambda: ["lamps.0002_brighter"])

        answer = client.get("/health/ready")

        assert answer.status_code == 503
        assert "lamps" not in answer.content.decode()


class TestPage:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_shows_every_check_with_its_remedy(self, office, only, language):
        only(health.Finding("failing", "It is dark.", "Light the lamp.", "/notices/"))

        page = office.get("/system/health/", headers={"accept-language": language})

        text = page.content.decode()
        assert page.status_code == 200
        assert "It is dark." in text
        assert "Light the lamp." in text
        assert 'href="/notices/"' in text

    def test_is_refused_to_others(self, client):
        crew = actions.add_user("crew", "Crew", posts=("crew",), password="x" * 20)[0]
        client.force_login(crew)

        assert client.get("/system/health/").status_code == 403


class TestTelling:
    def test_sends_one_notice_until_it_is_in_order_again(self, office, only):
        only(health.Finding("failing", "It is 100 % dark.", "Light the lamp."))
        samples.tell()
        samples.tell()
        assert Receipt.objects.filter(user__username="boss").count() == 1
        assert Notice.objects.get().text_en == "It is 100 % dark. Light the lamp."

        only(health.Finding("ok", "Light."))
        samples.tell()
        assert not Notice.objects.standing_at(clock.now()).exists()

    def test_measures_what_growth_is_told_from(self):
        samples.measure()

        assert set(Sample.objects.values_list("name", flat=True)) == {"disk_free", "database"}
