"""Getting in and out: by password, by one click in the demo only, and locked after guessing."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.shortcuts import resolve_url
from django.test import Client

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def wang():
    user, _ = actions.add_user("wang", "Wang", posts=("viewer",), password=PASSWORD)
    return user


@pytest.fixture
def in_demo(monkeypatch):
    found = settings.get().model_copy(update={"demo": True})
    monkeypatch.setattr(settings, "get", lambda: found)


@pytest.fixture
def outside_demo(monkeypatch):
    found = settings.get().model_copy(update={"demo": False})
    monkeypatch.setattr(settings, "get", lambda: found)


def sign_in(client: Client, username: str, password: str, **more: str):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


class TestSignIn:
    def test_opens_with_the_right_password(self, client, wang):
        answer = sign_in(client, "Wang ", PASSWORD, next="/api/v1/docs")

        assert (answer.status_code, answer["Location"]) == (302, "/api/v1/docs")
        assert is_in(client)
        assert AuditRecord.objects.filter(action="accounts.signed_in", by=wang).count() == 1

    def test_keeps_shut_with_a_wrong_one(self, client, wang):
        answer = sign_in(client, "wang", "guess")

        assert answer.status_code == 422
        assert not is_in(client)

    def test_never_sends_a_reader_to_another_site(self, client, wang):
        answer = sign_in(client, "wang", PASSWORD, next="https://evil.example/")

        assert answer["Location"] == resolve_url(django_settings.LOGIN_REDIRECT_URL)

    def test_keeps_shut_for_who_has_left(self, client, wang):
        wang.is_active = False
        wang.save()

        sign_in(client, "wang", PASSWORD)

        assert not is_in(client)

    def test_asks_for_the_hidden_token(self, wang):
        careful = Client(enforce_csrf_checks=True)

        assert sign_in(careful, "wang", PASSWORD).status_code == 403
        assert not is_in(careful)


class TestLockOut:
    def test_stays_shut_even_for_the_right_password_after_five_wrong_ones(self, client, wang):
        for guess in range(5):
            sign_in(client, ("wang", "WANG", " wang")[guess % 3], f"guess {guess}")

        answer = sign_in(client, "wang", PASSWORD)

        assert answer.status_code == 429
        assert 890 <= int(answer["Retry-After"]) <= 900
        assert not is_in(client)

    def test_says_for_how_long(self, client, wang):
        for guess in range(6):
            sign_in(client, "wang", f"guess {guess}")
        answer = client.post(
            "/sign-in/",
            {"username": "wang", "password": PASSWORD},
            headers={"accept-language": "en"},
        )

        assert "Try again in 15 minutes" in answer.content.decode()

    def test_forgets_earlier_mistakes_after_a_success(self, client, wang):
        for guess in range(4):
            sign_in(client, "wang", f"guess {guess}")
        sign_in(client, "wang", PASSWORD)
        for guess in range(4):
            sign_in(client, "wang", f"guess {guess}")

        assert sign_in(client, "wang", PASSWORD).status_code == 302


class TestTraceOfGuessing:
    def test_is_one_record_however_often_somebody_tries(self, client, wang):
        for guess in range(9):
            sign_in(client, "wang", f"guess {guess}")

        record = AuditRecord.objects.get(action="accounts.locked_out")
        assert (record.by, record.subject) == (None, "user:wang")
        assert record.detail == {"address": "127.0.0.1"}


class TestSignOut:
    def test_ends_the_session(self, client, wang):
        client.force_login(wang)

        client.post("/sign-out/")

        assert not is_in(client)
        assert AuditRecord.objects.filter(action="accounts.signed_out", by=wang).exists()

    def test_needs_a_deliberate_click(self, client, wang):
        client.force_login(wang)

        assert client.get("/sign-out/").status_code == 405
        assert is_in(client)


class TestDemoSignIn:
    @pytest.fixture
    def demo_person(self):
        user, _ = actions.add_user("demo_chen", "Chen", posts=("dispatcher",), is_demo=True)
        return user

    def test_lets_in_by_one_click_in_the_demo(self, client, in_demo, demo_person):
        answer = client.post("/sign-in/demo/", {"username": "demo_chen"})

        assert (answer.status_code, is_in(client)) == (302, True)

    def test_is_refused_outside_the_demo(self, client, outside_demo, demo_person):
        answer = client.post("/sign-in/demo/", {"username": "demo_chen"})

        assert (answer.status_code, is_in(client)) == (404, False)

    def test_is_refused_for_a_real_user(self, client, in_demo, wang):
        answer = client.post("/sign-in/demo/", {"username": "wang"})

        assert (answer.status_code, is_in(client)) == (404, False)

    def test_does_not_work_by_following_a_link(self, client, in_demo, demo_person):
        answer = client.get("/sign-in/demo/?username=demo_chen")

        assert (answer.status_code, is_in(client)) == (405, False)

    def test_offers_one_button_per_person_in_the_order_of_posts(self, client, in_demo, demo_person):
        actions.add_user("demo_ma", "Ma", posts=("manager",), is_demo=True)

        people = client.get("/sign-in/").context["demo_people"]

        assert [one.username for one in people] == ["demo_ma", "demo_chen"]

    def test_offers_nothing_outside_the_demo(self, client, outside_demo, demo_person):
        assert client.get("/sign-in/").context["demo_people"] == ()


class TestLanguage:
    @pytest.mark.parametrize(
        ("chosen", "browser", "spoken"),
        [("", "en-GB,en", "en"), ("", "fr", "zh-hans"), ("zh-hans", "en", "zh-hans")],
    )
    def test_is_the_users_then_the_browsers_then_chinese(
        self, client, wang, chosen, browser, spoken
    ):
        wang.language = chosen
        wang.save()
        client.force_login(wang)

        answer = client.get("/nothing/", headers={"accept-language": browser})

        assert answer["Content-Language"] == spoken


class TestTimeLeft:
    def test_shrinks_while_the_door_is_shut_whatever_is_tried(self, client, wang):
        from axes.models import AccessAttempt

        for guess in range(5):
            sign_in(client, "wang", f"guess {guess}")
        # Ten minutes pass.
        begun = AccessAttempt.objects.get().attempt_time
        AccessAttempt.objects.update(attempt_time=begun - timedelta(minutes=10))
        sign_in(client, "wang", "another guess")

        answer = sign_in(client, "wang", PASSWORD)

        assert answer.status_code == 429
        assert 290 <= int(answer["Retry-After"]) <= 300


class TestLatestSignIn:
    def test_is_shown_on_the_clock_of_the_product(self, client, wang, monkeypatch):
        shown = clock.now() - timedelta(days=400)
        monkeypatch.setattr(clock, "now", lambda: shown)

        sign_in(client, "wang", PASSWORD)

        wang.refresh_from_db()
        assert wang.last_login == shown
