"""The administrator's pages: they show, they count their queries, and others cannot open them."""

import io
import json
import re
import zipfile

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.accounts.models import PostHolding, User
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events.models import Delivery, Event
from huoshui.kernel.jobs.models import Schedule

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
PAGES = (
    "/system/users/",
    "/system/users/new/",
    "/system/posts/",
    "/system/posts/viewer/",
    "/system/audit/",
    "/system/tasks/",
    "/system/schedules/",
    "/system/events/",
)


@pytest.fixture
def boss():
    return actions.add_user("boss", "Boss", posts=("administrator",), password=PASSWORD)[0]


@pytest.fixture
def wang():
    return actions.add_user("wang", "Wang", posts=("crew",), password=PASSWORD)[0]


@pytest.fixture
def office(client, boss):
    """A browser in which the administrator is signed in."""
    client.force_login(boss)
    return client


def lost_letter() -> Delivery:
    event = Event.objects.create(
        kind="x.Y", payload={"a": 1}, published_at=clock.now(), spread=True
    )
    return Delivery.objects.create(
        event=event, listener="x.y", state="dead", attempts=10, due_at=clock.now(), error="E: lamp"
    )


def failed_task() -> DBTaskResult:
    return DBTaskResult.objects.create(
        status="FAILED",
        args_kwargs={"args": [], "kwargs": {}},
        task_path="lamps.tasks.light",
        backend_name="default",
        run_after=clock.real_now(),
        started_at=clock.real_now(),
        finished_at=clock.real_now(),
        worker_ids=["w"],
        exception_class_path="builtins.ValueError",
        traceback="Traceback\nValueError: it fell",
    )


class TestEveryPage:
    @pytest.mark.parametrize("address", PAGES)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_opens_for_the_administrator(self, office, address, language):
        lost_letter()
        failed_task()

        answer = office.get(address, headers={"accept-language": language})

        assert answer.status_code == 200

    @pytest.mark.parametrize("address", PAGES)
    def test_is_refused_to_others(self, client, wang, address):
        client.force_login(wang)

        assert client.get(address).status_code == 403

    @pytest.mark.parametrize("address", [one for one in PAGES if "/new" not in one])
    def test_costs_the_same_with_many_rows(
        self, office, boss, address, django_assert_max_num_queries
    ):
        for number in range(60):
            actions.add_user(f"u{number}", "U", posts=("crew", "viewer"))
            lost_letter()
            failed_task()

        # Session, user, permissions, the frame's posts, then a count, a page and a prefetch or two.
        # Whoever reads the list of people is written down, which asks eight times more.
        with django_assert_max_num_queries(18 if address == "/system/users/" else 10):
            office.get(address)

    @pytest.mark.parametrize(
        "address", ["/system/users/", "/system/audit/", "/system/tasks/", "/system/events/"]
    )
    def test_exports_to_excel(self, office, address):
        lost_letter()
        failed_task()

        answer = office.get(f"{address}?format=xlsx")

        assert (
            b"".join(answer.streaming_content if answer.streaming else [answer.content])[:2]
            == b"PK"
        )


class TestUsers:
    def test_adds_one_and_shows_the_password_once(self, office):
        answer = office.post(
            "/system/users/new/",
            {"username": "li", "name": "Li", "phone": "1", "posts": ["dispatcher", "viewer"]},
        )

        user = User.objects.get(username="li")
        (password,) = re.findall(r'data-copy="([^"]+)"', answer.content.decode())
        assert user.check_password(password)
        assert answer["Cache-Control"] == "no-store"
        assert password not in office.get(f"/system/users/{user.pk}/").content.decode()
        assert sorted(user.holdings.values_list("post__code", flat=True)) == [
            "dispatcher",
            "viewer",
        ]

    def test_says_that_a_name_is_taken_and_keeps_what_was_typed(self, office, wang):
        given = {"username": "wang", "name": "Other Wang", "posts": ["viewer"]}
        answer = office.post("/system/users/new/", given)

        assert answer.status_code == 409
        assert "Other Wang" in answer.content.decode()

    def test_shows_what_one_holds_and_held(self, office, wang):
        actions.end_post(wang, "crew")
        actions.give_post(wang, "viewer")

        titles = [
            str(section.title)
            for section in office.get(f"/system/users/{wang.pk}/").context["sections"]
        ]

        assert len(titles) == 3

    def test_gives_and_ends_a_post(self, office, wang):
        office.post(f"/system/users/{wang.pk}/give-post/", {"post": "manager"})
        office.post(f"/system/users/{wang.pk}/end-post/", {"post": "crew"})

        held = PostHolding.objects.filter(user=wang).valid_at(clock.now())
        assert list(held.values_list("post__code", flat=True)) == ["manager"]

    def test_corrects_a_name(self, office, wang):
        office.post(f"/system/users/{wang.pk}/edit/", {"name": "Wang Wei", "phone": "139"})

        wang.refresh_from_db()
        assert (wang.name, wang.phone) == ("Wang Wei", "139")

    def test_closes_and_opens_access(self, office, wang):
        office.post(f"/system/users/{wang.pk}/access/", {"active": "0"})
        assert not User.objects.get(pk=wang.pk).is_active

        office.post(f"/system/users/{wang.pk}/access/", {"active": "1"})
        assert User.objects.get(pk=wang.pk).is_active

    def test_never_closes_the_last_administrator(self, office, boss):
        answer = office.post(f"/system/users/{boss.pk}/access/", {"active": "0"})

        assert answer.status_code == 409
        assert User.objects.get(pk=boss.pk).is_active

    def test_makes_a_new_password_that_ends_sessions(self, office, wang, client):
        from django.test import Client

        theirs = Client()
        theirs.force_login(wang)

        office.post(f"/system/users/{wang.pk}/password/", {})

        assert not User.objects.get(pk=wang.pk).check_password(PASSWORD)
        assert theirs.get("/me/password/").status_code == 302

    def test_lets_a_locked_user_try_again(self, office, wang):
        from django.test import Client

        theirs = Client()
        for guess in range(6):
            theirs.post("/sign-in/", {"username": "wang", "password": f"guess {guess}"})
        right = {"username": "wang", "password": PASSWORD}
        assert theirs.post("/sign-in/", right).status_code == 429

        office.post(f"/system/users/{wang.pk}/unlock/")

        assert theirs.post("/sign-in/", right).status_code == 302


class TestPosts:
    def test_changes_what_a_post_may_do(self, office):
        allowed = permissions.of_post("viewer") | {"audit.read"}

        office.post("/system/posts/viewer/", {"allowed": sorted(allowed)})

        assert actions.find_post("viewer").granted == ["audit.read"]

    def test_never_narrows_the_administrator(self, office, boss):
        office.post("/system/posts/administrator/", {"allowed": []})

        assert permissions.holds(User.objects.get(pk=boss.pk), "accounts.manage")


class TestOwnPassword:
    def test_is_changed_by_who_knows_the_old_one(self, client, wang):
        client.force_login(wang)
        fresh = "another horse battery"

        answer = client.post(
            "/me/password/", {"current": PASSWORD, "password": fresh, "again": fresh}
        )

        assert answer.status_code == 302
        assert User.objects.get(pk=wang.pk).check_password(fresh)
        assert client.get("/me/password/").status_code == 200

    @pytest.mark.parametrize(
        "typed",
        [
            {"current": "wrong", "password": "another horse", "again": "another horse"},
            {"current": PASSWORD, "password": "another horse", "again": "another house"},
            {"current": PASSWORD, "password": "short", "again": "short"},
        ],
    )
    def test_stays_when_something_does_not_fit(self, client, wang, typed):
        client.force_login(wang)

        assert client.post("/me/password/", typed).status_code == 422
        assert User.objects.get(pk=wang.pk).check_password(PASSWORD)

    def test_cannot_be_guessed_for_ever(self, client, wang):
        client.force_login(wang)
        fresh = "another horse"
        for _ in range(5):
            client.post("/me/password/", {"current": "wrong", "password": fresh, "again": fresh})

        known = {"current": PASSWORD, "password": fresh, "again": fresh}

        assert client.post("/me/password/", known).status_code == 429
        assert User.objects.get(pk=wang.pk).check_password(PASSWORD)


def cells_of(response) -> str:
    book = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    return book.read("xl/worksheets/sheet1.xml").decode()


class TestRepairs:
    def test_sends_a_lost_event_again(self, office):
        letter = lost_letter()

        for _ in range(2):  # twice by mistake: the second time there is nothing to send
            office.post(f"/system/events/{letter.pk}/send-again/")

        letter.refresh_from_db()
        assert (letter.state, letter.attempts) == ("waiting", 0)
        assert AuditRecord.objects.filter(action="events.sent_again").count() == 1
        assert "E: lamp" in office.get(f"/system/events/{letter.pk}/").content.decode()

    def test_runs_a_failed_task_again_only_once(self, office):
        task = failed_task()
        assert "it fell" in office.get(f"/system/tasks/{task.pk}/").content.decode()

        assert office.post(f"/system/tasks/{task.pk}/run-again/").status_code == 302
        assert DBTaskResult.objects.get().status == "READY"
        assert office.post(f"/system/tasks/{task.pk}/run-again/").status_code == 409

    def test_lets_a_failing_schedule_try_at_once(self, office):
        Schedule.objects.create(
            name="jobs.tidy",
            latest_due_at=clock.now(),
            failures=3,
            retry_at=clock.real_now(),
            error="E: full",
        )
        assert "E: full" in office.get("/system/schedules/").content.decode()
        sheet = cells_of(office.get("/system/schedules/?format=xlsx"))
        assert "E: full" in sheet
        assert "form" not in sheet.split("E: full")[1]
        assert "csrfmiddlewaretoken" not in sheet

        office.post("/system/schedules/jobs.tidy/retry/")

        assert Schedule.objects.get().retry_at is None


class TestAuditPages:
    def test_a_record_says_that_it_is_unchanged(self, office):
        with transaction.atomic():
            audit.record(None, "lamps.lit", "lamp:7", {"watts": 60})
        sequence = AuditRecord.objects.get(action="lamps.lit").sequence

        shown = office.get(f"/system/audit/{sequence}/").content.decode()

        assert "lamp:7" in shown
        assert "60" in shown
        assert "bg-green-lt" in shown

    def test_the_list_is_narrowed_by_deed(self, office):
        audit.record(None, "jobs.schedule_retried", "lamps:clean", {})
        audit.record(None, "jobs.task_run_again", "lamps:light", {})

        shown = office.get("/system/audit/?action=jobs.schedule_retried").content.decode()

        assert "lamps:clean" in shown
        assert "lamps:light" not in shown


class TestApiDocument:
    def test_is_shown_to_who_is_signed_in(self, client, wang):
        assert client.get("/api/v1/docs").status_code == 302
        client.force_login(wang)

        assert client.get("/api/v1/docs").status_code == 200
        assert json.loads(client.get("/api/v1/openapi.json").content)["info"]["title"] == "Huoshui"

    def test_loads_nothing_from_elsewhere(self, client, wang):
        client.force_login(wang)

        page = client.get("/api/v1/docs").content.decode()

        assert "http://" not in page
        assert "https://" not in page


class TestManyAtOnce:
    def test_send_given_up_events_again(self, office):
        letters = [lost_letter() for _ in range(3)]

        office.post("/system/events/?state=dead", {"bulk": "send_again", "everything": "1"})

        assert not Delivery.objects.filter(state="dead").exists()
        assert AuditRecord.objects.filter(action="events.sent_again").count() == len(letters)

    def test_run_failed_tasks_again(self, office):
        tasks = [failed_task() for _ in range(3)]

        office.post("/system/tasks/", {"bulk": "run_again", "id": [tasks[0].pk, tasks[1].pk]})

        assert DBTaskResult.objects.filter(status="READY").count() == 2

    def test_are_refused_to_who_may_only_read(self, client, wang):
        from huoshui.kernel.accounts.models import Post

        Post.objects.filter(code="crew").update(granted=["events.read"])
        letter = lost_letter()
        client.force_login(wang)

        answer = client.post("/system/events/", {"bulk": "send_again", "id": [letter.pk]})

        assert answer.status_code == 422
        assert Delivery.objects.filter(state="dead").count() == 1
